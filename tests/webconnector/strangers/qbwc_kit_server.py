"""A service made with qbwc-kit as its README shows: the customers page by page, then an invoice that is written."""

import socket
import sys
from pathlib import Path

import uvicorn
from qbwc_kit import QBWCService, QBXMLRequest, StaticAuthenticator, query
from qbwc_kit.server import create_app


class Customers:
    name = "customers"

    def run(self, ctx):
        request = query("Customer", max_returned=20, iterator="Start")
        while True:
            page = (yield QBXMLRequest([request])).first().raise_for_status()
            print("customers", *[record["ListID"] for record in page.records], flush=True)
            if not page.has_more:
                return
            request.iterator, request.iterator_id = "Continue", page.iterator_id


class Invoice:
    name = "invoice"

    def run(self, ctx):
        answer = (yield Path(sys.argv[1]).read_text(encoding="utf-8")).first().raise_for_status()
        print("invoice", answer.records[0]["TxnID"], flush=True)


listening = socket.create_server(("127.0.0.1", 0))
service = QBWCService(StaticAuthenticator("user", "password", [Customers(), Invoice()]))
app = create_app(service, endpoint_url="http://localhost/qbwc")
print("port", listening.getsockname()[1], flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])
