"""A likeness: taken from one QuickBooks, it makes another one answer as that one did; and what a file of it may not hold."""

import random
import string

import pytest
from probed import told

from emulator.com.likeness import Likeness, PaceForm, WordingForm, load_likeness, paces_of
from emulator.com.ours import answers
from emulator.com.parity import compare
from emulator.com.probe.cases import CASES
from emulator.com.probe.switch_cases import SHOWN
from emulator.core.errors import UserMistake
from emulator.desktop import RESULTS, Code
from emulator.qbxml import status


def other_words(text, letters):
    """Return a sentence that says nothing like another one, with the same fields in another order."""
    fields = [f'"{{{name}}}"' for _, name, _, _ in string.Formatter().parse(text) if name]
    letters.shuffle(fields)
    words = " ".join("".join(letters.choices("bdfgklmnprstvz", k=5)) for _ in range(3))
    return f"Quux {words} {' '.join(fields)}."


def another(switches):
    """Return a QuickBooks of other switches, where every sentence is another one and calls take time."""
    letters = random.Random(6)
    results = {str(code): other_words("", letters) for code in RESULTS if code != Code.QUICKBOOKS_SAYS}
    codes = [code for code in status.table() if code not in status.NEVER_SENT]
    statuses = {code: other_words(status.table()[code].text, letters) for code in codes}
    reasons = {
        "The credit limit of {a} would be exceeded.": "{a} owes too much.",
        "It is linked to another transaction.": "",
        "The transaction is not in balance.": "Debits {{and}} credits differ.",
    }
    return Likeness(
        likeness=1,
        switches=switches,
        wording=WordingForm(results=results, statuses=statuses, reasons=reasons),
        latency={
            "BeginSession": PaceForm(seconds=1.5),
            "CustomerAddRq": PaceForm(seconds=0.25),
            "InvoiceQueryRq": PaceForm(seconds=0.5),
            "other": PaceForm(seconds=0.125),
        },
        complete=True,
    )


def probed(cases, like):
    return told(answers(cases, like.switches, wording=like.wording.made(), latency=paces_of(like.latency)))


GROUPS = ("errors", "sessions", "mods", "recovery")
SWITCHES = {
    "qbxml.bad-enum-value": "3110",
    "company.external-guid-twice": 3185,
    "company.payment-touches-invoice": False,
    "desktop.other-file-open": "0x80010105",
    "desktop.close-without-connection": "0x8004040F",
}
"""Other switches that the round trip is made with."""


@pytest.mark.slow
def test_a_quickbooks_that_is_like_another_one_answers_as_that_one() -> None:
    """Taken from one and loaded into a new one: no difference is left, in no code, sentence or time."""
    shown = {SHOWN[switch] for switch in SWITCHES} | {SHOWN["company.credit-limit"]}
    cases = {name: case for name, case in CASES.items() if case.group in GROUPS or name in shown}
    first = probed(cases, another(SWITCHES))
    found = compare(first)
    assert (found.settings, found.undecided, found.unexplained, found.unworded) == (SWITCHES, {}, (), ())
    like = found.likeness()
    second = probed(cases, like)
    assert second["cases"] == first["cases"]
    assert compare(second).likeness() == like


def test_what_is_worded_otherwise_is_found_by_its_fields() -> None:
    cases = {name: CASES[name] for name in ("an unknown customer", "an unknown item", "over the credit limit", "a wrong ticket")}
    found = compare(probed(cases, another({})))
    assert found.differences == ()
    asked = another({}).wording
    assert found.wording.statuses == {code: asked.statuses[code] for code in (0, 3140, 3180)}
    assert found.wording.reasons == {"The credit limit of {a} would be exceeded.": "{a} owes too much."}
    assert found.wording.results == {"0x8004040D": asked.results["0x8004040D"]}


def test_a_latency_that_is_drawn_comes_back_about_as_it_was() -> None:
    cases = {name: case for name, case in CASES.items() if case.group in ("queries", "iterators")}
    like = Likeness(latency={"CustomerAddRq": PaceForm(seconds=2.0, spread=0.5)})
    pace = compare(probed(cases, like)).likeness().latency["CustomerAddRq"]
    assert pace.seconds == pytest.approx(2.0, rel=0.35)
    assert pace.spread == pytest.approx(0.5, abs=0.25)


WHOLE = """likeness: 1
of: Books
switches: {qbxml.bad-enum-value: "3110"}
wording:
  results: {0x80040408: "No."}
  statuses: {3140: "No {reference} {value}."}
  reasons: {"Of {a}.": "{a}!"}
latency:
  CustomerQueryRq: {seconds: 0.2, spread: 0.4, per_row_s: 0.01}
  BeginSession: {seconds: 1}
  other: {seconds: 0.1}
complete: true
"""


