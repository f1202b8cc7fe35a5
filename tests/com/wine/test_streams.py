"""Standard streams that are files, for programs that want pipes; no Wine is needed to see that nothing is lost of them."""

import os
import subprocess
import sys

import pytest

from emulator.com.wine.streams import piped
from emulator.core.errors import UserMistake

CLOSED = 99_999
"""A descriptor that is not open."""

SAYS = "import sys; print('out', flush=True); print('err', file=sys.stderr, flush=True); print('end')"


def run(code, source, out, errors, check=True):
    with piped((source, out, errors)) as (stdin, stdout, stderr):
        streams = [
            own if own is not None else given for own, given in zip((stdin, stdout, stderr), (source, out, errors), strict=True)
        ]
        subprocess.run(
            [sys.executable, "-c", code], stdin=streams[0], stdout=streams[1], stderr=streams[2], check=check, timeout=60
        )


@pytest.fixture
def nothing():
    descriptor = os.open(os.devnull, os.O_RDWR)
    yield descriptor
    os.close(descriptor)


def test_what_a_program_writes_is_in_the_files(tmp_path, nothing):
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as errors:
        run(SAYS, nothing, out.fileno(), errors.fileno())
    assert ((tmp_path / "out").read_text(), (tmp_path / "err").read_text()) == ("out\nend\n", "err\n")


def test_one_file_for_both_keeps_its_order(tmp_path, nothing):
    with (tmp_path / "log").open("wb") as log:
        run(SAYS, nothing, log.fileno(), log.fileno())
    assert (tmp_path / "log").read_text() == "out\nerr\nend\n"


def test_much_is_written(tmp_path, nothing):
    with (tmp_path / "out").open("wb") as out:
        run("import sys; sys.stdout.write('x' * 5_000_000)", nothing, out.fileno(), nothing)
    assert (tmp_path / "out").stat().st_size == 5_000_000


def test_what_is_no_file_is_ours(nothing):
    with piped((nothing, CLOSED, nothing)) as streams:
        assert streams == (None, None, None)


def test_a_file_beside_a_closed_stream(tmp_path, nothing):
    with (tmp_path / "out").open("wb") as out, piped((nothing, out.fileno(), CLOSED)) as streams:
        assert [each is None for each in streams] == [True, False, True]


@pytest.mark.parametrize("size", [6, 500_000])
@pytest.mark.parametrize(("code", "read"), [("", 0), ("import os; os.read(0, 2)", 2), ("import sys; sys.stdin.read()", None)])
def test_what_a_program_does_not_read_stays_for_the_next(tmp_path, nothing, code, read, size):
    """As in `while read line; do fakebooks exec --wine ...; done < FILE`."""
    (tmp_path / "in").write_bytes(b"a\nb\nc\n" * (size // 6))
    size = (tmp_path / "in").stat().st_size
    with (tmp_path / "in").open("rb") as source:
        run(code, source.fileno(), nothing, nothing)
        assert os.lseek(source.fileno(), 0, os.SEEK_CUR) == (size if read is None else read)


def test_what_cannot_be_written_is_told(tmp_path, nothing):
    (tmp_path / "out").write_text("")
    with (tmp_path / "out").open("rb") as out, pytest.raises(UserMistake, match="what the program wrote was lost"):
        run(SAYS, nothing, out.fileno(), nothing, check=False)  # it may be told by then
