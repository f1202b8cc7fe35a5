"""The faults the platform side does itself, and the points where they may strike (PLT rows of the catalogue)."""

from typing import Final

from emulator.faults import Kind, Parameter, Path
from emulator.faults.kinds import YEAR_S

BEFORE_SEND_STORED: Final = "platform.before-send-stored"
AFTER_SEND_STORED: Final = "platform.after-send-stored"
AFTER_ANSWER: Final = "platform.after-answer"
AFTER_POSTED_STORED: Final = "platform.after-posted-stored"
AFTER_STATUS_STORED: Final = "platform.after-status-stored"
BEFORE_CALL: Final = "platform.before-call"
BEFORE_MAIL: Final = "platform.before-mail"

_KILLS: Final = (BEFORE_SEND_STORED, AFTER_SEND_STORED, AFTER_ANSWER, AFTER_POSTED_STORED, AFTER_STATUS_STORED)

PATHS: Final = (
    Path(
        (BEFORE_SEND_STORED, AFTER_SEND_STORED, BEFORE_CALL, AFTER_ANSWER, AFTER_POSTED_STORED),
        ("document", "number", "party", "key"),
    ),
    Path((AFTER_STATUS_STORED,), ("document", "number", "party", "key")),
    Path((BEFORE_MAIL,), ("episode",)),
)
"""The ways of a document, of a change of the status, and of a mail."""

KINDS: Final[tuple[Kind, ...]] = (
    Kind(
        name="kill-platform",
        id="PLT13",
        points=_KILLS,
        ends_call=_KILLS,
        effect="kill",
        about="The platform side is killed at one step of sending a document, or of changing its status.",
        correct="started again from its store it sends what was in flight with the same key; nothing is lost, nothing stands twice",
        cured_by_reconnect=False,
    ),
    Kind(
        name="impatient",
        id="PLT01",
        points=(BEFORE_CALL,),
        effect="limit",
        about="The platform side waits for an answer for a shorter time than QuickBooks takes.",
        correct="no second record: the document is sent again with the same key, and the connector finds what stands there",
        cured_by_reconnect=False,
        parameters={"limit_s": Parameter(2.0, "how long it waits, story seconds", least=0, most=YEAR_S)},
        needs=("its own limit",),
        sets=("limit",),
    ),
    Kind(
        name="two-workers",
        id="PLT03",
        points=(BEFORE_CALL,),
        effect="twice",
        about="The same document is sent by two workers at nearly the same time.",
        correct="one record; both calls get an answer that is true",
        cured_by_reconnect=False,
        parameters={"skew_s": Parameter(0.05, "how much later the second worker is, story seconds", least=0, most=YEAR_S)},
        needs=("one worker",),
        sets=("number of workers",),
    ),
    Kind(
        name="mail-trouble",
        id="PLT06",
        points=(BEFORE_MAIL,),
        effect="mail-trouble",
        about="The mail server refuses the mail, takes it late, or delivers it twice.",
        correct="one mail for each episode, however often its delivery has to be repeated",
        cured_by_reconnect=False,
        parameters={
            "trouble": Parameter("refused", "what the mail server does", ("refused", "slow", "double")),
            "delay_s": Parameter(120.0, "how late it takes the mail when slow, story seconds", least=0, most=YEAR_S),
        },
        sets=("delivery of the mail",),
    ),
)
"""Every kind this room declares."""
