"""The plug-in: used as a user's test suite would use it, under xdist too."""

import pytest

pytest_plugins = ["pytester"]

USERS_TEST = """
    import subprocess, sys
    import pytest
    from emulator.pytest_plugin import texts

    CLIENT = '''
    import win32com.client
    REQUEST = \"\"\"<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><InvoiceAddRq><InvoiceAdd>
    <CustomerRef><FullName>Kern Lighting Warehouse</FullName></CustomerRef><RefNumber>T-1</RefNumber>
    <InvoiceLineAdd><ItemRef><FullName>Freight</FullName></ItemRef><Quantity>2</Quantity></InvoiceLineAdd>
    </InvoiceAdd></InvoiceAddRq></QBXMLMsgsRq></QBXML>\"\"\"
    processor = win32com.client.Dispatch("QBXMLRP2.RequestProcessor")
    processor.OpenConnection("", "Test")
    ticket = processor.BeginSession("", 2)
    processor.ProcessRequest(ticket, REQUEST)
    '''

    def run(quickbooks):
        return subprocess.run([sys.executable, "-c", CLIENT.replace("\\n    ", "\\n")], env=quickbooks.environment).returncode

    SUBSCRIBER = "{8327C7FC-7F05-41ED-A5B4-B6618BB27BF1}"
    WATCHER = '''
    import win32com.client
    processor = win32com.client.Dispatch("QBXMLRP2.RequestProcessor")
    processor.OpenConnection("", "Watcher")
    processor.ProcessSubscription(\"\"\"<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLSubscriptionMsgsRq>
    <DataEventSubscriptionAddRq><DataEventSubscriptionAdd><SubscriberID>{8327C7FC-7F05-41ED-A5B4-B6618BB27BF1}</SubscriberID>
    <COMCallbackInfo><AppName>Watcher</AppName><ProgID>A.B</ProgID></COMCallbackInfo><DeliveryPolicy>DeliverAlways</DeliveryPolicy>
    <TxnEventSubscription><TxnEventType>Invoice</TxnEventType><TxnEventOperation>Add</TxnEventOperation></TxnEventSubscription>
    </DataEventSubscriptionAdd></DataEventSubscriptionAddRq></QBXMLSubscriptionMsgsRq></QBXML>\"\"\")
    '''

    def test_a_subscriber_is_told(quickbooks):
        assert subprocess.run([sys.executable, "-c", WATCHER.replace("\\n    ", "\\n")], env=quickbooks.environment).returncode == 0
        assert run(quickbooks) == 0
        assert quickbooks.events(SUBSCRIBER) == []
        quickbooks.reopen()
        assert run(quickbooks) == 0
        [event] = quickbooks.events(SUBSCRIBER)
        assert "<RefNumber>T-1</RefNumber>" in event

    def test_an_invoice_arrives(quickbooks):
        assert quickbooks.booked("Invoice") == []
        assert run(quickbooks) == 0
        assert [(row["ref"], row["amount_cents"]) for row in quickbooks.booked("Invoice")] == [("T-1", 2500)]

    def test_back_to_a_snapshot(quickbooks, tmp_path):
        snapshot = quickbooks.snapshot()
        for _ in range(2):
            assert run(quickbooks) == 0
            assert len(quickbooks.booked("Invoice")) == 1
            quickbooks.fork(str(tmp_path / f"copy{_}.qbw"))
            quickbooks.restore(snapshot)
            assert quickbooks.booked("Invoice") == []
            assert (tmp_path / f"copy{_}.qbw").stat().st_size > 100_000

    @pytest.mark.parametrize("turn", range(2))
    def test_a_fault_is_seen_by_the_program(quickbooks, turn):
        name = quickbooks.fault("session-error", where={"request": "InvoiceAddRq"}, times=1)
        assert run(quickbooks) != 0
        quickbooks.lift(name)
        assert len(quickbooks.rows("fault-hit")) == 1
        assert run(quickbooks) == 0

    MAKER = '''
    import sys
    import win32com.client
    name = sys.argv[1].encode("ascii", "xmlcharrefreplace").decode().replace("&", "&amp;").replace("&amp;#", "&#")
    processor = win32com.client.Dispatch("QBXMLRP2.RequestProcessor")
    processor.OpenConnection("", "Maker")
    ticket = processor.BeginSession("", 2)
    processor.ProcessRequest(ticket, \"\"\"<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError">
    <CustomerAddRq><CustomerAdd><Name>%s</Name></CustomerAdd></CustomerAddRq></QBXMLMsgsRq></QBXML>\"\"\" % name)
    '''

    @pytest.mark.parametrize("text", texts("alphabets", field="name")[:1])
    def test_a_difficult_name(quickbooks, text):
        maker = [sys.executable, "-c", MAKER.replace("\\n    ", "\\n"), text.text]
        assert subprocess.run(maker, env=quickbooks.environment).returncode == 0
        assert text.told() in [customer["full_name"] for customer in quickbooks.customers()]
"""


