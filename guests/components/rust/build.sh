#!/bin/sh
# Builds src/lib.rs as a component and seals it as room.wasm: ./build.sh
#
# The compiler is found as in guests/rust/toolchain.sh, which says what it may be. The linker is wasm-component-ld, which
# toolchains of rustup bring, and which makes a component of what it links. Settings, all optional:
#   GUEST_TOOLCHAIN=installed|debian  which compiler, instead of the first that works
#   TOOLCHAIN=FILE                    that script, where this folder lies alone
#   CARGO_TARGET_DIR=FOLDER           where intermediate files go, instead of target
#   WASMTUBE=PROGRAM                  another wasmtube than the one on PATH
# Exit codes: 0 built, 77 no compiler or linker for components, 1 anything else.
set -eu
cd "$(dirname "$0")"
work=${CARGO_TARGET_DIR:-$PWD/target}
mkdir -p "$work"
work=$(cd "$work" && pwd)
. "${TOOLCHAIN:-../../rust/toolchain.sh}"

# rustup's compiler, whichever builds the guest.
bin=
if command -v rustc >/dev/null; then
    bin="$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin"
fi
if [ ! -x "$bin/wasm-component-ld" ]; then
    echo "./build.sh: wasm-component-ld is missing, which toolchains of rustup bring (https://rustup.rs)" >&2
    exit 77
fi
# rustc tells its linker first that it is to be one for Wasm, which this one always is.
cat >"$work/component-ld" <<END
#!/bin/sh
[ "\$1" = -flavor ] && shift 2
exec "$bin/wasm-component-ld" --wasm-ld-path "$bin/gcc-ld/wasm-ld" "\$@"
END
chmod +x "$work/component-ld"

# The result holds no path of this machine. Where two rules match, the later one wins.
unit=$(printf '\037')
flags="--remap-path-prefix=$PWD=/room$unit--remap-path-prefix=$source=/rust"
RUSTC="$compiler" "$cargo" fetch --quiet --locked
for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*/; do
    flags="$flags$unit--remap-path-prefix=${registry%/}=/crates"
done
# shellcheck disable=SC2086  # no option where the standard library is installed
RUSTC="$compiler" CARGO_TARGET_DIR="$work" CARGO_ENCODED_RUSTFLAGS="$flags" \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$work/component-ld" \
    "$cargo" build --quiet --locked --release --target "$target" $build_std
echo "compiled by $("$compiler" --version), std $std, linked by $("$bin/wasm-component-ld" --version)"
"${WASMTUBE:-wasmtube}" pack "$work/$target/release/room.wasm" -o room.wasm
