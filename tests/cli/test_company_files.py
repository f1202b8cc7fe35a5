"""`fakebooks company`: files made, shown, moved in and out and compared; whatever is wrong leaves the company file byte for byte."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from company.helpers import Clock

from emulator.cli import main as cli
from emulator.company import Company, described
from emulator.company.migrations import FORMAT, MIGRATIONS
from emulator.company.store import APPLICATION_ID

EMPTY = "empty"


@pytest.fixture(autouse=True)
def _alone(monkeypatch, tmp_path):
    """Nothing is written into the checkout."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def fakebooks(monkeypatch, capfd):
    """Run `fakebooks company` in this process; returns exit code, standard output, standard error."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["fakebooks", "company", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        printed = capfd.readouterr()
        return ended.value.code, printed.out, printed.err

    return run


@pytest.fixture(scope="module")
def pattern(tmp_path_factory):
    """A company file and its query answers, made once."""
    path = tmp_path_factory.mktemp("pattern") / "shop.fbk"
    company = Company.create(path, described(EMPTY), Clock())
    path.with_suffix(".xml").write_text(company.exchange.answers())
    company.close()
    return path


@pytest.fixture
def shop(pattern, tmp_path):
    """A company file of the test's own."""
    return Path(shutil.copy(pattern, tmp_path / "shop.fbk"))


def test_new_makes_an_empty_company(fakebooks):
    code, out, err = fakebooks("new", "shop.fbk")
    assert (code, err) == (0, "")
    assert "New Company LLC" in out


def test_without_a_command_there_is_help(fakebooks):
    code, out, _ = fakebooks()
    assert code == 0
    assert all(name in out for name in ("new", "show", "import", "export", "diff"))


@pytest.mark.parametrize("name", ["new", "show", "import", "export", "diff"])
def test_every_command_has_an_example(fakebooks, name):
    code, out, _ = fakebooks(name, "--help")
    assert code == 0
    assert f"Example: fakebooks company {name} " in " ".join(out.split())


@pytest.mark.slow
def test_a_seed_gives_the_same_company_and_another_seed_another(fakebooks):
    stamps = []
    for name, seed in (("a.fbk", 3), ("b.fbk", 3), ("c.fbk", 4)):
        assert fakebooks("new", name, "--sample", "wholesale_small", "--seed", seed)[0] == 0
        stamps.append(json.loads(fakebooks("show", name, "--json")[1])["stamp"])
    assert stamps[0] == stamps[1] != stamps[2]


def test_a_file_that_is_there_is_replaced_by_force_only(fakebooks, shop):
    before = shop.read_bytes()
    code, _, err = fakebooks("new", "shop.fbk", "--sample", "wholesale_small")
    assert code == 2
    assert "is there already" in err
    assert shop.read_bytes() == before
    assert fakebooks("new", "shop.fbk", "--sample", "wholesale_small", "--force")[0] == 0
    assert "Brightwater" in fakebooks("show", "shop.fbk")[1]


