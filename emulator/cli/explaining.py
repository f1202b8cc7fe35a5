"""`fakebooks explain`: what a request looks like and what is known of it, or why a document is refused."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from emulator.cli.console import OUT
from emulator.cli.documents import read_document
from emulator.core.clock import RealClock
from emulator.core.errors import UserMistake, nearest_few, unknown
from emulator.core.exits import ExitCode
from emulator.core.switches import Switch
from emulator.desktop import SessionFailure
from emulator.qbxml import VERSIONS, Finding, read_version
from emulator.qbxml.schema import public_requests
from emulator.qbxml.shape import Row, request_named, shape_of, versions_of
from emulator.world import coverage, explain_document

app = typer.Typer(add_completion=False, rich_markup_mode=None)

VALUES_SHOWN_MAX = 12
"""Values of a list that a line shows; --json has them all."""


@app.command()
def explain(
    what: Annotated[
        str,
        typer.Argument(
            help="A request (InvoiceAdd), a file with a qbXML document, or - for standard input.", metavar="REQUEST|FILE|-"
        ),
    ],
    version: Annotated[str, typer.Option(help="Of a request: the version of qbXML; without it the newest.")] = "",
    company: Annotated[
        str,
        typer.Option(
            help="Of a document: a company to try it on, a shipped name, a .yaml file or a company file; what is tried on is thrown away."
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Explain a request (shape, status codes, switches, what is tested of it), or why QuickBooks would refuse a document.

    Of a document the first line is the cause; then follow the place, what was expected there, and the nearest valid form. With --company each
    request is tried on a company of this call's own, so that error statuses are explained too; nothing is kept. Ends with 1 when something
    would be refused.

    Example: fakebooks explain InvoiceAdd --version 6.0
    """
    name = _request_of(what)
    if name:
        if company:
            raise UserMistake(f"--company {company} with the request {name}", expected="--company with a document only")
        _explain_request(name, version, as_json)
        return
    if version:
        raise UserMistake(
            f"--version {version} with a document", expected="--version with a request only: a document declares its own"
        )
    findings = explain_document(read_document(what), company, RealClock(datetime.now().astimezone()))
    if as_json:
        print(json.dumps([_facts_of_finding(each) for each in findings], indent=2))
    elif findings:
        for place, each in enumerate(findings):
            _print_finding(each, first=not place)
    else:
        tried = f" and every request is taken by {company}" if company else "; --company tries its requests on a company too"
        OUT.print(f"{what}: nothing would be refused: the document is valid{tried}", markup=False, soft_wrap=True)
    if any(each.severity in ("", "Error") for each in findings):
        raise typer.Exit(ExitCode.FAIL)


def _request_of(what: str) -> str:
    """Return the name of the request that is meant, "" for a document. Raises UserMistake for what is neither."""
    if what == "-":
        return ""
    try:
        return request_named(what)
    except UserMistake:
        if Path(what).exists() or any(sign in what for sign in "./\\"):
            return ""
    names = [name[:-2] for name in public_requests()]
    near = nearest_few(what.removesuffix("Rq"), names)
    if not near:
        raise unknown("request and no file", what, names)
    raise UserMistake(f"there is no request and no file {what!r}", expected=" or ".join(map(repr, near)))


# ---- a document ----


def _print_finding(finding: Finding, *, first: bool) -> None:
    why = finding.diagnosis
    if not first:
        OUT.print()
    OUT.print(Text(why.problem), soft_wrap=True)
    rows = [
        (
            "request",
            f"{finding.number}, {finding.request}" if finding.request else "the whole document: nothing of it is processed",
        ),
        ("element", why.path),
        ("place", why.place),
        ("found", why.found),
        ("expected", why.expected_words),
        ("nearest", why.nearest),
    ]
    for name, text in rows:
        if text:
            OUT.print(Text(f"  {name + ':':10}{text}"), soft_wrap=True)
    if why.form:
        OUT.print("  valid form:")
        for line in why.form.splitlines():
            OUT.print(Text(f"    {line}"), soft_wrap=True)
    told = f"({finding.severity}) {finding.message}" if finding.severity else SessionFailure(finding.code).description()
    OUT.print(Text(f"  {'answer:':10}{finding.code} {told}".rstrip()), soft_wrap=True)


def _facts_of_finding(finding: Finding) -> dict[str, Any]:
    why = finding.diagnosis
    return {
        "cause": why.problem,
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "request": finding.request,
        "number": finding.number,
        "path": why.path,
        "line": why.line,
        "column": why.column,
        "found": why.found,
        "expected": list(why.expected),
        "nearest": why.nearest,
        "form": why.form,
    }


# ---- a request ----


