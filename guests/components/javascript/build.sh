#!/bin/sh
# Builds room.js as a component and seals it as room.wasm: ./build.sh
#
# Needs node 20 or later with npm, which installs the tool that package-lock.json names. Setting, optional:
#   WASMTUBE=PROGRAM  another wasmtube than the one on PATH
# Exit codes: 0 built, 77 no tool for components, 1 anything else.
set -eu
cd "$(dirname "$0")"
mkdir -p build

if [ ! -x node_modules/.bin/componentize-js ]; then
    if ! command -v npm >/dev/null; then
        echo "./build.sh: npm is missing, which installs componentize-js. On Debian: apt-get install nodejs npm" >&2
        exit 77
    fi
    npm ci --no-audit --no-fund --silent
fi
# Without all that would ask the host for something.
node_modules/.bin/componentize-js room.js --wit ../room.wit --world-name room \
    --disable stdio random clocks http fetch-event --out build/room.wasm
"${WASMTUBE:-wasmtube}" pack build/room.wasm -o room.wasm
