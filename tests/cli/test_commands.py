"""The command line: every mistake is one line that says what to do, and every outcome has its exit code."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from running import FAKEBOOKS, own_environment

from emulator import client
from emulator.cli import main as cli
from emulator.cli.shared import address_of
from emulator.core.switches import Switch
from emulator.world import FAULT_KINDS, SWITCH_TABLES

STORY = """\
scenario: small
steps:
  - do: operator.reconnect_by_the_book
  - traffic: {emit: invoice, every_s: 20, count: 2}
  - until: queue_empty
invariants: [I1, I2]
"""

ENVELOPE = '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="continueOnError">{}</QBXMLMsgsRq></QBXML>'
HOST = ENVELOPE.format("<HostQueryRq/>")
NOBODY = ENVELOPE.format(
    "<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>Nobody at all</FullName></CustomerRef></InvoiceAdd></InvoiceAddRq><HostQueryRq/>"
)
MISSPELT = ENVELOPE.format("<CustomerQueryRq>\n<FulName>Ada</FulName></CustomerQueryRq>")


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """Nobody's running FakeBooks is found, and nothing is written into the checkout."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("FAKEBOOKS_TOKEN", raising=False)


@pytest.fixture
def fakebooks(monkeypatch, capfd):
    """Run the command in this process; returns exit code, standard output, standard error."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["fakebooks", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capfd.readouterr()
        return ended.value.code, printed.out, printed.err

    return run


@pytest.fixture
def file(tmp_path):
    """Write a file into the test's folder, which is the current one; returns its name."""

    def write(name, content):
        (tmp_path / name).write_text(content)
        return name

    return write


