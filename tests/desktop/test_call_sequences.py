"""Every sequence of calls on one object, generated, against a small model of what the facts say about their order.

The model knows nothing of the session table: a connection is there or not, local or remote; a session is there or not, and its QuickBooks
lives, or has gone, or has gone and come back.
"""

from dataclasses import dataclass
from itertools import product

import pytest

from emulator.com.interface import MEMBERS
from emulator.desktop import Code, SessionFailure

from .makers import APPLICATION, QUERY, START, document, make_desk, subscription_query, subscription_set

LOCAL, REMOTE, WITH_WINDOW = 1, 2, 3


@dataclass
class Model:
    """What the facts need to know; `alive` is of the QuickBooks that the session lives in, `runs` whether one runs now."""

    connection: int = 0
    session: bool = False
    alive: bool = True
    runs: bool = True

    def opens(self, kind):
        if self.connection:
            return Code.CONNECTION_ALREADY
        self.connection = kind
        return None

    def closes(self):
        self.connection, self.session = 0, False

    def begins(self):
        if not self.connection:
            return Code.NO_CONNECTION
        if self.session:
            return Code.SESSION_ALREADY if self.alive else Code.DISCONNECTED
        if not self.runs:
            return Code.NOT_RUNNING_NO_PATH
        self.session = self.alive = True
        return None

    def in_session(self, right_ticket=True):
        """What a call with a ticket meets."""
        if not self.session:
            return Code.NO_SESSION
        if not right_ticket or (not self.alive and self.runs):
            return Code.WRONG_TICKET
        return None if self.alive else Code.RPC_UNAVAILABLE

    def ends(self, right_ticket=True):
        code = self.in_session(right_ticket)
        self.session = self.session and code is not None
        return code

    def gets(self):
        return Code.NOT_FROM_REMOTE if self.connection == REMOTE else self.in_session()

    def puts(self):
        if self.connection == REMOTE:
            return Code.NOT_FROM_REMOTE
        if not self.session:
            return None
        return Code.NOT_INSIDE_SESSION if self.alive else Code.DISCONNECTED

    def subscribes(self):
        if not self.connection:
            return Code.NO_CONNECTION
        if self.session and not self.alive:
            return Code.DISCONNECTED
        return Code.NOT_FROM_REMOTE if self.connection == REMOTE else None

    def crash(self):
        self.alive = self.runs = False

    def restart(self):
        self.runs = True


SUBSCRIPTIONS = subscription_set(subscription_query("Data"))
CALLS = {
    "OpenConnection": ("OpenConnection", lambda ticket: ("", APPLICATION), lambda model: model.opens(LOCAL)),
    "OpenConnection2 remote": ("OpenConnection2", lambda ticket: ("", APPLICATION, REMOTE), lambda model: model.opens(REMOTE)),
    "OpenConnection2 with window": (
        "OpenConnection2",
        lambda ticket: ("", APPLICATION, WITH_WINDOW),
        lambda model: model.opens(WITH_WINDOW),
    ),
    "CloseConnection": ("CloseConnection", lambda ticket: (), Model.closes),
    "BeginSession": ("BeginSession", lambda ticket: ("", 2), Model.begins),
    "EndSession": ("EndSession", lambda ticket: (ticket,), Model.ends),
    "EndSession, wrong ticket": ("EndSession", lambda ticket: ("other",), lambda model: model.ends(False)),
    "ProcessRequest": ("ProcessRequest", lambda ticket: (ticket, document(QUERY)), Model.in_session),
    "ProcessRequest, wrong ticket": (
        "ProcessRequest",
        lambda ticket: ("other", document(QUERY)),
        lambda model: model.in_session(False),
    ),
    "GetCurrentCompanyFileName": ("GetCurrentCompanyFileName", lambda ticket: (ticket,), Model.in_session),
    "QBXMLVersionsForSession": ("QBXMLVersionsForSession", lambda ticket: (ticket,), Model.in_session),
    "ProcessSubscription": ("ProcessSubscription", lambda ticket: (SUBSCRIPTIONS,), Model.subscribes),
    "QBXMLVersionsForSubscription": ("QBXMLVersionsForSubscription", lambda ticket: (), Model.subscribes),
    **{
        name: (name, lambda ticket: (), lambda model: None)
        for name in ("MajorVersion", "MinorVersion", "ReleaseLevel", "ReleaseNumber", "ConnectionType", "GetQBLastError")
    },
    **{
        f"AuthPreferences.{name}": (f"AuthPreferences.{name}", lambda ticket: (ticket,), Model.gets)
        for name in ("WasAuthPreferencesObeyed", "GetIsReadOnly", "GetUnattendedModePref", "GetPersonalDataPref")
    },
    **{
        f"AuthPreferences.{name}": (f"AuthPreferences.{name}", lambda ticket, wanted=wanted: (wanted,), Model.puts)
        for name, wanted in (
            ("PutIsReadOnly", False),
            ("PutUnattendedModePref", 2),
            ("PutPersonalDataPref", 3),
            ("PutAuthFlags", 8),
        )
    },
}
"""Name of a step: the member, its arguments, and what the model does."""

