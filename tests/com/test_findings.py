"""What programs of strangers get wrong when something goes wrong: each test shows one row of docs/FINDINGS.md."""

import pytest

from emulator.faults import FaultSpec

from .programs import python, running_quickbooks
from .test_connectors import company_path, install

pytestmark = pytest.mark.slow


def strike(running, **fault):
    """Let a fault strike the QuickBooks."""
    spec = FaultSpec.model_validate(fault)
    office = running.quickbooks.office
    running.on_loop(lambda: office.plan.add(spec, office.now()))


@pytest.fixture(scope="module")
def qbdquery(tmp_path_factory):
    return install("qbdquery==0.1.5", tmp_path_factory.mktemp("qbdquery"))


@pytest.fixture(scope="module")
def quickbooks_desktop(tmp_path_factory):
    return install("quickbooks-desktop==1.0.1", tmp_path_factory.mktemp("quickbooks-desktop"))


ASK = """
    import sys
    from qbdquery import QuickBooksClient
    try:
        with QuickBooksClient(company_file=sys.argv[1]).session() as client:
            print(len(client.query("Customer", filters={FILTERS})))
    except Exception as error:
        print(type(error).__name__, str(error)[:200])
"""


def asked(running, folder, filters="None"):
    return python(ASK.replace("{FILTERS}", filters), running.url, company_path(running), path=folder)


def test_qbdquery_takes_a_refused_query_for_an_empty_list(qbdquery):
    """An amount of customers is 0 whether there are none or QuickBooks answered with an error: the status code is not read."""
    with running_quickbooks() as running:
        assert int(asked(running, qbdquery)) > 50
        assert asked(running, qbdquery, '{"FromModifiedDate": "not a date"}') == "0\n"


def test_qbdquery_writes_names_into_documents_as_they_are(qbdquery):
    """A name with & breaks the document: the whole of it is refused."""
    with running_quickbooks() as running:
        assert "-2147220480" in asked(running, qbdquery, '{"FullName": "Smith & Sons"}')


def test_qbdquery_asks_for_another_mode_than_it_says(qbdquery):
    """It means 0 as "the file that is open" and 1 as single-user; they are single-user and multi-user (documented)."""
    with running_quickbooks() as running:
        text = python(
            """
            from qbdquery import QuickBooksClient
            try:
                with QuickBooksClient().session():
                    print("begun")
            except Exception as error:
                print(type(error).__name__, "-2147220464" in str(error))
            """,
            running.url,
            path=qbdquery,
        )
    assert text == "QBDConnectionError True\n"


def test_qbdquery_hides_a_crash_behind_its_own_clean_up(qbdquery):
    """QuickBooks dies in the call: the program is told that ending the session failed, and keeps its connection."""
    with running_quickbooks() as running:
        strike(running, fault="crash", times=1)
        text = asked(running, qbdquery)
    assert text.startswith("QBDSessionError Failed to end session")


def test_qbdquery_merges_and_says_that_it_failed(qbdquery):
    """The answer of a merge is lost: the vendor is gone, and the program says that the request failed; a second try fails for another reason."""
    with running_quickbooks(mode="single") as running:
        strike(running, fault="answer-lost", where={"request": "ListMergeRq"}, times=1, **{"with": {"how": "fails"}})
        text = python(
            """
            import sys
            from qbdquery import QuickBooksClient
            client = QuickBooksClient()
            with client.session():
                def two():
                    return client.query_vendors(fields=["ListID", "EditSequence", "Name"])[-2:]
                one, other = two()
                for _ in "12":
                    try:
                        print(client.merge_vendors(one, other)["status_code"])
                    except Exception as error:
                        print(type(error).__name__)
                print(one["Name"] in [each["Name"] for each in client.query_vendors(fields=["Name"])])
            """,
            running.url,
            path=qbdquery,
        )
    first, second, there = text.split()
    assert (first, there) == ("QBDSessionError", "False")
    assert second != "0"


BEGIN = """
    from quickbooks_desktop.session_manager import SessionManager
    manager = SessionManager(application_name="Stranger")
    manager.begin_session()
    print(manager.session_begun, manager.ticket)
"""


def test_quickbooks_desktop_goes_on_without_a_session(quickbooks_desktop):
    """Both BeginSession fail; the error is printed, not raised, and the caller goes on as if there were a session."""
    with running_quickbooks() as running:
        strike(running, fault="session-error", point="quickbooks.before-begin", times=2, **{"with": {"code": "0x80040420"}})
        lines = python(BEGIN, running.url, path=quickbooks_desktop).splitlines()
    assert "-2147220448" in lines[0]
    assert lines[-1] == "False None"


def test_quickbooks_desktop_tries_again_whatever_the_reason(quickbooks_desktop):
    """It begins in multi-user mode after any failure, also where a second call is one too many."""
    with running_quickbooks() as running:
        strike(running, fault="session-error", point="quickbooks.before-begin", times=1, **{"with": {"code": "0x80040420"}})
        assert python(BEGIN, running.url, path=quickbooks_desktop).startswith("True ")
        kinds = [row["kind"] for row in running.journal.rows(lane="quickbooks")]
    assert kinds.count("session-failed") == 1
    assert "session-begun" in kinds


def test_quickbooks_desktop_cannot_send(quickbooks_desktop):
    """Its send_xml raises a TypeError of its own, once there is an object."""
    with running_quickbooks() as running:
        text = python(
            BEGIN
            + """
    from lxml import etree
    try:
        manager.send_xml(etree.Element("HostQueryRq"))
    except Exception as error:
        print(type(error).__name__)
            """,
            running.url,
            path=quickbooks_desktop,
        )
    assert text.splitlines()[-1] == "TypeError"
