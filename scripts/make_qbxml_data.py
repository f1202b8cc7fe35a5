"""Rebuild emulator/qbxml/data from a qbXML facts file: `python scripts/make_qbxml_data.py FACTS.json STATUS.json [FOLDER]`.

A maintainer runs this when a newer collection of facts exists; the product never reads the facts themselves.
What goes in: names, types, order, occurrence, limits, versions, editions, value lists. No sentences.

Every data file is plain JSON with *one entry per line*, so that the loader can parse the one message it needs
(emulator/qbxml/schema.py) and a change of one fact is one line in a diff.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "emulator" / "qbxml" / "data"

NODE_KEYS = (
    "n", "t", "o", "k", "g", "or", "l", "e", "d", "minv", "maxv", "v", "vo", "x", "a", "docreq", "p", "new16", "dep", "h", "at", "in",
)  # fmt: skip
MESSAGE_KEYS = ("object", "verb", "class", "v", "x", "p", "ret", "at", "k")

# Elements that only old versions have, and the younger element that stands in their place today. The facts give no
# position for them; the order is that of public programs which write both (inferred).
REMOVED_BEFORE = {
    "IsUsingTimeDataToCreatePaychecks": "UseTimeDataToCreatePaychecks",
    "IsBillable": "BillableStatus",
    "IsBilled": "BillableStatus",
}


def main(arguments: list[str]) -> int:
    """Read both facts files, apply data/corrections.toml, write the data files."""
    if len(arguments) not in (2, 3):
        print(__doc__)
        return 2
    folder = Path(arguments[2]) if len(arguments) == 3 else DATA
    facts = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    statuses = json.loads(Path(arguments[1]).read_text(encoding="utf-8"))
    corrections = tomllib.loads((DATA / "corrections.toml").read_text(encoding="utf-8"))["correction"]
    put_removed_back(facts)

    messages = {}
    for side in ("requests", "responses"):
        for name, message in facts[side].items():
            messages[name] = {key: message[key] for key in MESSAGE_KEYS if key in message and key != "k"}
            messages[name]["k"] = nodes(message["k"])
    groups = {name: nodes(children) for name, children in facts["groups"].items()}
    write(folder / "messages.json", messages)
    write(folder / "groups.json", groups)
    write(folder / "enums.json", enums(facts))
    write(folder / "status_codes.json", corrected(status_rows(statuses), corrections))
    write(folder / "document.json", document(facts))
    print(f"{len(messages)} messages, {len(groups)} groups, {len(facts['enums'])} value lists, {len(statuses)} status codes")
    return 0


def nodes(children: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The child list with our keys only, in our key order."""
    result = []
    for child in children:
        row = {key: child[key] for key in NODE_KEYS if key in child}
        if "k" in row:
            row["k"] = nodes(row["k"])
        if "or" in row:
            row["or"] = [nodes(branch) for branch in row["or"]]
        result.append(row)
    return result


def put_removed_back(facts: dict[str, Any]) -> None:
    """Insert the elements of older versions, marked with the versions (`in`) that have them."""
    for path, removed in facts["removed"].items():
        steps = path.split("/")
        if len(steps) == 1:
            continue  # QBXMLEvents: not a child of a message; document.json carries it
        side = "requests" if steps[0].endswith("Rq") else "responses"
        children = facts[side][steps[0]]["k"]
        for step in steps[1:-1]:
            parent = next(node for node in elements(children) if node["n"] == step)
            children = parent["k"] if "k" in parent else facts["groups"][parent["g"]]
        if any(node.get("n") == steps[-1] for node in children):
            continue  # a shared group that an earlier path reached already
        place = next(i for i, node in enumerate(children) if node.get("n") == REMOVED_BEFORE[steps[-1]])
        children.insert(place, {"n": steps[-1], "t": removed["t"], "o": removed["o"], "in": removed["in"]})


def elements(children: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The elements of a child list, those of its choices included."""
    for child in children:
        if "or" in child:
            for branch in child["or"]:
                yield from elements(branch)
        else:
            yield child


def enums(facts: dict[str, Any]) -> dict[str, Any]:
    """Value lists with the first version of younger values, private values, and values seen outside the schema."""
    seen = {name: values for name, values in facts["seen_outside_schema"].items() if name != "note"}
    result = {}
    for name, values in facts["enums"].items():
        row: dict[str, Any] = {"values": values}
        for key, table in (("since", facts["enum_since"]), ("private", facts["enum_private"]), ("seen", seen)):
            if name in table:
                row[key] = table[name]
        result[name] = row
    return result


def status_rows(statuses: list[dict[str, Any]]) -> dict[str, Any]:
    """Code -> severity, key phrases, standing, source. The wording is ours and lives in data/status_texts.toml."""
    rows: dict[str, Any] = {}
    for status in statuses:
        if isinstance(status["code"], str):
            continue  # a range without a single code (9100-9199, macros); corrections.toml gives it one
        rows[str(status["code"])] = {
            "severity": status["severity"],
            "meaning": status["meaning"],
            "key_phrases": status["key_phrases"],
            "standing": status["confidence"],
            "source": _RECALLED.sub("recalled from Intuit's published appendix, not seen in any source", status["source"]),
        }
    return rows


_RECALLED = re.compile(r"(?:named in [^;]*; )?[^;]*\bown recall of Intuit's published appendix;[^;]*(?:; )?")
"""How the facts say that somebody remembered a status: who did is of no use to a reader, that nobody has seen it is."""


def corrected(rows: dict[str, Any], corrections: list[dict[str, Any]]) -> dict[str, Any]:
    """Apply the corrections that aim at the status table."""
    for correction in corrections:
        if correction["file"] == "status_codes.json":
            rows.setdefault(correction["entry"], {}).update(correction["becomes"])
    return {key: rows[key] for key in sorted(rows, key=int)}


def document(facts: dict[str, Any]) -> dict[str, Any]:
    """What stands around the messages: sign-on, events."""
    signon = {name: nodes(children) for name, children in facts["signon"].items()}
    return {**signon, "QBXMLEvents": {"in": facts["removed"]["QBXMLEvents"]["in"], "k": nodes(facts["events"])}}


def write(path: Path, entries: dict[str, Any]) -> None:
    """One line per entry; no spaces."""
    lines = (json.dumps(key) + ":" + json.dumps(value, separators=(",", ":")) for key, value in entries.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
