"""Which applications a command means: registries of one command, what killed commands left, password files."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from emulator.cli.applications import password_from, registry_for
from emulator.core.errors import UserMistake
from emulator.webconnector import qwclog

LEFT = f"once-{2**22 + 1}"
"""A folder of a command that was killed: no process has this number."""


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("secret\n")
    return path


@pytest.fixture
def state(tmp_path):
    path = tmp_path / "wc"
    path.mkdir()
    return path


@pytest.fixture
def qwc(tmp_path):
    def write(name="bridge.qwc", **changes):
        values = {
            "AppName": "Order Bridge",
            "AppID": "",
            "AppURL": "http://localhost/qbwc",
            "AppDescription": "Orders",
            "AppSupport": "http://localhost/help",
            "UserName": "bridge",
            "OwnerID": "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}",
            "FileID": "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D21}",
            "QBType": "QBFS",
            **changes,
        }
        path = tmp_path / name
        path.write_text("<QBWCXML>" + "".join(f"<{key}>{value}</{key}>" for key, value in values.items()) + "</QBWCXML>")
        return str(path)

    return write


def left_by_a_killed_one(state, log=b"of a killed one\n", name=LEFT):
    folder = state / name
    folder.mkdir()
    (folder / "passwords.json").write_text("secret")
    (folder / "QWCLog.txt").write_bytes(log)
    return folder


def used(names, state, secret, log="of this one\n"):
    """Have a registry for a command that writes into its log; returns the keys."""
    with registry_for(names, state, secret) as (registry, keys):
        (registry.folder / "QWCLog.txt").write_text(log)
        assert [registry.password(key) for key in keys] == ["secret"] * len(keys)
    return keys


def test_the_registry_of_one_command(state, qwc, secret):
    left_by_a_killed_one(state)
    assert used([qwc()], state, secret) == ["Order Bridge"]
    assert {each.name: each.read_text() for each in state.iterdir()} == {"QWCLog.txt": "of a killed one\nof this one\n"}


def test_one_at_work_is_left_alone(state, qwc, secret):
    """Also when it is of the same process, and whatever its number is elsewhere."""
    with registry_for([qwc()], state, secret) as (registry, _):
        used([qwc()], state, secret)
        assert registry.password("Order Bridge") == "secret"
    assert [each.name for each in state.iterdir()] == ["QWCLog.txt"]


def test_a_killed_one_of_the_same_number(state, qwc, secret):
    """In a container a number comes again soon: what the killed one left is taken away, and its applications are not ours."""
    killed = f"""if True:
        import os
        from pathlib import Path
        from emulator.cli.applications import registry_for
        with registry_for([{qwc("killed.qwc", AppName="Killed")!r}], Path({str(state)!r}), Path({str(secret)!r})) as (registry, _):
            registry.folder.rename(registry.folder.with_name("once-{os.getpid()}"))
            os._exit(9)
    """
    assert subprocess.run([sys.executable, "-c", killed], env=os.environ, timeout=60).returncode == 9
    assert [each.name for each in state.iterdir()] == [f"once-{os.getpid()}"]
    assert used([qwc()], state, secret) == ["Order Bridge"]
    assert [each.name for each in state.iterdir()] == ["QWCLog.txt"]


@pytest.mark.parametrize("content", [{"notes.txt": "mine"}, {"QWCLog.txt": "", "deeper/file": "mine"}])
@pytest.mark.parametrize("name", [LEFT, "once-upon a time"])
def test_a_folder_of_somebody_else_is_left_alone(state, qwc, secret, name, content):
    for place, text in content.items():
        path = state / name / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    used([qwc()], state, secret)
    assert {place: (state / name / place).read_text() for place in content} == content


def test_a_log_that_cannot_be_kept(state, qwc, secret, capsys):
    """The command goes on, its registry and those of killed ones are taken away, and it is told."""
    (state / "QWCLog.txt").symlink_to("/dev/full")
    left_by_a_killed_one(state)
    for told in (2, 1):
        assert used([qwc()], state, secret) == ["Order Bridge"]
        assert [each.name for each in state.iterdir()] == ["QWCLog.txt"]
        err = capsys.readouterr().err
        assert (err.count("QBWC1033"), err.count("No space left on device"), err.count("\n")) == (told,) * 3
        assert str(state / "QWCLog.txt") in err


def test_the_log_is_put_aside_when_it_is_full(state, qwc, secret, monkeypatch):
    monkeypatch.setattr(qwclog, "FILE_BYTES_MAX", 20)
    for text in ("one\n" * 8, "two\n", "three\n"):
        used([qwc()], state, secret, text)
    assert (state / "QWCLogOld.txt").read_text() == "one\n" * 8
    assert (state / "QWCLog.txt").read_text() == "two\nthree\n"


def test_several_after_a_killed_one(state, qwc, secret):
    """What it left is merged once, whoever does it, in one piece; nobody fails."""
    many, size = 6, 4 * 1024 * 1024
    left_by_a_killed_one(state, b"k" * size + b"\n")
    file, start = qwc(), threading.Barrier(many)

    def one(number):
        start.wait()
        return used([file], state, secret, str(number) * 200_000 + "\n")

    with ThreadPoolExecutor(many) as pool:
        assert list(pool.map(one, range(many))) == [["Order Bridge"]] * many
    assert [each.name for each in state.iterdir()] == ["QWCLog.txt"]
    lines = (state / "QWCLog.txt").read_text().splitlines()
    assert sorted((line[0], len(line)) for line in lines) == [(str(number), 200_000) for number in range(many)] + [("k", size)]


ANOTHER = {"OwnerID": "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D30}"}


@pytest.mark.parametrize(
    ("one", "two", "key"),
    [
        ({"AppUniqueName": "bridge-1"}, {"AppName": "Other", "AppUniqueName": "Bridge-1"}, "Bridge-1"),
        ({}, {}, "Order Bridge"),
        ({"AppName": "X", "AppUniqueName": "Order Bridge"}, {}, "Order Bridge"),
    ],
)
def test_two_files_of_one_application(state, qwc, secret, one, two, key):
    names = [qwc("a.qwc", **one), qwc("b.qwc", **two, **ANOTHER)]
    with pytest.raises(UserMistake) as refused:
        used(names, state, secret)
    assert all(each in str(refused.value) for each in (*names, "AppUniqueName", repr(key)))
    assert list(state.iterdir()) == []


def test_one_file_named_twice(state, qwc, secret):
    with pytest.raises(UserMistake, match=r"a\.qwc is named twice; expected each \.qwc file once"):
        used([qwc("a.qwc")] * 2, state, secret)


def test_two_files_of_one_name(state, qwc, secret):
    names = [qwc("a.qwc", AppUniqueName="test"), qwc("b.qwc", **ANOTHER)]
    assert used(names, state, secret) == ["test", "Order Bridge"]


@pytest.mark.parametrize(("names", "said"), [([], "no .qwc file"), (["Order Bridge"], "'Order Bridge'")])
def test_a_password_file_without_a_qwc_file(state, secret, names, said):
    with pytest.raises(UserMistake, match="--password-file") as refused, registry_for(names, state, secret):
        pass
    assert all(each in str(refused.value) for each in (said, "webconnector add", "--again"))


@pytest.mark.parametrize(
    "content",
    [
        "pässword\nmore".encode(),
        "pässword\r\n".encode("utf-8-sig"),
        "pässword\r\n".encode("utf-16"),
        b"\xfe\xff" + "pässword\r\n".encode("utf-16-be"),
        "pässword".encode("utf-32"),
    ],
)
def test_what_a_password_file_says(tmp_path, content):
    path = tmp_path / "secret.txt"
    path.write_bytes(content)
    assert password_from(path) == "pässword"


@pytest.mark.parametrize(
    "content", ["password".encode("utf-16-le"), "pässword".encode("latin-1"), b"\xff\xfep", b"pass\x00word\n", None]
)
def test_what_is_no_password_file(tmp_path, content):
    path = Path(tmp_path / "secret.txt")
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserMistake, match=r"secret\.txt.*expected a file whose first line is the password"):
        password_from(path)
