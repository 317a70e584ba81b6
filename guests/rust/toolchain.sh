# Read by a build script: finds a compiler for wasm32-unknown-unknown.
#
# Takes `work`, a folder for intermediate files, and the settings GUEST_TOOLCHAIN and WASM_LD. Gives `target`, `compiler`
# and `cargo`, `build_std` (options of cargo), `std` and `source` (what the standard library is, and where its source
# lies), and `linker` where one is chosen. Exits with 77 where there is no such compiler.
# shellcheck shell=sh disable=SC2034  # whoever reads this uses them

target=wasm32-unknown-unknown

fail() {
    echo "$0: $1" >&2
    shift
    for line in "$@"; do echo "  $line" >&2; done
    exit "${status:-1}"
}

has_installed() {
    command -v rustc >/dev/null && command -v cargo >/dev/null &&
        ls "$(rustc --print target-libdir --target $target 2>/dev/null)"/libstd-*.rlib >/dev/null 2>&1
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
    source="$(rustc --print sysroot)/lib/rustlib/src/rust"
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
