"""docs/MAP.md against the tree, links against the files, and nothing of the machine it was made on."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from emulator.cli import main as cli

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "docs" / "MAP.md").read_text(encoding="utf-8")
BINARY = {".png", ".gz", ".sqlite"}


def tracked():
    """Return every file of the repository, as it would be committed: tracked, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [Path(line) for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


TRACKED = tracked()
PAGES = [path for path in TRACKED if path.suffix == ".md"]


def rows_of_the_map():
    """Return the table of folders: path to sentence."""
    return dict(re.findall(r"^\| `([^`]+)` \| (.*) \|$", MAP, flags=re.MULTILINE))


def rooms():
    return {path.parts[1] for path in TRACKED if path.parts[0] == "emulator" and len(path.parts) > 2}


def test_the_map_names_every_folder_in_one_sentence():
    named = rows_of_the_map()
    wanted = {f"emulator/{room}/" for room in rooms()}
    wanted |= {f"{path.parts[0]}/" for path in TRACKED if len(path.parts) > 1 and path.parts[0] != "emulator"}
    modules = {str(path) for path in TRACKED if path.parts[0] == "emulator" and len(path.parts) == 2 and path.suffix == ".py"}
    assert set(named) == wanted | (modules - {"emulator/__init__.py"})
    assert all(sentence.endswith(".") for sentence in named.values())


def test_the_rows_of_the_map_are_those_that_are_checked():
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
    checked = [{name.removeprefix("emulator.") for name in layer.split(" | ")} for layer in contract["layers"]]
    told = [set(re.sub(r"\(.*\)", "", line).split()[1:]) for line in re.findall(r"^ ?\d+ [a-z].*$", MAP, flags=re.MULTILINE)]
    assert told == checked
    everything = rooms() | {
        path.stem for path in TRACKED if path.parts[0] == "emulator" and len(path.parts) == 2 and path.suffix == ".py"
    }
    assert set().union(*told) == everything - {"__init__"}


def test_tests_mirror_the_rooms():
    folders = {path.parts[1] for path in TRACKED if path.parts[0] == "tests" and len(path.parts) > 2}
    assert rooms() <= folders
    # Besides the mirrors: the suite of the doors, kills, what stands beside emulator/, and data.
    assert folders - rooms() <= {"benchmarks", "data", "docs", "doors", "kill", "loadtests", "scripts"}


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_every_link_of_a_page_leads_somewhere(page):
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?://|mailto:", target):
            continue
        path, _, heading = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), f"{page} links to {target}"
        if heading:
            headings = [
                re.sub(r"[^\w\- ]", "", line.lstrip("# ")).lower().replace(" ", "-")
                for line in file.read_text().splitlines()
                if line.startswith("#")
            ]
            assert heading in headings, f"{page} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_files_a_page_names_exist(page):
    """In code marks, words that look like a path from the top of the repository are one."""
    tops = {path.parts[0] for path in TRACKED if len(path.parts) > 1}
    for name in re.findall(r"`([\w.\-]+/[\w.\-/*]*)`", (ROOT / page).read_text(encoding="utf-8")):
        if name.split("/")[0] in tops:
            assert list(ROOT.glob(name)), f"{page} names {name}"


def test_every_command_has_help_with_an_example(monkeypatch, capsys):
    assert set(cli.COMMANDS) == {
        "run", "ask", "validate", "explain", "exec", "up", "company", "status", "events", "act", "fault", "switches", "faults", "coverage",
        "texts", "webconnector", "wine", "probe", "parity",
    }  # fmt: skip
    for name in cli.COMMANDS:
        monkeypatch.setattr("sys.argv", ["fakebooks", name, "--help"])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        told = " ".join(capsys.readouterr().out.split())
        assert ended.value.code == 0
        example = told.partition("Example: ")[2]
        assert example.startswith(f"fakebooks {name}"), told


def test_nothing_names_the_place_where_it_was_made():
    # Put together here, so that this file does not name them either.
    names = ["/" + "work/", "shared" + "/design", "shared" + "/facts", "." + "library", "/" + "tmp/fb"]
    for path in TRACKED:
        if path.suffix not in BINARY:
            text = (ROOT / path).read_text(encoding="utf-8", errors="replace")
            assert not [name for name in names if name in text], path
