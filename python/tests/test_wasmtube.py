"""The package as it is installed, on functions that are checked in. `python -m unittest discover python/tests`."""

import os
import pickle
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import wasmtube
from wasmtube import _library

ROOT = Path(__file__).resolve().parents[2]
PREBUILT = ROOT / "guests" / "prebuilt"
STATS, STATS_V2 = PREBUILT / "stats-v1.wasm", PREBUILT / "stats-v2.wasm"
ARGUMENT, ANSWER = {"values": [127, 71, 110, -5]}, {"mean": 75, "median": 110}
# How long a file that was replaced may take to be live.
PATIENCE = 60

# (module (memory (export "memory") 1)
#   (func (export "width") (param i32 i32 i32 i32) (result i32)
#     (i32.store8 (local.get 0) (i32.add (local.get 2) (i32.const 48))) (i32.const 1))
#   (func (export "turn") (param i32 i32) (result i32) (loop (br 0)) (i32.const 0)))
CLASSIC = bytes.fromhex(
    "0061736d01000000" "010f0260047f7f7f7f017f60027f7f017f" "0303020001" "0503010001"[:9] + "1"
    if False
    else "0061736d01000000010f0260047f7f7f7f017f60027f7f017f03030200010503010001"
    "0719030677696474680000047475726e0001066d656d6f72790200"
    "0a1c020f0020002002413"
    "06a3a000041010b0a0003400c000b41000b"
)


class Case(unittest.TestCase):
    def fails(self, kind, code, call, *arguments, **options):
        """The text of the exception, which is of this class and code."""
        with self.assertRaises(kind) as caught:
            call(*arguments, **options)
        self.assertEqual((type(caught.exception), caught.exception.code), (kind, code), str(caught.exception))
        return str(caught.exception)
