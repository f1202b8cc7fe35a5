"""What the pywin32 stand-in costs, as ratios within one run: `python benchmarks/standin.py [--rounds N] [--starts N] [--json]`.

A ProcessRequest by a program behind the stand-in against the same call by a bare client of the HTTP wire, in the same program: the two take
turns, call by call, and what is told is the ratio of their medians. The target is 1.5.

Then what `fakebooks exec` adds to the start of a program: from the start of the command until the program's first line runs, less the same
without it; and how many starts of a bare Python that is. With and without it take turns. The target is 0.5 s on a machine that does nothing
else; the median of the starts is told, and the fastest. Then where it goes, in processor time, which other programs of the machine lengthen
less: the imports of the command line, those of QuickBooks behind it, and QuickBooks itself until it answers.

Exit code 0: the targets are met; 1: one is not.
"""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
from itertools import pairwise

from emulator.com.exec import environment, quickbooks_for_programs

STANDIN_RATIO_MAX = 1.5
EXEC_ADDS_S_MAX = 0.5

PROGRAM = r"""
import http.client, json, os, sys, time
from urllib.parse import quote, urlencode, urlsplit
import win32com.client

document = '''<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><CustomerQueryRq>
<FullName>Kern Lighting Warehouse</FullName></CustomerQueryRq></QBXMLMsgsRq></QBXML>'''
rounds = int(sys.argv[1])

rp = win32com.client.Dispatch("QBXMLRP2.RequestProcessor")
rp.OpenConnection("", "Benchmark")
ticket = rp.BeginSession("", 2)

parts = urlsplit(os.environ["FAKEBOOKS_COM"])
wire = http.client.HTTPConnection(parts.hostname, parts.port)

def post(path, arguments, body=""):
    wire.request("POST", path + "?" + urlencode(arguments), body.encode(), {"Content-Type": "text/plain; charset=utf-8"})
    return wire.getresponse().read().decode()

client = json.loads(post("/com/hello", {"machine": ""}))["client"]
name = post("/com/new", {"client": client, "progid": "QBXMLRP2.RequestProcessor", "thread": "1"})
post("/com/OpenConnection", {"object": name, "thread": "1", "appID": "", "appName": "Bare"})
bare_ticket = post("/com/BeginSession", {"object": name, "thread": "1", "qbFileName": "", "reqFileMode": 2})

def by_standin():
    return rp.ProcessRequest(ticket, document)

def by_wire():
    return post("/com/ProcessRequest", {"object": name, "thread": "1", "ticket": bare_ticket}, document)

assert "Kern Lighting" in by_standin() and "Kern Lighting" in by_wire()
times = {"standin": [], "wire": []}
for number in range(rounds + 20):
    for which, call in (("standin", by_standin), ("wire", by_wire)):
        before = time.perf_counter()
        call()
        if number >= 20:
            times[which].append(time.perf_counter() - before)
print(json.dumps(times))
"""


def calls(rounds: int) -> dict[str, float]:
    """Measure the calls; times in milliseconds."""
    with quickbooks_for_programs("wholesale_small") as running:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(rounds)],
            env=environment(running.url, os.environ),
            capture_output=True,
            text=True,
            check=True,
        )
    times = json.loads(done.stdout)
    standin_ms, wire_ms = (statistics.median(times[which]) * 1000 for which in ("standin", "wire"))
    return {"standin_ms": standin_ms, "wire_ms": wire_ms, "ratio": standin_ms / wire_ms}


def starts(count: int) -> dict[str, float]:
    """Measure what `fakebooks exec` adds to a start, in seconds; with and without it take turns."""
    program = [sys.executable, "-c", "import time; print(time.time_ns())"]
    command = [sys.executable, "-c", "from emulator.cli import run; run()", "exec", "--"]
    bare: list[float] = []
    added: list[float] = []
    for _ in range(count):
        bare.append(_started_s(program))
        added.append(_started_s([*command, *program]) - bare[-1])
    return {
        "exec_adds_s": statistics.median(added),
        "exec_adds_at_best_s": min(added),
        "bare_start_s": min(bare),
        "exec_adds_ratio": min(added) / min(bare),
    }


PARTS = {
    "cli_cpu_s": "import emulator.cli.main",
    "quickbooks_import_cpu_s": "import emulator.cli.main, emulator.cli.programs",
    "quickbooks_start_cpu_s": "from emulator.cli import main, programs\nwith programs.quickbooks_for_programs('wholesale_small'): pass",
}
"""Where it goes: each program does what the one before it does, and more."""


def parts(count: int) -> dict[str, float]:
    """Measure where the time of a start goes: the seconds of processor time that each part takes beyond the one before it, at best."""
    taken = dict.fromkeys(["", *PARTS], math.inf)
    for _ in range(count):
        for name in taken:
            taken[name] = min(taken[name], _cpu_s([sys.executable, "-c", PARTS.get(name, "pass")]))
    names = list(taken)
    return {name: taken[name] - taken[before] for before, name in pairwise(names)}


def _cpu_s(command: list[str]) -> float:
    before = os.times()
    subprocess.run(command, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _started_s(command: list[str]) -> float:
    before = time.time_ns()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return (int(done.stdout.split()[-1]) - before) / 1e9


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--starts", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    found = {**calls(given.rounds), **starts(given.starts), **parts(given.starts)}
    if given.json:
        print(json.dumps(found))
    else:
        print(
            f"ProcessRequest: stand-in {found['standin_ms']:.2f} ms, wire alone {found['wire_ms']:.2f} ms, ratio {found['ratio']:.2f}"
        )
        at_best = f"{found['exec_adds_at_best_s']:.2f} s at best, {found['exec_adds_ratio']:.1f} starts of a bare Python"
        print(f"fakebooks exec adds {found['exec_adds_s']:.2f} s to a start ({at_best})")
        print("  of it, processor time: " + ", ".join(f"{name.removesuffix('_cpu_s')} {found[name]:.2f} s" for name in PARTS))
    met = found["ratio"] <= STANDIN_RATIO_MAX and found["exec_adds_at_best_s"] <= EXEC_ADDS_S_MAX
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
