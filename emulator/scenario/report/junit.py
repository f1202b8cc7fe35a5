"""junit.xml: one test case for each scenario x seed x invariant, in the form that CI servers read.

A failed check is a `failure`, an inconclusive one an `error`: CI must not show green for what proved nothing. The text holds the counterexamples
and the line to repeat the run; seed, exit code and the hits of each fault are properties.
"""

from collections.abc import Sequence

from lxml import etree

from emulator.core.showing import clean
from emulator.scenario.report.choices import ADVICE
from emulator.scenario.report.story import Story
from emulator.scenario.report.terminal import name_of
from emulator.scenario.report.words import sentence
from emulator.scenario.verdict import Finding, Verdict


def junit_xml(stories: Sequence[Story]) -> bytes:
    """Return the document, UTF-8, for all stories of a run."""
    root = etree.Element("testsuites", name="fakebooks")
    for story in stories:
        root.append(_suite(story))
    findings = [finding for story in stories for finding in story.findings]
    _count(root, findings, sum(story.took_s for story in stories))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True))


def _suite(story: Story) -> etree._Element:
    suite = etree.Element("testsuite", name=f"{clean(story.scenario)} seed {story.seed}")
    _count(suite, story.findings, story.took_s)
    _properties(suite, story)
    for finding in story.findings:
        suite.append(_case(story, finding))
    return suite


def _count(element: etree._Element, findings: Sequence[Finding], took_s: float) -> None:
    verdicts = [finding.verdict for finding in findings]
    element.set("tests", str(len(verdicts)))
    element.set("failures", str(verdicts.count(Verdict.FAIL)))
    element.set("errors", str(verdicts.count(Verdict.INCONCLUSIVE)))
    element.set("skipped", "0")
    element.set("time", f"{took_s:.3f}")


def _properties(element: etree._Element, story: Story) -> None:
    properties = etree.SubElement(element, "properties")
    facts = {"seed": str(story.seed), "exit code": str(story.exit_code.value), "repeat": story.repeat_line, "clock": story.clock}
    facts |= {f"fault {fault.name}": f"{fault.of}: {len(fault.hits)} hits" for fault in story.faults}
    if story.switches is not None:
        facts |= {f"switch {each.name}": f"{each.setting} (default {each.default})" for each in story.choices.otherwise}
        facts["choices where QuickBooks is unknown, at their defaults"] = f"{len(story.choices.unknown)} ({ADVICE})"
    for name, value in facts.items():
        etree.SubElement(properties, "property", name=clean(name), value=clean(value))


def _case(story: Story, finding: Finding) -> etree._Element:
    name = f"{finding.check} {name_of(finding.check)} [seed {story.seed}]"
    case = etree.Element("testcase", classname=clean(story.scenario), name=clean(name), file=clean(story.file), time="0")
    _properties(case, story)
    if finding.verdict is not Verdict.PASS:
        tag = "failure" if finding.verdict is Verdict.FAIL else "error"
        told = etree.SubElement(case, tag, type=str(finding.verdict), message=clean(finding.sentence))
        told.text = _text(story, finding)
    return case


def _text(story: Story, finding: Finding) -> str:
    lines = [clean(finding.sentence)]
    for row in finding.counterexamples:
        where = f"row {row['n']} at {row['at']}" if "n" in row else "in the books"
        lines += [f"{where}: {clean(row['violation'])}", f"    {sentence(row)}"]
    lines.append(f"repeat it: {clean(story.repeat_line)}")
    return "\n".join(lines)
