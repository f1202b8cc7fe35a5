"""`fakebooks act`: people act in a running FakeBooks."""

import json

import pytest

from emulator.people import ACTS


def test_everything_people_can_do_is_listed(world, fakebooks):
    code, out, _ = fakebooks("act")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines() if not line.startswith(" ")] == list(ACTS)
    assert [each["name"] for each in json.loads(fakebooks("act", "--json")[1])] == list(ACTS)


def test_somebody_acts(world, fakebooks):
    assert fakebooks("act", "operator.log_in_goflow")[:2] == (0, "operator.log_in_goflow: done\n")
    server = world.machine("server")
    assert server.opening.user.name == "Goflow"
    assert fakebooks("act", "operator.open_dialog", "title=Backup")[0] == 0
    assert server.dialog.title == "Backup"
    code, out, _ = fakebooks("act", "operator.close_dialog", "--json")
    assert (code, json.loads(out)["result"], server.dialog) == (0, "done", None)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["operator.close_dialog"], "No dialog is open"),
        (["operator.close_dialg"], "'operator.close_dialog'"),
        (["operator.open_dialog", "titel=Backup"], "'title'"),
        (["operator.open_dialog", "closes_after_s=soon"], "closes_after_s"),
        (["operator.open_dialog", "title"], "FIELD=VALUE"),
    ],
)
def test_who_is_refused_is_told_why(world, fakebooks, words, told):
    code, out, err = fakebooks("act", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err
