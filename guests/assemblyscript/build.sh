#!/bin/sh
# Builds stats.ts and seals it as stats.wasm: ./build.sh [OPTIONS OF ASC]
#
# While you edit, `./build.sh -O0` does not optimize, which takes half the time.
# Needs node 20 or later with npm, which installs the compiler that package-lock.json names. Setting, optional:
#   WASMTUBE=PROGRAM  another wasmtube than the one on PATH
# Exit codes: 0 built, 77 no compiler for Wasm, 1 anything else.
set -eu
cd "$(dirname "$0")"
mkdir -p build

if [ ! -x node_modules/.bin/asc ]; then
    if ! command -v npm >/dev/null; then
        echo "./build.sh: npm is missing, which installs the compiler. On Debian: apt-get install nodejs npm" >&2
        exit 77
    fi
    npm ci --no-audit --no-fund --silent
fi
node_modules/.bin/asc stats.ts --config asconfig.json -o build/stats.wasm "$@"
# The compiler would take a while to say so itself.
version=$(sed -n 's/^  "version": "\(.*\)".*/\1/p' node_modules/assemblyscript/package.json)
echo "compiled by asc Version $version"
"${WASMTUBE:-wasmtube}" pack build/stats.wasm --manifest manifest.toml -o stats.wasm
