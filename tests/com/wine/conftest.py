"""A Wine prefix for all tests of a run, and programs to run in it."""

import concurrent.futures
import contextlib
import dataclasses
import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from emulator.com.wine.prefix import FOLDERS, WIDTHS, find_wine, set_up, wine_environment
from emulator.com.wine.streams import piped
from emulator.core.errors import UserMistake

from .windows_python import install as windows_python_from_pypi

HERE = Path(__file__).parent
COMPILERS = {"x64": "x86_64-w64-mingw32-g++", "x86": "i686-w64-mingw32-g++"}
PROGRAMS = ("client", "player")
"""Our programs: a connector whose acts are tried one by one, and a door of the behaviour suite (tests/doors/)."""

LIMIT_S = 120
PERSISTENT_S = 60

# .ci/run says so, loudly, where a mirror's fault keeps wine32 from being installed; then what needs it is left out, and nothing else.
WITHOUT_X86 = bool(os.environ.get("FAKEBOOKS_WITHOUT_X86"))


def pytest_generate_tests(metafunc):
    if "width" in metafunc.fixturenames:
        metafunc.parametrize("width", [width for width in WIDTHS if not (width == "x86" and WITHOUT_X86)])


@dataclasses.dataclass(frozen=True)
class Windows:
    """A prefix with our COM door in it."""

    wine: object
    prefix: Path
    programs: Path

    def variables(self, url=None):
        return wine_environment(self.prefix, {**os.environ, "DISPLAY": ""}, url)

    def needs(self, width):
        if width not in self.wine.widths:
            pytest.skip("Wine runs no 32-bit programs here: wine32 is not installed")

    def command(self, width, program, *arguments):
        """Return the command that runs one of Windows' own programs."""
        self.needs(width)
        return [self.wine.loader, f"C:\\windows\\{FOLDERS[width]}\\{program}", *arguments]

    def run(self, command, url=None):
        """Run a command; return its exit code, what it printed, and its errors."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            with piped((-1, out.fileno(), errors.fileno())) as (_, to, err):
                code = subprocess.run(
                    command, env=self.variables(url), stdin=subprocess.DEVNULL, stdout=to, stderr=err, timeout=LIMIT_S
                ).returncode
            texts = []
            for file in (out, errors):
                file.seek(0)
                texts.append(file.read().decode("utf-8", "replace"))
            return code, *texts

    @contextlib.contextmanager
    def copied(self, place):
        """Give a prefix with a registry of its own, as ours was written last; the files of its Windows are ours."""
        other = dataclasses.replace(self, prefix=place)
        place.mkdir()
        for name in ("system.reg", "user.reg", "userdef.reg", ".update-timestamp"):
            shutil.copy(self.prefix / name, place)
        for name in ("dosdevices", "drive_c"):
            (place / name).symlink_to(self.prefix / name)
        try:
            yield other
        finally:
            other.end()

    def serve(self, *words):
        """Call Wine's server, of which each prefix has its own."""
        places = (Path(self.wine.loader).parent / "wineserver", Path("/usr/bin/wineserver"))
        server = next(path for path in places if path.exists())
        nothing = subprocess.DEVNULL
        subprocess.run([server, *words], env=self.variables(), timeout=LIMIT_S, stdin=nothing, stdout=nothing, stderr=nothing)

    def end(self):
        """End what Wine keeps running for the prefix; the registry is written."""
        self.serve("-k")
        self.serve("-w")

    def program_command(self, width, program, *words):
        """Return the command that runs one of our programs (PROGRAMS)."""
        self.needs(width)
        return [self.wine.loader, str(self.programs / f"{program}-{width}.exe"), *map(str, words)]

    def client_command(self, width, *words):
        return self.program_command(width, "client", *words)

    def client(self, width, url, *words):
        """Run our C++ client; return the lines it printed."""
        code, out, errors = self.run(self.client_command(width, *words), url)
        assert code == 0, (code, out, errors)
        return out.splitlines()


@contextlib.contextmanager
def locked(path):
    with path.open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


@pytest.fixture(scope="session")
def windows(tmp_path_factory, worker_id):
    """The prefix is shared by the workers of pytest-xdist: making one takes long, and it is large. The last one removes it."""
    try:
        wine = find_wine()
    except UserMistake as mistake:
        pytest.skip(str(mistake))
    missing = [each for each in COMPILERS.values() if shutil.which(each) is None]
    if missing:
        pytest.skip(f"mingw-w64 is not installed: {', '.join(missing)}")
    base = tmp_path_factory.getbasetemp()
    place = (base if worker_id == "master" else base.parent) / "wine"
    place.mkdir(exist_ok=True)
    windows = Windows(wine, place / "prefix", place)
    with locked(place / "users") as users:
        if not windows.prefix.exists():
            with concurrent.futures.ThreadPoolExecutor() as pool:
                built = pool.map(lambda width: build_programs(place, width), WIDTHS)
                set_up(windows.prefix, wine, os.environ)
                list(built)
            windows.end()
            # Wine starts its helpers anew, which takes a second, when no program ran for a moment; but not for ever, should we be killed.
            windows.serve(f"-p{PERSISTENT_S}")
        users.write("+\n")
    yield windows
    with locked(place / "users") as users:
        users.seek(0)
        left = users.read().splitlines()[1:]
        users.truncate(0)
        users.write("+\n" * len(left))
        if not left:
            windows.end()
            shutil.rmtree(windows.prefix)


@pytest.fixture(scope="session")
def windows_python(windows):
    """The command that runs a Windows Python with pywin32 (x64); the workers of pytest-xdist share it."""
    windows.needs("x64")
    place = windows.programs / "python"
    with locked(windows.programs / "python-users"):
        if not place.exists():
            windows_python_from_pypi(place)
    return [windows.wine.loader, str(place / "cp311/python.exe")]


def build_programs(folder, width):
    libraries = ("-lole32", "-loleaut32", "-luuid", "-lshell32")
    for name in PROGRAMS:
        command = [COMPILERS[width], "-std=c++17", "-O1", "-static", "-o", folder / f"{name}-{width}.exe", HERE / f"{name}.cpp"]
        subprocess.run([*command, *libraries], check=True, timeout=LIMIT_S)
