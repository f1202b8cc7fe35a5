"""Whatever somebody asks for: a fault, or a mistake that says what was given, where, and what was expected; and all of it ends."""

import asyncio
from contextlib import suppress
from itertools import permutations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from desktop.faults.at_the_books import KERN, add_invoice, in_office
from desktop.faults.test_lasting import FOR_GOOD, GIVEN, LASTING, state_of
from desktop.makers import APPLICATION, document
from emulator.core.errors import UserMistake
from emulator.desktop import KINDS, SessionFailure
from emulator.desktop.faults import STATES
from emulator.faults import FaultSpec

PLACE = "story.yaml, line 7"
ODD = st.sampled_from(
    ["", "\N{SNOWMAN}", "x" * 2000, "{machine}", "{}", "\\", "2026-13-45", "0", "-1", "None", "a/b", "\x00", "%s"]
)
TEXTS = st.one_of(
    ODD, st.text(max_size=8), st.sampled_from(["SERVER", "Goflow", "Admin", KERN, "Freight", "first", "touched", "Q:"])
)
VALUES = st.one_of(TEXTS, st.integers(-(10**20), 10**20), st.floats(), st.booleans())
FACTS = st.sampled_from(
    ["call", "machine", "application", "user", "company", "request", "number", "party", "key", "total_cents", "x"]
)
TIMES = st.sampled_from(
    ["18:00", "09:00", "17:00", "2026-03-02T17:00:00Z", "2026-03-02T18:00:00+00:00", "2099-01-01T00:00:00Z", "noon"]
)


def fitting(parameter):
    """A value of the type of a parameter, in its bounds or not."""
    if parameter.choices:
        return st.one_of(st.sampled_from(parameter.choices), VALUES)
    match parameter.default:
        case bool():
            return st.booleans()
        case int():
            return st.integers(int(parameter.least or 0) - 1, int(parameter.most or 0) + 1)
        case float():
            return st.floats(parameter.least, parameter.most)
    return TEXTS


@st.composite
def specs(draw):
    kind = draw(st.sampled_from(KINDS))
    spec = {"fault": kind.name}
    names = draw(st.lists(st.sampled_from(sorted(kind.parameters)), max_size=3, unique=True)) if kind.parameters else []
    spec["with"] = {name: draw(st.one_of(fitting(kind.parameters[name]), VALUES)) for name in names}
    when = {}
    if draw(st.booleans()):
        name = draw(st.sampled_from(["nth", "first", "every", "probability", "by_hand", "byte"]))
        when[name] = draw({"probability": st.floats(0, 1), "by_hand": st.booleans()}.get(name, st.integers(0, 5)))
    if draw(st.integers(0, 3)) == 0:
        when["between"] = [draw(TIMES), draw(TIMES)]
    if draw(st.integers(0, 3)) == 0:
        when["while"] = {
            draw(st.sampled_from([*STATES, "x"])): draw(st.one_of(VALUES, st.sampled_from(["open", "multi", ">=1"])))
        }
    spec["when"] = when
    spec["point"] = draw(st.sampled_from([*kind.points, "", "quickbooks.create"]))
    if draw(st.integers(0, 3)) == 0:
        spec["where"] = {draw(FACTS): draw(VALUES)}
    if draw(st.integers(0, 3)) == 0:
        spec["for_s"] = draw(st.one_of(st.floats(1e-12, 1e8), st.integers(1, 100)))
    if draw(st.integers(0, 3)) == 0:
        spec["until"] = draw(
            st.sampled_from([{"at": "18:00"}, {"at": "2020-01-01T00:00:00Z"}, {"struck": "f0"}, {"struck": "x"}])
        )
    if draw(st.integers(0, 3)) == 0:
        spec["times"] = draw(st.integers(1, 3))
    if draw(st.integers(0, 5)) == 0:
        spec["after"] = draw(st.sampled_from(["f0", "f1", "x"]))
    return spec


def put(desk, spec, name):
    """Ask for a fault; a mistake must say what it should."""
    try:
        return desk.plan.add(FaultSpec.model_validate({**spec, "as": name}), desk.office.now(), PLACE)
    except ValidationError:
        return None  # the doors turn it into a sentence with its place
    except UserMistake as wrong:
        mistake = wrong
    assert mistake.given
    assert mistake.where == PLACE, mistake
    assert mistake.expected or mistake.advice, mistake
    assert "\n" not in str(mistake)
    return None