# ---- mistakes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["runn"], "there is no command 'runn'; expected 'run'"),
        (
            ["zzz"],
            f"there is no command 'zzz'; expected one of {', '.join(cli.COMMANDS)}",
        ),
        (["--nope"], "No such option: --nope; see `fakebooks --help`"),
        # run
        (["run"], "Missing argument 'PATH...'; see `fakebooks run --help`"),
        (["run", "none.yaml"], "there is no none.yaml; expected a scenario file, or a folder of them"),
        (
            ["run", "scenarios/demo/one_dai.yaml"],
            "there is no scenarios/demo/one_dai.yaml; expected 'scenarios/demo/one_day.yaml'",
        ),
        (["run", "empty"], "no scenario in empty; expected at least one .yaml file"),
        (["run", "story.yaml", "--clok", "real"], "No such option: --clok"),
        (["run", "story.yaml", "--clock", "vrtual"], "'vrtual' is not one of 'virtual', 'real'; expected 'virtual'"),
        (["run", "story.yaml", "--seed", "seven"], "--seed"),
        (["run", "story.yaml", "--seed", "-1"], "--seed"),
        (["run", "story.yaml", "--listen", "here"], "address 'here'; expected HOST:PORT, like 127.0.0.1:8891"),
        (["run", "story.yaml", "--listen", "here:99999"], "address 'here:99999'; expected HOST:PORT"),
        (["run", "story.yaml", "--out", "/dev/null/x"], "cannot write to /dev/null/x: Not a directory"),
        # ask, validate
        (["ask"], "Missing argument 'FILE|-'"),
        (["ask", "none.xml"], "cannot read none.xml: No such file or directory; expected a file with a qbXML document"),
        (["ask", "empty"], "cannot read empty: Is a directory"),
        (["ask", "host.xml", "--company", "wholesale_smal"], "no sample company 'wholesale_smal'; expected 'wholesale_small'"),
        (["ask", "host.xml", "--company", "none.yaml"], "none.yaml: cannot read it (No such file or directory)"),
        (["ask", "host.xml", "--company", "story.yaml"], "story.yaml:"),
        (["ask", "host.xml", "--server", "nonsense"], "--server 'nonsense'; expected a URL, like http://127.0.0.1:8890"),
        (["ask", "host.xml", "--server", "http://127.0.0.1:1"], "no token for http://127.0.0.1:1; expected FAKEBOOKS_TOKEN"),
        (["validate"], "Missing argument 'FILE|-'"),
        (["validate", "none.xml"], "cannot read none.xml: No such file or directory"),
        (["explain"], "Missing argument 'REQUEST|FILE|-'"),
        (["explain", "none.xml"], "cannot read none.xml: No such file or directory; expected a file with a qbXML document"),
        (["explain", "empty"], "cannot read empty: Is a directory"),
        (["explain", "InvoicAdd"], "there is no request and no file 'InvoicAdd'; expected 'InvoiceAdd' or "),
        (["explain", "zzz"], "there is no request and no file 'zzz'; expected one of HostQuery, "),
        (
            ["explain", "InvoiceAdd", "--version", "99.0"],
            "--version: there is no version '99.0' of qbXML; expected one of 1.0, 1.1, ",
        ),
        (["explain", "InvoiceMod", "--version", "2.0"], "--version: qbXML 2.0 has no InvoiceModRq; expected 2.1 or newer"),
        (["explain", "InvoiceAdd", "--company", "wholesale_small"], "expected --company with a document only"),
        (["explain", "host.xml", "--version", "13.0"], "expected --version with a request only"),
        (["explain", "host.xml", "--company", "wholesale_smal"], "expected 'wholesale_small'"),
        # exec
        (["exec"], "Missing argument '-- CMD...'"),
        (["exec", "--mode", "mulit", "--", "true"], "expected 'multi'"),
        (["exec", "--company", "wholesale_smal", "--", "true"], "expected 'wholesale_small'"),
        (["exec", "--", "no-such-program"], "the program 'no-such-program' is not there; expected a program on the PATH"),
        # up
        (["up", "--listen", "127.0.0.1"], "address '127.0.0.1'; expected HOST:PORT"),
        (["up", "--control", ":x"], "address ':x'; expected HOST:PORT"),
        (["up", "--company", "wholesale_smal"], "expected 'wholesale_small'"),
        (["up", "--scale", "0"], "--scale"),
        (["up", "--out", "/dev/null/x"], "cannot write to /dev/null/x"),
        # events
        (["events"], "no FakeBooks runs here; expected a running `fakebooks up`, or the URL of one after --server"),
        (["events", "--server", "nonsense"], "--server 'nonsense'; expected a URL, like http://127.0.0.1:8890"),
        (["events", "--server", "http://127.0.0.1:1"], "no token for http://127.0.0.1:1; expected FAKEBOOKS_TOKEN"),
        # switches, faults
        (["switches", "more"], "Got unexpected extra argument(s) (more)"),
        (["faults", "answer-lots"], "there is no fault 'answer-lots'; expected 'answer-lost'"),
        (["faults", "zzz"], "there is no fault 'zzz'; expected a name from `fakebooks faults`"),
        (["faults", "--jsn"], "No such option: --jsn"),
        # coverage
        (["coverage", "InvoicAdd"], "there is no request 'InvoicAdd'; expected 'InvoiceAddRq'"),
        (["coverage", "zzz"], "there is no request 'zzz'"),
        # texts
        (["texts", "latn"], "there is no text pack 'latn'; expected 'latin'"),
        (["texts", "none.yaml"], "cannot read it"),
    ],
    ids=" ".join,
)
def test_a_wrong_argument_gets_one_line(fakebooks, file, tmp_path, arguments, told):
    file("story.yaml", STORY)
    file("host.xml", HOST)
    (tmp_path / "empty").mkdir()
    (tmp_path / "scenarios" / "demo").mkdir(parents=True)
    file("scenarios/demo/one_day.yaml", STORY)
    code, out, err = fakebooks(*arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("fakebooks: ")
    assert told in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "wrong", "told"),
    [
        (1, "scenario: Small Story", "scenario is 'Small Story'"),
        (3, "  - do: operator.reconect_by_the_book", "expected 'operator.reconnect_by_the_book'"),
        (3, "  - doo: operator.reconnect_by_the_book", "unknown field 'doo' in steps.0; expected 'do'"),
        (4, "  - traffic: {emit: invoise}", "'invoise'; expected 'invoice'"),
        (4, "  - traffic: {emit: invoice, cuont: 2}", "unknown field 'cuont' in steps.1.traffic; expected 'count'"),
        (4, "  - inject: {fault: answer-lots}", "there is no fault 'answer-lots'; expected 'answer-lost'"),
        (4, "  - inject: {fault: answer-lost, wen: {nth: 1}}", "unknown field 'wen' in steps.1.inject; expected 'when'"),
        (5, "  - until: queue_emty", "'queue_emty'; expected 'queue_empty'"),
        (5, "  - until: queue_empty\n    within: soon", "expected a duration of at most a year, like 20s"),
        (6, "invariants: [I1, I99]", "'I99'"),
        (6, "invariants: [", "not YAML"),
        (6, "company: wholesale_smal\ninvariants: [I1]", "expected 'wholesale_small'"),
        (6, "switches: {platform.atempts: 1}\ninvariants: [I1]", "expected 'platform.attempts'"),
        (6, "switches: {desktop.dialog-wait-s: -1}\ninvariants: [I1]", "expected a whole number of at least 0"),
    ],
)
def test_a_mistake_in_a_scenario_is_told_with_its_line(fakebooks, file, line, wrong, told):
    lines = STORY.splitlines()
    lines[line - 1] = wrong
    code, out, err = fakebooks("run", file("story.yaml", "\n".join(lines) + "\n"))
    assert (code, out) == (2, "")
    place, _, sentence = err.removeprefix("fakebooks: ").partition(": ")
    assert abs(int(re.match(r"story.yaml:(\d+), column \d+$", place)[1]) - line) <= 1
    assert told in sentence
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", [["up"], ["run", "story.yaml", "--clock", "real"]], ids=["up", "run"])
def test_a_port_that_is_taken(fakebooks, file, command):
    file("story.yaml", STORY)
    own = f"127.{1 + os.getpid() % 200}.3.4"
    with socket.create_server((own, 0)) as other:
        port = other.getsockname()[1]
        extra = ["--control", "127.0.0.1:0"] if command[0] == "up" else []
        code, _, err = fakebooks(*command, "--listen", f"{own}:{port}", *extra)
    assert code == 2
    last = err.splitlines()[-1]
    assert f"cannot listen on {own}:{port}: the port is taken" in last
    assert f"`ss -ltnp 'sport = :{port}'`" in last
    assert "choose another address or port" in last
    assert "Traceback" not in err


