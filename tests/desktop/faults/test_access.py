"""Faults of who may in and who may do what: each is felt with its code, named in the journal, and cured by what its row says."""

import asyncio

import pytest

from desktop.makers import APPLICATION, PATH, QUERY, at_desk, code_of, document, invoice
from emulator.company import load_company
from emulator.core.errors import UserMistake
from emulator.desktop import Application, Code, Preferences, ProgramFiles, RequestProcessor
from emulator.desktop.components import DAMAGES
from emulator.desktop.faults.access import KINDS

BY_NAME = {kind.name: kind for kind in KINDS}
UNATTENDED = {"open_as": None, "grant": "even if not running"}


async def connect(desk, path=""):
    processor = await desk.perform(RequestProcessor.create(desk.server))
    await desk.perform(processor.open_connection("", APPLICATION))
    return processor, await desk.perform(processor.begin_session(path, 2))


async def attempt(desk, path=""):
    """Connect, ask, and close: what reconnecting does. Returns the code it failed with."""
    processor, ticket = await connect(desk, path)
    try:
        await desk.perform(processor.process_request(ticket, document(QUERY)))
    finally:
        await desk.perform(processor.close_connection())


def granted(desk):
    return [Application(**each) for each in desk.company.apps]


def felt(kind, given, before=(), path="", prepare=None, **options):
    """Put a fault on, try twice (reconnecting), lift it, try again; return the three codes. The journal names the fault."""

    async def story(desk, clock):
        if prepare is not None:
            prepare(desk)
        grants = granted(desk)
        desk.fault(kind, **{"with": given})
        assert desk.plan.unfired() == []
        codes = [await code_of(attempt(desk, path)) for _ in "12"]
        named = [row for row in desk.journal.rows("session-failed") if kind in row.get("faults", ())]
        assert len(named) == sum(code is not None for code in codes)
        desk.plan.lift(kind)
        assert granted(desk) == grants
        assert desk.office.certificates == {}
        return (*codes, await code_of(attempt(desk, path)))

    return at_desk(story, **options)


@pytest.mark.parametrize(
    ("how", "code", "options"),
    [
        ("unknown", Code.UNKNOWN_APPLICATION, {}),
        ("switched-off", Code.NOT_PERMITTED, {}),
        ("nobody", Code.NOT_PERMITTED, {}),
        ("ask-every-time", Code.DENIED, {}),
        ("no-automatic-login", Code.NO_AUTOMATIC_LOGIN, {"path": PATH, **UNATTENDED}),
        ("unknown", Code.UNKNOWN_APPLICATION, {"path": PATH, **UNATTENDED}),
    ],
)
def test_not_authorised(how, code, options):
    assert felt("not-authorised", {"how": how}, **options) == (code, code, None)


@pytest.mark.parametrize(
    ("state", "code", "options"),
    [
        ("none", None, {}),
        ("valid", None, {}),
        ("renewed", Code.DENIED, {}),
        ("expiring", None, {}),
        ("expired", None, {}),
        ("revoked", Code.CERTIFICATE_REVOKED, {}),
        ("invalid", Code.CERTIFICATE_INVALID, {}),
        ("expired", Code.CERTIFICATE_EXPIRED, {"path": PATH, **UNATTENDED}),
        ("renewed", Code.AUTHORISE_AGAIN, {"path": PATH, **UNATTENDED}),
    ],
)
def test_certificate(state, code, options):
    assert felt("certificate", {"state": state}, **options) == (code, code, None)


@pytest.mark.parametrize("state", ["expiring", "expired"])
def test_a_certificate_that_runs_out_is_told_and_its_row_names_the_fault(state):
    async def story(desk, clock):
        desk.fault("certificate", **{"with": {"state": state}})
        await attempt(desk)
        return [(row["certificate"], row["faults"]) for row in desk.journal.rows("certificate-notice")]

    assert at_desk(story) == [(state, ["certificate"])]


def test_a_renewed_certificate_is_cured_by_the_admin():
    async def story(desk, clock):
        desk.fault("certificate", **{"with": {"state": "renewed"}})
        beginning = asyncio.create_task(code_of(attempt(desk)))
        await clock.sleep(60)
        desk.server.answer_prompt("whenever the file is open")
        return await beginning, await code_of(attempt(desk))

    assert at_desk(story, open_as="Admin") == (None, None)


