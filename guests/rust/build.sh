#!/bin/sh
# Builds src/lib.rs and seals it as stats.wasm: ./build.sh
#
# The compiler is rustup's or any other that has the target wasm32-unknown-unknown; without one, Debian's packages
# rustc-web, cargo-web and rust-web-src, which build the standard library from its source. Settings, all optional:
#   GUEST_TOOLCHAIN=installed|debian  the first or the second way, instead of the first that works
#   WASM_LD=PROGRAM                   linker for the second way: an LLD at least as new as the compiler's LLVM
#   CARGO_TARGET_DIR=FOLDER           where intermediate files go, instead of target
#   WASMTUBE=PROGRAM                  another wasmtube than the one on PATH
# Exit codes: 0 built, 77 no compiler for Wasm, 1 anything else.
set -eu
cd "$(dirname "$0")"
work=${CARGO_TARGET_DIR:-$PWD/target}
mkdir -p "$work"
. ./toolchain.sh

# shellcheck disable=SC2086  # no option where the standard library is installed
RUSTC="$compiler" "$cargo" build --quiet --release --target "$target" $build_std
"${WASMTUBE:-wasmtube}" pack "$work/$target/release/$(echo stats | tr - _).wasm" -o stats.wasm
