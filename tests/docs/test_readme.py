"""Every command of the README is run as it stands there, in a copy of what it needs, so that nothing is written into the checkout."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from running import FAKEBOOKS, fakebooks_up, own_environment

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LIMIT_S = 180


def blocks(language):
    """Return the fenced code blocks of the README in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def commands():
    """Return every command line of the README, without its comment; in its text, too, where it is a program of ours in code marks.

    Those about company files follow from each other: a block of them is one command.
    """
    lines = []
    for block in blocks("sh"):
        of_block = [line.partition(" #")[0].strip() for line in block.splitlines()]
        lines += [" && ".join(of_block)] if "fakebooks company" in block else of_block
    return [line for line in lines if line] + re.findall(r"`(\.venv/bin/[^`]+)`", README)


COMMANDS = commands()
MAKE = [line for line in COMMANDS if line.startswith("make ")]
LOCUST = [line for line in COMMANDS if "locust" in line]
UP = [line for line in COMMANDS if line.endswith("fakebooks up")]
BESIDE_UP = [line for line in COMMANDS if re.search(r"fakebooks (fault |act |status)", line)]
REST = [line for line in COMMANDS if line not in MAKE + LOCUST + UP + BESIDE_UP]

EXPECTED = {
    "fakebooks run scenarios/demo": "I1",
    "fakebooks ask -": "<HostRet>",
    "fakebooks validate": "valid qbXML",
    "fakebooks explain tests/data": "nothing would be refused",
    "fakebooks explain InvoiceAdd": "since qbXML 1.0",
    "fakebooks texts": "Müller",
    "fakebooks company diff": "no difference",
    "pywin32_client.py": "customers:",
    "fakebooks switches": "desktop.single-elsewhere",
    "fakebooks faults": "answer-lost",
    "fakebooks coverage": "239 public requests",
    "benchmarks/ratios.py": "InvoiceAdd",
}
"""Part of a command, and what it must print."""

BESIDE_UP_PRINTS = ("answer-lost", "answer-lost", "accountant.log_in: done", "Goflow on server", "answer-lost")
"""What the commands beside a running `fakebooks up` print, in their order."""


@pytest.fixture
def copy(tmp_path):
    """A folder that looks like the checkout to the README's commands: scenarios, test data, benchmarks, and `.venv/bin`."""
    for name in ("scenarios", "benchmarks", "loadtests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests" / "data", tmp_path / "tests" / "data")
    # The environment in which these tests run, which under tox is not .venv.
    (tmp_path / ".venv").symlink_to(FAKEBOOKS.parent.parent)
    return tmp_path


def run(line, folder, environment):
    return subprocess.run(["bash", "-c", line], cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S)


def test_the_readme_has_commands_and_each_is_tried_somewhere_here():
    assert len(MAKE) == 3
    assert len(LOCUST) == len(UP) == 1
    assert {part for part in EXPECTED if any(part in line for line in REST)} == set(EXPECTED)
    assert all(any(part in line for part in EXPECTED) for line in REST), REST


@pytest.mark.slow
@pytest.mark.parametrize("line", REST, ids=[line.split("bin/")[-1] for line in REST])
def test_a_command_of_the_readme(line, copy):
    ended = run(line, copy, own_environment(copy))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    assert next(text for part, text in EXPECTED.items() if part in line) in ended.stdout


@pytest.mark.slow
def test_up_and_the_load_on_it(copy):
    """`fakebooks up` as it stands there, but for its addresses, which are this test's own; Locust in the words of the README."""
    with fakebooks_up(copy) as up:
        assert [str(each) for each in up.process.args][:2] == [str(FAKEBOOKS), *shlex.split(UP[0])[1:]]
        assert {line.split("  ")[0] for line in up.printed.splitlines()} >= {"control API", "token", "port 8891", "mail server"}
        for line, printed in zip(BESIDE_UP, BESIDE_UP_PRINTS, strict=True):
            ended = run(line, copy, up.environment)
            assert (ended.returncode, ended.stderr) == (0, "")
            assert printed in ended.stdout
        ended = run(LOCUST[0].replace("10s", "3s"), copy, up.environment)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert re.search(r"verdict from the books: [1-9]\d* acknowledged, 0 lost, 0 booked twice", ended.stdout)
        code, err = up.end()
    assert (code, err) == (0, "")