@pytest.mark.parametrize("what", DAMAGES)
def test_component_missing(what):
    code = DAMAGES[what].code
    assert felt("component-missing", {"what": what}) == (code, code, None)


def test_second_application_while_single_and_the_mode_comes_back():
    async def story(desk, clock):
        desk.fault("second-application")
        codes = [await code_of(attempt(desk)) for _ in "12"]
        [failed, _] = desk.journal.rows("session-failed")
        mode = desk.server.opening.mode
        desk.plan.lift("second-application")
        after = await code_of(attempt(desk)), desk.server.opening.mode, len(desk.server.sessions)
        switched = [(row["user"], row["mode"], row["faults"]) for row in desk.journal.rows("mode-switched")]
        return codes, failed["faults"], mode, after, switched

    code, by = Code.SHARED_WHILE_SINGLE, ["second-application"]
    switched = [("Goflow", "single", by), ("Goflow", "multi", by)]
    assert at_desk(story) == ([code, code], by, "single", (None, "multi", 0), switched)


def test_nobody_switches_the_mode_for_the_second_application_where_the_switch_is_refused():
    async def story(desk, clock):
        with pytest.raises(UserMistake, match="Only the Admin may switch the mode"):
            desk.fault("second-application")
        return desk.server.opening.mode, desk.server.sessions

    assert at_desk(story, mode_switch="admin") == ("multi", [])


@pytest.mark.parametrize(("others", "expected"), [("queue", None), ("0x80010001", "0x80010001"), ("0x8001010A", "0x8001010A")])
def test_one_at_a_time(others, expected):
    async def story(desk, clock):
        sessions = [await connect(desk) for _ in "12"]
        desk.fault("one-at-a-time", **{"with": {"others": others}})

        async def together():
            desk.server.show_dialog("Backup", closes_after_s=5)
            calls = [code_of(desk.perform(each.process_request(ticket, document(QUERY)))) for each, ticket in sessions]
            return await asyncio.gather(*map(asyncio.create_task, calls))

        during = await together()
        named = [row["faults"] for row in desk.journal.rows("session-failed")]
        desk.plan.lift("one-at-a-time")
        return during, named, await together()

    assert at_desk(story) == ([None, expected], [["one-at-a-time"]] if expected else [], [None, None])


# ---- rights: the real company file answers ------------------------------------------------------------------------------------------


def real(clock):
    return load_company("wholesale_small", clock.now)


BILL = "<BillQueryRq />"
CUSTOMERS = "<CustomerQueryRq><MaxReturned>1</MaxReturned></CustomerQueryRq>"


@pytest.mark.parametrize(("level", "expected"), [("none", [3260, 3260, 3260]), ("create", [0, 0, 3260])], ids=["none", "create"])
def test_permission_cut(level, expected):
    async def story(desk, clock):
        add = invoice("G-77", "Kern Lighting Warehouse").replace("Widget", "Freight")
        report = (
            "<GeneralSummaryReportQueryRq><GeneralSummaryReportType>SalesByCustomerSummary</GeneralSummaryReportType>"
            "</GeneralSummaryReportQueryRq>"
        )
        asked = document(CUSTOMERS, add, report, BILL, on_error="continueOnError")
        rows = []
        for step in ("on", "again", "off"):
            if step == "on":
                desk.fault("permission-cut", **{"with": {"level": level}})
            if step == "off":
                desk.plan.lift("permission-cut")
            processor, ticket = await connect(desk)
            await desk.perform(processor.process_request(ticket, asked))
            await desk.perform(processor.close_connection())
            answered = list(desk.journal.rows("answered"))[-4:]
            rows.append([row["status"] for row in answered])
            assert all((row["status"] == 3260) is ("permission-cut" in row.get("faults", ())) for row in answered)
        assert desk.company.areas_of("Goflow") == {}
        return rows

    cut, again, after = at_desk(story, make_company=real)
    assert cut[:3] == again[:3] == expected
    assert cut[3] != 3260
    assert after[:3] == [0, 0, 0]


