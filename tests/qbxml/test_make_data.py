"""The script that rebuilds data/: a tiny facts file in, our files out."""

import importlib.util
import json
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_qbxml_data.py"

FACTS = {
    "removed": {"AAddRs/ARet/IsBilled": {"t": "BOOLTYPE", "o": "?", "in": ["2.0"]}, "QBXMLEvents": {"in": ["3.0"]}},
    "requests": {"AAddRq": {"object": "A", "verb": "Add", "class": "list", "v": "1.0", "at": {}, "ret": [], "first_sample": "2.0", "k": []}},
    "responses": {
        "AAddRs": {"object": "A", "verb": "Add", "class": "list", "v": "1.0", "at": {}, "ret": ["ARet"], "k": [{"n": "ARet", "o": "1", "g": "ARet"}]}
    },
    "groups": {
        "ARet": [
            {"or": [[{"n": "BillableStatus", "o": "?", "t": "ENUMTYPE", "e": "E", "unknown mark": 1}]], "o": "?"},
            {"n": "BillableStatus", "o": "?", "t": "STRTYPE"},
        ]
    },
    "enums": {"E": ["a", "b"]},
    "enum_since": {"E": {"b": "3.0"}},
    "enum_private": {},
    "seen_outside_schema": {"note": "x", "E": ["c"]},
    "signon": {"SignonMsgsRq": []},
    "events": [],
}  # fmt: skip
STATUSES = [
    {
        "code": 0,
        "severity": "Info",
        "meaning": "ok",
        "key_phrases": [],
        "confidence": "literal",
        "source": "s",
        "when": "a sentence",
    },
    {"code": "9100-9199", "severity": "Error", "meaning": "macros", "key_phrases": [], "confidence": "documented", "source": "s"},
]


def test_the_script(tmp_path) -> None:
    spec = importlib.util.spec_from_file_location("make_qbxml_data", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    (tmp_path / "facts.json").write_text(json.dumps(FACTS))
    (tmp_path / "status.json").write_text(json.dumps(STATUSES))
    assert script.main([str(tmp_path / "facts.json"), str(tmp_path / "status.json"), str(tmp_path)]) == 0
    made = {path.name: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
    assert made["messages.json"]["AAddRq"] == {
        "object": "A",
        "verb": "Add",
        "class": "list",
        "v": "1.0",
        "ret": [],
        "at": {},
        "k": [],
    }
    choice, removed, billable = made["groups.json"]["ARet"]
    assert choice["or"] == [[{"n": "BillableStatus", "t": "ENUMTYPE", "o": "?", "e": "E"}]]
    assert removed == {"n": "IsBilled", "t": "BOOLTYPE", "o": "?", "in": ["2.0"]}
    assert billable["n"] == "BillableStatus"
    assert made["enums.json"]["E"] == {"values": ["a", "b"], "since": {"b": "3.0"}, "seen": ["c"]}
    assert set(made["status_codes.json"]) == {"0", "3391", "9100"}
    assert made["status_codes.json"]["0"]["standing"] == "literal"
    assert made["document.json"] == {"SignonMsgsRq": [], "QBXMLEvents": {"in": ["3.0"], "k": []}}
    assert script.main([]) == 2
