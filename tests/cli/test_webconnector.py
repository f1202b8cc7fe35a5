"""`fakebooks webconnector`: adding applications, running updates against an own company and a running FakeBooks, what is told."""

import json
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from emulator.cli import main as cli
from emulator.core.serving import Serving

sys.path.insert(0, str(Path(__file__).parents[1]))

from running import FAKEBOOKS, fakebooks_up
from webconnector.desk import QUERY, Scripted


@pytest.fixture
def alone(capsys, monkeypatch, tmp_path):
    """The command line, with no FakeBooks running."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("FAKEBOOKS_WEBCONNECTOR_PASSWORD", "secret")

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["fakebooks", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


@pytest.fixture
def service():
    scripted = Scripted()
    serving = None

    def app(environ, start_response):
        if environ["REQUEST_METHOD"] == "GET":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"help"]
        return scripted({**environ, "wsgi.input": environ["wsgi.input"]}, start_response)

    serving = Serving(app).start()
    scripted.url = f"http://localhost:{serving.port}"
    try:
        yield scripted
    finally:
        serving.stop()


@pytest.fixture
def qwc(service, tmp_path):
    def write(name="bridge.qwc", more="", **changes):
        values = {
            "AppName": "Order Bridge",
            "AppID": "",
            "AppURL": f"{service.url}/qbwc",
            "AppDescription": "Orders",
            "AppSupport": f"{service.url}/help",
            "UserName": "bridge",
            "OwnerID": "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}",
            "FileID": "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D21}",
            "QBType": "QBFS",
            **changes,
        }
        body = "".join(f"<{key}>{value}</{key}>" for key, value in values.items())
        path = tmp_path / name
        path.write_text(f"<QBWCXML>{body}{more}</QBWCXML>")
        return str(path)

    return write


def test_once_with_a_file(alone, service, qwc, tmp_path):
    code, out, err = alone("webconnector", "once", qwc(), "--company", "wholesale_small")
    assert code == 0, (out, err)
    assert "Order Bridge: done, 1 request: Bye" in out
    assert "closeConnection" in out
    assert "Order Bridge: 100 %" in err
    assert service.calls[2] == ("authenticate", ["bridge", "secret"])
    assert "<DataExtName>FileID</DataExtName>" in service.calls[3][1][1]
    folder = tmp_path / "state" / "fakebooks" / "webconnector"
    assert {each.name for each in folder.iterdir()} == {"QWCLog.txt", "update.lock"}
    assert "Company file has been unlocked" in (folder / "QWCLog.txt").read_text()


def test_add_list_and_once(alone, service, qwc, tmp_path):
    state = ("--state", str(tmp_path / "wc"))
    secret = tmp_path / "secret.txt"
    secret.write_text("from a file\n")
    assert alone("webconnector", "list", *state)[1].startswith("no application was added")
    code, out, err = alone("webconnector", "add", qwc(), "--password-file", str(secret), "--every", "60", *state)
    assert (code, out) == (0, "Order Bridge was added, runs every 60 s\n"), err
    code, out, err = alone("webconnector", "once", "--json", *state)
    assert code == 0, err
    (result,) = json.loads(out)
    assert (result["ended"], result["status"], result["codes"]) == ("done", "Bye", [])
    assert service.calls[2] == ("authenticate", ["bridge", "from a file"])
    (entry,) = json.loads(alone("webconnector", "list", "--json", *state)[1])
    assert (entry["application"], entry["status"], entry["every_s"]) == ("Order Bridge", "Bye", 60)
    assert "Order Bridge" in alone("webconnector", "list", *state)[1]
    assert alone("webconnector", "remove", "order bridge", *state)[:2] == (0, "Order Bridge was removed\n")
    assert json.loads(alone("webconnector", "list", "--json", *state)[1]) == []


def test_the_log_goes_on_and_what_a_killed_once_left_is_taken_away(alone, qwc, tmp_path):
    folder = tmp_path / "state" / "fakebooks" / "webconnector"
    left = folder / f"once-{2**22 + 1}"
    left.mkdir(parents=True)
    (left / "passwords.json").write_text("secret")
    lines = []
    for _ in range(2):
        assert alone("webconnector", "once", str(qwc()))[0] == 0
        lines.append((folder / "QWCLog.txt").read_text().splitlines())
    assert lines[1][: len(lines[0])] == lines[0]
    assert len(lines[1]) > len(lines[0])
    assert list(folder.glob("once-*")) == []


def test_a_log_that_cannot_be_written(alone, qwc, tmp_path):
    """The updates of .qwc files go on without it, and what became of them is told."""
    state = tmp_path / "wc"
    state.mkdir()
    (state / "QWCLog.txt").symlink_to("/dev/full")
    for _ in range(2):
        code, out, err = alone("webconnector", "once", qwc(), "--state", str(state))
        assert (code, "Order Bridge: done, 1 request: Bye" in out) == (0, True), err
        assert f"QBWC1033: The log file cannot be written. {state / 'QWCLog.txt'}: No space left on device" in err
        assert {each.name for each in state.iterdir()} == {"QWCLog.txt", "update.lock"}


def test_two_of_one_name(alone, service, qwc, tmp_path):
    other = {"OwnerID": "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D30}", "UserName": "plain"}
    files = [qwc("one.qwc", "<AppUniqueName>Bridge test</AppUniqueName>"), qwc("two.qwc", **other)]
    assert alone("webconnector", "once", *files)[0] == 0
    assert [given[0] for name, given in service.calls if name == "authenticate"] == ["bridge", "plain"]
    state = ("--state", str(tmp_path / "wc"))
    for each in files:
        assert alone("webconnector", "add", each, "--no-look", *state)[0] == 0
    assert alone("webconnector", "remove", "Order Bridge", *state)[1] == "Order Bridge was removed\n"
    assert [each["application"] for each in json.loads(alone("webconnector", "list", "--json", *state)[1])] == ["Bridge test"]


NASTY = "\x9b31m :bomb: [red] \u202e\x85"
SHOWN = "\\x9b31m :bomb: [red] \\u202e"


def test_texts_of_others_on_the_terminal(alone, service, qwc, tmp_path):
    """Neither the service nor a .qwc steers the terminal; JSON has all of it."""
    state = ("--state", str(tmp_path / "wc"))
    nasty = qwc("nasty.qwc", f"<Odd{chr(0xB7)}/>", AppName=f"A{NASTY}")
    told = [alone("webconnector", "add", nasty, "--every", "60", *state)]
    service.answers.update(sendRequestXML=[""], getLastError=[f"E{NASTY}\nmore"], closeConnection=[f"C{NASTY}"])
    told += [
        alone("webconnector", *words, *state)
        for words in (("run", "--updates", "1"), ("once",), ("list",), ("remove", f"A{NASTY}"))
    ]
    told += [alone("webconnector", "once", nasty), alone("webconnector", "remove", f"A{NASTY}", *state)]
    told.append(
        alone("webconnector", "add", qwc("bad.qwc", AppURL=f"http://localhost/{NASTY}", AppSupport=f"http://127.0.0.1/{NASTY}"))
    )
    for code, out, err in told:
        assert all(each.isprintable() for each in (out + err).replace("\n", "")), (code, out, err)
        assert ":bomb:" in out + err, (code, out, err)
    assert f"A{SHOWN}" in told[0][1]
    assert all(f"E{SHOWN}" in out for _, out, _ in (told[1], told[2], told[5]))
    service.answers["getLastError"] = [f"E{NASTY}"]
    (result,) = json.loads(alone("webconnector", "once", nasty, "--json")[1])
    assert result["status"] == f"E{NASTY}"


def test_run(alone, service, qwc, tmp_path):
    state = ("--state", str(tmp_path / "wc"))
    assert alone("webconnector", "add", qwc(), "--every", "60", *state)[0] == 0
    code, out, err = alone("webconnector", "run", "--updates", "1", "--company", "wholesale_small", *state)
    assert code == 0, err
    assert "Order Bridge: done, 1 request: Bye; next " in out


def test_one_application_keeps_no_other_from_running(alone, service, qwc, tmp_path):
    """One that only reads cannot be added to a new company: its own update ends with the code, and those of others run."""
    state = ("--state", str(tmp_path / "wc"))
    pair = {"OwnerID": "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D30}", "FileID": "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D31}"}
    reading = qwc("reading.qwc", "<IsReadOnly>true</IsReadOnly>", AppName="Reader", **pair)
    for each in (reading, qwc()):
        assert alone("webconnector", "add", each, "--every", "60", *state)[0] == 0
    code, out, err = alone("webconnector", "once", "Order Bridge", *state)
    assert (code, "done, 1 request" in out) == (0, True), err
    code, out, _ = alone("webconnector", "once", *state)
    assert (code, "Reader: error (QBWC1080)" in out, "Order Bridge: done" in out) == (1, True, True)
    alone("webconnector", "add", qwc(), "--every", "60", "--again", *state)
    code, out, _ = alone("webconnector", "run", "--updates", "1", *state)
    assert (code, "Order Bridge: done" in out) == (0, True)


def test_a_fault_that_never_strikes_is_told(alone, qwc):
    words = ("--company", "wholesale_small", "--fault", "wc-busy when.nth=2")
    code, out, err = alone("webconnector", "once", qwc(), *words)
    assert (code, "done, 1 request" in out) == (3, True)
    assert "'wc-busy' never struck" in err


def test_a_limit_of_ones_own(alone, service, qwc):
    service.answers.update(sendRequestXML=[""], getLastError=["NoOp"])
    words = ("--limit", "0.3", "--switch", "webconnector.no-op-wait-s=0")
    code, out, _ = alone("webconnector", "once", qwc(), "--company", "wholesale_small", *words)
    assert (code, "gave up" in out, "longer than its limit of 0.3 s" in out) == (1, True, True)


def test_a_retry_that_worked_is_no_error(alone, service, qwc):
    """What connectionError asked for is the documented way: the code is told, and the command ends as the update did."""
    service.answers.update(authenticate=[["t", r"C:\none.qbw"]], connectionError=[""])
    code, out, _ = alone("webconnector", "once", qwc(), "--company", "wholesale_small", "--json")
    (result,) = json.loads(out)
    assert (code, result["ended"], result["codes"]) == (0, "done", ["QBWC1013"])


@pytest.mark.slow
def test_a_quickbooks_that_hangs_at_the_unlocking(alone, qwc):
    words = ("--company", "wholesale_small", "--limit", "1", "--fault", "hang where.request=DataExtModRq when.nth=2")
    code, out, _ = alone("webconnector", "once", qwc(), *words)
    assert (code, "done (QBWC1015)" in out, "the lock may stay" in out) == (1, True, True)


def test_like_another_quickbooks(alone, service, qwc, tmp_path):
    likeness = tmp_path / "likeness.yaml"
    likeness.write_text('likeness: 1\nwording:\n  statuses: {1: "Nothing like that was found."}\ncomplete: true\n')
    nobody = QUERY.replace("<MaxReturned>2</MaxReturned>", "<FromModifiedDate>2037-01-01</FromModifiedDate>")
    service.answers.update(sendRequestXML=[nobody])
    assert alone("webconnector", "once", qwc(), "--company", "wholesale_small", "--like", str(likeness))[0] == 0
    assert 'statusMessage="Nothing like that was found."' in service.calls[4][1][1]


def test_nothing_runs_by_itself(alone, qwc, tmp_path):
    code, _, err = alone("webconnector", "run", "--state", str(tmp_path / "wc"))
    assert (code, err.count("\n")) == (2, 1)
    assert "no application runs by itself" in err


def test_an_error_ends_with_1(alone, service, qwc):
    service.answers["receiveResponseXML"] = [-1]
    code, out, _ = alone("webconnector", "once", qwc(), "--company", "wholesale_small")
    assert code == 1
    assert "error, 1 request: it went wrong" in out


def test_faults_and_switches(alone, service, qwc):
    words = (
        "--company",
        "wholesale_small",
        "--fault",
        "wc-answer-lost times=1",
        "--switch",
        "webconnector.after-transport-error=silent",
    )
    code, out, _ = alone("webconnector", "once", qwc(), *words)
    assert code == 1
    assert "QBWC1042" in out
    assert service.names()[-1] == "sendRequestXML"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("once", "nothing"), "QBWC1011"),
        (("once",), "QBWC1018"),
        (("once", "one.qwc", "Other"), "'Other' beside 'one.qwc'"),
        (("once", "Other", "--password-file", "secret.txt"), "`fakebooks webconnector add FILE.qwc --again"),
        (("remove", "nothing"), "QBWC1011"),
        (("once", "none.qwc"), "cannot read none.qwc"),
        (("add", "none.qwc"), "cannot read none.qwc"),
        (("add", "none.qwc", "--every", "9999999999"), "999999999"),
    ],
)
def test_mistakes(alone, tmp_path, words, said):
    code, _, err = alone("webconnector", *words, "--state", str(tmp_path / "wc"))
    assert (code, err.count("\n")) == (2, 1)
    assert said in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--fault", "wc-buzy"), "wc-busy"),
        (("--fault", "wc-busy times=abc"), "times is 'abc'"),
        (("--fault", "wc-busy nope=1"), "nope"),
        (("--fault", "wc-died how=half"), "how"),
        (("--fault", "wc-busy when.nth=-1"), "nth"),
        (("--fault", "refuse"), "strikes the network"),
        (("--fault", ""), "a name of `fakebooks faults`"),
        (("--switch", "webconnector.no-op-wait=1"), "webconnector.no-op-wait-s"),
        (("--switch", "webconnector.no-op-wait-s"), "NAME=VALUE"),
        (("--switch", "webconnector.no-op-wait-s=-1"), "is set to -1; expected a whole number of at least 0"),
        (("--switch", "webconnector.soap-limit-s=0"), "is set to 0; expected a whole number of at least 1"),
        (("--log", "LOUD"), "LOUD"),
        (("--trust", "none.pem"), "none.pem"),
        (("--company", "nowhere"), "nowhere"),
        (("--like", "none.yaml"), "none.yaml"),
        (("--limit", "0"), "0"),
    ],
)
def test_mistakes_of_once(alone, qwc, words, said):
    code, _, err = alone("webconnector", "once", qwc(), "--company", "wholesale_small", *words)
    assert code == 2
    assert said in err


def test_add_looks_at_the_urls(alone, service, qwc):
    file = qwc(AppSupport="http://localhost:1/help")
    code, _, err = alone("webconnector", "add", file)
    assert (code, "QBWC1004" in err) == (2, True)
    assert alone("webconnector", "add", file, "--no-look")[0] == 0


def test_no_password(alone, qwc, monkeypatch):
    monkeypatch.delenv("FAKEBOOKS_WEBCONNECTOR_PASSWORD")
    code, _, err = alone("webconnector", "add", qwc())
    assert (code, "--password-file" in err) == (2, True)


@pytest.mark.slow
def test_a_kill_leaves_both_locks(service, qwc, tmp_path):
    """SIGKILL in the middle of an update against a running FakeBooks: AppLock stays in the company file and UpdateLock stays TRUE."""
    with fakebooks_up(tmp_path) as up:
        environment = {**up.environment, "FAKEBOOKS_WEBCONNECTOR_PASSWORD": "secret"}
        state = ("--state", str(tmp_path / "wc"))

        def command(*words):
            return [str(FAKEBOOKS), "webconnector", *words, *state]

        def run(*words):
            return subprocess.run(command(*words), env=environment, capture_output=True, text=True, timeout=60)

        unknown = run("add", qwc("unknown.qwc", AppName="Nobody knows it"))
        assert (unknown.returncode, "act admin.answer_prompt" in unknown.stderr) == (2, True), unknown.stderr
        added = run("add", qwc(AppName="FakeBooks Connector"))
        assert added.returncode == 0, added.stderr
        service.answers.update(sendRequestXML=[""], getLastError=["NoOp"])
        with subprocess.Popen(command("once"), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as dying:
            while "getLastError" not in service.names():
                assert dying.poll() is None
                time.sleep(0.05)
            dying.kill()
        assert (tmp_path / "wc" / "update.lock").read_text() == "TRUE"
        service.answers.update(sendRequestXML=[QUERY])
        kept_out = run("once", "--switch", "webconnector.update-lock-left=refused")
        assert (kept_out.returncode, "left UpdateLock TRUE" in kept_out.stderr) == (2, True), kept_out.stderr
        locked = run("once")
        assert (locked.returncode, "The company file is locked by a Web Connector of SERVER" in locked.stdout) == (1, True), (
            locked
        )
        service.calls.clear()
        struck = run("once", "--switch", "webconnector.app-lock-limit-s=0", "--fault", "wc-answer-lost times=1")
        assert (struck.returncode, "was taken over" in struck.stdout, "QBWC1042" in struck.stdout) == (1, True, True), struck
        for words in (("--switch", "desktop.dialog-wait-s=1"), ("--like", "likeness.yaml")):
            own = run("once", *words)
            assert (own.returncode, words[0] in own.stderr, "--company" in own.stderr) == (2, True, True), own.stderr
        not_here = run("once", "--fault", "crash")
        assert (not_here.returncode, "`fakebooks fault add`" in not_here.stderr) == (2, True), not_here.stderr
        whole = run("once")
        assert (whole.returncode, "done, 1 request: Bye" in whole.stdout) == (0, True), whole


@pytest.mark.slow
def test_the_admin_lets_a_new_application_in(service, qwc, tmp_path):
    """As the message says: he logs in where the Web Connector is, the command is given again, and while it waits he answers."""
    with fakebooks_up(tmp_path) as up:
        environment = {**up.environment, "FAKEBOOKS_WEBCONNECTOR_PASSWORD": "secret"}

        def act(*words):
            done = subprocess.run([str(FAKEBOOKS), "act", *words], env=environment, capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stderr

        command = [str(FAKEBOOKS), "webconnector", "once", qwc()]
        kept_out = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert (kept_out.returncode, "0x80040418" in kept_out.stdout) == (1, True), kept_out
        for word in ("operator.log_out_goflow", "admin.log_in machine=server", "admin.answer_prompt"):
            assert f"fakebooks act {word}" in kept_out.stdout
        act("operator.log_out_goflow")
        act("admin.log_in", "machine=server")
        service.calls.clear()
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as waiting:
            told = waiting.stderr.readline() + waiting.stderr.readline()
            assert "QuickBooks has not answered BeginSession yet" in told
            act("admin.answer_prompt", "answer=whenever the file is open")
            out, err = waiting.communicate(timeout=60)
        assert (waiting.returncode, "done, 1 request: Bye" in out) == (0, True), (out, err)


@pytest.mark.slow
def test_run_outlives_the_quickbooks_it_works_with(service, qwc, tmp_path):
    """FakeBooks ends: the service hears of it by connectionError, and the schedule goes on with the next FakeBooks that is started."""
    state = ("--state", str(tmp_path / "wc"))
    with ExitStack() as stack:
        with fakebooks_up(tmp_path) as up:
            environment = {**up.environment, "FAKEBOOKS_WEBCONNECTOR_PASSWORD": "secret"}
            add = [str(FAKEBOOKS), "webconnector", "add", qwc(AppName="FakeBooks Connector"), "--every", "1", *state]
            assert subprocess.run(add, env=environment, capture_output=True, timeout=60).returncode == 0
            command = [str(FAKEBOOKS), "webconnector", "run", *state]
            running = stack.enter_context(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
            stack.callback(running.kill)
            assert "done, 1 request" in running.stdout.readline()
        while "QBWC1013" not in (line := running.stdout.readline()):
            assert line
        assert ("connectionError", ["ticket-1", "0x80040408"]) in [(name, given[:2]) for name, given in service.calls]
        with fakebooks_up(tmp_path, environment=up.environment):
            while "done, 1 request" not in (line := running.stdout.readline()):
                assert line
            running.send_signal(signal.SIGINT)
            assert running.wait(timeout=30) == 130


@pytest.mark.slow
def test_run_until_somebody_ends_it(alone, service, qwc, tmp_path):
    """Ctrl-C in mid-session: the exit code of the signal, no traceback, the company file unlocked."""
    state = ("--state", str(tmp_path / "wc"))
    service.answers.update(sendRequestXML=[""], getLastError=["NoOp"])
    assert alone("webconnector", "add", qwc(), "--every", "60", *state)[0] == 0
    code = "from emulator.cli import run; run()"
    command = [sys.executable, "-c", code, "webconnector", "run", "--company", "wholesale_small", *state]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        while "getLastError" not in service.names():
            assert running.poll() is None, running.communicate()
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (130, ""), out
    assert "Company file has been unlocked" in (tmp_path / "wc" / "QWCLog.txt").read_text()