def test_force_replaces_nothing_but_a_company_file(fakebooks, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear all,\n" * 20)
    code, _, err = fakebooks("new", "letter.txt", "--force")
    assert code == 2
    assert "is not a company file" in err
    assert letter.read_text().startswith("Dear all,")


def test_a_description_that_breaks_a_rule_leaves_nothing(fakebooks, tmp_path, shop):
    before = shop.read_bytes()
    (tmp_path / "twice.yaml").write_text(
        "company: {name: Shop, file: 'C:\\QB\\Shop.QBW'}\nlists: {customers: {given: [{name: Ada}, {name: ada}]}}\n"
    )
    for arguments in (("other.fbk",), ("shop.fbk", "--force")):
        code, _, err = fakebooks("new", *arguments, "--description", "twice.yaml")
        assert code == 2
        assert "twice.yaml:2, column 49: customer 'ada' cannot be made" in err
    assert shop.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["shop.fbk", "twice.yaml"]


def test_answers_go_out_and_into_a_bare_file_without_a_difference(fakebooks):
    fakebooks("new", "one.fbk", "--sample", "wholesale_small")
    assert fakebooks("export", "one.fbk", "--out", "one.xml")[0] == 0
    fakebooks("new", "two.fbk", "--sample", "wholesale_small", "--bare")
    code, out, _ = fakebooks("diff", "one.fbk", "two.fbk", "--json")
    assert code == 1
    assert len(json.loads(out)["removed"]) > 100
    code, out, err = fakebooks("import", "two.fbk", "one.xml")
    assert (code, err) == (0, "")
    assert "60 Customer" in out
    assert fakebooks("diff", "one.fbk", "two.fbk") == (0, "no difference\n", "")
    assert fakebooks("export", "two.fbk")[1] == Path("one.xml").read_text()


@pytest.mark.slow
def test_lists_go_out_as_csv_and_iif_and_in_again(fakebooks, tmp_path):
    fakebooks("new", "one.fbk", "--sample", "wholesale_small")
    code, _, err = fakebooks("export", "one.fbk", "--format", "csv", "--out", "lists")
    assert code == 0
    assert "Template" in err
    fakebooks("new", "two.fbk", "--sample", "wholesale_small", "--bare")
    code, out, _ = fakebooks("import", "two.fbk", *sorted((tmp_path / "lists").iterdir()))
    assert code == 0
    assert "60 Customer" in out
    assert (
        fakebooks("export", "two.fbk", "--format", "csv", "--list", "Customer")[1]
        == Path("lists/Customer.csv").read_bytes().decode()
    )
    assert fakebooks("export", "one.fbk", "--format", "iif", "--out", "one.iif")[0] == 0
    fakebooks("new", "three.fbk", "--sample", "wholesale_small", "--bare")
    assert "60 Customer" in fakebooks("import", "three.fbk", "one.iif")[1]


@pytest.mark.slow
def test_a_description_goes_out_and_its_lists_come_in(fakebooks, shop, tmp_path):
    fakebooks("new", "one.fbk", "--sample", "wholesale_small")
    assert fakebooks("export", "one.fbk", "--format", "yaml", "--out", "one.yaml")[0] == 0
    assert fakebooks("new", "two.fbk", "--description", "one.yaml")[0] == 0
    assert (
        fakebooks("export", "two.fbk", "--format", "csv", "--list", "Item")[1]
        == (fakebooks("export", "one.fbk", "--format", "csv", "--list", "Item")[1])
    )
    part = "company: {name: Shop, file: 'C:\\QB\\Shop.QBW'}\nlists: {customers: {given: [{name: Ada}, {name: %s}]}}\n"
    (tmp_path / "part.yaml").write_text(part % "ADA")
    before = shop.read_bytes()
    code, _, err = fakebooks("import", "shop.fbk", "part.yaml")
    assert code == 2
    assert "part.yaml:2, column 49: customer 'ADA' cannot be made" in err
    assert shop.read_bytes() == before
    (tmp_path / "part.yaml").write_text(part % "Bea")
    assert fakebooks("import", "shop.fbk", "part.yaml") == (0, "imported: 2 Customer\n", "")


def test_an_export_of_one_list_says_what_is_not_in_it(fakebooks, shop):
    Path("a.csv").write_text("Customer,Terms\nAda,Net 15\nBea,Net 15\nCid,Net 30\n")
    assert fakebooks("import", "shop.fbk", "a.csv")[0] == 0
    for out_format in ("csv", "iif"):
        code, _, err = fakebooks("export", "shop.fbk", "--format", out_format, "--list", "Customer", "--out", "c")
        assert code == 0
        assert err.startswith("fakebooks: wrote ")
        assert err.endswith(
            " to c\n"
            + (
                "fakebooks: it names records of other lists, which are not in it: 2 Terms, 1 Sales Tax Code; export all lists to have them\n"
            )
        )
    assert fakebooks("export", "shop.fbk", "--format", "csv", "--list", "Terms")[2] == ""


def test_an_export_says_what_was_written_where(fakebooks, shop):
    for out_format, words in (
        ("qbxml", "qbXML query answers"),
        ("ledger", "CSV, one line a posting"),
        ("yaml", "a description as YAML"),
    ):
        code, out, err = fakebooks("export", "shop.fbk", "--format", out_format, "--out", "o")
        assert (code, out) == (0, "")
        assert f"fakebooks: wrote {Path('o').stat().st_size:,} bytes of {words} to o\n" in err
    _, _, err = fakebooks("export", "shop.fbk", "--format", "csv", "--out", "lists")
    assert err.startswith(
        f"fakebooks: wrote {len(list(Path('lists').iterdir()))} lists as CSV into the folder lists: PaymentMethod, "
    )
    # On standard output nothing but the records, and nothing to say of them.
    assert fakebooks("export", "shop.fbk")[2] == ""


def test_an_export_replaces_files_whole_or_not_at_all(fakebooks, shop, tmp_path):
    assert fakebooks("export", "shop.fbk", "--format", "csv", "--out", "lists")[0] == 0
    before = {path: path.read_bytes() for path in (tmp_path / "lists").iterdir()}
    Path("a.csv").write_text("Customer,Terms\nAda,Net 15\n")
    assert fakebooks("import", "shop.fbk", "a.csv")[0] == 0
    # The last file of the folder cannot be written: the others stay as they are.
    blocked = max(before)
    blocked.unlink()
    blocked.mkdir()
    code, _, err = fakebooks("export", "shop.fbk", "--format", "csv", "--out", "lists")
    assert code == 2
    assert f"lists/{blocked.name} is a folder" in err
    assert {path: path.read_bytes() for path in (tmp_path / "lists").iterdir() if path.is_file()} == {
        path: content for path, content in before.items() if path != blocked
    }


def test_an_export_treats_what_stands_there_as_what_is_opened_for_writing(fakebooks, shop, tmp_path):
    (tmp_path / "real.xml").write_text("old")
    Path("link.xml").symlink_to("real.xml")
    assert fakebooks("export", "shop.fbk", "--out", "link.xml")[0] == 0
    assert Path("link.xml").is_symlink()
    assert Path("real.xml").read_text().startswith("<?xml")
    Path("real.xml").chmod(0o444)
    code, _, err = fakebooks("export", "shop.fbk", "--format", "ledger", "--out", "link.xml")
    assert (code, len(err.splitlines())) == (2, 1)
    assert "cannot write link.xml (it is protected from writing; make it writable, or give another name)" in err
    assert fakebooks("export", "shop.fbk", "--out", "/dev/null")[0] == 0
    assert Path("/dev/null").is_char_device()


def test_force_replaces_what_a_link_points_to(fakebooks, shop):
    Path("link.fbk").symlink_to("shop.fbk")
    before = shop.stat().st_ino
    assert fakebooks("new", "link.fbk", "--force")[0] == 0
    assert Path("link.fbk").is_symlink()
    assert shop.stat().st_ino != before


def test_what_fails_leaves_the_file_byte_for_byte(fakebooks, shop, tmp_path):
    before = shop.read_bytes()
    (tmp_path / "good.csv").write_text("Customer\nAda\n")
    (tmp_path / "bad.csv").write_text("Vendor,Terms\nBob,Net 16\n")
    code, out, err = fakebooks("import", "shop.fbk", "good.csv", "bad.csv")
    assert (code, out) == (2, "")
    assert "bad.csv:2, column 2 (Terms)" in err
    assert shop.read_bytes() == before
    assert [path.name for path in tmp_path.glob("shop.fbk*")] == ["shop.fbk"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("import", "shop.fbk", "nowhere.csv"), "cannot read nowhere.csv"),
        (("import", "shop.fbk", "empty.csv"), "empty.csv: the file is empty"),
        (("import", "shop.fbk", "what.txt"), "--format with one of qbxml, csv, iif, yaml"),
        (("import", "shop.fbk", "a.csv", "--list", "Custmer"), "there is no list 'Custmer'; expected 'Customer'"),
        (("import", "shop.fbk", "a.csv", "b.xml"), "one sort at a time"),
        (("import", "nowhere.fbk", "a.csv"), "cannot read nowhere.fbk"),
        (("export", "shop.fbk", "--format", "csv"), "--out FOLDER"),
        (("export", "shop.fbk", "--format", "ledger", "--list", "Customer"), "--format csv or iif"),
        (("export", "shop.fbk", "--out", "nowhere/x.xml"), "cannot write nowhere/x.xml"),
        (("export", "shop.fbk", "--out", "."), ". is a folder"),
        (("export", "shop.fbk", "--out", "shop.fbk"), "shop.fbk is a company file; expected a file that may be replaced"),
        (("export", "shop.fbk", "--format", "csv", "--out", "a.csv"), "cannot write to a.csv"),
        (("import", "shop.fbk", "nul.xml"), "nul.xml:1: not well-formed"),
        (("new", "x.fbk", "--sample", "empty", "--description", "x.yaml"), "one of them"),
        (("new", "nowhere/x.fbk"), "cannot write nowhere/x.fbk"),
        (("new", "x.fbk", "--sample", "emty"), "no sample company 'emty'; expected 'empty'"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(fakebooks, shop, pattern, tmp_path, arguments, says):
    (tmp_path / "empty.csv").write_text("\n")
    (tmp_path / "what.txt").write_text("hello\n")
    (tmp_path / "a.csv").write_text("Customer\nAda\n")
    shutil.copy(pattern.with_suffix(".xml"), "b.xml")
    (tmp_path / "nul.xml").write_bytes(b"<QBXML>\0</QBXML>")
    before = shop.read_bytes()
    code, _, err = fakebooks(*arguments)
    assert code == 2
    assert says in err
    assert err.count("\n") == 1
    assert shop.read_bytes() == before


def _changed(change):
    """Return what puts a changed content of a good file at a path."""
    return lambda path, good: path.write_bytes(change(good))


def _of_another_program(path, good):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("CREATE TABLE mine (x)")
    connection.close()


def _with_a_log(path, good):
    path.write_bytes(good[: len(good) // 2])
    path.with_name(path.name + "-wal").write_bytes(b"x" * 5000)


UNUSABLE = {
    "newer": (_changed(lambda good: good[:60] + (FORMAT + 1).to_bytes(4, "big") + good[64:]), f"has format {FORMAT + 1}; expected"),
    "cut short": (_changed(lambda good: good[: len(good) // 2]), "is cut short"),
    "cut by a byte": (_changed(lambda good: good[:-1]), "is cut short"),
    "a stump": (_changed(lambda good: good[:50]), "is not a company file"),
    "cut short, another log beside it": (_with_a_log, "is cut short"),
    "of no length": (_changed(lambda good: b""), "is not a company file"),
    "zeros": (_changed(lambda good: bytes(len(good))), "is not a company file"),
    "of another program": (_of_another_program, "is a database of another program"),
    "a folder": (lambda path, good: path.mkdir(), "is a folder"),
    "a pipe": (lambda path, good: os.mkfifo(path), "is no file"),
}  # fmt: skip

WAYS = (
    ("show", "shop.fbk"),
    ("show", "shop.fbk", "--json"),
    ("export", "shop.fbk"),
    ("export", "shop.fbk", "--format", "ledger", "--out", "out.csv"),
    ("diff", "shop.fbk", "good.fbk"),
    ("diff", "good.fbk", "shop.fbk"),
    ("import", "shop.fbk", "a.csv"),
    ("new", "shop.fbk", "--force"),
)
"""Every way in which a company file that is there is opened."""

MAKING = (("new", "shop.fbk"), ("generate", "shop.fbk", "--customers", "1", "--transactions", "0"))
"""Every way in which one is made where nothing may be."""


def _found(folder):
    return {path.name: path.read_bytes() if path.is_file() else path.is_dir() for path in folder.iterdir()}


def _refused_every_way(fakebooks, folder, says):
    before = _found(folder)
    for arguments in WAYS + MAKING:
        code, out, err = fakebooks(*arguments)
        assert (code, out, err.count("\n")) == (2, "", 1), arguments
        assert err.startswith("fakebooks: company file: shop.fbk ")
        assert ("is there already" if arguments in MAKING else says) in err, arguments
        assert _found(folder) == before, arguments


@pytest.fixture
def folder(pattern, tmp_path):
    """A folder with a good company file and a list to import."""
    shutil.copy(pattern, tmp_path / "good.fbk")
    (tmp_path / "a.csv").write_text("Customer\nAda\n")
    return tmp_path


@pytest.mark.parametrize("state", UNUSABLE)
def test_a_company_file_that_cannot_be_used_is_said_and_left(fakebooks, folder, pattern, state):
    change, says = UNUSABLE[state]
    change(folder / "shop.fbk", pattern.read_bytes())
    _refused_every_way(fakebooks, folder, says)


OPENER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from emulator.company import Company
company = Company.open(Path(sys.argv[1]), lambda: datetime.now(UTC))
print("open", flush=True)
sys.stdin.read()
"""


def test_a_company_file_in_use_is_said_and_left(fakebooks, folder, shop):
    environment = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[2])}
    arguments = [sys.executable, "-c", OPENER, str(shop)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    with subprocess.Popen(arguments, **pipes) as other:
        assert other.stdout.readline() == "open\n"
        _refused_every_way(fakebooks, folder, "is in use by another process")
        other.communicate("")
    assert fakebooks("diff", "shop.fbk", "good.fbk")[0] == 0


@pytest.fixture
def nobody():
    """Become somebody who is not root, for root may write everywhere; returns what does so."""
    before = os.geteuid()

    def become():
        if before == 0:
            os.seteuid(65534)

    yield become
    os.seteuid(before)


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_company_file_that_cannot_be_written_to_is_said_and_left(fakebooks, pattern, nobody, monkeypatch, what):
    # Not below the folder of pytest, which is root's alone.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in ("good.fbk", "shop.fbk"):
            shutil.copy(pattern, folder / file)
        (folder / "a.csv").write_text("Customer\nAda\n")
        monkeypatch.chdir(folder)
        for arguments in WAYS[:-1]:  # whoever is not root may not be able to load what a command needs
            assert fakebooks(*arguments)[0] == 0
        (folder / "out.csv").unlink()
        shutil.copy(pattern, folder / "shop.fbk")
        (folder / "shop.fbk").chmod(0o444 if what == "file" else 0o666)
        folder.chmod(0o777 if what == "file" else 0o555)
        nobody()
        try:
            before = _found(folder)
            for arguments in WAYS:
                code, out, err = fakebooks(*arguments)
                assert (code, out, err.count("\n")) == (2, "", 1), arguments
                assert ".fbk cannot be opened" in err
                assert "can be written to" in err
                assert _found(folder) == before, arguments
        finally:
            if os.getuid() == 0:
                os.seteuid(0)
            folder.chmod(0o777)


def test_a_company_file_that_is_damaged_inside_is_said_and_left(fakebooks, shop):
    content = shop.read_bytes()
    damaged = content[:8192] + b"\xaa" * (len(content) - 8192)
    shop.write_bytes(damaged)
    for command in ("show", "export"):
        code, _, err = fakebooks(command, "shop.fbk")
        assert code == 2
        assert "shop.fbk is damaged" in err
    assert shop.read_bytes() == damaged


def test_a_file_of_an_older_format_is_migrated(fakebooks, tmp_path):
    old = tmp_path / "old.fbk"
    connection = sqlite3.connect(old, isolation_level=None)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("CREATE TABLE migration (step INTEGER PRIMARY KEY, name TEXT NOT NULL)")
    MIGRATIONS[0].apply(connection)
    connection.execute("INSERT INTO migration VALUES (1, ?)", (MIGRATIONS[0].name,))
    connection.execute("PRAGMA user_version = 1")
    facts = {**described(EMPTY).facts(), "stamp": "0" * 16}
    connection.executemany("INSERT INTO setting VALUES (?, ?)", [(name, json.dumps(value)) for name, value in facts.items()])
    connection.close()
    code, out, _ = fakebooks("show", "old.fbk", "--json")
    assert code == 0
    assert json.loads(out)["format"] == FORMAT


def test_books_that_do_not_balance_end_with_1(fakebooks, shop):
    connection = sqlite3.connect(shop)
    connection.execute("UPDATE balance SET own_cents = 5 WHERE record = 1")
    connection.commit()
    connection.close()
    code, out, _ = fakebooks("show", "shop.fbk")
    assert code == 1
    assert "own balance of a name" in " ".join(out.split())
