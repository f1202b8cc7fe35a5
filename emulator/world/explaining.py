"""Why a document would be refused, tried against a company of its own: nothing is left of it afterwards."""

from emulator.company import Caller
from emulator.core.clock import Clock
from emulator.qbxml import Finding, NotValid, examine, places_in
from emulator.qbxml.examine import read_set, refused_set, refused_whole
from emulator.world.config import WorldConfig
from emulator.world.world import World


def explain_document(document: bytes, company: str, clock: Clock) -> list[Finding]:
    """Return what is wrong with a document, for each request that would be answered with an error too.

    Every request is tried, also those after one that fails under stopOnError, which are answered 3231 until it is mended.

    Args:
        document: as it came.
        company: a company to try the requests on, as in `answer_alone`, which is made for this call and thrown away; "" for none: then only
            what the document itself tells is told.
        clock: the present moment.

    Raises:
        UserMistake: the company.
    """
    if not company:
        return examine(document)
    world = World(WorldConfig(company=company), clock, None, None)
    try:
        return _tried(world, document)
    finally:
        world.let_go()


def _tried(world: World, document: bytes) -> list[Finding]:
    office = world.office
    try:
        messages = read_set(document, office.limits, office.choices)
    except NotValid as refused:
        return [refused_whole(refused)]
    if messages.subscription:
        return examine(document, office.limits, office.choices)
    too_long = refused_set(messages, document, office.limits, office.choices)
    if too_long is not None:
        return [too_long]
    messages.on_error, messages.old_id, messages.new_id = "continueOnError", None, None
    config = world.config.connector
    run = world.company.begin_set(messages, Caller("explain", config.application, config.user))
    explainer = world.company.explainer(lambda: places_in(document, office.limits, office.choices), office.choices)
    findings = []
    for number, step in enumerate(run):
        outcome = step.perform().status
        # Of a request that is performed every warning is told, though the answer has room for one.
        told = [outcome] if outcome.failed else [*step.request.warnings, outcome]
        for each in dict.fromkeys(told):
            if each.severity != "Info":
                why = explainer.explain(number, step.request, each)
                findings.append(Finding(str(each.code), each.severity, step.request.name, number + 1, each.message, why))
    return findings
