"""Whole stories in which the code of a lost answer says nothing of what became of the write."""

from pathlib import Path

import pytest

from emulator.core.exits import ExitCode
from emulator.desktop.results import REFUSED_WHOLE, Code
from emulator.scenario.run import run_file
from emulator.scenario.verdict import Verdict

LOST = Path(__file__).parents[2] / "scenarios" / "answers" / "lost_at_quickbooks.yaml"

CODES = [Code.WRONG_TICKET, Code.NO_SESSION, Code.VERSION_UNKNOWN, Code.WRONG_CALL, Code.RPC_FAILED, "0x80040477"]


@pytest.mark.parametrize("code", CODES, ids=str)
def test_an_answer_lost_with_any_code_doubles_nothing(code: str, tmp_path: Path) -> None:
    assert code not in REFUSED_WHOLE
    story = LOST.read_text()
    wanted = story.replace("fault: answer-lost,", f'fault: answer-lost, with: {{how: fails, code: "{code}"}},')
    assert wanted != story
    path = tmp_path / LOST.name
    path.write_text(wanted)
    told = run_file(path)
    # A session that is lost is made again within the call, so that no document has to wait and checks about waiting may have nothing to tell.
    assert told.exit_code in (ExitCode.PASS, ExitCode.INCONCLUSIVE), [finding.sentence for finding in told.findings]
    verdicts = {finding.check: finding.verdict for finding in told.findings}
    assert {verdicts[check] for check in ("I1", "I2", "I14", "I22")} == {Verdict.PASS}
