"""`fakebooks events` against the control API of a world in this process: the list, the documents, and what nobody knows."""

import json

from emulator import client
from emulator.desktop import RequestProcessor
from emulator.people import perform

SUBSCRIBER = "{8327C7FC-7F05-41ED-A5B4-B6618BB27BF1}"
SUBSCRIBE = (
    '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLSubscriptionMsgsRq><UIEventSubscriptionAddRq><UIEventSubscriptionAdd>'
    f"<SubscriberID>{SUBSCRIBER}</SubscriberID><COMCallbackInfo><AppName>Handler</AppName><ProgID>A.B</ProgID></COMCallbackInfo>"
    "<DeliveryPolicy>DeliverAlways</DeliveryPolicy><CompanyFileEventSubscription><CompanyFileEventOperation>Open"
    "</CompanyFileEventOperation></CompanyFileEventSubscription></UIEventSubscriptionAdd></UIEventSubscriptionAddRq>"
    "</QBXMLSubscriptionMsgsRq></QBXML>"
)


def test_events(world, on_loop, fakebooks):
    assert fakebooks("events") == (0, "nobody has subscribed to events\n", "")
    code, out, err = fakebooks("events", SUBSCRIBER)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"there is no subscriber '{SUBSCRIBER}'; expected a SubscriberID that was given to ProcessSubscription" in err

    async def subscribe_and_open():
        processor = RequestProcessor(world.machine("server"))
        await world.driver.perform(processor.open_connection("", "Watcher"))
        await world.driver.perform(processor.process_subscription(SUBSCRIBE))
        await perform(world, "operator.log_in_goflow")

    on_loop(subscribe_and_open())
    code, out, err = fakebooks("events")
    assert (code, err) == (0, "")
    assert out == f"{SUBSCRIBER} UI on server for Watcher: 1 waiting, 0 lost\n"
    assert json.loads(fakebooks("events", "--json")[1])[0]["waiting"] == 1
    code, out, err = fakebooks("events", SUBSCRIBER)
    assert (code, err) == (0, "")
    assert out.startswith('<?xml version="1.0" ?>\n<?qbxml version="13.0" ?>\n<QBXML>\n<QBXMLEvents>\n<UIEvent>\n')
    assert out.endswith("</QBXML>\n")
    assert fakebooks("events", SUBSCRIBER) == (0, "", "")
    assert json.loads(fakebooks("events", SUBSCRIBER.strip("{}"), "--json")[1]) == []


def test_a_server_that_has_gone(fakebooks, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    client.leave_note(client.Running("http://127.0.0.1:1", "any"))
    code, out, err = fakebooks("events")
    assert (code, out) == (4, "")
    assert "no FakeBooks answers at http://127.0.0.1:1; start one with `fakebooks up`" in err