def test_a_file_is_read(tmp_path) -> None:
    path = tmp_path / "likeness.yaml"
    path.write_text(WHOLE)
    found = load_likeness(path)
    assert found.wording.results == {"0x80040408": "No."}
    assert found.wording.statuses == {3140: "No {reference} {value}."}
    assert found.latency["CustomerQueryRq"] == PaceForm(seconds=0.2, spread=0.4, per_row_s=0.01)
    assert found.settings()["qbxml.bad-enum-value"] == "3110"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("complete: true\n", "", "it is half a file; expected `complete: true` at its end"),
        ("  BeginSession: {seconds: 1}\n  other: {seconds: 0.1}\ncomplete: true\n", "  Begin", ":10, column 8: not YAML"),
        ("likeness: 1\n", "", "it is no likeness of a QuickBooks"),
        ("likeness: 1\n", "likeness: 2\n", "it is a likeness of version 2"),
        ("likeness: 1\n", "likeness: 2\nphrases: {}\n", ":1, column 11: it is a likeness of version 2; expected `likeness: 1`"),
        ("likeness: 1\n", "likeness: 0\n", "it is no likeness of a QuickBooks; expected `likeness: 1`"),
        ("likeness: 1\nof", "scenario: x\nof", "unknown field 'scenario'"),
        ("likeness: 1\nof: Books\n", "format: fakebooks-parity\nlikeness: 1\n", "`fakebooks parity FILE --out"),
        (
            "bad-enum-value",
            "bad-enum-valu",
            ":3, column 12: there is no switch 'qbxml.bad-enum-valu'; expected 'qbxml.bad-enum-value'",
        ),
        ('"3110"', "3111", "expected '0x80040400', '3110'"),
        ("qbxml.bad-enum-value", "platform.attempts", "there is no switch"),
        (
            'qbxml.bad-enum-value: "3110"',
            "desktop.dialog-wait-s: -1",
            ":3, column 12: switch 'desktop.dialog-wait-s' is set to -1; expected a whole number of at least 0",
        ),
        (
            'qbxml.bad-enum-value: "3110"',
            'qbxml.bad-enum-value: "3110", desktop.dialog-wait-s: -1, qbxml.bad: 1',
            ":3, column 42: switch 'desktop.dialog-wait-s' is set to -1",
        ),
        ("0x80040408", "0x80049408", "there is no result code '0x80049408'; expected '0x80040408'"),
        ('"No."', "7", "wording.results.2147746824 is 7; expected text"),
        *(
            (
                '{0x80040408: "No."}',
                f'{{{one}: "No.", {other}: "Never."}}',
                f":5, column {22 + len(one)}: the result code 0x80040408 is told twice, first at FILE:5, column 13; expected one sentence",
            )
            for one, other in (
                ("0x80040408", '"0x80040408"'),
                ("'0x80040408'", '"0X80040408"'),
                ("0x80040408", "-2147220472"),
                ("'-2147220472'", "0x80040408"),
            )
        ),
        (
            '{3140: "No {reference} {value}."}',
            '{3140: "No.", "3140": "Never."}',
            ":6, column 27: the status code 3140 is told twice, first at FILE:6, column 14; expected one sentence",
        ),
        ("0x80040408", '"80040408h"', "there is no result code '80040408h'"),
        ("0x80040408", "99999999999", "there is no result code '99999999999'"),
        ('"No."', '""', "text of at least 1 characters"),
        ("3140", "3142", "there is no status code '3142'; expected '3"),
        ("3140", "2000", "there is no status code '2000'"),
        ("3140", "many", "a whole number"),
        ("{value}", "{valeu}", "there is no field 'valeu'; expected 'value'"),
        ("{value}", "{value:>99999999}", "a name in braces, and no more"),
        ("{value}", "{value.__class__}", "a name in braces, and no more"),
        ("{value}", "{value", "braces in pairs"),
        ('"{a}!"', '"{b}!"', "there is no field 'b'; expected one of a"),
        ("  results:", "  result:", "unknown field 'result' in wording; expected 'results'"),
        ("seconds: 0.2", "second: 0.2", "unknown field 'second' in latency.CustomerQueryRq; expected 'seconds'"),
        ("seconds: 0.2", "seconds: -1", "a number of at least 0"),
        ("seconds: 0.2", "seconds: .nan", "latency.CustomerQueryRq.seconds is nan"),
        ("CustomerQueryRq", "CustomerQuery", "there is no request 'CustomerQuery'; expected 'CustomerQueryRq'"),
    ],
)
def test_what_a_file_may_not_hold(tmp_path, old, new, says) -> None:
    path = tmp_path / "likeness.yaml"
    assert old in WHOLE
    path.write_text(WHOLE.replace(old, new, 1))
    with pytest.raises(UserMistake) as wrong:
        load_likeness(path)
    assert says.replace(" FILE:", f" {path}:") in str(wrong.value)
    assert str(wrong.value).startswith(str(path))


@pytest.mark.parametrize("code", ["0x80040408", '"0x80040408"', '"0X80040408"', "-2147220472", '"-2147220472"', "2147746824"])
def test_a_result_code_is_taken_however_it_is_written(tmp_path, code) -> None:
    path = tmp_path / "likeness.yaml"
    path.write_text(WHOLE.replace("0x80040408", code))
    assert load_likeness(path).wording.results == {"0x80040408": "No."}


def test_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(UserMistake, match="cannot read it"):
        load_likeness(tmp_path / "none.yaml")