EVENTS = {"crash": Model.crash, "restart": Model.restart}
STEPS = (*CALLS, *EVENTS)
FEW = (
    "OpenConnection", "OpenConnection2 remote", "CloseConnection", "BeginSession", "EndSession", "EndSession, wrong ticket",
    "ProcessRequest", "ProcessSubscription", "AuthPreferences.GetIsReadOnly", "AuthPreferences.PutIsReadOnly", "crash", "restart",
)  # fmt: skip
"""One of each sort."""

STATES = {
    "new": (),
    "connected": ("OpenConnection",),
    "remote": ("OpenConnection2 remote",),
    "in session": ("OpenConnection", "BeginSession"),
    "remote, in session": ("OpenConnection2 remote", "BeginSession"),
    "ended": ("OpenConnection", "BeginSession", "EndSession"),
    "crashed": ("OpenConnection", "BeginSession", "crash"),
    "remote, crashed": ("OpenConnection2 remote", "BeginSession", "crash"),
    "crashed, runs again": ("OpenConnection", "BeginSession", "crash", "restart"),
}


class Still:
    """A clock that stands still: none of these calls takes time."""

    later = None  # nobody has anything done later

    def now(self):
        return START


def made(operation):
    """Perform an operation that waits for nothing; return its value or the code it failed with."""
    try:
        next(operation)
    except StopIteration as end:
        return None, end.value
    except SessionFailure as failure:
        return failure.code, None
    raise AssertionError("it waits")


def play(steps):
    """Play a sequence; each call meets what the model says."""
    desk, model, ticket = make_desk(Still()), Model(), "none"
    processor = desk.processor()
    for number, step in enumerate(steps):
        if step in EVENTS:
            if step == "crash" and desk.server.process is not None:
                desk.server.crash()
            elif step == "restart" and desk.server.process is None:
                desk.server.log_in("Goflow", "multi")
            EVENTS[step](model)
            continue
        member, arguments, expected = CALLS[step]
        code, value = made(MEMBERS[member].call(processor, *arguments(ticket)))
        assert code == expected(model), steps[: number + 1]
        ticket = value if step == "BeginSession" and code is None else ticket
        assert len(desk.server.sessions) == (model.session and model.alive), steps[: number + 1]
    made(processor.release())
    assert desk.server.sessions == []


def test_every_member_is_a_step():
    assert {member for member, _, _ in CALLS.values()} == set(MEMBERS)


@pytest.mark.parametrize("state", STATES)
def test_every_two_calls_in_every_state(state):
    for steps in product(STEPS, repeat=2):
        play((*STATES[state], *steps))


def test_every_three_calls():
    for steps in product(FEW, repeat=3):
        play(steps)


@pytest.mark.slow
def test_every_four_calls():
    for steps in product(FEW, repeat=4):
        play(steps)
