"""Switches of the reference connector: what a connector may decide one way or the other."""

from emulator.core.switches import Switch

ASK_FIRST = "connector.ask-before-first-send"
UNMARKED_TWIN = "connector.unmarked-twin"
BALANCE = "connector.balance-field"
TAXES = "connector.taxes"
PRODUCT_ACCOUNT = "connector.product-account"

SWITCHES: tuple[Switch, ...] = (
    Switch(
        ASK_FIRST,
        False,
        (True, False),
        "choice",
        "ours: one question more for each document finds what people typed by hand during an outage",
        "Whether QuickBooks is asked for a document's number also before it is sent for the very first time.",
    ),
    Switch(
        UNMARKED_TWIN,
        "refuse",
        ("refuse", "post"),
        "choice",
        "ours: a second copy is dearer than a question to a person",
        "What is done when a question finds a record with our number, customer and amount that does not carry our key.",
    ),
    Switch(
        BALANCE,
        "TotalBalance",
        ("TotalBalance", "Balance"),
        "choice",
        "ours: who decides about credit wants the jobs of a customer in it",
        "Which field of a customer is told as open balance.",
    ),
    Switch(
        TAXES,
        "platform",
        ("platform", "quickbooks"),
        "choice",
        "ours: the total the platform shows is the total that stands in the books (I4); a customer's default code would add tax to it",
        "Who reckons sales tax on invoices: the platform (every line is marked non-taxable), or QuickBooks by its own defaults.",
    ),
    Switch(
        PRODUCT_ACCOUNT,
        "Sales",
        (),
        "choice",
        "ours: a document's field `account` wins",
        "Full name of the income account of products that are created without naming one.",
    ),
)
