#!/bin/sh
# Builds the guests and seals them: guests/build.sh [FOLDER]     (FOLDER is guests/prebuilt unless given)
#
# The compiler is rustup's or any other that has the target wasm32-unknown-unknown; without one, Debian's packages
# rustc-web, cargo-web and rust-web-src, which build the standard library from its source. The result holds no path of
# this machine. Settings, all optional:
#   GUEST_TOOLCHAIN=installed|debian  the first or the second way, instead of the first that works
#   WASM_LD=PROGRAM                   linker for the second way: an LLD at least as new as the compiler's LLVM
#   CARGO_TARGET_DIR=FOLDER           where intermediate files go, instead of guests/target
# Exit codes: 0 built, 77 no compiler for Wasm, 1 anything else.
set -eu

guests=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$guests")
out=${1:-$guests/prebuilt}
work=${CARGO_TARGET_DIR:-$guests/target}
mkdir -p "$out" "$work"
out=$(cd "$out" && pwd)
work=$(cd "$work" && pwd)

cd "$guests"
. "$guests/rust/toolchain.sh"

# Units are separated by 0x1f, so that paths may hold spaces; where two rules match, the later one wins.
unit=$(printf '\037')
flags="--remap-path-prefix=$root=/wasmtube$unit--remap-path-prefix=$source=/rust$unit--remap-path-prefix=$work=/target"
(cd "$guests" && RUSTC="$compiler" "$cargo" fetch --quiet --locked)
for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do
    flags="$flags$unit--remap-path-prefix=${registry%/}=/crates"
done

(
    cd "$guests"
    export RUSTC="$compiler" CARGO_TARGET_DIR="$work" CARGO_ENCODED_RUSTFLAGS="$flags"
    export RUSTC_WRAPPER="$guests/stable-rustc.sh" GUEST_ROOT="$root"
    "$cargo" build --locked --release --target $target $build_std -p stats -p stats-v2 -p plain-stats
)

# The packing tool is a program of this machine and may be built by any compiler.
unset RUSTC_BOOTSTRAP
if command -v cargo >/dev/null; then host_cargo=cargo; else host_cargo=$cargo; fi
seal() {
    (
        cd "$guests"
        $host_cargo run --quiet --locked --target-dir "$work/host" -p pack -- \
            seal "$work/$target/release/$1.wasm" "$out/$2"
    )
}
# What decides about the bytes, besides the source.
(
    cd "$guests"
    "$compiler" -vV
    echo "std: $std"
    [ -z "${linker:-}" ] || echo "linker: $("$linker" -flavor wasm --version)"
) >"$out/RUSTC"

seal stats stats-v1.wasm
seal stats_v2 stats-v2.wasm
seal plain_stats plain-stats.wasm
ls -l "$out"/*.wasm
