#!/bin/sh
# Builds room.py as a component and seals it as room.wasm: ./build.sh
#
# Needs Python 3.9 or later and componentize-py: pip install --require-hashes -r requirements.txt
# Setting, optional:
#   WASMTUBE=PROGRAM  another wasmtube than the one on PATH
# Exit codes: 0 built, 77 no tool for components, 1 anything else.
set -eu
cd "$(dirname "$0")"
mkdir -p build

if ! command -v componentize-py >/dev/null; then
    echo "./build.sh: componentize-py is missing: pip install --require-hashes -r requirements.txt" >&2
    exit 77
fi
# Without all that would ask the host for something.
componentize-py --quiet -d ../room.wit -w room componentize --stub-wasi room -o build/room.wasm
"${WASMTUBE:-wasmtube}" pack build/room.wasm -o room.wasm
