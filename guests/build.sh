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

target=wasm32-unknown-unknown
guests=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$guests")
out=${1:-$guests/prebuilt}
work=${CARGO_TARGET_DIR:-$guests/target}
mkdir -p "$out" "$work"
out=$(cd "$out" && pwd)
work=$(cd "$work" && pwd)

fail() {
    echo "guests/build.sh: $1" >&2
    shift
    for line in "$@"; do echo "  $line" >&2; done
    exit "${status:-1}"
}

has_installed() {
    command -v rustc >/dev/null && command -v cargo >/dev/null &&
        ls "$(cd "$guests" && rustc --print target-libdir --target $target 2>/dev/null)"/libstd-*.rlib >/dev/null 2>&1
}

debian_source=/usr/lib/rustlib/src/rust
has_debian() {
    [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] && [ -f $debian_source/library/std/Cargo.toml ]
}

# Major version of LLVM in `rustc -vV`, and of an LLD in its `--version`.
llvm_of() { "$1" -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p'; }
lld_of() { "$1" -flavor wasm --version 2>/dev/null | sed -n 's/.*LLD \([0-9]*\).*/\1/p'; }

# The first LLD that is new enough: rustc's own copies, then those on PATH.
find_linker() {
    wanted=$(llvm_of /usr/bin/rustc)
    for compiler in rustc /usr/bin/rustc; do
        command -v $compiler >/dev/null || continue
        host=$($compiler -vV | sed -n 's/^host: //p')
        echo "$($compiler --print sysroot)/lib/rustlib/$host/bin/rust-lld"
    done >"$work/linkers"
    for name in rust-lld lld "lld-$wanted"; do command -v "$name" >>"$work/linkers" || true; done
    while read -r candidate; do
        [ -x "$candidate" ] || continue
        found=$(lld_of "$candidate")
        [ -n "$found" ] && [ "$found" -ge "$wanted" ] && echo "$candidate" && return
    done <"$work/linkers"
    return 0
}

toolchain=${GUEST_TOOLCHAIN:-}
if [ -z "$toolchain" ]; then
    if has_installed; then toolchain=installed
    elif has_debian; then toolchain=debian
    else
        status=77
        fail "no compiler for $target. Either:" \
            "rustup target add $target" \
            "or on Debian: apt-get install rustc-web cargo-web rust-web-src"
    fi
fi

case $toolchain in
installed)
    has_installed || fail "the rustc on PATH has no $target:" "rustup target add $target"
    compiler=rustc
    cargo=cargo
    std="precompiled"
    build_std=
    source="$(cd "$guests" && rustc --print sysroot)/lib/rustlib/src/rust"
    ;;
debian)
    has_debian || fail "Debian's compiler or its source is missing:" "apt-get install rustc-web cargo-web rust-web-src"
    compiler=/usr/bin/rustc
    cargo=/usr/bin/cargo
    linker=${WASM_LD:-$(find_linker)}
    [ -z "${WASM_LD:-}" ] || [ -n "$(lld_of "$WASM_LD")" ] || fail "WASM_LD is \`$WASM_LD\`: that is no LLD"
    [ -n "$linker" ] || fail "no LLD of version $(llvm_of /usr/bin/rustc) or later. Either:" \
        "install rustup, whose toolchains bring rust-lld (https://rustup.rs)" \
        "or set WASM_LD to an LLD that can be called as \`-flavor wasm\`"
    std="from source, $(dpkg-query -W -f '${Package} ${Version}' rust-web-src 2>/dev/null || echo 'package unknown')"
    build_std="-Zbuild-std=std,panic_abort"
    source=$debian_source
    export RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$linker"
    ;;
*) fail "GUEST_TOOLCHAIN is \`$toolchain\`: use installed or debian" ;;
esac

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
