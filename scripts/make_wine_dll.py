"""Builds the COM door for Windows programs from its source: `python scripts/make_wine_dll.py [--out FOLDER]`.

Writes x86/QBXMLRP2.dll and x64/QBXMLRP2.dll into the folder (default: the package, from where they are committed and shipped). The same
compiler makes the same bytes every time: no times, no paths. Needs Debian's gcc-mingw-w64-i686, gcc-mingw-w64-x86-64, mingw-w64-tools
(widl) and wine64 (the type library that every other refers to).
"""

import argparse
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "emulator/com/wine"
SOURCE = PACKAGE / "source"
NAME = "QBXMLRP2.dll"
SOURCES = ("wire.c", "text.c", "processor.c", "module.c")
"""Compiled as one: nearly all of the time goes into reading Windows' headers. The first wants winsock2.h before them."""
TARGETS = {"x86": ("i686-w64-mingw32", "-m32"), "x64": ("x86_64-w64-mingw32", "-m64")}
STANDARD_LIBRARY = "stdole2.tlb"
STANDARD_FOLDERS = ("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows", "/usr/lib/i386-linux-gnu/wine/i386-windows")
C_FLAGS = (
    "-std=c11",
    "-O2",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wconversion",
    "-Wno-sign-conversion",
    "-fno-ident",
    "-ffile-prefix-map=.=",
)
LINK_FLAGS = (
    "-shared",
    "-s",
    "-static-libgcc",
    "-Wl,--no-insert-timestamp",
    "-Wl,--build-id=none",
    "-Wl,--enable-stdcall-fixup",
    "-Wl,--dynamicbase,--nxcompat",
)
LIBRARIES = ("-lole32", "-loleaut32", "-luuid", "-lws2_32", "-ladvapi32")


def main(arguments: list[str]) -> int:
    """Build both; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=PACKAGE, help="where x86/ and x64/ go")
    given = parser.parse_args(arguments)
    missing = missing_tools()
    if missing:
        print(
            f"missing: {', '.join(missing)}; on Debian: apt-get install gcc-mingw-w64-i686 gcc-mingw-w64-x86-64 mingw-w64-tools wine64"
        )
        return 1
    with ThreadPoolExecutor() as pool:
        for made in pool.map(lambda width: build(width, given.out / width), TARGETS):
            print(f"{made}: {made.stat().st_size} bytes")
    return 0


def standard_folder() -> Path | None:
    """Return the folder that has the standard type library, None where there is no Wine."""
    return next((Path(each) for each in STANDARD_FOLDERS if (Path(each) / STANDARD_LIBRARY).exists()), None)


def missing_tools() -> list[str]:
    """Return the names of what is needed and not there."""
    tools = [f"{triple}-{tool}" for triple, _ in TARGETS.values() for tool in ("gcc", "windres")] + ["x86_64-w64-mingw32-widl"]
    missing = [tool for tool in tools if shutil.which(tool) is None]
    return missing if standard_folder() else [*missing, STANDARD_LIBRARY]


def build(width: str, out: Path) -> Path:
    """Build the module of one width in a folder of its own; return where it is."""
    triple, bits = TARGETS[width]
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fakebooks-dll-") as name:
        work = Path(name)
        for each in SOURCE.iterdir():
            shutil.copy(each, work)
        for library in ("qbxmlrp2", "qbxmlrp"):
            run(
                work,
                "x86_64-w64-mingw32-widl",
                bits,
                "-t",
                "-L",
                str(standard_folder()),
                "-o",
                f"{library}.tlb",
                f"{library}.idl",
            )
            path = work / f"{library}.tlb"
            path.write_bytes(timeless(path.read_bytes()))
        run(work, f"{triple}-windres", "-O", "coff", "bridge.rc", "bridge.res.o")
        (work / "all.c").write_text("".join(f'#include "{each}"\n' for each in SOURCES), encoding="ascii")
        run(work, f"{triple}-gcc", *C_FLAGS, *LINK_FLAGS, "-o", NAME, "all.c", "bridge.res.o", "bridge.def", *LIBRARIES)
        return Path(shutil.copy(work / NAME, out / NAME))


def timeless(library: bytes) -> bytes:
    """Return a type library without the time that widl writes into it: once as words, once as the seconds of that moment."""
    said = re.search(rb"Created by WIDL version [\d.]+ at [A-Z][^\0W]{22,23}\d", library)
    assert said, "widl says no time; see what it writes now"
    words = b"FakeBooks".ljust(len(said[0]), b" ")
    library = library[: said.start()] + words + library[said.end() :]
    # A value of type VT_UI4 (19) is 0x13 0x00, then the four bytes, then padding; only the last hour's seconds can be the time.
    now = int(time.time())
    for moment in range(now - 3600, now + 60):
        library = library.replace(struct.pack("<HI", 19, moment), struct.pack("<HI", 19, 0))
    return library


def run(folder: Path, *command: str) -> None:
    """Run a tool in a folder; its failure is ours."""
    variables = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    subprocess.run(command, cwd=folder, check=True, env=variables)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
