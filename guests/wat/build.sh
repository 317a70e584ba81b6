#!/bin/sh
# Assembles stats.wat and seals it as stats.wasm: ./build.sh
#
# Setting, optional:
#   WASMTUBE=PROGRAM  another wasmtube than the one on PATH
set -eu
cd "$(dirname "$0")"
"${WASMTUBE:-wasmtube}" pack stats.wat -o stats.wasm
