"""The commit trio on every write of qbXML: it fails before the commit, after the commit and before the answer, and is answered twice.

One minimal valid document of each write request stands in the tests of the company; here each goes through the request processor.
"""

from typing import Any

import pytest
from company.conformance.everything import everything
from company.conformance.making import Making
from company.conformance.test_other_requests import MADE
from company.conformance.test_other_requests import public as other_requests
from company.conformance.test_round_trips import NOUNS, identity_of, ok, operations_at

from desktop.makers import APPLICATION, START, make_desk
from emulator.core.clock import run_virtual
from emulator.desktop import Code, SessionFailure
from emulator.qbxml import Request, Version, decode_answer_set, encode_request_set, schema_of

NEWEST = Version("16.0")


def writes() -> list[str]:
    """Return the names of all requests that write something."""
    others = [name for name in other_requests() if not name.endswith("QueryRq") and "Display" not in name]
    ours = [f"{noun}{operation}Rq" for noun in NOUNS for operation in ("Add", "Mod") if operation in operations_at(NEWEST, noun)]
    return [*ours, *others]


FAST = {
    "InvoiceAddRq",
    "BillModRq",
    "CustomerAddRq",
    "ListMergeRq",
    "TxnVoidRq",
    "TxnDelRq",
    "DataExtModRq",
    "ClearedStatusModRq",
}
"""What stands for all of them in the fast set: each sort of write once."""


def request_of(bench: Any, name: str) -> Request:
    """Return a write that the company takes, with what it needs put into the books before."""
    message = schema_of(NEWEST.schema_number).message(name)
    assert message is not None
    if message.noun not in NOUNS:
        values = MADE[name](bench) if name in MADE else Making(bench, NEWEST, "smallest").request(name).values
        return Request(name, message.noun, message.operation, {"requestID": "7"}, values)
    added = Making(bench, NEWEST, "smallest", 0, 100).request(f"{message.noun}AddRq")
    if message.operation == "Add":
        return added
    made = ok(bench, NEWEST, added)
    identity_name, identity = identity_of(made)
    return Making(bench, NEWEST, "smallest", 0, 200).request(
        name, **{identity_name: identity, "EditSequence": made["EditSequence"]}
    )


def test_every_write_is_among_them():
    known = {name[:-2] for name in writes()}
    public = [name for name in other_requests() if name.endswith(("AddRq", "ModRq", "DelRq", "VoidRq", "MergeRq"))]
    assert {name[:-2] for name in public if "Display" not in name} <= known
    assert len(known) == len(writes()) > 100
    assert set(writes()) >= FAST


@pytest.mark.parametrize("name", [name if name in FAST else pytest.param(name, marks=pytest.mark.slow) for name in writes()])
def test_the_trio(name):
    bench = everything()
    document = encode_request_set(NEWEST, "stopOnError", [request_of(bench, name)])
    bench.company.grant({"name": APPLICATION, "login": "whenever the file is open", "login_as": "Admin", "personal_data": True})
    before = bench.company.snapshot()
    connection = bench.company._store.execute("SELECT 1").connection

    def outcome(fault: dict[str, Any]) -> tuple[Any, bool, int, list[int]]:
        """What the caller sees, whether the books were written to, how many rows `committed` tell of it, hits."""

        async def story(clock):
            desk = make_desk(clock, open_as="Admin", mode="single", grant=None, make_company=lambda _: bench.company)
            desk.fault(fault["fault"], times=1, where={"request": name}, **{"point": fault["point"]})
            processor = desk.processor()
            await desk.perform(processor.open_connection("", APPLICATION))
            ticket = await desk.perform(processor.begin_session("", 2))
            changes = connection.total_changes
            try:
                seen = await desk.perform(processor.process_request(ticket, document))
            except SessionFailure as failure:
                seen = failure.code
            written = connection.total_changes != changes
            return seen, written, len(list(desk.journal.rows("committed"))), [each.hits for each in desk.plan.faults()]

        result = run_virtual(story, START)
        bench.company.restore(before)
        return result

    fails = {"fault": "session-error"}
    assert outcome({**fails, "point": "quickbooks.before-commit"}) == (Code.RPC_UNAVAILABLE, False, 0, [1])
    seen, written, committed, hits = outcome({**fails, "point": "quickbooks.after-commit"})
    assert (seen, written, committed, hits) == (Code.RPC_UNAVAILABLE, True, 1, [1])
    answer, written, committed, hits = outcome({"fault": "answer-twice", "point": "quickbooks.after-commit"})
    answers = decode_answer_set(answer, NEWEST.number).answers
    assert [each.name for each in answers] == [f"{name[:-2]}Rs"] * 2
    assert answers[0].status.code == answers[1].status.code == 0
    assert (written, committed, hits) == (True, 1, [1])
    assert bench.truth.problems() == []