def _explain_request(name: str, version: str, as_json: bool) -> None:
    number = _version_of(name, version)
    rows, known = shape_of(name, number), coverage.row_of(name)
    if as_json:
        print(json.dumps(_facts_of_request(name, number, rows, known), indent=2))
        return
    only = "" if known.supported else "; our edition lacks it and answers 1030"
    OUT.print(f"{name}: since qbXML {known.since}; its shape at {number}{only}")
    OUT.print()
    width = max((len(_title(row)) + 2 * row.depth for row in rows), default=0) + 2
    for row in rows:
        told = [row.occurs, _holds(row), f"since {row.since}" if row.since not in ("", known.since) else "", *row.changes]
        line = f"{'  ' * row.depth + _title(row):{width}}{'; '.join(part for part in told if part)}"
        OUT.print(Text(line.rstrip()), soft_wrap=True)
    OUT.print()
    _print_codes(name)
    _print_switches(name)
    OUT.print("Coverage")
    answered = "1030: our edition lacks it" if not known.supported else "yes" if known.answered else "no"
    OUT.print(f"  answered: {answered}" + (f", not at {', '.join(known.unanswered)}" if known.unanswered else ""), markup=False)
    OUT.print(f"  in full: {'yes' if known.full else 'no'}")
    for kind in known.tested:
        OUT.print(f"  {kind}: {coverage.TESTED[kind]}", markup=False, soft_wrap=True)
    for gap in known.gaps:
        OUT.print(f"  missing: {gap.missing} {gap.reason}", markup=False, soft_wrap=True)


def _version_of(name: str, given: str) -> str:
    """Return the version number that is meant. Raises UserMistake when there is none, or it lacks the request."""
    if not given:
        return VERSIONS[-1]
    version = read_version(given)
    if version is None:
        raise UserMistake(f"there is no version {given!r} of qbXML", where="--version", expected=f"one of {', '.join(VERSIONS)}")
    if version.schema_number not in versions_of(name):
        first = versions_of(name)[0]
        raise UserMistake(f"qbXML {given} has no {name}", where="--version", expected=f"{first} or newer")
    return version.number


def _title(row: Row) -> str:
    if row.kind == "choice":
        return "one of"
    if row.kind == "branch":
        return "these"
    return f"@{row.name}" if row.kind == "attribute" else row.name


def _holds(row: Row) -> str:
    shown = ", ".join(row.values[:VALUES_SHOWN_MAX])
    if len(row.values) > VALUES_SHOWN_MAX:
        shown += f" and {len(row.values) - VALUES_SHOWN_MAX} more"
    parts = [
        row.type,
        f"at most {row.length} characters" if row.length is not None else "",
        f"at least {row.smallest}" if row.smallest else "",
        f"at most {row.largest}" if row.largest else "",
        f"one of {shown}" if shown else "",
        "" if row.supported else "not in our edition (530)",
    ]
    return ", ".join(part for part in parts if part)


def _print_codes(name: str) -> None:
    table = Table("status", "severity", "meaning", "standing", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for code in coverage.codes_of(name):
        table.add_row(f"{code.code}", code.severity, Text(code.meaning), code.standing)
    OUT.print("Status codes that tests saw it answered with; standing is that of the code")
    OUT.print(table if table.row_count else "  none")
    OUT.print()


def _print_switches(name: str) -> None:
    own = coverage.switches_of(name)
    OUT.print("Switches that touch it: read while tests had it performed, or named for it")
    for switch in own:
        OUT.print(f"  {switch.name} = {switch.default} ({switch.standing}): {switch.about}", markup=False, soft_wrap=True)
    if not own:
        OUT.print("  none")
    opened = [switch.name for switch in coverage.switches_of(coverage.ANY_REQUEST) if switch not in own]
    OUT.print(f"Read when a company file is opened, for any request: {', '.join(opened)}", markup=False, soft_wrap=True)
    OUT.print("Those of qbxml touch every document: see `fakebooks switches`")
    OUT.print()


def _facts_of_request(name: str, number: str, rows: list[Row], known: coverage.Row) -> dict[str, Any]:
    return {
        "request": name,
        "version": number,
        "since": known.since,
        "versions": versions_of(name),
        "shape": [_facts_of_row(row) for row in rows],
        "codes": [
            {
                "code": code.code,
                "severity": code.severity,
                "meaning": code.meaning,
                "standing": code.standing,
                "source": code.source,
            }
            for code in coverage.codes_of(name)
        ],
        "switches": [_facts_of_switch(switch) for switch in coverage.switches_of(name)],
        "switches_of_any_request": [switch.name for switch in coverage.switches_of(coverage.ANY_REQUEST)],
        "supported": known.supported,
        "answered": known.answered,
        "unanswered_at": known.unanswered,
        "tested": known.tested,
        "full": known.full,
        "gaps": [{"missing": gap.missing, "reason": gap.reason} for gap in known.gaps],
    }


def _facts_of_row(row: Row) -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": row.kind, "depth": row.depth}
    for fact in ("name", "path", "occurs", "type", "length", "smallest", "largest", "values", "since", "changes"):
        value = getattr(row, fact)
        if value not in ("", None, ()):
            facts[fact] = value
    return facts if row.supported else {**facts, "supported": False}


def _facts_of_switch(switch: Switch) -> dict[str, Any]:
    return {"name": switch.name, "default": switch.default, "standing": switch.standing, "about": switch.about}