@pytest.mark.parametrize("line", MAKE)
def test_make_has_the_target(line):
    dry = subprocess.run(["make", "--dry-run", *shlex.split(line)[1:]], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_S)
    assert dry.returncode == 0, dry.stderr
    wanted = {"make demo": DEMO, "make test": "tox run -e style,types,fast", "make test-slow": "tox run -e slow"}
    assert wanted[line] in dry.stdout


DEMO = "fakebooks run scenarios/demo/lost_answer_day.yaml --clock real --out out"
"""What `make demo` runs after the install; the next test runs it."""


@pytest.mark.slow
def test_the_demo_leaves_what_the_readme_says(copy):
    # Port 8891 of 127.0.0.1 may be somebody's: the same port on an address of this test's own.
    own = f"127.{1 + os.getpid() % 200}.{os.getpid() // 200 % 250}.77:8891"
    ended = run(f".venv/bin/{DEMO} --listen {own}", copy, own_environment(copy))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for name in ("junit.xml", "lost_answer_day/timeline.html", "lost_answer_day/journal.jsonl"):
        assert (copy / "out" / name).stat().st_size > 0
    assert len(list((copy / "out" / "lost_answer_day" / "mail").glob("*.eml"))) == 1


@pytest.mark.slow
def test_the_scenario_of_the_readme_is_one(tmp_path):
    [story] = blocks("yaml")
    (tmp_path / "story.yaml").write_text(story)
    ended = run(f"{FAKEBOOKS} run story.yaml --quiet", tmp_path, own_environment(tmp_path))
    assert ended.returncode == 0, ended.stdout + ended.stderr


CONNECTOR = '''
import subprocess, sys

PROGRAM = """
import sys, win32com.client
REQUEST = \'\'\'<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><InvoiceAddRq><InvoiceAdd>
<CustomerRef><FullName>Kern Lighting Warehouse</FullName></CustomerRef><RefNumber>%s</RefNumber>
<InvoiceLineAdd><ItemRef><FullName>Freight</FullName></ItemRef><Quantity>2</Quantity></InvoiceLineAdd>
</InvoiceAdd></InvoiceAddRq></QBXMLMsgsRq></QBXML>\'\'\' % sys.argv[1]
processor = win32com.client.Dispatch("QBXMLRP2.RequestProcessor")
processor.OpenConnection("", "Test")
print(processor.ProcessRequest(processor.BeginSession("", 2), REQUEST))
"""


class my_connector:
    """One process for each invoice, with a time limit; the one whose answer is lost was committed, and is not sent again."""

    def sync(environment):
        silent = 0
        for number in range(10):
            try:
                subprocess.run([sys.executable, "-c", PROGRAM, str(number)], env=environment, check=True, timeout=5)
            except subprocess.TimeoutExpired:
                silent += 1
        assert silent == 1


from xml.sax.saxutils import escape

from lxml import etree

INVOICE = PROGRAM.split("\'\'\'")[1].replace("%s", "T-1")
QUERY = """<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><InvoiceQueryRq>
<RefNumber>T-1</RefNumber></InvoiceQueryRq></QBXMLMsgsRq></QBXML>"""
queue = []


def my_app(environ, start_response):
    """A service that adds one invoice, and asks before it sends it again."""
    (call,) = etree.fromstring(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))).find("{*}Body")
    name = etree.QName(call).localname
    told = {"serverVersion": "1", "clientVersion": "", "closeConnection": "Bye", "receiveResponseXML": "100"}
    if name == "authenticate":
        result = "<string>t</string><string></string>"
        queue.append(QUERY if queue else INVOICE)
    else:
        result = escape(queue[-1] if name == "sendRequestXML" else told[name])
    start_response("200 OK", [("Content-Type", "text/xml")])
    body = f'<{name}Response xmlns="http://developer.intuit.com/"><{name}Result>{result}</{name}Result></{name}Response>'
    envelope = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{body}</s:Body></s:Envelope>'
    return [envelope.encode()]


'''


@pytest.mark.slow
def test_the_fixture_of_the_readme_is_one(pytester):
    [test] = blocks("python")
    pytester.makepyfile(CONNECTOR + test)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_exit_codes_of_the_readme_are_those_of_the_code():
    from emulator.core.exits import ExitCode

    [sentence] = re.findall(r"`fakebooks run` ends with (.*?)\n\n", README, flags=re.DOTALL)
    told = [int(number) for number in re.findall(r"(?:^|, |\n)(\d+) ", sentence)]
    assert told == [0, 1, 2, 3, 4, 10, 11, 12]
    assert set(told) <= {int(code) for code in ExitCode}
