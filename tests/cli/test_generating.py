"""`fakebooks company generate`: what is asked for is there, progress is told, a mistake is one line, an interrupt leaves no file."""

import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from emulator.cli import main as cli
from emulator.company import Company
from emulator.core.exits import ExitCode

GENERATE = ["company", "generate"]


@pytest.fixture
def fakebooks(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["fakebooks", *(str(each) for each in arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code, *capsys.readouterr()

    return run


def test_what_is_asked_for_is_there(fakebooks, tmp_path):
    path = tmp_path / "large.qbw"
    sizes = ("--customers", 20, "--transactions", 50, "--vendors", 3, "--items", 4, "--years", 1, "--seed", 5)
    code, out, err = fakebooks(*GENERATE, path, *sizes)
    assert code == 0
    assert f"{path}: 20 customers, 50 transactions" in out
    assert "transactions: 50 of 50" in err
    assert len(err.splitlines()) <= 5 * 10
    made = Company.open(path, lambda: datetime(2026, 11, 23, tzinfo=UTC))
    assert made.stamp in out
    assert (len(made.truth.customers()), len(made.truth.transactions())) == (20, 50)
    assert made.truth.problems() == []
    made.close()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--edition", "Pro"], "name the edition Enterprise"),
        (["--edition", "pro"], "expected 'Pro'"),
        (["--customers", "0"], "--customers is '0'"),
        (["--years", "many"], "--years is 'many'"),
    ],
)
def test_mistakes(fakebooks, tmp_path, more, told):
    code, _, err = fakebooks(*GENERATE, tmp_path / "large.qbw", *more)
    assert code == ExitCode.WRONG_USE
    assert told in err
    assert len(err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays(fakebooks, tmp_path):
    path = tmp_path / "large.qbw"
    path.write_text("mine")
    code, _, err = fakebooks(*GENERATE, path, "--customers", 1)
    assert (code, path.read_text()) == (ExitCode.WRONG_USE, "mine")
    assert "is there already" in err


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_leaves_no_file(tmp_path, number, code):
    command = [sys.executable, "-c", "from emulator.cli import run; run()", *GENERATE, tmp_path / "large.qbw"]
    run = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    for line in run.stderr:
        if "items: 1,000" in line:
            break
    run.send_signal(number)
    _, err = run.communicate(timeout=60)
    assert (run.returncode, list(tmp_path.iterdir())) == (code, [])
    assert "Traceback" not in err