async def day(desk, clock):
    """A program's whole session; it gives up after ten minutes."""
    try:
        async with clock.limit(600):
            processor = desk.processor()
            await desk.perform(processor.open_connection("", APPLICATION))
            ticket = await desk.perform(processor.begin_session("", 2))
            await desk.perform(processor.process_request(ticket, document(add_invoice(), add_invoice("G-2"))))
            await desk.perform(processor.end_session(ticket))
    except (SessionFailure, TimeoutError):
        return


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(specs(), min_size=1, max_size=3))
def test_a_fault_or_a_mistake_that_says_what_was_expected(asked):
    async def story(desk, clock):
        for number, spec in enumerate(asked):
            fault = put(desk, spec, f"f{number}")
            if fault is not None and fault.spec.when.by_hand:
                with suppress(UserMistake):
                    desk.plan.fire(fault.name)
        await day(desk, clock)
        desk.plan.lift_all()
        assert all(fault.lifted and fault.end is None and not fault.timers for fault in desk.plan.faults())
        assert desk.office.causes.in_books == {}
        assert not any(desk.plan.active(point) for kind in KINDS for point in kind.points)
        await asyncio.sleep(0)

    in_office(story)


KEPT = sorted(set(LASTING) - FOR_GOOD - {"name-taken"})
"""Those whose end takes everything back (a name that was taken stays taken, under another one)."""


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(KEPT), min_size=2, max_size=4, unique=True).flatmap(
        lambda kinds: st.tuples(st.just(kinds), st.permutations(kinds))
    )
)
@example((["hosting-off", "other-mode"], ["other-mode", "hosting-off"]))
@example((["admin-closes-for-users", "file-moved", "other-mode", "other-path-spelling"],) * 2)
def test_lasting_faults_that_are_lifted_in_any_order_leave_the_world_as_it_was(kinds_and_ends):
    kinds, ends = kinds_and_ends
    there_and_back(kinds, ends)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("not-running", "hosting-off"),
        ("hosting-off", "user-elsewhere"),
        ("other-mode", "leftover-process"),
        ("second-application", "ghost-session"),
        ("switch-refused", "file-moved"),
        ("admin-closes-for-users", "file-upgraded"),
        ("certificate", "not-authorised"),
        ("not-authorised", "file-upgraded"),
        ("file-moved", "repair-running"),
        ("login-prompt", "seats-full"),
    ],
)
def test_two_that_are_in_each_others_way_are_taken_back_in_either_order(one, other):
    for kinds in permutations((one, other)):
        for ends in permutations((one, other)):
            there_and_back(kinds, ends)


@pytest.mark.parametrize(
    "kinds",
    [
        ("other-mode", "other-path-spelling", "not-running"),
        ("second-application", "other-path-spelling", "not-running"),
        ("second-application", "other-path-spelling", "login-prompt"),
        ("switch-refused", "file-moved", "admin-closes-for-users"),
    ],
)
def test_three_that_are_taken_back_in_any_order(kinds):
    for ends in permutations(kinds):
        there_and_back(kinds, ends)


def test_a_seat_that_the_host_still_keeps_is_in_nobodys_way():
    """The Admin goes out for the file to be moved back, and the host hears nothing of it, since the share is lost."""
    kinds = ("file-moved", "admin-closes-for-users", "share-lost")
    for ends in permutations(kinds):
        there_and_back(kinds, ends)


@pytest.mark.parametrize(
    "kept_out_by", ["hosting-off", "share-lost", "password-changed", "update-prompt", "ghost-session", "user-elsewhere"]
)
@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("file-moved", {"new": r"\\FILEHOST\QuickBooks\Brightwater Wholesale.QBW"}),
        ("wrong-or-no-file", {"open_file": r"\\FILEHOST\QuickBooks\Brightwater Wholesale.QBW", "user": "Nobody"}),
        ("other-path-spelling", {"drive": "R:"}),
        ("user-elsewhere", {}),
        ("login-prompt", {}),
    ],
)
def test_a_fault_that_cannot_begin_puts_nobody_out(kept_out_by, kind, given):
    """Whoever it has put out before it was refused could not log in again, because of another fault."""

    async def story(desk, clock):
        assert put(desk, {"fault": kept_out_by}, "first") is not None
        before = state_of(desk)
        if put(desk, {"fault": kind, "with": given}, "second") is None:
            assert state_of(desk) == before
            assert desk.office.kept_out == {}

    in_office(story)


def there_and_back(kinds, ends):
    """Let faults begin in one order and end in another one."""

    async def story(desk, clock):
        before = state_of(desk)
        begun = {kind: put(desk, {"fault": kind, "with": GIVEN.get(kind, {})}, kind) for kind in kinds}
        for kind in ends:
            if begun[kind] is not None:
                desk.plan.lift(kind)
        assert state_of(desk) == before, (kinds, ends)
        assert desk.office.kept_out == {}

    in_office(story)
