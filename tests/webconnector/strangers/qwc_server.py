"""qwc with a Redis of its own in this process. Each line of standard input is a document that is queued as its client does it."""

import json
import socket
import sys
import threading
from pathlib import Path

from fakeredis import TcpFakeServer

redis = TcpFakeServer(("127.0.0.1", 0), server_type="redis")
threading.Thread(target=redis.serve_forever, daemon=True).start()
Path("config.ini").write_text(
    "[qwc]\nqbwfilename = ''\nusername = 'user'\npassword = 'password'\nhost = 'localhost'\nport = 0\n"
    f"[redis]\nhost = '127.0.0.1'\nport = {redis.server_address[1]}\npassword = ''\ndb = 0\n"
)

from qwc.client import QBWCClient  # noqa: E402
from qwc.service import application  # noqa: E402
from waitress import create_server  # noqa: E402

listening = socket.create_server(("127.0.0.1", 0))
server = create_server(application, sockets=[listening])
threading.Thread(target=server.run, daemon=True).start()
print("port", listening.getsockname()[1], flush=True)
clients = []
for line in sys.stdin:
    if line.strip() == "answers":
        # What the clients would find: everything that was stored for their jobs.
        print("answers", json.dumps([[each.decode() for each in client.responselist] for client in clients]), flush=True)
        continue
    clients.append(QBWCClient())
    clients[-1].sendxml(json.loads(line))
    print("queued", flush=True)
