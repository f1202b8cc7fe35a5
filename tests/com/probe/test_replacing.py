"""Files are put in place whole, and what stands there is treated as any program treats what it opens for writing."""

import os
import re
import threading
from pathlib import Path

import pytest

from emulator.com.probe.replacing import check, put


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_new_file_and_one_that_is_there(tmp_path) -> None:
    file = tmp_path / ("n" * 250)
    check(file)
    assert names(tmp_path) == []
    put({file: b"one"})
    umask = os.umask(0)
    os.umask(umask)
    assert file.stat().st_mode & 0o777 == 0o666 & ~umask
    file.chmod(0o640)
    check(file)
    put({file: b"two"})
    assert (file.read_bytes(), file.stat().st_mode & 0o777, names(tmp_path)) == (b"two", 0o640, [file.name])


@pytest.mark.parametrize("there", [True, False])
def test_a_link_stays_and_its_target_is_replaced(tmp_path, there) -> None:
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "target", tmp_path / "link"
    if there:
        target.write_bytes(b"old")
    link.symlink_to("folder/target")
    check(link)
    put({link: b"new"})
    assert link.is_symlink()
    assert (target.read_bytes(), names(tmp_path / "folder")) == (b"new", ["target"])


def _folder(path):
    path.mkdir()


def _protected(path):
    path.write_bytes(b"old")
    path.chmod(0o444)


def _behind_a_link(path):
    _protected(path.with_name("target"))
    path.symlink_to("target")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (_folder, "it is a folder"),
        (_protected, "protected from writing; make it writable"),
        (_behind_a_link, "protected from writing; make it writable"),
        (lambda path: path.symlink_to(path.name), "a link that leads to no file"),
    ],
)
@pytest.mark.parametrize("act", [check, lambda path: put({path.with_name("other"): b"whole", path: b"new"})])
def test_what_may_not_be_replaced_stays(tmp_path, make, says, act) -> None:
    """Root may write to everything, and is refused as everybody is."""
    file = tmp_path / "file"
    make(file)
    before = names(tmp_path)
    with pytest.raises(OSError, match=re.escape(says)) as failed:
        act(file)
    assert failed.value.filename == str(file)
    assert names(tmp_path) == before


def test_no_folder(tmp_path) -> None:
    for act in (check, lambda path: put({path: b"new"})):
        with pytest.raises(FileNotFoundError) as failed:
            act(tmp_path / "no" / "file")
        assert failed.value.filename == str(tmp_path / "no" / "file")


def test_a_device_is_written_to(tmp_path) -> None:
    before = os.stat("/dev/null")  # noqa: PTH116
    for path in (Path("/dev/null"), tmp_path / "link"):
        if not path.exists():
            path.symlink_to("/dev/null")
        check(path)
        put({path: b"nothing"})
    assert os.stat("/dev/null").st_ino == before.st_ino  # noqa: PTH116
    assert (tmp_path / "link").is_symlink()
    with pytest.raises(OSError, match="No space left"):
        put({Path("/dev/full"): b"nothing"})


def test_a_pipe_is_written_to(tmp_path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    check(pipe)
    put({pipe: b"words"})
    reader.join(10)
    assert read == [b"words"]
    assert names(tmp_path) == ["pipe"]
