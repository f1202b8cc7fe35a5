"""What the first user's page leaves open about the platform side: every choice made in this room, by name.

The numbers Q1 to Q12 are the open questions of the page; a profile (profiles/*.yaml) is what sets these switches for one platform, and a
scenario may set them again for one world. A switch with a single choice records a decision that cannot be changed yet.
"""

from typing import Final

from emulator.core.switches import Switch

SWITCHES: Final[tuple[Switch, ...]] = (
    Switch(
        "platform.attempts",
        3,
        (),
        "choice",
        "Q1: the page says 'several attempts'",
        "After how many failed attempts in a row the status becomes Disconnected.",
        least=1,
    ),
    Switch(
        "platform.attempt-spacing-s",
        10,
        (),
        "choice",
        "Q1: the page names no time",
        "Story seconds from the end of a failed attempt to the next one of the queue.",
    ),
    Switch(
        "platform.attempt-scope",
        "global",
        ("global", "document"),
        "choice",
        "Q1: the status is one for the whole integration",
        "Whether failed attempts in a row are counted over everything that is tried, or for each document alone.",
    ),
    Switch(
        "platform.refusal-counts",
        False,
        (False, True),
        "inferred",
        "Q2: the page counts failures to communicate with QuickBooks; a refusal is an answer",
        "Whether the refusal of one document by QuickBooks is a failed attempt.",
    ),
    Switch(
        "platform.unavailable-counts",
        True,
        (True, False),
        "inferred",
        "Q2: the page speaks of QuickBooks, not of the connector alone",
        "Whether the connector's answer that QuickBooks cannot be reached is a failed attempt; silence and broken calls always are.",
    ),
    Switch(
        "platform.auto-heal",
        False,
        (False, True),
        "inferred",
        "Q3: the page says to update the status by hand if necessary",
        "Whether the status returns to Connected by itself when a probe, or a document sent by hand, gets through.",
    ),
    Switch(
        "platform.probes",
        False,
        (False, True),
        "choice",
        "Q3: the page names no probes",
        "Whether the connector is asked for its light, in calls marked as probes, while the status is Disconnected.",
    ),
    Switch(
        "platform.bills-held",
        True,
        (True, False),
        "choice",
        "Q4: the page speaks of invoices only",
        "Whether bills are held like invoices while Disconnected; if not, they fail, with that reason.",
    ),
    Switch(
        "platform.flush-order",
        "oldest-first",
        ("oldest-first", "newest-first"),
        "inferred",
        "Q5: a queue, says the page",
        "In which order waiting documents go out; customers, vendors and products go before invoices and bills in both.",
    ),
    Switch(
        "platform.failed-balance-counts",
        True,
        (True, False),
        "choice",
        "Q6: the page names no kinds of attempt",
        "Whether a balance look-up that gets no answer is a failed attempt, and one that does a success.",
    ),
    Switch(
        "platform.balance-while-disconnected",
        "unavailable",
        ("unavailable", "ask"),
        "choice",
        "the page is silent; an order clerk is not made to wait for what is known to be cut",
        "Whether a balance is asked for at port 8891 while the status is Disconnected.",
    ),
    Switch(
        "platform.edits-gated",
        False,
        (False, True),
        "choice",
        "Q7: the page names new products, vendors and wholesale customers only",
        "Whether changing an existing product, vendor or customer is refused too where making a new one is.",
    ),
    Switch(
        "platform.wire-protocol",
        "json",
        ("json",),
        "choice",
        "Q9: the real protocol on port 8891, its authentication and TLS are not public",
        "What is spoken on port 8891: our own JSON over HTTP (emulator/core/documents.py); another one is another Transport.",
    ),
    Switch(
        "platform.by-hand-while-disconnected",
        "try-once",
        ("try-once", "refuse"),
        "choice",
        "Q11: the page is silent",
        "What becomes of a document sent by hand while Disconnected: tried once, its failure shown and not counted; or not tried.",
    ),
    Switch(
        "platform.manual-mode",
        "lists",
        ("lists", "everything"),
        "choice",
        "the page says 'automatic syncing' of lists and 'automatic invoices', never that one setting governs both",
        "What push mode manual keeps from going out by itself: customers, vendors and products; or invoices and bills too.",
    ),
    Switch(
        "platform.exit-of-connector",
        "nothing",
        ("nothing",),
        "inferred",
        "Q12: the page lets only failed attempts or a person change the status",
        "What the platform side does when the connector is exited: nothing, until attempts fail.",
    ),
)
