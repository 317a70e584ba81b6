#!/bin/sh
# Builds stats.c and seals it as stats.wasm: ./build.sh
#
# The compiler is clang with an LLD (`wasm-ld`, or the rust-lld of a toolchain of rustup), or zig. On Debian:
# apt-get install clang lld. Settings, all optional:
#   CC=COMMAND        another clang, or `zig cc`
#   WASM_LD=PROGRAM   another LLD for clang
#   WASMTUBE=PROGRAM  another wasmtube than the one on PATH
# Exit codes: 0 built, 77 no compiler for Wasm, 1 anything else.
set -eu
cd "$(dirname "$0")"
mkdir -p build

missing() {
    echo "./build.sh: $1. Any of these will do:" >&2
    echo "  on Debian: apt-get install clang lld" >&2
    echo "  with Python: pip install ziglang" >&2
    exit 77
}

has_wasm() { "$1" --print-targets 2>/dev/null | grep -q wasm32; }

compiler=${CC:-}
if [ -n "$compiler" ]; then :
elif has_wasm clang; then compiler=clang
elif command -v zig >/dev/null; then compiler="zig cc"
elif python3 -c 'import ziglang' 2>/dev/null; then compiler="python3 -m ziglang cc"
else missing "there is no C compiler that knows wasm32"
fi

options="-std=c11 -O3 -Wall -Wextra -ffreestanding"
case $compiler in
*zig*)
    # shellcheck disable=SC2086  # a command with its options
    $compiler -target wasm32-freestanding -mcpu=generic+bulk_memory $options -nostdlib \
        -Wl,--no-entry -Wl,--strip-all -Wl,-z,stack-size=65536 -o build/stats.wasm stats.c
    echo "compiled by $($compiler --version | head -n 1)"
    ;;
*)
    linker=${WASM_LD:-}
    if [ -z "$linker" ] && command -v rustc >/dev/null; then
        linker="$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/rust-lld"
        [ -x "$linker" ] || linker=
    fi
    if [ -z "$linker" ]; then linker=$(command -v wasm-ld || ls /usr/bin/wasm-ld-* 2>/dev/null | tail -n 1); fi
    [ -n "$linker" ] || missing "clang has no linker for Wasm"
    # shellcheck disable=SC2086
    $compiler --target=wasm32-unknown-unknown -mbulk-memory $options -c -o build/stats.o stats.c
    "$linker" -flavor wasm --no-entry --strip-all -z stack-size=65536 -o build/stats.wasm build/stats.o
    echo "compiled by $($compiler --version | head -n 1), linked by $("$linker" -flavor wasm --version)"
    ;;
esac
"${WASMTUBE:-wasmtube}" pack build/stats.wasm -o stats.wasm
