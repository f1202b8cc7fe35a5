"""`fakebooks up` as a process: it is found by its note, asked, and ended; it listens on loopback only."""

import os
import signal
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from running import FAKEBOOKS, fakebooks_up, note, own_environment

from emulator import client
from emulator.control.up import may_call

HOST = (
    '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><HostQueryRq/></QBXMLMsgsRq></QBXML>'
)

LISTENING = "0A"
"""State of a listening socket in /proc/net/tcp."""


def ask(environment, *options):
    return subprocess.run(
        [FAKEBOOKS, "ask", "-", *options], input=HOST, env=environment, capture_output=True, text=True, timeout=60
    )


def family(process_id):
    """Return a process and all processes below it."""
    children = [
        int(child) for thread in Path(f"/proc/{process_id}/task").iterdir() for child in (thread / "children").read_text().split()
    ]
    return [process_id, *(each for child in children for each in family(child))]


def listening_addresses(process_id):
    """Return the IPv4 addresses a process listens on, and whether it listens on any of IPv6 (Linux: /proc)."""
    held = {str(each.readlink()) for each in Path(f"/proc/{process_id}/fd").iterdir() if each.is_symlink()}
    rows = [line.split() for line in Path(f"/proc/{process_id}/net/tcp").read_text().splitlines()[1:]]
    rows6 = [line.split() for line in Path(f"/proc/{process_id}/net/tcp6").read_text().splitlines()[1:]]
    assert not [row for row in rows6 if row[3] == LISTENING and f"socket:[{row[9]}]" in held]
    found = [row[1].split(":")[0] for row in rows if row[3] == LISTENING and f"socket:[{row[9]}]" in held]
    return [".".join(str(byte) for byte in reversed(bytes.fromhex(address))) for address in found]


@pytest.mark.slow
def test_a_running_fakebooks_is_found_and_asked(tmp_path):
    with fakebooks_up(tmp_path) as up:
        path = Path(up.environment["XDG_STATE_HOME"]) / "fakebooks" / "running.json"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert note(up.environment) == {"url": up.control, "token": up.token}
        assert up.token not in " ".join(str(each) for each in up.process.args)

        found = ask(up.environment)
        assert (found.returncode, found.stderr) == (0, "")
        assert "<HostRet>" in found.stdout
        assert ask(up.environment, "--server", up.control + "/").stdout == found.stdout

        other = ask(up.environment, "--server", up.control, "--company", "wholesale_smal")
        assert (other.returncode, other.stderr.count("\n")) == (2, 1)
        assert "there is no company 'wholesale_smal'; expected 'wholesale_small'" in other.stderr
        wrong = ask(own_environment(tmp_path / "elsewhere") | {"FAKEBOOKS_TOKEN": "wrong"}, "--server", up.control)
        assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)
        assert "the token is missing or wrong" in wrong.stderr

        with client.Control(client.Running(up.control, up.token)) as control:
            # The answers above came from this world, not from a company of ask's own.
            assert len([row for row in control.journal() if row["kind"] == "request" and row["request"] == "HostQueryRq"]) >= 2
            control.act("accountant.log_in")
            assert control.status()["quickbooks"]["seats"]["free"] == control.status()["quickbooks"]["seats"]["all"] - 2
            assert control.inject({"fault": "answer-lost", "as": "lost"})["name"] == "lost"
            control.lift("lost")
            assert [(each["name"], each["lifted"]) for each in control.faults()] == [("lost", True)]

        processes = family(up.process.pid)
        assert len(processes) == 2  # it and the connector
        addresses = [address for process in processes for address in listening_addresses(process)]
        assert len(addresses) >= 4
        assert all(address.startswith("127.") for address in addresses), addresses

        assert up.end() == (0, "")
        assert not path.exists()
        assert not any(Path(f"/proc/{process}").exists() for process in processes)


@pytest.mark.slow
def test_ended_by_sigterm(tmp_path):
    with fakebooks_up(tmp_path) as up:
        up.process.send_signal(signal.SIGTERM)
        assert up.end() == (0, "")


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault", [{"fault": "modal-dialog", "with": {"effect": "hang"}}, {"fault": "hang", "with": {"seconds": 0.0}}]
)
def test_ended_while_calls_hang_and_others_wait_behind_them(tmp_path, fault):
    with fakebooks_up(tmp_path) as up, client.Control(client.Running(up.control, up.token)) as control:
        control.inject(fault)
        calls = [subprocess.Popen([FAKEBOOKS, "ask", "-"], stdin=-1, stdout=-1, stderr=-1, env=up.environment) for _ in range(3)]
        for call in calls:
            call.stdin.write(HOST.encode())
            call.stdin.close()
        while len(control.status()["quickbooks"]["machines"]["server"]["calls"]) < len(calls):
            pass
        up.process.send_signal(signal.SIGTERM)
        assert up.end() == (0, "")
        for call in calls:
            said = call.stderr.read().decode()
            assert (call.wait(), said.count("\n")) == (4, 1), said
            assert "FakeBooks is ending" in said
            call.stdout.close()
            call.stderr.close()


@pytest.mark.slow
def test_killed_it_leaves_nothing_that_stands_in_the_way(tmp_path):
    with fakebooks_up(tmp_path) as up:
        _, connector = family(up.process.pid)
        try:
            up.process.kill()
            up.process.wait()
            # Its note is still there: `ask` sees that nobody answers and makes a company of its own.
            assert note(up.environment)["url"] == up.control
            alone = ask(up.environment)
            assert (alone.returncode, alone.stderr) == (0, "")
            with fakebooks_up(tmp_path) as again:
                assert note(again.environment) == {"url": again.control, "token": again.token}
        finally:
            # The connector is a process of its own, as on the customer's server: it may outlive who started it.
            with suppress(ProcessLookupError):
                os.kill(connector, signal.SIGKILL)


@pytest.mark.parametrize(
    ("address", "callers", "may"),
    [
        ("127.0.0.1", (), True),
        ("127.9.9.9", (), True),
        ("::1", (), True),
        ("192.168.1.20", (), False),
        ("192.168.1.20", ("192.168.1.20",), True),
        ("192.168.1.21", ("192.168.1.20",), False),
        ("::ffff:127.0.0.1", (), True),
        ("::ffff:192.168.1.20", (), False),
        ("::ffff:192.168.1.20", ("192.168.1.20",), True),
        ("fe80::1%eth0", (), False),
    ],
)
def test_another_host_may_call_only_when_it_was_asked_for(address, callers, may):
    assert may_call(address, callers) is may