def test_without_arguments_it_shows_its_help(fakebooks):
    code, out, _ = fakebooks()
    assert code == 0
    assert all(
        f"\n  {name} " in out
        for name in ("run", "ask", "validate", "explain", "exec", "up", "company", "switches", "faults", "coverage", "texts")
    )


# ---- ask, validate -------------------------------------------------------------------------------------------------------------


def test_ask_prints_the_answer(fakebooks, file):
    code, out, err = fakebooks("ask", file("host.xml", HOST))
    assert (code, err) == (0, "")
    assert '<HostQueryRs statusCode="0" statusSeverity="Info"' in out


LIKENESS = """likeness: 1
wording:
  statuses: {3140: "Who is {value}?"}
complete: true
"""


def test_ask_is_like_another_quickbooks_even_while_one_runs(fakebooks, file, monkeypatch):
    monkeypatch.setattr(client, "find_running", lambda: client.Running("http://127.0.0.1:9", "token"))
    code, out, err = fakebooks("ask", file("nobody.xml", NOBODY), "--like", file("like.yaml", LIKENESS))
    assert (code, err) == (1, "")
    assert 'statusMessage="Who is Nobody at all?"' in out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--like", "none.yaml"], "none.yaml: cannot read it"),
        (["--like", "like.yaml"], "like.yaml:2, column 12: there is no switch 'qbxml.bad'"),
        (
            ["--like", "like.yaml", "--server", "http://127.0.0.1:9"],
            "--like is given with --server; expected one of them; a running FakeBooks is given its likeness at its start: fakebooks up --like",
        ),
    ],
)
def test_a_likeness_that_ask_cannot_use(fakebooks, file, options, told):
    file("like.yaml", "likeness: 1\nswitches: {qbxml.bad: 1}\ncomplete: true\n")
    code, out, err = fakebooks("ask", file("host.xml", HOST), *options)
    assert (code, out) == (2, "")
    assert told in err


