"""The plan: every trigger, every end, every hit accounted for; the seed matters."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from emulator.core.chance import Chance
from emulator.core.clock import run_virtual
from emulator.core.errors import UserMistake
from emulator.core.journal import Journal
from emulator.faults import FaultSpec, Kind, Parameter, Path, Plan

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LOST = Kind(
    "answer-lost", "COM07", ("part.after-commit", "part.before-answer"), "lose", "the answer is lost", "ask before it resends", False,
    {"how": Parameter("hang", "how the caller sees it", ("hang", "reset")), "delay_s": Parameter(1.0, "seconds")},
)  # fmt: skip
CLOSED = Kind("refuse", "NET01", ("net.connect",), "refuse", "refused", "back off", True)


def make_plan(seed=1):
    journal = Journal(lambda: NOW)
    return Plan([LOST, CLOSED], Chance(seed), journal), journal


def struck(plan, point, now=NOW, **facts):
    """Names of the faults that strike a call at a point, when none of them ends it."""
    return [strike.fault for strike in plan.strikes(point, now, **facts)]


def hits(spec, calls=12, seed=1, **facts):
    plan, _ = make_plan(seed)
    fault = plan.add(FaultSpec.model_validate(spec), NOW)
    return [number for number in range(1, calls + 1) if struck(plan, fault.point, **facts)]


@pytest.mark.parametrize(
    ("when", "struck"),
    [
        ({}, list(range(1, 13))),
        ({"nth": 3}, [3]),
        ({"first": 2}, [1, 2]),
        ({"every": 5}, [5, 10]),
        ({"probability": 0.0}, []),
        ({"probability": 1.0}, list(range(1, 13))),
    ],
)
def test_triggers(when, struck):
    assert hits({"fault": "answer-lost", "when": when}) == struck


def test_two_triggers_in_one_are_refused():
    with pytest.raises(ValidationError, match="nth and first"):
        FaultSpec.model_validate({"fault": "answer-lost", "when": {"nth": 1, "first": 2}})


def test_times_spends_it():
    assert hits({"fault": "answer-lost", "times": 2}) == [1, 2]


def test_where_counts_only_what_matches():
    plan, _ = make_plan()
    plan.add(FaultSpec.model_validate({"fault": "COM07", "where": {"number": "G-7"}, "when": {"nth": 2}}), NOW)
    numbers = ["G-7", "G-8", "g-7", "G-7"]
    assert [bool(struck(plan, "part.after-commit", number=number)) for number in numbers] == [False, False, True, False]


def test_it_is_over_after_its_time():
    plan, journal = make_plan()
    plan.add(FaultSpec.model_validate({"fault": "refuse", "for_s": 60}), NOW)
    assert struck(plan, "net.connect", NOW + timedelta(seconds=59))
    assert not struck(plan, "net.connect", NOW + timedelta(seconds=60))
    assert [row["kind"] for row in journal.rows()] == ["fault-on", "fault-hit", "fault-off"]


def test_after_sleeps_until_the_other_has_struck():
    plan, _ = make_plan()
    plan.add(FaultSpec.model_validate({"fault": "answer-lost", "as": "lost", "times": 1}), NOW)
    plan.add(FaultSpec.model_validate({"fault": "refuse", "after": "lost"}), NOW)
    assert not struck(plan, "net.connect")
    assert struck(plan, "part.after-commit")
    assert struck(plan, "net.connect")


def test_after_spares_the_call_that_woke_it():
    plan, _ = make_plan()
    plan.add(FaultSpec.model_validate({"fault": "answer-lost", "as": "first", "times": 1}), NOW)
    plan.add(FaultSpec.model_validate({"fault": "answer-lost", "as": "second", "after": "first"}), NOW)
    assert [struck(plan, "part.after-commit") for _ in range(2)] == [["first"], ["second"]]


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"fault": "anser-lost"}, "'answer-lost'"),
        ({"fault": "answer-lost", "point": "part.begin"}, "part.after-commit, part.before-answer"),
        ({"fault": "answer-lost", "with": {"hw": "hang"}}, "'how'"),
        ({"fault": "answer-lost", "with": {"how": "hng"}}, "hang, reset"),
        ({"fault": "answer-lost", "with": {"delay_s": "long"}}, "like 1.0"),
        ({"fault": "answer-lost", "after": "nobody"}, "not in force"),
    ],
)
def test_mistakes_name_the_right_word(spec, told):
    plan, _ = make_plan()
    with pytest.raises(UserMistake, match=told):
        plan.add(FaultSpec.model_validate(spec), NOW)


def test_a_name_is_given_once():
    plan, _ = make_plan()
    plan.add(FaultSpec(fault="refuse"), NOW)
    with pytest.raises(UserMistake, match="already called 'refuse'; expected another name; lift it, or call this one 'refuse-2'"):
        plan.add(FaultSpec(fault="refuse"), NOW)


def test_after_a_fault_of_its_kind_is_over_the_next_gets_a_number_and_both_keep_their_account():
    plan, _ = make_plan()
    for name in ("refuse", "refuse-2", "refuse-3"):
        assert plan.add(FaultSpec(fault="refuse"), NOW).name == name
        with pytest.raises(UserMistake, match=f"already called '{name}'"):
            plan.add(FaultSpec(fault="refuse"), NOW)
        assert struck(plan, "net.connect") == [name]
        # The name of the kind means the one that is in force.
        plan.lift("refuse")
        assert struck(plan, "net.connect") == []
    assert [(fault.name, fault.hits, fault.lifted) for fault in plan.faults()] == [
        ("refuse", 1, True), ("refuse-2", 1, True), ("refuse-3", 1, True),
    ]  # fmt: skip


def test_a_name_that_was_asked_for_is_not_given_twice_and_the_message_says_why():
    plan, _ = make_plan()
    add(plan, "refuse", **{"as": "drop"})
    with pytest.raises(UserMistake, match=r"already called 'drop'.*'drop-2'"):
        add(plan, "refuse", **{"as": "drop"})
    plan.lift("drop")
    with pytest.raises(UserMistake, match=r"a fault that is over was called 'drop', and its account.*call this one 'drop-2'"):
        add(plan, "refuse", **{"as": "drop"})


@pytest.mark.parametrize(("link", "told"), [("after", "comes after"), ("until", "lasts until")])
def test_a_fault_cannot_wait_for_itself(link, told):
    plan, _ = make_plan()
    fields = {"after": "x"} if link == "after" else {"until": {"struck": "x"}}
    with pytest.raises(UserMistake, match=f"'x' {told} 'x', which is itself"):
        add(plan, "refuse", **{"as": "x", **fields})


@pytest.mark.parametrize("spec", [{"when": {"probability": 0}}, {"with": {"how": "nothing"}}])
def test_a_fault_that_does_nothing_is_the_same_as_none(spec):
    none = replace(LOST, nothing_at=({"how": "nothing"},), parameters={"how": Parameter("hang", "how", ("hang", "nothing"))})
    plan, journal, _ = make_world(none, CLOSED)
    told = add(plan, "answer-lost", **spec).told()
    assert (told["absent"], told["in_force"], told["lifted"]) == (True, False, False)
    assert not plan.active("part.after-commit")
    assert struck(plan, "part.after-commit") == []
    plan.lift("answer-lost")
    assert len(journal) == 0
    assert plan.unfired() == []


def test_lifting():
    plan, _ = make_plan()
    plan.add(FaultSpec(fault="refuse"), NOW)
    plan.lift("refuse")
    plan.lift("refuse")
    assert not struck(plan, "net.connect")
    with pytest.raises(UserMistake, match="'refuse'"):
        plan.lift("refus")


def test_what_never_fired_is_told():
    plan, _ = make_plan()
    plan.add(FaultSpec.model_validate({"fault": "refuse", "as": "never"}), NOW)
    plan.add(FaultSpec.model_validate({"fault": "refuse", "as": "perhaps", "expect_hits": "any"}), NOW)
    plan.add(FaultSpec.model_validate({"fault": "answer-lost"}), NOW)
    struck(plan, "part.after-commit")
    plan.lift_all()
    assert [fault.name for fault in plan.unfired()] == ["never"]


@given(st.integers(0, 10**6), st.floats(0.2, 0.8))
def test_probability_goes_by_the_seed(seed, probability):
    spec = {"fault": "answer-lost", "when": {"probability": probability}}
    assert hits(spec, 40, seed) == hits(spec, 40, seed)


def test_another_seed_strikes_elsewhere():
    spec = {"fault": "answer-lost", "when": {"probability": 0.5}}
    assert hits(spec, 60, seed=1) != hits(spec, 60, seed=2)


AWAY = Kind("share-lost", "NET18", ("part.after-commit",), "away", "the share is lost", "hold", False, lasting=True)


def make_lasting_plan():
    states = []
    plan = Plan([AWAY], Chance(1), Journal(lambda: NOW))
    plan.surroundings.own({"away": lambda strike: states.append(strike.fault) or (lambda: states.remove(strike.fault))})
    return plan, states


def test_a_lasting_fault_begins_at_once_and_ends_when_it_is_lifted():
    plan, states = make_lasting_plan()
    fault = plan.add(FaultSpec.model_validate({"fault": "share-lost"}), NOW)
    assert states == ["share-lost"]
    assert fault.hits == 1
    assert struck(plan, fault.point) == []
    plan.lift("share-lost")
    assert states == []


def test_a_lasting_fault_with_a_trigger_begins_at_the_call_it_strikes():
    plan, states = make_lasting_plan()
    fault = plan.add(FaultSpec.model_validate({"fault": "share-lost", "when": {"nth": 2}}), NOW)
    assert (states, fault.hits) == ([], 0)
    assert [bool(struck(plan, fault.point) or states) for _ in range(3)] == [False, True, True]
    assert fault.hits == 1
    plan.lift_all()
    assert states == []


def test_a_lasting_fault_that_nothing_can_do_is_refused():
    plan = Plan([AWAY], Chance(1), Journal(lambda: NOW))
    with pytest.raises(UserMistake, match="nothing in this world can do 'share-lost'"):
        plan.add(FaultSpec.model_validate({"fault": "share-lost"}), NOW)
    assert plan.faults() == []


# ---- one at a time, and what could not take effect ---------------------------------------------------------------------------

NEEDY = Kind(
    "crash", "QB09", ("part.after-commit",), "crash", "it dies", "ask", True, needs=("process",), ends_call=("part.after-commit",)
)
PATHS = (
    Path(
        ("part.begin", "part.after-commit"),
        ("request", "number", "call", "application"),
        only={"part.after-commit": {"call": ("Process",)}},
    ),
    Path(("part.before-answer",), ("call",), only={"part.before-answer": {"call": ("Answer",)}}),
    Path(("part.begin", "part.after-commit", "part.before-answer"), ("request", "number")),
    Path(("net.connect",), ()),
)


def make_world(*kinds, later=None, now=None, timezone=UTC, states=None, seed=1):
    """A plan with a clock of its own."""
    journal = Journal(now or (lambda: NOW))
    plan = Plan(kinds or (LOST, CLOSED, NEEDY, AWAY), Chance(seed), journal, later=later, timezone=timezone, paths=PATHS)
    begun = []
    plan.surroundings.own({"away": lambda strike: begun.append(strike.fault) or (lambda: begun.remove(strike.fault))})
    plan.surroundings.know(
        states=states,
        words={"mode": ("single", "multi")},
        names={"part.number": lambda: ["G-7", "G-8"]},
        likely={"part.application": lambda: ["Connector"]},
    )
    return plan, journal, begun


def add(plan, kind, now=NOW, **fields):
    return plan.add(FaultSpec.model_validate({"fault": kind, **fields}), now)


def kinds_of(journal):
    return [row["kind"] for row in journal.rows(lane="faults")]


def test_the_next_is_judged_only_when_it_is_asked_for():
    plan, journal, _ = make_world()
    first, second = add(plan, "answer-lost", **{"as": "a", "times": 3}), add(plan, "answer-lost", **{"as": "b"})
    for strike in plan.strikes("part.after-commit", NOW):
        assert strike.fault == "a"
        break  # the call has ended
    assert (first.hits, second.hits, second.seen) == (1, 0, 0)
    assert kinds_of(journal) == ["fault-on", "fault-on", "fault-hit"]


def test_what_cannot_take_effect_is_no_hit_and_is_told():
    plan, journal, _ = make_world()
    fault = add(plan, "crash", times=1)
    lacks = lambda need, parameters: f"no {need}" if parameters == fault.parameters else ""  # noqa: E731
    assert list(plan.strikes("part.after-commit", NOW, lacks=lacks, number="G-7")) == []
    assert (fault.hits, fault.missed, fault.why_missed, fault.lifted) == (0, 1, "no process", False)
    [row] = journal.rows("fault-missed")
    assert (row["fault"], row["why"], row["number"], row["faults"]) == ("crash", "no process", "G-7", ["crash"])
    assert len(list(plan.strikes("part.after-commit", NOW, lacks=lambda *_: ""))) == 1
    assert fault.told()["hits"] == 1
    assert fault.rows == [row["n"] for row in journal.rows("fault-hit")]


def test_what_is_known_of_the_call_reaches_what_begins():
    plan, _, _ = make_world()
    told = []
    plan.surroundings.own({AWAY.effect: lambda strike: told.append(dict(strike.facts)) or (lambda: None)})
    add(plan, "share-lost", **{"as": "by a call", "when": {"nth": 1}})
    struck(plan, "part.after-commit", number="G-7")
    plan.lift_all()
    add(plan, "share-lost", **{"as": "at once"})
    assert told == [{"number": "G-7"}, {}]


def test_a_lasting_fault_whose_state_is_set_already_is_missed():
    plan, _, begun = make_world(replace(AWAY, sets=("the share",)))
    add(plan, "share-lost", **{"as": "late", "when": {"nth": 1}})
    add(plan, "share-lost", **{"as": "now"})
    assert struck(plan, "part.after-commit") == []
    assert (begun, plan.faults()[0].missed) == (["now"], 1)


def test_a_state_that_cannot_begin_at_a_call_is_missed_and_leaves_the_call_alone():
    plan, _, _ = make_world()

    def refuses(_):
        raise UserMistake("there is no machine 'x'")

    plan.surroundings.own({"away": refuses})
    fault = add(plan, "share-lost", when={"nth": 1})
    assert struck(plan, "part.after-commit") == []
    assert (fault.missed, fault.why_missed) == (1, "there is no machine 'x'")
    with pytest.raises(UserMistake, match="there is no machine"):
        add(plan, "share-lost", **{"as": "now"})
    assert [each.name for each in plan.faults()] == ["share-lost"]


@pytest.mark.parametrize(
    ("name", "note"),
    [("Conector", "no application is called 'Conector' so far; there is 'Connector'"), ("connector", ""), ("Something else", "")],
)
def test_a_name_that_may_come_to_be_is_noted_with_the_nearest_one_there_is(name, note):
    plan, _, _ = make_world()
    fault = add(plan, "answer-lost", where={"application": name})
    assert (fault.note, fault.told()["note"]) == (note, note)


def test_a_lasting_fault_is_fired_only_when_it_is_time():
    world = {"seats_free": 1}
    plan, _, begun = make_world(states={"seats_free": lambda: world["seats_free"]})
    add(plan, "share-lost", **{"as": "full", "when": {"by_hand": True, "while": {"seats_free": 0}}})
    add(plan, "share-lost", **{"as": "late", "when": {"by_hand": True, "between": ["18:00", "19:00"]}})
    for name, told in (("full", "it begins while seats_free is 0"), ("late", "it begins between 18:00 and 19:00")):
        with pytest.raises(UserMistake, match=told):
            plan.fire(name)
    world["seats_free"] = 0
    plan.fire("full")
    assert begun == ["full"]


# ---- when and until ------------------------------------------------------------------------------------------------------------


def test_a_fault_that_is_fired_by_hand():
    plan, journal, _ = make_world()
    fault = add(plan, "answer-lost", when={"by_hand": True}, where={"number": "G-7"})
    assert struck(plan, fault.point, number="G-7") == []
    plan.fire("answer-lost", 2)
    assert struck(plan, fault.point, number="G-8") == []
    assert [bool(struck(plan, fault.point, number="G-7")) for _ in range(3)] == [True, True, False]
    assert kinds_of(journal) == ["fault-on", "fault-fired", "fault-hit", "fault-hit"]
    add(plan, "refuse")
    for name, told in (("refuse", "strikes by itself"), ("nobody", "no fault is called")):
        with pytest.raises(UserMistake, match=told):
            plan.fire(name)
    plan.lift("answer-lost")
    with pytest.raises(UserMistake, match="is lifted"):
        plan.fire("answer-lost")


def test_a_lasting_fault_that_is_fired_begins_at_once():
    plan, _, begun = make_world()
    add(plan, "share-lost", when={"by_hand": True})
    assert begun == []
    with pytest.raises(UserMistake, match="'share-lost' lasts: it begins once, and cannot be fired 2 times; expected 1"):
        plan.fire("share-lost", 2)
    assert begun == []
    plan.fire("share-lost")
    assert begun == ["share-lost"]
    with pytest.raises(UserMistake, match="has begun already"):
        plan.fire("share-lost")
    plan.lift("share-lost")
    assert begun == []


def test_a_fault_waits_for_a_state_of_the_world():
    world = {"seats_free": 1}
    plan, _, _ = make_world(states={"seats_free": lambda: world["seats_free"]})
    fault = add(plan, "answer-lost", when={"while": {"seats_free": 0}, "nth": 2})
    assert struck(plan, fault.point) == []
    world["seats_free"] = 0
    assert [bool(struck(plan, fault.point)) for _ in range(3)] == [False, True, False]
    assert fault.seen == 3


def test_a_window_counts_only_calls_that_come_in_it():
    plan, _, _ = make_world(timezone=ZoneInfo("America/New_York"))
    fault = add(plan, "answer-lost", when={"between": ["18:00", "19:00"], "nth": 2})
    times = [f"2026-11-23T{time}:00-05:00" for time in ("17:59", "18:00", "19:00", "18:59", "18:30")]
    assert [bool(struck(plan, fault.point, datetime.fromisoformat(time))) for time in times] == [False, False, False, True, False]


def test_until_another_has_struck():
    plan, _, _ = make_world()
    add(plan, "refuse")
    add(plan, "answer-lost", **{"as": "late", "until": {"struck": "refuse"}})
    assert struck(plan, "part.after-commit")
    struck(plan, "net.connect")
    assert not struck(plan, "part.after-commit")
    assert plan.faults()[1].lifted


def on_clock(story, *kinds):
    """Run a story with a plan on a virtual clock."""

    async def run(clock):
        plan, journal, begun = make_world(*kinds, later=clock.later, now=clock.now, timezone=ZoneInfo("America/New_York"))
        await story(plan, clock, begun)
        return [(row["at"][11:19], row["kind"]) for row in journal.rows(lane="faults")]

    return run_virtual(run, datetime(2026, 11, 23, 17, 0, tzinfo=ZoneInfo("America/New_York")))


@pytest.mark.parametrize(
    ("ends", "at"),
    [
        ({"for_s": 90}, "22:01:30"),
        ({"until": {"at": "18:30"}}, "23:30:00"),
        ({"until": {"at": "2026-11-23T22:05:00Z"}}, "22:05:00"),
    ],
)
def test_time_ends_a_fault_exactly_then_although_nobody_calls(ends, at):
    async def story(plan, clock, begun):
        add(plan, "share-lost", clock.now(), **ends)
        await clock.sleep(7200)
        assert begun == []

    assert on_clock(story) == [("22:00:00", "fault-on"), ("22:00:00", "fault-hit"), (at, "fault-off")]


def test_a_lasting_fault_holds_in_its_window_every_day():
    async def story(plan, clock, begun):
        fault = add(plan, "share-lost", clock.now(), when={"between": ["18:00", "19:00"]}, times=2)
        assert begun == []
        await clock.sleep(5400)
        assert begun == ["share-lost"]
        await clock.sleep(2 * 86_400)
        assert (begun, fault.hits, fault.lifted) == ([], 2, True)

    days = [("23:00:00", "fault-hit"), ("00:00:00", "fault-ended")]
    assert on_clock(story) == [("22:00:00", "fault-on"), *days, *days, ("00:00:00", "fault-off")]


@pytest.mark.parametrize(
    ("other", "lifted_at_s", "begun_then", "rows"),
    [
        # Lifted in the window, by itself in the window, after the window, never.
        ({}, 5400, ["nightly"], ["fault-off", "fault-hit", "fault-ended"]),
        ({"for_s": 5400}, None, ["nightly"], ["fault-off", "fault-hit", "fault-ended"]),
        ({"when": {"between": ["17:00", "18:30"]}}, None, ["nightly"], ["fault-ended", "fault-hit", "fault-ended"]),
        ({}, 7300, [], ["fault-off"]),
        ({}, None, ["other"], []),
    ],
)
def test_a_lasting_fault_that_missed_its_window_begins_when_the_other_that_set_the_same_ends(
    other, lifted_at_s, begun_then, rows
):
    async def story(plan, clock, begun):
        add(plan, "share-lost", clock.now(), **{"as": "nightly", "when": {"between": ["18:00", "19:00"]}})
        add(plan, "share-lost", clock.now(), **{"as": "other"}, **other)
        await clock.sleep(4000)
        assert begun == ["other"]
        await clock.sleep((lifted_at_s or 5400) - 4000)
        if lifted_at_s is not None:
            plan.lift("other")
        await clock.sleep(1)
        assert begun == begun_then
        await clock.sleep(7400 - (lifted_at_s or 5400))

    told = [kind for _, kind in on_clock(story, replace(AWAY, sets=("the share",)))]
    assert told == ["fault-on", "fault-on", "fault-hit", "fault-missed", *rows]


def test_lifting_all_begins_none_that_waits():
    async def story(plan, clock, begun):
        add(plan, "share-lost", clock.now(), **{"as": "nightly", "when": {"between": ["18:00", "19:00"]}})
        add(plan, "share-lost", clock.now(), **{"as": "other"})
        await clock.sleep(4000)
        plan.lift_all()
        assert begun == []

    assert [kind for _, kind in on_clock(story, replace(AWAY, sets=("the share",)))].count("fault-hit") == 1


# ---- what is refused -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"fault": "crash"}, {"fault": "answer-lost"}, "'answer-lost' could never strike: 'crash' ends every such call before"),
        (
            {"fault": "answer-lost", "point": "part.before-answer"},
            {"fault": "crash"},
            "'answer-lost' could never strike: 'crash' ends",
        ),
        (
            {"fault": "crash", "where": {"number": "G-7"}},
            {"fault": "answer-lost", "where": {"number": "g-7"}},
            "could never strike",
        ),
        ({"fault": "share-lost"}, {"fault": "share-lost", "as": "again"}, "'again' sets the share, and so does 'share-lost'"),
        (
            {"fault": "refuse", "times": 1},
            {"fault": "crash", "after": "refuse", "until": {"struck": "refuse"}},
            "'crash' could never strike",
        ),
        (
            {"fault": "refuse", "when": {"probability": 0}},
            {"fault": "crash", "after": "refuse"},
            "comes after 'refuse', which will not",
        ),
    ],
)
def test_contradictions_are_refused_by_name(first, second, told):
    plan, journal, _ = make_world(LOST, CLOSED, replace(NEEDY, needs=()), replace(AWAY, sets=("the share",)))
    plan.add(FaultSpec.model_validate(first), NOW)
    rows = len(journal)
    with pytest.raises(UserMistake, match=told) as refused:
        plan.add(FaultSpec.model_validate(second), NOW)
    assert refused.value.expected
    assert (len(plan.faults()), len(journal)) == (1, rows)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"fault": "crash", "times": 1}, {"fault": "answer-lost"}),
        ({"fault": "crash", "when": {"every": 2}}, {"fault": "answer-lost"}),
        ({"fault": "crash", "when": {"probability": 0}}, {"fault": "answer-lost"}),
        ({"fault": "crash", "where": {"number": "G-7"}}, {"fault": "answer-lost"}),
        ({"fault": "crash", "for_s": 5}, {"fault": "answer-lost"}),
        ({"fault": "answer-lost"}, {"fault": "crash"}),
        ({"fault": "crash"}, {"fault": "refuse"}),
    ],
)
def test_what_may_both_strike_is_not_refused(first, second):
    plan, _, _ = make_world()
    plan.add(FaultSpec.model_validate(first), NOW)
    plan.add(FaultSpec.model_validate(second), NOW)
    assert len(plan.faults()) == 2


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ({"fault": "refuse", "where": {"number": "G-7"}}, "named 'number'"),
        ({"fault": "answer-lost", "where": {"nmber": "G-7"}}, "expected 'number'"),
        ({"fault": "answer-lost", "where": {"number": "G7"}}, "there is no number 'G7'; expected 'G-7'"),
        ({"fault": "answer-lost", "when": {"byte": 3}}, "cuts no stream of bytes"),
        ({"fault": "answer-lost", "when": {"while": {"seats": 0}}}, "fact of the world"),
        ({"fault": "answer-lost", "when": {"while": {"mode": "sngle"}}}, "there is no mode 'sngle'; expected 'single'"),
        ({"fault": "answer-lost", "when": {"while": {"mode": 3}}}, "there is no mode '3'"),
        (
            {"fault": "answer-lost", "when": {"while": {"seats_free": "none"}}},
            "seats_free is compared with 'none'; expected a whole",
        ),
        ({"fault": "answer-lost", "when": {"while": {"seats_free": True}}}, "seats_free is compared with True"),
        ({"fault": "answer-lost", "when": {"while": {"seats_free": -1}}}, "seats_free is compared with -1"),
        ({"fault": "answer-lost", "when": {"while": {"seats_free": "=3"}}}, "seats_free is compared with '=3'"),
        ({"fault": "answer-lost", "when": {"while": {"seats_free": "02"}}}, "seats_free is compared with '02'"),
        (
            {"fault": "answer-lost", "where": {"call": "Begin"}},
            "no call at part.after-commit is 'Begin'; expected one of Process",
        ),
        ({"fault": "answer-lost", "where": {"call": "Answer"}}, "`point: part.before-answer` is where such calls come"),
        ({"fault": "answer-lost", "where": {"call": "Proces"}}, "expected 'Process'"),
        ({"fault": "answer-lost", "for_s": 1e-9}, "it lasts 1e-09 s, which is over at once"),
        (
            {"fault": "answer-lost", "when": {"between": ["18:00", "19:00"]}, "for_s": 60},
            "it strikes between 18:00 and 19:00, and is over before that",
        ),
        (
            {"fault": "answer-lost", "when": {"between": ["18:00", "19:00"]}, "until": {"at": "18:00"}},
            "it strikes between 18:00 and 19:00, and is over before that",
        ),
        ({"fault": "share-lost", "when": {"by_hand": True}, "where": {"number": "G-7"}}, "it begins when it is fired"),
        ({"fault": "answer-lost", "when": {"between": ["2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"]}}, "which is past"),
        ({"fault": "answer-lost", "until": {"at": "2020-01-01T00:00:00Z"}}, "which is past"),
        ({"fault": "answer-lost", "until": {"struck": "nobody"}}, "lasts until 'nobody', which is not in force"),
        ({"fault": "share-lost", "times": 1}, "it begins once"),
    ],
)
def test_what_a_kind_or_the_world_has_not_is_refused(spec, told):
    plan, _, _ = make_world(states={"mode": lambda: "multi", "seats_free": lambda: 1})
    with pytest.raises(UserMistake, match=told):
        plan.add(FaultSpec.model_validate(spec), NOW)
    assert plan.faults() == []


def test_a_kind_that_is_out_of_reach_is_refused():
    plan, _, _ = make_world()
    plan.surroundings.put_out_of_reach([CLOSED], UserMistake("the network is another machine's", advice="go there"))
    with pytest.raises(UserMistake, match="'refuse' cannot strike here: the network is another machine's; go there"):
        add(plan, "refuse")


def test_the_byte_of_a_stream_is_a_parameter_of_its_kind():
    cut = Kind(
        "cut",
        "NET03",
        ("net.connect",),
        "cut",
        "",
        "",
        True,
        {"after_bytes": Parameter(20, "bytes", least=0)},
        byte="after_bytes",
    )
    plan, _, _ = make_world(cut)
    assert add(plan, "cut", when={"byte": 4096}).parameters == {"after_bytes": 4096}
    with pytest.raises(UserMistake, match="at byte 1 and at byte 2"):
        add(plan, "cut", **{"as": "two", "when": {"byte": 1}, "with": {"after_bytes": 2}})


# ---- a small model -----------------------------------------------------------------------------------------------------------------


@st.composite
def specs(draw):
    trigger = draw(st.sampled_from(["always", "nth", "first", "every", "by_hand"]))
    when = {} if trigger == "always" else {trigger: True if trigger == "by_hand" else draw(st.integers(1, 4))}
    spec = {"fault": "answer-lost", "when": when}
    if draw(st.booleans()):
        # More often than the trigger lets it strike is refused.
        spec["times"] = draw(st.integers(1, {"nth": 1, "first": when.get("first", 3)}.get(trigger, 3)))
    if draw(st.booleans()):
        spec["where"] = {"number": draw(st.sampled_from(["G-7", "G-8"]))}
    return spec


@given(specs(), st.lists(st.sampled_from(["G-7", "G-8", "fire", "lift"]), max_size=30))
def test_triggers_are_as_in_a_small_model(spec, events):
    plan, journal, _ = make_world()
    fault = plan.add(FaultSpec.model_validate(spec), NOW)
    when, seen, hits, fired, over = spec["when"], 0, 0, 0, False
    for event in events:
        if event == "lift":
            plan.lift(fault.name)
            over = True
        elif event == "fire":
            if "by_hand" in when and not over:
                plan.fire(fault.name)
                fired += 1
        else:
            expected = False
            if not over and spec.get("where", {}).get("number", event) == event:
                seen += 1
                [(trigger, count)] = when.items() or [("always", 0)]
                expected = {
                    "always": True,
                    "nth": seen == count,
                    "first": seen <= count,
                    "every": seen % max(count, 1) == 0,
                    "by_hand": fired > 0,
                }[trigger]
                fired -= expected and fired > 0
                hits += expected
                over = over or hits == spec.get("times")
            assert bool(struck(plan, fault.point, number=event)) == expected
    assert (fault.seen, fault.hits, fault.lifted) == (seen, hits, over)
    assert fault.rows == [row["n"] for row in journal.rows("fault-hit")]


def test_a_hundred_threads_add_before_the_first_call():
    plan, journal, _ = make_world()
    ready = threading.Barrier(100)

    def put(number):
        ready.wait()
        add(plan, "answer-lost", **{"as": f"f{number}"})

    threads = [threading.Thread(target=put, args=(number,)) for number in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = struck(plan, "part.after-commit")
    assert sorted(names) == sorted(f"f{number}" for number in range(100))
    assert all(fault.hits == 1 for fault in plan.faults())
    assert len(list(journal.rows("fault-on"))) == len(list(journal.rows("fault-hit"))) == 100


def test_a_strike_at_a_byte_is_counted_when_the_stream_has_come_there():
    cut = Kind(
        "cut",
        "NET03",
        ("net.connect",),
        "cut",
        "",
        "",
        True,
        {"after_bytes": Parameter(20, "bytes", least=0)},
        byte="after_bytes",
    )
    plan, journal, _ = make_world(cut)
    fault = add(plan, "cut", times=1)
    [first] = plan.strikes("net.connect", NOW)
    assert list(plan.strikes("net.connect", NOW)) == []  # one is under way, and it is to be one
    plan.settle(first, "the call ended before that byte")
    assert (fault.hits, fault.missed, fault.rows) == (0, 1, [])
    [second] = plan.strikes("net.connect", NOW)
    plan.settle(second)
    assert (fault.hits, fault.missed, fault.lifted) == (1, 1, True)
    assert kinds_of(journal) == ["fault-on", "fault-missed", "fault-hit", "fault-off"]


def test_what_a_constant_fault_leaves_to_no_call_is_no_need_of_another():
    refuses = Kind("refused", "T8", ("part.begin",), "refuse", "", "", False, denies={"part.begin": ("a document",)})
    edits = Kind("edited", "T9", ("part.after-commit",), "edit", "", "", False, needs=("a document",))
    plan, _, _ = make_world(refuses, edits)
    add(plan, "refused")
    with pytest.raises(UserMistake, match="'edited' could never strike: 'refused' leaves no such call with a document"):
        add(plan, "edited")
    plan.lift_all()
    add(plan, "refused", **{"as": "some", "when": {"every": 2}})
    assert add(plan, "edited").spec.fault == "edited"


@pytest.mark.parametrize(
    ("steps", "released"),
    [
        # One in force is meant, whatever is older; then those that still hold, the newest first.
        (["add", "lift lost"], ["lost"]),
        (["add", "lift lost", "add", "lift lost"], ["lost", "lost-2"]),
        (["add", "spend", "add", "lift lost"], ["lost-2"]),
        (["add", "spend", "add", "lift lost", "lift lost"], ["lost", "lost-2"]),
        (["add", "lift lost", "add", "spend", "lift lost"], ["lost", "lost-2"]),
        (["add", "spend", "add", "spend", "lift lost-2"], ["lost-2"]),
        (["add", "spend", "add", "spend", "lift lost"], ["lost-2"]),
    ],
)
def test_which_fault_a_name_means(steps, released):
    plan, _ = make_plan()
    for step in steps:
        if step == "add":
            plan.add(FaultSpec.model_validate({"fault": LOST.name, "times": 1}), NOW)
        elif step == "spend":
            assert list(plan.strikes(LOST.points[0], NOW))
        else:
            plan.lift(step.split()[1].replace("lost", LOST.name))
    told = [fault.name for fault in plan.faults() if fault.released]
    assert told == [name.replace("lost", LOST.name) for name in released]
    rest = [fault.name for fault in plan.faults() if not fault.released]
    assert plan.lift_all() == rest
    assert plan.lift_all() == []
