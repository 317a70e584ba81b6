"""Makes the wheel: the files of the package and the library that it calls. A build backend without dependencies.

    pip wheel ./python                                   # builds the library first
    WASMTUBE_LIBRARY=libwasmtube.so pip wheel ./python   # takes one that is built

The package contains no compiled Python, so one wheel serves every version of Python on a platform.
"""

import base64
import hashlib
import os
import platform
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

NAME = "wasmtube"
HERE = Path(__file__).resolve().parent
# What stands in a wheel has this time, so that the same files make the same wheel.
TIME = (1980, 1, 1, 0, 0, 0)
LIBRARIES = {"Darwin": "libwasmtube.dylib", "Windows": "wasmtube.dll"}
LIBRARY = LIBRARIES.get(platform.system(), "libwasmtube.so")


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Writes the wheel and answers its name, as PEP 517 asks."""
    version = _project("version")
    tag = "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")
    files = _package()
    files[f"{NAME}/{LIBRARY}"] = _library().read_bytes()
    info = f"{NAME}-{version}.dist-info"
    files[f"{info}/METADATA"] = _metadata(version).encode()
    files[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: {NAME}\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
    lines = [f"{path},{_digest(content)},{len(content)}\n" for path, content in files.items()]
    files[f"{info}/RECORD"] = "".join([*lines, f"{info}/RECORD,,\n"]).encode()
    name = f"{NAME}-{version}-{tag}.whl"
    with zipfile.ZipFile(Path(wheel_directory) / name, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as wheel:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, TIME)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            wheel.writestr(entry, content)
    return name


def _project(field):
    """A text of the project's table, which has no other form than `field = "text"`."""
    for line in (HERE / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition(" = ")
        if key == field:
            return value.strip('"')
    raise SystemExit(f"pyproject.toml has no `{field}`")


def _metadata(version):
    fields = {
        "Metadata-Version": "2.4",
        "Name": NAME,
        "Version": version,
        "Summary": _project("description"),
        "License-Expression": _project("license"),
        "Requires-Python": _project("requires-python"),
        "Description-Content-Type": "text/markdown",
    }
    head = "".join(f"{field}: {value}\n" for field, value in fields.items())
    return head + "\n" + (HERE / _project("readme")).read_text(encoding="utf-8")


def _package():
    source = HERE / "src"
    files = sorted(path for path in source.rglob("*") if path.suffix == ".py" or path.name == "py.typed")
    return {path.relative_to(source).as_posix(): path.read_bytes() for path in files}


def _library():
    given = os.environ.get("WASMTUBE_LIBRARY")
    if given:
        return Path(given)
    workspace = HERE.parent
    cargo = ["cargo", "build", "--release", "--locked", "--package", "wasmtube-capi"]
    if subprocess.run(cargo, cwd=workspace, check=False).returncode:
        raise SystemExit("the library cannot be built; name one that is, with WASMTUBE_LIBRARY")
    return Path(os.environ.get("CARGO_TARGET_DIR", workspace / "target")) / "release" / LIBRARY


def _digest(content):
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


if __name__ == "__main__":
    print(build_wheel(sys.argv[1] if len(sys.argv) > 1 else "."))