@pytest.mark.slow
def test_a_users_suite(pytester):
    pytester.makepyfile(USERS_TEST)
    pytester.runpytest_subprocess("-n", "2", "--strict-markers", "-p", "no:cacheprovider").assert_outcomes(passed=6)


def test_a_suite_is_run_with_a_quickbooks_that_is_like_another_one(pytester):
    pytester.makefile(
        ".yaml", like="likeness: 1\nswitches: {company.credit-limit: ignored}\nlatency: {other: {seconds: 0}}\ncomplete: true\n"
    )
    pytester.makepyfile(
        """
        def test_it(quickbooks):
            office = quickbooks._running.quickbooks.office
            assert office.settings["company.credit-limit"] == "ignored"
        """
    )
    options = ("-p", "no:cacheprovider", "-p", "no:randomly")
    pytester.runpytest_inprocess("--fakebooks-like", "like.yaml", *options).assert_outcomes(passed=1)
    pytester.runpytest_inprocess(*options).assert_outcomes(failed=1)


def test_faults_in_python_have_the_names_of_a_scenario_file():
    from emulator.com.exec import quickbooks_for_programs
    from emulator.core.errors import UserMistake
    from emulator.pytest_plugin import QuickBooksUnderTest

    with quickbooks_for_programs("wholesale_small") as running:
        quickbooks = QuickBooksUnderTest(running)
        name = quickbooks.fault("crash", name="dies", when={"by_hand": True}, parameters={"ghost": True})
        quickbooks.fire(name, 2)
        quickbooks.fault("hosting-off")
        crash, hosting = quickbooks.faults()
        assert (crash["name"], crash["of"], crash["fired"], crash["hits"]) == ("dies", "crash", 2, 0)
        assert (hosting["in_force"], hosting["hits"]) == (True, 1)
        assert hosting["rows"] == [row["n"] for row in quickbooks.rows("fault-hit")]
        quickbooks.lift(name)
        quickbooks.lift()
        assert all(fault["lifted"] for fault in quickbooks.faults())
        with pytest.raises(UserMistake, match="'blackhole' strikes the network, and this QuickBooks stands alone"):
            quickbooks.fault("blackhole")
        with pytest.raises(UserMistake, match="there is no machine 'SEVER'; expected 'SERVER'"):
            quickbooks.fault("crash", where={"machine": "SEVER"})
        for word in ("NET02", "net02"):
            with pytest.raises(UserMistake, match=f"'{word}' strikes the network"):
                quickbooks.fault(word)


def test_a_fault_is_put_into_force_anew_after_it_was_lifted():
    from emulator.com.exec import quickbooks_for_programs
    from emulator.pytest_plugin import QuickBooksUnderTest

    with quickbooks_for_programs("wholesale_small") as running:
        quickbooks = QuickBooksUnderTest(running)
        assert quickbooks.fault("qb09") == "crash"
        quickbooks.lift("crash")
        assert quickbooks.fault("crash") == "crash-2"
        quickbooks.lift("crash")
        assert [(fault["name"], fault["lifted"]) for fault in quickbooks.faults()] == [("crash", True), ("crash-2", True)]
