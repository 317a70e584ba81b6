#!/bin/sh
# Called by cargo in place of the compiler (RUSTC_WRAPPER): COMPILER ARGUMENT...
#
# Cargo derives `-C metadata`, and with it the symbol names and the order of functions, from the folder of a package
# that lies outside of the workspace. Our own packages, those under GUEST_ROOT, get it from their names instead.
set -eu

case ${CARGO_MANIFEST_DIR:-} in
"$GUEST_ROOT"/crates/* | "$GUEST_ROOT"/guests/*)
    left=$#
    while [ "$left" -gt 0 ]; do
        argument=$1
        shift
        case $argument in metadata=*) argument="metadata=$CARGO_PKG_NAME-$CARGO_PKG_VERSION" ;; esac
        set -- "$@" "$argument"
        left=$((left - 1))
    done
    ;;
esac
exec "$@"