def test_ask_ends_with_1_when_a_request_is_answered_with_an_error(fakebooks, file):
    code, out, err = fakebooks("ask", file("nobody.xml", NOBODY))
    assert (code, err) == (1, "")
    assert 'statusCode="3140" statusSeverity="Error"' in out
    assert '<HostQueryRs statusCode="0"' in out


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (MISSPELT, ["0x80040400", "line 2", "FulName", "FullName"]),
        ("", ["0x80040400", "line 1"]),
        ("<QBXML>", ["0x80040400"]),
        (HOST.replace("13.0", "99.0"), ["0x80040423"]),
        (HOST.replace("continueOnError", "rollbackOnError"), ["0x80040413"]),
    ],
)
def test_ask_ends_with_4_when_the_whole_document_is_refused(fakebooks, file, document, told):
    code, out, err = fakebooks("ask", file("wrong.xml", document))
    assert (code, out) == (4, "")
    assert "QuickBooks refused the whole document" in err
    assert all(word in err for word in told)


def test_ask_reads_standard_input(tmp_path):
    ended = subprocess.run(
        [FAKEBOOKS, "ask", "-"], input=HOST, env=own_environment(tmp_path), capture_output=True, text=True, timeout=60
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "<HostRet>" in ended.stdout


@pytest.mark.slow
def test_a_terminal_of_few_characters(tmp_path):
    name = "Gr\u00fcnwald \u2014 Sons"
    document = ENVELOPE.format(f"<CustomerAddRq><CustomerAdd><Name>{name}</Name></CustomerAdd></CustomerAddRq>")
    poor = own_environment(tmp_path) | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    answer = subprocess.run([FAKEBOOKS, "ask", "-"], input=document.encode(), env=poor, capture_output=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    assert f"<Name>{name}</Name>".encode() in answer.stdout
    (tmp_path / "story.yaml").write_text(STORY)
    story = subprocess.run([FAKEBOOKS, "run", "story.yaml"], cwd=tmp_path, env=poor, capture_output=True, timeout=60)
    assert (story.returncode, b"Traceback" in story.stderr) == (0, False)


def test_a_document_without_end_is_refused_by_its_size(fakebooks):
    code, _, err = fakebooks("ask", "/dev/zero")
    assert code == 4
    assert "larger than 33554432 bytes" in err


def test_a_server_that_does_not_answer(fakebooks, file, monkeypatch):
    monkeypatch.setenv("FAKEBOOKS_TOKEN", "any")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # held, not listening
        code, _, err = fakebooks("ask", file("host.xml", HOST), "--server", f"http://127.0.0.1:{nobody.getsockname()[1]}")
    assert code == 4
    assert "no FakeBooks answers at" in err
    assert "`fakebooks up`" in err


def test_validate_says_where_and_why(fakebooks, file):
    assert fakebooks("validate", file("host.xml", HOST))[:2] == (0, "host.xml: valid qbXML 13.0: HostQueryRq\n")
    code, out, _ = fakebooks("validate", file("wrong.xml", MISSPELT))
    assert code == 1
    assert out.startswith("wrong.xml: refused with 0x80040400: line 2")
    bad_date = ENVELOPE.format(
        "\n<InvoiceAddRq><InvoiceAdd><CustomerRef><FullName>A</FullName></CustomerRef><TxnDate>soon</TxnDate></InvoiceAdd></InvoiceAddRq>"
    )
    code, out, _ = fakebooks("validate", file("date.xml", bad_date))
    assert code == 1
    assert out.startswith("date.xml:2: InvoiceAddRq is answered 3020")


# ---- explain ---------------------------------------------------------------------------------------------------------------------


def test_explain_tells_the_cause_first_then_the_place_and_the_nearest_valid_form(fakebooks, file):
    code, out, err = fakebooks("explain", file("wrong.xml", MISSPELT))
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "unknown element <FulName>: did you mean <FullName>?",
        "  request:  the whole document: nothing of it is processed",
        "  element:  QBXML/QBXMLMsgsRq/CustomerQueryRq",
        "  place:    line 2, column 1",
        "  found:    <FulName>",
        next(line for line in out.splitlines() if line.startswith("  expected: one of ListID, FullName, ")),
        "  nearest:  FullName",
        "  valid form:",
        "    <CustomerQueryRq>",
        "      <FullName>Ada</FullName>",
        "    </CustomerQueryRq>",
        "  answer:   0x80040400 QuickBooks met an error when parsing the provided XML text stream.",
    ]


def test_explain_tries_the_requests_on_a_company(fakebooks, file):
    name = file("nobody.xml", NOBODY)
    code, out, err = fakebooks("explain", name)
    assert (code, err) == (0, "")
    assert out == "nobody.xml: nothing would be refused: the document is valid; --company tries its requests on a company too\n"
    code, out, err = fakebooks("explain", name, "--company", "wholesale_small")
    assert (code, err) == (1, "")
    assert out.startswith(
        "<CustomerRef> names the Customer 'Nobody at all', which is not in this company file\n  request:  1, InvoiceAddRq\n"
    )
    assert "  answer:   3140 (Error) There is an invalid reference to QuickBooks Customer" in out
    code, out, err = fakebooks("explain", file("host.xml", HOST), "--company", "wholesale_small")
    assert (code, err) == (0, "")
    assert out == "host.xml: nothing would be refused: the document is valid and every request is taken by wholesale_small\n"


def test_a_company_file_is_a_company(fakebooks, file):
    """`ask`, `explain` and `exec` work in a copy: the file is byte for byte what it was."""
    fakebooks("company", "new", "shop.fbk", "--sample", "wholesale_small")
    before = Path("shop.fbk").read_bytes()
    code, out, err = fakebooks("ask", file("host.xml", HOST), "--company", "shop.fbk")
    assert (code, err) == (0, "")
    assert '<HostQueryRs statusCode="0"' in out
    code, out, _ = fakebooks("explain", file("nobody.xml", NOBODY), "--company", "shop.fbk")
    assert code == 1
    assert "'Nobody at all', which is not in this company file" in out
    assert fakebooks("exec", "--company", "shop.fbk", "--", sys.executable, "-c", "pass")[0] == 0
    assert Path("shop.fbk").read_bytes() == before
    code, _, err = fakebooks("ask", "host.xml", "--company", "nowhere.fbk")
    assert code == 2
    assert "nowhere.fbk" in err
    fakebooks("company", "new", "empty.fbk")
    code, _, err = fakebooks("ask", "host.xml", "--company", "empty.fbk")
    assert code == 2
    assert "Goflow" in err


def test_explain_of_what_is_no_text(fakebooks, tmp_path):
    (tmp_path / "picture.png").write_bytes(bytes([0x89, 0x50, 0xFF, 0x00, 0x1A]))
    code, out, err = fakebooks("explain", "picture.png")
    assert (code, err) == (1, "")
    assert out.startswith("the text is not utf-8\n")


def test_explain_of_a_document_for_machines(fakebooks, file):
    code, out, _ = fakebooks("explain", file("nobody.xml", NOBODY), "--company", "wholesale_small", "--json")
    assert code == 1
    (found,) = json.loads(out)
    assert (found["code"], found["number"], found["line"], found["path"].split("/")[-1]) == ("3140", 1, 1, "CustomerRef")
    assert found["cause"].startswith("<CustomerRef> names the Customer")


def test_explain_of_a_request(fakebooks):
    code, out, err = fakebooks("explain", "InvoiceAdd", "--version", "6.0")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "InvoiceAddRq: since qbXML 1.0; its shape at 6.0"
    assert any(line.split() == ["RefNumber", "optional;", "STRTYPE,", "at", "most", "11", "characters"] for line in lines)
    assert not any(line.startswith("  ExternalGUID ") for line in lines)
    assert any(line.strip().startswith("3140") for line in lines)
    assert any(line.startswith("  company.credit-limit = ") for line in lines)
    assert "Coverage" in lines
    assert fakebooks("explain", "invoiceaddrq", "--version", "6.0")[1] == out


def test_explain_of_a_request_for_machines(fakebooks):
    code, out, _ = fakebooks("explain", "InvoiceAdd", "--json")
    assert code == 0
    facts = json.loads(out)
    assert (facts["request"], facts["version"], facts["since"]) == ("InvoiceAddRq", "16.0", "1.0")
    guid = next(row for row in facts["shape"] if row.get("path") == "InvoiceAddRq/InvoiceAdd/ExternalGUID")
    assert guid["since"] != "1.0"
    assert {3140, 3150} <= {each["code"] for each in facts["codes"]}
    assert all(each["standing"] for each in facts["codes"])
    assert "company.credit-limit" in {each["name"] for each in facts["switches"]}


# ---- exec ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "expected"),
    [("pass", 0), ("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 128 + signal.SIGKILL)],
)
def test_exec_passes_on_the_exit_code(fakebooks, program, expected):
    assert fakebooks("exec", "--", sys.executable, "-c", program)[0] == expected


def test_exec_leaves_the_programs_options_alone(fakebooks):
    code, out, _ = fakebooks(
        "exec", "--", sys.executable, "-c", "import sys; print(sys.argv[1:])", "--mode", "single", "--", "-x"
    )
    assert (code, out) == (0, "['--mode', 'single', '--', '-x']\n")


def test_exec_says_its_address_to_nobody_who_did_not_ask(fakebooks):
    assert fakebooks("exec", "--", sys.executable, "-c", "pass") == (0, "", "")


READ_AND_RUN = """
import subprocess, sys
# What a person reads: the program's standard error goes on after the line of FakeBooks.
said = open(sys.argv[1]).read()
variables = dict(word.split("=", 1) for word in said.replace(";", " ").split() if "=" in word)
raise SystemExit(subprocess.run([sys.executable, "-c", sys.argv[2]], env=variables).returncode)
"""

SECOND = """
import win32com.client
rp = win32com.client.Dispatch("QBXMLRP2.RequestProcessor")
rp.OpenConnection("", "Second")
print(rp.GetCurrentCompanyFileName(rp.BeginSession("", 2)))
"""


def test_a_second_program_reaches_the_same_quickbooks_with_what_exec_says(tmp_path):
    said = tmp_path / "said"
    command = [sys.executable, "-c", READ_AND_RUN, str(said), SECOND]
    with said.open("w") as errors:
        done = subprocess.run(
            [FAKEBOOKS, "exec", "--show-address", "--", *command], stdout=-1, stderr=errors, text=True, timeout=60
        )
    assert (done.returncode, done.stdout) == (0, "\\\\FILEHOST\\QuickBooks\\Brightwater Wholesale.QBW\n")
    assert said.read_text().count("\n") == 1


@pytest.mark.slow
def test_exec_hands_a_signal_on(tmp_path):
    program = "import os, signal; print('up', flush=True); signal.pause()"
    process = subprocess.Popen(
        [FAKEBOOKS, "exec", "--", sys.executable, "-c", program],
        env=own_environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "up\n"
    process.terminate()
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (128 + signal.SIGTERM, "")


# ---- run, switches, faults, coverage --------------------------------------------------------------------------------------------


def test_coverage_counts_and_explains(fakebooks):
    code, out, _ = fakebooks("coverage", "--json")
    facts = json.loads(out)
    assert code == 0
    assert facts.keys() == {"public", "answered", "full", "gaps", "requests"}
    assert (facts["public"], facts["answered"]) == (239, 239)
    assert 0 < facts["full"] <= facts["answered"]
    concerned = {request for gap in facts["gaps"] for request in gap["requests"]}
    assert concerned == {row["request"] for row in facts["requests"] if not row["full"]}
    assert all(gap["missing"] and gap["reason"] for gap in facts["gaps"])
    code, out, _ = fakebooks("coverage")
    assert (code, out.startswith("239 public requests of qbXML: 239 answered")) == (0, True)
    code, out, _ = fakebooks("coverage", "customeradd")
    assert (code, out.splitlines()[:3]) == (0, ["CustomerAddRq, since qbXML 1.0", "  answered: yes", "  in full: yes"])
    code, _out, said = fakebooks("coverage", "Xyzzy")
    assert (code, "(239 in all)" in said, len(said) < 1200) == (2, True, True)
    code, out, _ = fakebooks("coverage", "SalesTaxReturnQueryRq")
    assert (code, "1030" in out, "in full: no" in out) == (0, True, True)


def test_texts_tell_what_becomes_of_each(fakebooks, monkeypatch):
    monkeypatch.setattr("emulator.cli.texts.OUT", Console(highlight=False, width=200))
    code, out, _ = fakebooks("texts", "--json")
    packs = {pack["pack"]: {text["id"]: text for text in pack["texts"]} for pack in json.loads(out)}
    assert code == 0
    assert packs["latin"]["german-name"]["references"] == packs["latin"]["german-name"]["raw"] == {"outcome": "kept"}
    emoji = packs["alphabets"]["emoji-name"]
    assert emoji["references"] == {"outcome": "damaged", "told": "Lamp ??"}
    assert (emoji["raw"], emoji["text"]) == ({"outcome": "refused", "code": "0x80040400"}, "Lamp 💡")
    assert (emoji["standing"], emoji["switch"]) == ("inferred", "qbxml.character-of-two-units")
    assert packs["limits"]["over-long-memo"]["references"] == {"outcome": "refused", "code": "3070"}
    assert len(packs["limits"]["over-long-memo"]["text"]) == 4096
    code, out, _ = fakebooks("texts", "blanks")
    rows = {line.split()[0]: line for line in out.splitlines()[2:] if line}
    assert code == 0
    assert "'   '" in rows["blank-name"]
    assert "refused: 3150" in rows["blank-name"]
    assert "one\\r\\ntwo " in rows["windows-lines-memo"]
    assert "damaged: one\\ntwo" in rows["windows-lines-memo"]


def test_run_leaves_what_it_says(fakebooks, file, tmp_path):
    code, out, _ = fakebooks("run", file("story.yaml", STORY), "--seed", "7", "--out", "there")
    assert code == 0
    assert "artefacts: there/junit.xml, there/small/" in out
    assert {"timeline.html", "journal.jsonl"} <= {path.name for path in (tmp_path / "there" / "small").iterdir()}
    assert not (tmp_path / "out").exists()


def test_run_takes_folders(fakebooks, file, tmp_path):
    (tmp_path / "all" / "deeper").mkdir(parents=True)
    file("all/one.yaml", STORY)
    file("all/deeper/two.yaml", STORY.replace("small", "second"))
    code, out, said = fakebooks("run", "all", "--quiet")
    assert (code, said) == (0, "")
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"small", "second", "junit.xml"}
    assert "out/second" in out


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_leaves_no_part_behind(tmp_path, file, number):
    story = file("story.yaml", STORY.replace("count: 2", "count: 2000").replace("queue_empty", "queue_empty\n    within: 20h"))
    own = f"127.{1 + os.getpid() % 200}.5.6:0"
    process = subprocess.Popen(
        [FAKEBOOKS, "run", story, "--clock", "real", "--listen", own],
        env=own_environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert any("until queue empty" in line for line in process.stderr)
        [connector] = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.send_signal(number)
        rest = process.stderr.read()
    assert process.returncode == 128 + number
    assert "Traceback" not in rest
    assert not Path(f"/proc/{connector}").exists()


def test_a_fault_that_never_strikes_makes_a_run_inconclusive(fakebooks, file):
    story = STORY.replace("  - until", "  - inject: {fault: answer-lost, when: {nth: 99}}\n  - until")
    code, _, _ = fakebooks("run", file("story.yaml", story), "--quiet")
    assert code == 3


def test_switches_and_faults_list_everything(fakebooks, monkeypatch):
    rows = json.loads(fakebooks("switches", "--json")[1])
    switches = [switch for table in SWITCH_TABLES.values() for switch in table]
    assert [row["name"] for row in rows] == [switch.name for switch in switches]
    assert all(set(Switch.__dataclass_fields__) <= set(row) for row in rows)
    kinds = [kind for table in FAULT_KINDS.values() for kind in table]
    assert [row["name"] for row in json.loads(fakebooks("faults", "--json")[1])] == [kind.name for kind in kinds]
    for kind in kinds:
        by_name, by_id = fakebooks("faults", kind.name), fakebooks("faults", kind.id)
        assert by_name[0] == by_id[0] == 0
        assert all(point in by_name[1] for point in kind.points)


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("switches", [switch.name for table in SWITCH_TABLES.values() for switch in table]),
        ("faults", [kind.name for table in FAULT_KINDS.values() for kind in table]),
    ],
)
def test_tables_name_everything(fakebooks, monkeypatch, command, names):
    monkeypatch.setattr("emulator.cli.listing.OUT", Console(highlight=False, width=200))
    code, out, _ = fakebooks(command)
    assert code == 0
    assert set(names) <= {line.split()[0] for line in out.splitlines() if line.strip()}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8890", ("127.0.0.1", 8890)),
        (":8890", ("127.0.0.1", 8890)),
        ("[::1]:8890", ("::1", 8890)),
        ("[::]:0", ("::", 0)),
        ("here:0", ("here", 0)),
    ],
)
def test_addresses_of_either_family(text, address):
    assert address_of(text) == address
