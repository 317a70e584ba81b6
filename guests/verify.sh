#!/bin/sh
# Verifies that guests/prebuilt is what the source in Rust builds: guests/verify.sh
#
# The guests are built anew into a temporary folder. With the compiler of guests/prebuilt/RUSTC the bytes must be
# equal; with another one exports and manifest must be. The last line says which check ran. Settings as in build.sh;
# CARGO_TARGET_DIR keeps intermediate files for the next time, otherwise nothing is kept.
set -eu

guests=$(cd "$(dirname "$0")" && pwd)
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$fresh/target}
export CARGO_TARGET_DIR

"$guests/build.sh" "$fresh/prebuilt" >&2

if cmp -s "$guests/prebuilt/RUSTC" "$fresh/prebuilt/RUSTC"; then
    check="bytes (same compiler)"
else
    check="exports and manifest (another compiler than in guests/prebuilt/RUSTC)"
fi
failed=0
for built in "$fresh"/prebuilt/*.wasm; do
    name=$(basename "$built")
    old=$guests/prebuilt/$name
    if [ ! -f "$old" ]; then
        echo "guests/verify.sh: $name is not in guests/prebuilt" >&2
        failed=1
        continue
    fi
    case $check in
    bytes*) cmp "$old" "$built" >&2 || failed=1 ;;
    *)
        "$CARGO_TARGET_DIR/host/debug/pack" describe "$old" >"$fresh/old.txt"
        "$CARGO_TARGET_DIR/host/debug/pack" describe "$built" >"$fresh/new.txt"
        diff -u "$fresh/old.txt" "$fresh/new.txt" >&2 || failed=1
        ;;
    esac
done
for old in "$guests"/prebuilt/*.wasm; do
    # Those in other languages are compared by `cargo xtask guests`.
    if grep -q "^$(basename "$old") " "$guests/prebuilt/COMPILERS"; then continue; fi
    if [ ! -f "$fresh/prebuilt/$(basename "$old")" ]; then
        echo "guests/verify.sh: $(basename "$old") is not built by guests/build.sh" >&2
        failed=1
    fi
done
if [ $failed -ne 0 ]; then
    echo "guests/prebuilt is not what the source builds: checked $check. Run guests/build.sh and review the change." >&2
    exit 1
fi
echo "guests/prebuilt is what the source builds: checked $check"