def test_a_cut_of_one_user_leaves_what_was_cut_before():
    async def story(desk, clock):
        desk.company.limit("Anna", {"Banking": "none", "Time": "none"})
        desk.fault("permission-cut", **{"with": {"user": "ANNA", "area": "Banking", "level": "create"}})
        during = desk.company.areas_of("Anna"), desk.company.areas_of("Goflow")
        desk.company.limit("Anna", {"Banking": "create"})
        desk.plan.lift("permission-cut")
        return during, desk.company.areas_of("Anna")

    assert at_desk(story) == (({"Banking": "create", "Time": "none"}, {}), {"Banking": "none"})


def test_a_cut_does_not_leave_the_log_in_to_be_granted_again():
    async def story(desk, clock):
        before = granted(desk)
        desk.fault("permission-cut")
        assert desk.company.apps[0]["renew"]
        desk.plan.lift("permission-cut")
        return granted(desk) == before

    assert at_desk(story, grant="even if not running")


# ---- what the world has not, and how a fault begins later ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "given", "options"),
    [
        ("permission-cut", {"user": "Gofow"}, {}),
        ("permission-cut", {"user": "Admin"}, {}),
        ("not-authorised", {"application": "Goflow Conector"}, {}),
        ("not-authorised", {}, {"grant": None}),
        ("certificate", {"application": "Nobody"}, {}),
        ("second-application", {}, {"open_as": None}),
        ("second-application", {"machine": "SERVR"}, {}),
        ("component-missing", {"machine": "NOWHERE"}, {}),
        ("one-at-a-time", {"machine": "NOWHERE"}, {}),
    ],
)
def test_what_the_world_has_not_is_refused_and_nothing_has_changed(kind, given, options):
    async def story(desk, clock):
        rows = len(list(desk.journal.rows()))
        with pytest.raises(UserMistake) as mistake:
            desk.fault(kind, **{"with": given})
        assert mistake.value.expected
        assert desk.plan.faults() == []
        return len(list(desk.journal.rows())) - rows

    assert at_desk(story, **options) == 0


def test_others_in_the_file_keep_the_second_application_out():
    async def story(desk, clock):
        desk.accounting.log_in("Anna", "multi")
        with pytest.raises(UserMistake, match="Anna on ACCOUNTING-PC"):
            desk.fault("second-application")
        return desk.server.opening.mode

    assert at_desk(story) == "multi"


LASTING = [kind.name for kind in KINDS if kind.lasting]


@pytest.mark.parametrize("kind", LASTING)
def test_each_begins_at_its_first_point_when_its_trigger_strikes_and_ends_by_itself(kind):
    async def story(desk, clock):
        desk.fault(kind, when={"nth": 2}, for_s=60.0)
        first = await code_of(attempt(desk))
        assert desk.plan.unfired() != []
        await code_of(attempt(desk))
        assert desk.plan.unfired() == []
        await clock.sleep(61)
        await code_of(attempt(desk))
        again = await code_of(attempt(desk))
        return first, again, desk.server.damage, desk.server.opening.mode, desk.company.areas_of("Goflow")

    assert at_desk(story) == (None, None, "", "multi", {})


def test_the_rows_say_what_people_need():
    assert {kind.id for kind in KINDS} == {"QB14", "QB15", "QB16", "QB46", "COM01", "COM06"}
    assert not any(kind.cured_by_reconnect for kind in KINDS)


def test_what_the_admin_decides_meanwhile_outlasts_the_fault():
    async def story(desk, clock):
        office, authorisations = desk.office, desk.office.files[0].authorisations
        desk.fault("not-authorised", **{"with": {"how": "switched-off"}})
        Preferences(desk.server).set_login(APPLICATION, "ask every time")
        Preferences(desk.server).allow(APPLICATION)
        desk.plan.lift_all()
        kept = authorisations.of(APPLICATION)
        desk.fault("certificate", **{"with": {"state": "revoked"}})
        ProgramFiles(office).renew(APPLICATION)
        desk.plan.lift_all()
        return kept.login, kept.allowed, office.certificates[APPLICATION].serial, office.certificates[APPLICATION].revoked

    assert at_desk(story, open_as="Admin") == ("ask every time", True, "1, renewed", False)
