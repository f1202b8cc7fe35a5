"""What a ProcessRequest through Wine costs against the HTTP wire alone: `python benchmarks/wine.py [OPTIONS]`, `--help` tells them.

A C++ program (tests/com/wine/client.cpp, x64 and x86) calls ProcessRequest over the vtable under Wine; a bare Python program sends the same
document over the wire with http.client. Both are processes of their own and take turns, round by round; told are medians in microseconds
and their ratio (target: at most 3). Needs Wine and mingw-w64. Its exit code is 0 whatever it measures.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from emulator.com.exec import quickbooks_for_programs
from emulator.com.wine.prefix import default_prefix, find_wine, is_fresh, set_up, wine_environment

CLIENT = Path(__file__).parent.parent / "tests/com/wine/client.cpp"
COMPILERS = {"x64": "x86_64-w64-mingw32-g++", "x86": "i686-w64-mingw32-g++"}
LIBRARIES = ("-lole32", "-loleaut32", "-luuid", "-lshell32")

WIRE = """
import http.client, json, sys, time
from urllib.parse import urlsplit
parts = urlsplit(sys.argv[1])
connection = http.client.HTTPConnection(parts.hostname, parts.port)
def post(target, body=b""):
    connection.request("POST", target, body)
    return connection.getresponse().read().decode()
client = json.loads(post("/com/hello"))["client"]
target = post(f"/com/new?client={client}&progid=QBXMLRP2.RequestProcessor")
post(f"/com/OpenConnection2?object={target}&appID=&appName=Bare&connPref=1")
ticket = post(f"/com/BeginSession?object={target}&qbFileName=&reqFileMode=2")
request = b'<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="stopOnError"><HostQueryRq/></QBXMLMsgsRq></QBXML>'
for _ in range(int(sys.argv[2])):
    before = time.perf_counter_ns()
    post(f"/com/ProcessRequest?object={target}&ticket={ticket}", request)
    print("took", (time.perf_counter_ns() - before) // 1000)
post(f"/com/release?object={target}")
"""


def main(arguments: list[str]) -> int:
    """Measure, print; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=200, help="calls of each subject in a round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds")
    parser.add_argument(
        "--prefix", type=Path, default=default_prefix(os.environ), help="the Wine prefix, instead of FakeBooks' own"
    )
    parser.add_argument("--clients", type=Path, help="where client-x64.exe and client-x86.exe are, built already")
    parser.add_argument("--json", action="store_true", help="as JSON")
    given = parser.parse_args(arguments)
    wine, prefix = find_wine(), given.prefix
    if not is_fresh(prefix, wine):
        set_up(prefix, wine, os.environ)
    with tempfile.TemporaryDirectory(prefix="fakebooks-wine-") as folder, quickbooks_for_programs("wholesale_small") as running:
        variables = wine_environment(prefix, os.environ, running.url)
        commands = {"wire": [sys.executable, "-c", WIRE, running.url, str(given.calls)]}
        for width in wine.widths:
            client = str((given.clients or Path(folder)) / f"client-{width}.exe")
            if given.clients is None:
                subprocess.run([COMPILERS[width], "-std=c++17", "-O2", "-static", "-o", client, CLIENT, *LIBRARIES], check=True)
            commands[width] = [wine.loader, client, "many", "QBXMLRP2.RequestProcessor", str(given.calls)]
        taken: dict[str, list[int]] = {name: [] for name in commands}
        for _ in range(given.rounds):
            for name, command in commands.items():
                taken[name] += measured(command, variables, Path(folder) / "out")
    medians = {name: statistics.median(each) for name, each in taken.items()}
    ratios = {name: round(median / medians["wire"], 2) for name, median in medians.items() if name != "wire"}
    if given.json:
        print(json.dumps({"unit": "µs", "calls": given.calls * given.rounds, "medians": medians, "ratios": ratios}))
    else:
        print(f"ProcessRequest over the wire alone: {medians['wire']:.0f} µs")
        for name, ratio in ratios.items():
            print(f"ProcessRequest through Wine, {name}: {medians[name]:.0f} µs, {ratio} times the wire")
    return 0


def measured(command: list[str], variables: dict[str, str], out: Path) -> list[int]:
    """Run a program; return how long each of its calls took, in microseconds."""
    with out.open("wb") as file:
        subprocess.run(command, env=variables, stdin=subprocess.DEVNULL, stdout=file, check=True)
    return [int(line.split()[1]) for line in out.read_text(encoding="ascii").splitlines() if line.startswith("took ")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
