"""Every member in every state of an object, over the wire, against the same model as in process."""

import http.client
import json
from urllib.parse import quote, urlsplit

import pytest
from desktop.test_call_sequences import CALLS, EVENTS, STATES, Model

from emulator.com.interface import MEMBERS

from .programs import running_quickbooks


@pytest.fixture(scope="module")
def running():
    with running_quickbooks() as running:
        yield running


class Client:
    """A program written by hand, with one object."""

    def __init__(self, running):
        parts = urlsplit(running.url)
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        client = json.loads(self.post("/com/hello")[1])["client"]
        self.object = self.post(f"/com/new?client={client}&progid=QBXMLRP2.RequestProcessor")[1]

    def post(self, target, body=""):
        """Return (code of the failure or None, text of the answer)."""
        self._connection.request("POST", target, body.encode())
        answer = self._connection.getresponse()
        return answer.headers.get("X-Com-HResult"), answer.read().decode()

    def call(self, name, arguments):
        member = MEMBERS[name]
        given = {argument: value for (argument, _), value in zip(member.arguments, arguments, strict=True)}
        body = str(given.pop("inputRequest", ""))
        query = "".join(
            f"&{argument}={quote(str(int(value) if isinstance(value, bool) else value))}" for argument, value in given.items()
        )
        return self.post(f"/com/{name}?object={self.object}{query}", body)

    def close(self):
        self.post(f"/com/release?object={self.object}")
        self._connection.close()


def happen(running, event):
    quickbooks = running.quickbooks
    if event == "crash" and quickbooks.process is not None:
        quickbooks.crash()
    elif event == "restart" and quickbooks.process is None:
        quickbooks.log_in("Goflow", "multi")


@pytest.mark.parametrize("state", STATES)
def test_every_call_in_every_state(running, state):
    for step in CALLS:
        running.on_loop(lambda: happen(running, "restart"))
        client, model, ticket = Client(running), Model(), "none"
        for each in (*STATES[state], step):
            if each in EVENTS:
                running.on_loop(lambda event=each: happen(running, event))
                EVENTS[each](model)
                continue
            member, arguments, expected = CALLS[each]
            code, value = client.call(member, arguments(ticket))
            assert code == expected(model), (state, step)
            ticket = value if each == "BeginSession" and code is None else ticket
        client.close()
        assert running.on_loop(lambda: len(running.quickbooks.sessions)) == 0
