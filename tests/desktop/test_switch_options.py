"""Situations whose code no source tells: every option of the switch that stands for them gives its code."""

import asyncio

import pytest

from emulator.desktop import SWITCHES, Code, SessionFailure

from .makers import APPLICATION, PATH, at_desk

CHOICES = {switch.name: switch.choices for switch in SWITCHES}
UNATTENDED = {"open_as": None, "grant": "even if not running"}
MOVED = r"C:\Books\Moved.QBW"


async def code_of(desk, path=PATH, mode=2, kind=1):
    processor = desk.processor()
    try:
        await desk.perform(processor.open_connection_2("", APPLICATION, kind))
        await desk.perform(processor.begin_session(path, mode))
    except SessionFailure as failure:
        return failure.code
    return None


def nothing(desk):
    """The desk as it is made."""


SITUATIONS = {
    "desktop.single-elsewhere": (lambda desk: desk.accounting.log_in("Anna", "single"), {}, {}),
    "desktop.seats-full": (lambda desk: desk.accounting.log_in("Anna", "multi"), {}, {"seats_max": 1}),
    "desktop.user-elsewhere": (lambda desk: desk.accounting.log_in("Goflow", "multi"), {}, {}),
    "desktop.not-hosted": (nothing, {"mode": 1}, {"hosting": False}),
    "desktop.path-unknown-closed": (nothing, {"path": MOVED}, {}),
    "desktop.path-unknown-running": (lambda desk: desk.server.start(), {"path": MOVED}, {}),
    "desktop.other-windows-session": (lambda desk: (desk.server.work_in("rdp-1"), desk.server.start()), {}, {}),
    "desktop.unknown-connection-type": (nothing, {"kind": 9}, {}),
}


@pytest.mark.parametrize(("name", "code"), [(name, code) for name in SITUATIONS for code in CHOICES[name]])
def test_each_option_gives_its_code(name, code):
    prepare, asked, desk_is = SITUATIONS[name]

    async def story(desk, clock):
        prepare(desk)
        return await code_of(desk, **asked)

    switch = {name.removeprefix("desktop.").replace("-", "_"): code}
    assert at_desk(story, **UNATTENDED, **desk_is, **switch) == code


@pytest.mark.parametrize("setting", CHOICES["desktop.closed-in-call"])
@pytest.mark.parametrize(
    ("act", "is_closed"),
    [
        (lambda quickbooks: quickbooks.quit(), True),
        (lambda quickbooks: quickbooks.quit(takes_s=30), True),
        (lambda quickbooks: quickbooks.crash(), False),
        (lambda quickbooks: quickbooks.end_process(), False),
    ],
)
def test_a_call_under_which_quickbooks_is_closed_or_dies(act, is_closed, setting):
    """Switch desktop.closed-in-call."""

    async def story(desk, clock):
        desk.fault("hang", point="quickbooks.before-begin")
        beginning = asyncio.create_task(code_of(desk))
        await clock.sleep(1)
        act(desk.server)
        return await beginning

    assert at_desk(story, closed_in_call=setting, crash_in_call="0x800706BE") == (setting if is_closed else "0x800706BE")


@pytest.mark.parametrize("setting", CHOICES["desktop.dialog-without-window"])
def test_a_dialog_that_nobody_sees(setting):
    """Switch desktop.dialog-without-window."""

    async def story(desk, clock):
        beginning = asyncio.create_task(code_of(desk))
        await clock.sleep(1)
        desk.server.show_dialog("Update")
        await clock.sleep(3600)
        done = beginning.done()
        if not done:
            desk.server.crash()
        return done, await beginning

    hangs = setting == "hangs"
    assert at_desk(story, **UNATTENDED, dialog_without_window=setting) == (not hangs, Code.INTERNAL_ERROR if hangs else setting)


@pytest.mark.parametrize(
    ("waits", "code", "options"),
    [
        ("dialog_wait_s", Code.DIALOG_OPEN, {}),
        ("launch_wait_s", Code.LAUNCH_GIVEN_UP, {"open_as": None}),
        ("start_without_window_s", None, UNATTENDED),
    ],
)
def test_how_long_is_waited_is_a_switch(waits, code, options):
    async def story(desk, clock):
        if desk.server.opening is not None:
            desk.server.show_dialog("Backup")
        found = await code_of(desk, kind=3 if waits == "launch_wait_s" else 1)
        return found, clock.elapsed_s()

    assert at_desk(story, **options, **{waits: 7}) == (code, pytest.approx(7))
