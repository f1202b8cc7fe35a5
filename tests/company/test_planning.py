"""Whether a range is narrow or wide decides how it is looked up, never what is found; and an older file gets the indexes for it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.company import Caller, Company, filters, store
from emulator.company.filters import FEW
from emulator.company.large import Size, create_large
from emulator.company.migrations import MIGRATIONS
from emulator.company.store import Store
from emulator.qbxml import decode_set, encode_request_set, make_request

SIZE = Size(customers=30, transactions=250, vendors=5, items=6, years=1, seed=11)


def now():
    return datetime(2026, 11, 23, 14, tzinfo=UTC)


@pytest.fixture(scope="module")
def company():
    made = create_large(None, SIZE, now)
    yield made
    made.close()


def asked(company, request, values):
    """What a query is answered with: its status and the identities of its records, in order."""
    document = encode_request_set("13.0", "stopOnError", [make_request(request, values)])
    [answer] = company.begin_set(decode_set(document.encode()), Caller("s", "S")).finish()
    return answer.status.code, [record.get("TxnID") or record["ListID"] for _name, record in answer.records]


def with_few(few, ask):
    before = filters.FEW
    filters.FEW = few
    try:
        return ask()
    finally:
        filters.FEW = before


DAYS = st.dates(datetime(2018, 1, 1, tzinfo=UTC).date(), datetime(2020, 1, 1, tzinfo=UTC).date()).map(lambda day: day.isoformat())
WORDS = st.sampled_from(["a", "B", "co", "m", "z", "1", "10", "0100", "B-1", "'", "é"])


def spans(name, ends):
    """From and To of a range, either left out, in the right order."""
    pair = st.tuples(st.none() | ends, st.none() | ends)
    ordered = pair.filter(lambda each: None in each or each[0].casefold() <= each[1].casefold())
    return ordered.map(
        lambda each: {f"{end}{name}": value for end, value in zip(("From", "To"), each, strict=True) if value is not None}
    )


TEXT = st.fixed_dictionaries({"MatchCriterion": st.sampled_from(["StartsWith", "Contains", "EndsWith"]), "word": WORDS})


@st.composite
def queries(draw):
    """A list or transaction query with up to three ranges and perhaps a limit."""
    noun = draw(st.sampled_from(["Customer", "Vendor", "ItemNonInventory", "Invoice", "ReceivePayment", "Bill"]))
    values = {}
    if draw(st.booleans()):
        values["MaxReturned"] = draw(st.integers(1, 40))
    is_list = noun in ("Customer", "Vendor", "ItemNonInventory")
    part = "Name" if is_list else "RefNumber"
    way = draw(st.sampled_from(["match", "range", "neither"]))
    if way == "match":
        match = draw(TEXT)
        values[f"{part}Filter"] = {"MatchCriterion": match["MatchCriterion"], part: match["word"]}
    elif way == "range":
        span = draw(spans(part, WORDS))
        if span:
            values[f"{part}RangeFilter"] = span
    changed = draw(spans("ModifiedDate", DAYS))
    if is_list:
        return f"{noun}Query", values | changed
    if draw(st.booleans()):
        values["TxnDateRangeFilter"] = draw(spans("TxnDate", DAYS).filter(bool))
    elif changed:
        values["ModifiedDateRangeFilter"] = changed
    return f"{noun}Query", values


@settings(max_examples=150, deadline=None)
@given(query=queries(), few=st.sampled_from([0, 1, 5, 50]))
def test_the_plan_changes_nothing(company, query, few):
    assert with_few(few, lambda: asked(company, *query)) == asked(company, *query)


@pytest.fixture(scope="module")
def nested():
    """Customers with jobs, of names that stand elsewhere without case, by the order of jobs, or by characters around the colon."""
    made = create_large(None, Size(customers=1, transactions=0, vendors=1, items=1), now)
    above = ["ac", "AC!", "ac & sons", "ac-dc", "ac0", "ac9", "ac;", "acme", "Ac z", "\u00e9t\u00e9", "b", "stra\u00dfe"]
    for name in above:
        add(made, {"Name": name})
    for parent in ("ac", "AC!", "acme", "b"):
        for name in ("!", "0 job", "job", "~", "\u00dfa"):
            add(made, {"Name": name, "ParentRef": {"FullName": parent}})
    for name in ("x", " y"):
        add(made, {"Name": name, "ParentRef": {"FullName": "ac:job"}})
    yield made
    made.close()


def add(company, values):
    document = encode_request_set("13.0", "stopOnError", [make_request("CustomerAdd", {"CustomerAdd": values})])
    [answer] = company.begin_set(decode_set(document.encode()), Caller("s", "S")).finish()
    assert answer.status.code == 0, answer.status


def test_a_page_begins_where_the_names_can_stand(nested):
    """Every name and every beginning of one as a filter: found are those that the names themselves say, in their order."""
    every = nested.truth.customers()
    ids = {row["list_id"]: row["full_name"].casefold() for row in every}
    in_order = [ids[each] for each in asked(nested, "CustomerQuery", {})[1]]
    assert len(in_order) == len(every) > 30
    for word in sorted({name[:length] for name in in_order for length in range(1, len(name) + 1)}):
        for values, wanted in (
            (
                {"NameFilter": {"MatchCriterion": "StartsWith", "Name": word}},
                [each for each in in_order if each.startswith(word)],
            ),
            ({"NameRangeFilter": {"FromName": word}}, [each for each in in_order if each >= word]),
            (
                {"NameRangeFilter": {"FromName": word, "ToName": "b"}},
                [each for each in in_order if word <= each and each[:1] <= "b"],
            ),
        ):
            if "ToName" in values.get("NameRangeFilter", {}) and word > "b":
                continue
            for few in (0, FEW):
                found = with_few(few, lambda values=values: asked(nested, "CustomerQuery", values)[1])
                assert [ids[each] for each in found] == wanted, (values, few)


def test_what_was_changed_since_then_is_looked_for_from_its_first_day(company):
    changed = sorted((row["date"], row["modified"]) for row in company.truth.transactions("Invoice"))
    since = sorted(modified for _date, modified in changed)[len(changed) // 2]
    first = next(date for date, modified in changed if modified >= since)
    assert first > changed[0][0]
    real, bounds = company._store.execute, []

    def spy(statement, parameters=()):
        if "date >= ?" in statement:
            bounds.append(parameters[-1])
        return real(statement, parameters)

    company._store.execute = spy
    try:
        values = {"ModifiedDateRangeFilter": {"FromModifiedDate": company._books.local_time.text(since)}}
        found = with_few(0, lambda: asked(company, "InvoiceQuery", values))
    finally:
        company._store.execute = real
    assert bounds == [first]
    assert found == asked(company, "InvoiceQuery", values)


def test_names_by_customer(company):
    names = [row["full_name"] for row in company.truth.customers()][:7]
    values = {"EntityFilter": {"FullName": names}}
    found = [with_few(few, lambda: asked(company, "InvoiceQuery", values)) for few in (0, FEW)]
    assert found[0] == found[1]
    assert len(found[0][1]) == len([row for row in company.truth.transactions("Invoice") if row["party"] in names])


def plans(company, request, values):
    """The plans of the statements that find the numbers of a query."""
    real, seen = company._store.execute, []

    def spy(statement, parameters=()):
        if statement.startswith(("SELECT record FROM", "SELECT number FROM")):
            seen.extend(row[3] for row in real(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall())
        return real(statement, parameters)

    company._store.execute = spy
    try:
        asked(company, request, values)
    finally:
        company._store.execute = real
    return seen


@pytest.mark.parametrize(
    ("request_name", "values", "narrow", "wide"),
    [
        ("CustomerQuery", {"FromModifiedDate": "2018-06-01"}, "list_record_by_modified", "list_record_by_kind"),
        ("CustomerQuery", {"NameFilter": {"MatchCriterion": "StartsWith", "Name": "M"}}, "list_record_by_kind", "list_record_by_kind"),
        ("EntityQuery", {"NameFilter": {"MatchCriterion": "StartsWith", "Name": "M"}}, "list_record_by_name", "list_record_by_order"),
        ("CustomerQuery", {}, "list_record_by_kind", "list_record_by_kind"),
        ("EntityQuery", {"FromModifiedDate": "2018-06-01"}, "list_record_by_modified", "list_record_by_order"),
        ("InvoiceQuery", {"ModifiedDateRangeFilter": {"FromModifiedDate": "2019-06-01"}}, "txn_by_modified", "txn_by_date"),
        ("InvoiceQuery", {"TxnDateRangeFilter": {"FromTxnDate": "2019-06-01"}}, "txn_by_date", "txn_by_date"),
        ("InvoiceQuery", {"RefNumberRangeFilter": {"FromRefNumber": "1", "ToRefNumber": "10050"}}, "txn_by_ref_number", "txn_by_date"),
        ("InvoiceQuery", {"RefNumberFilter": {"MatchCriterion": "StartsWith", "RefNumber": "100"}}, "txn_by_ref", "txn_by_date"),
        ("InvoiceQuery", {}, "txn_by_date", "txn_by_date"),
    ],
)  # fmt: skip
def test_what_is_looked_up_where(company, request_name, values, narrow, wide):
    """A narrow range by its own index, a wide one in the order of the answer; the order is never sorted for a wide one."""
    assert f"{narrow} (" in plans(company, request_name, values)[0]
    found = with_few(0, lambda: plans(company, request_name, values))
    assert f"{wide} (" in found[0]
    assert not any("TEMP B-TREE" in step for step in found)


@pytest.mark.parametrize("format_before", [1, 2, 3])
def test_an_older_file_gets_its_indexes(tmp_path, monkeypatch, format_before):
    path = tmp_path / "old.qbw"

    def fill(new):
        new.set_settings([("name", "Old")])

    with monkeypatch.context() as older:
        older.setattr(store, "FORMAT", format_before)
        Store.create(path, fill).close()
    again, fresh = Store.open(path), Store.create(None, lambda new: None)
    schema = "SELECT type, name, tbl_name FROM sqlite_master ORDER BY 1, 2"
    assert again.execute(schema).fetchall() == fresh.execute(schema).fetchall()
    assert again.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    assert again.setting("name") == "Old"
    again.close()
    fresh.close()


def test_a_company_of_the_format_before_is_what_it_was(tmp_path):
    """As if its last migrations had never been: its indexes taken away, it is opened and answers the same."""
    path = tmp_path / "large.qbw"
    made = create_large(path, SIZE, now)
    before = [asked(made, f"{noun}Query", {}) for noun in ("Customer", "Invoice")]
    execute = made._store.execute
    for name in (
        "list_record_by_kind",
        "list_record_by_modified",
        "list_record_renamed",
        "txn_by_date",
        "txn_by_day",
        "txn_by_kind",
        "txn_by_ref_number",
    ):
        execute(f"DROP INDEX {name}")
    execute("CREATE INDEX list_record_by_kind ON list_record (kind, sort_key)")
    execute("DELETE FROM migration WHERE step >= 3")
    execute("PRAGMA user_version = 2")
    made.close()
    again = Company.open(path, now)
    assert [asked(again, f"{noun}Query", {}) for noun in ("Customer", "Invoice")] == before
    assert again.truth.problems() == []
    again.close()
