"""Broken documents whose cause is known: a right document, bent in one place, with the words that must stand in the first line of its explanation.

The right documents are such as connectors send. A maker of a kind yields every way it knows to break one of them; the words are those of
the mistake (the element, the value, what it is), never those of a particular sentence.
"""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from emulator.qbxml import Diagnosis, Version, schema_of
from emulator.qbxml.schema import Choice, Model, Node, elements_of

PROLOG = '<?xml version="1.0"?>\n<?qbxml version="{version}"?>\n'
VERSION = "16.0"
NEVER = "Nobody Of That Name"


@dataclass(frozen=True)
class Broken:
    """One broken document.

    Attributes:
        kind: of mistake.
        document: the whole text.
        words: patterns; each must be found in the first line.
        place: line and column that must be told; None where a maker does not say.
        path: what the path of the element must end with.
        near: the nearest right word that must be told, "" for none; None where a maker does not say.
    """

    kind: str
    document: str
    words: tuple[str, ...]
    place: tuple[int, int] | None = None
    path: str = ""
    near: str | None = None

    def is_told_by(self, told: Diagnosis) -> bool:
        """Whether a diagnosis has the cause in its first line, the right place and element, and the right nearest word."""
        return (
            "\n" not in told.problem
            and all(re.search(word, told.problem) for word in self.words)
            and self.place in (None, (told.line, told.column))
            and told.path.endswith(self.path)
            and self.near in (None, told.nearest)
        )


def at(kind: str, root: "Tree", element: "Tree", words: tuple[str, ...], near: str | None = None, version: str = "") -> Broken:
    """Return a broken document whose mistake is an element: it must be told where it stands."""
    element.set("here", "")
    marked = written(root, version or VERSION)
    del element.attrib["here"]
    before = marked[: marked.index(' here=""')]
    start = before.rindex("<")
    line = before.count("\n") + 1
    return Broken(kind, written(root, version or VERSION), words, (line, start - before.rfind("\n", 0, start)), near=near)


def right(customer: str, sequence: str, invoice: str, invoice_sequence: str) -> list[str]:
    """Return message sets that are taken, by a company with the records of `helpers.SMALL`.

    Args:
        customer: ListID of a customer.
        sequence: its EditSequence.
        invoice: TxnID of an invoice.
        invoice_sequence: its EditSequence.
    """
    bodies = [
        """<InvoiceAddRq requestID="1">
  <InvoiceAdd>
    <CustomerRef><FullName>Abercrombie</FullName></CustomerRef>
    <TxnDate>2026-11-20</TxnDate>
    <RefNumber>G-1001</RefNumber>
    <BillAddress><Addr1>Abercrombie Lighting</Addr1><City>Boston</City><State>MA</State></BillAddress>
    <TermsRef><FullName>Net 30</FullName></TermsRef>
    <DueDate>2026-12-20</DueDate>
    <Memo>order 1001</Memo>
    <IsToBePrinted>false</IsToBePrinted>
    <InvoiceLineAdd><ItemRef><FullName>Lamp</FullName></ItemRef><Desc>A lamp</Desc><Quantity>2</Quantity><Rate>10.50</Rate></InvoiceLineAdd>
    <InvoiceLineAdd><ItemRef><FullName>Repair</FullName></ItemRef><Desc>Repair</Desc><Amount>45.00</Amount></InvoiceLineAdd>
  </InvoiceAdd>
</InvoiceAddRq>""",
        """<BillAddRq requestID="2">
  <BillAdd>
    <VendorRef><FullName>Landlord</FullName></VendorRef>
    <TxnDate>2026-11-02</TxnDate>
    <DueDate>2026-11-30</DueDate>
    <RefNumber>R-11</RefNumber>
    <Memo>rent</Memo>
    <ExpenseLineAdd><AccountRef><FullName>Rent</FullName></AccountRef><Amount>1200.00</Amount><Memo>November</Memo><BillableStatus>NotBillable</BillableStatus></ExpenseLineAdd>
    <ItemLineAdd><ItemRef><FullName>Lamp</FullName></ItemRef><Quantity>3</Quantity><Cost>4.00</Cost></ItemLineAdd>
  </BillAdd>
</BillAddRq>""",
        """<CustomerAddRq requestID="3">
  <CustomerAdd>
    <Name>Dyer</Name>
    <IsActive>true</IsActive>
    <CompanyName>Dyer and Sons</CompanyName>
    <FirstName>Ada</FirstName>
    <LastName>Dyer</LastName>
    <BillAddress><Addr1>1 Main Street</Addr1><City>Boston</City></BillAddress>
    <Phone>555-0100</Phone>
    <Email>ada@dyer.example</Email>
    <TermsRef><FullName>Net 30</FullName></TermsRef>
    <CreditLimit>500.00</CreditLimit>
  </CustomerAdd>
</CustomerAddRq>""",
        f"""<CustomerModRq requestID="4">
  <CustomerMod>
    <ListID>{customer}</ListID>
    <EditSequence>{sequence}</EditSequence>
    <CompanyName>Baker and Sons</CompanyName>
    <BillAddress><Addr1>2 Main Street</Addr1><City>Boston</City></BillAddress>
    <TermsRef><FullName>Net 15</FullName></TermsRef>
  </CustomerMod>
</CustomerModRq>""",
        f"""<InvoiceModRq requestID="5">
  <InvoiceMod>
    <TxnID>{invoice}</TxnID>
    <EditSequence>{invoice_sequence}</EditSequence>
    <CustomerRef><FullName>Abercrombie</FullName></CustomerRef>
    <TxnDate>2026-11-21</TxnDate>
    <Memo>changed</Memo>
    <InvoiceLineMod><TxnLineID>-1</TxnLineID><ItemRef><FullName>Lamp</FullName></ItemRef><Quantity>1</Quantity></InvoiceLineMod>
  </InvoiceMod>
</InvoiceModRq>""",
        """<ReceivePaymentAddRq requestID="6">
  <ReceivePaymentAdd>
    <CustomerRef><FullName>Abercrombie</FullName></CustomerRef>
    <TxnDate>2026-11-22</TxnDate>
    <RefNumber>4711</RefNumber>
    <TotalAmount>5.00</TotalAmount>
    <Memo>paid</Memo>
    <IsAutoApply>true</IsAutoApply>
  </ReceivePaymentAdd>
</ReceivePaymentAddRq>""",
        """<InvoiceQueryRq requestID="7">
  <MaxReturned>10</MaxReturned>
  <TxnDateRangeFilter><FromTxnDate>2026-01-01</FromTxnDate><ToTxnDate>2026-12-31</ToTxnDate></TxnDateRangeFilter>
  <EntityFilter><FullName>Abercrombie</FullName></EntityFilter>
  <PaidStatus>NotPaidOnly</PaidStatus>
  <IncludeLineItems>true</IncludeLineItems>
</InvoiceQueryRq>""",
        """<ItemServiceAddRq requestID="8">
  <ItemServiceAdd>
    <Name>Delivery</Name>
    <SalesOrPurchase><Desc>Delivery</Desc><Price>12.50</Price><AccountRef><FullName>Rent</FullName></AccountRef></SalesOrPurchase>
  </ItemServiceAdd>
</ItemServiceAddRq>""",
    ]
    return [set_of(body) for body in bodies]


def set_of(body: str) -> str:
    """Return the document around one request."""
    return f'{PROLOG.format(version=VERSION)}<QBXML>\n<QBXMLMsgsRq onError="stopOnError">\n{body}\n</QBXMLMsgsRq>\n</QBXML>\n'


Tree = etree._Element
Place = tuple[Tree, Model]
"""An aggregate of a document with its content model."""


def parsed(document: str) -> Tree:
    """Return the tree of a document."""
    return etree.fromstring(document.encode())


def written(root: Tree, version: str = VERSION) -> str:
    """Return the text of a tree."""
    return PROLOG.format(version=version) + etree.tostring(root, encoding="unicode")


def request_of(root: Tree) -> Tree:
    """Return the one request of a document."""
    return root[0][0]


def node_of(element: Tree, version: str = VERSION) -> Node | None:
    """Return what the schema says of an element of the request; None for the request itself and what is above it."""
    above = [str(each.tag) for each in reversed(list(element.iterancestors()))][2:]
    message = schema_of(Version(version).schema_number).message(above[0]) if above else None
    found: Node | None = None
    model: Model = message.children if message is not None else ()
    for name in (*above[1:], str(element.tag)):
        found = elements_of(model).get(name)
        model = found.children if found is not None else ()
    return found


def model_of(element: Tree) -> Model:
    """Return the content model of an aggregate or of the request."""
    if element.tag.endswith("Rq"):
        message = schema_of(VERSION).message(str(element.tag))
        assert message is not None
        return message.children
    node = node_of(element)
    return node.children if node is not None else ()


def places(document: str) -> Iterator[tuple[Tree, Tree]]:
    """Yield each element inside the request in a tree of its own, with the root of the tree."""
    for number in range(len(list(request_of(parsed(document)).iter()))):
        root = parsed(document)
        yield root, list(request_of(root).iter())[number]


def leaves(document: str) -> Iterator[tuple[Tree, Tree, Node]]:
    """Yield each leaf in a tree of its own, with the root and what the schema says of it."""
    for root, element in places(document):
        node = node_of(element) if not element.tag.endswith("Rq") else None
        if node is not None and node.type:
            yield root, element, node


def named(element: Tree | str) -> str:
    """Return the pattern of an element's name in a sentence."""
    return re.escape(f"<{element if isinstance(element, str) else element.tag}>")


# ---- the structure -----------------------------------------------------------------------------------------------------------------


def order_swapped(document: str) -> Iterator[Broken]:
    for root, element in places(document):
        before = element.getprevious()
        if before is None or before.tag == element.tag or element.tag.endswith("Rq"):
            continue
        before.addprevious(element)
        yield Broken("order swapped", written(root), ("order", named(before), named(element)))


def required_dropped(document: str) -> Iterator[Broken]:
    for root, element in places(document):
        node = node_of(element) if not element.tag.endswith("Rq") else None
        if node is None or not node.minimum or element.getparent() is None:
            continue
        parts = [part for part in model_of(element.getparent()) if isinstance(part, Node)]
        if any(part.name == node.name for part in parts):
            element.getparent().remove(element)
            yield Broken("required dropped", written(root), ("missing", named(element)))


def unknown_element(document: str) -> Iterator[Broken]:
    for root, element in places(document):
        if not len(element):
            continue
        element.append(etree.Element("Zzgflorp"))
        yield at("unknown element", root, element[-1], ("unknown", named("Zzgflorp")), "")


def misspelt_element(document: str) -> Iterator[Broken]:
    for root, element in places(document):
        tag = str(element.tag)
        slips = [tag[:2] + tag[3:], tag[:-2] + tag[-1] + tag[-2], tag + "s"]
        slip = slips[len(tag) % 3]
        holder = element.getparent()
        if (
            len(tag) < 4
            or slip == tag
            or slip in elements_of(model_of(holder) if holder is not None and tag[-2:] != "Rq" else ())
        ):
            continue
        element.tag = slip
        yield at("misspelt element", root, element, (named(slip), re.escape(tag)), tag)


def misspelt_attribute(document: str) -> Iterator[Broken]:
    for name in ("requestid", "requestId", "reqestID"):
        yield Broken("misspelt attribute", document.replace("requestID", name), (name, "requestID"), (5, 1), near="requestID")
    for name in ("onerror", "OnError", "onEror"):
        yield Broken("misspelt attribute", document.replace("onError", name), (name, "onError"), (4, 1), near="onError")


def wrong_case(document: str) -> Iterator[Broken]:
    for root, element in places(document):
        tag = str(element.tag)
        element.tag = tag.lower() if len(tag) % 2 else tag[0].lower() + tag[1:]
        yield at("wrong case", root, element, (named(element), named(tag)), tag)


def bad_enumeration(document: str) -> Iterator[Broken]:
    for value in ("Nonsense", None):
        for root, element, node in leaves(document):
            if node.values:
                right, element.text = element.text or "", value or (element.text or "").lower()
                yield at(
                    "bad enumeration", root, element, (re.escape(repr(element.text)), named(element)), "" if value else right
                )


def both_branches(document: str) -> Iterator[Broken]:
    for root, element in places(document):
        for part in model_of(element) if len(element) else ():
            if not isinstance(part, Choice) or part.key or len(part.branches) < 2:
                continue
            names = [list(elements_of(branch)) for branch in part.branches]
            taken = next((each for each in names if any(child.tag in each for child in element)), None)
            other = next((each for each in names if each is not taken), None)
            if taken is None or other is None:
                continue
            copy = deepcopy(root)
            here = copy.getroottree().xpath(root.getroottree().getpath(element))[0]
            last = [child for child in here if child.tag in taken][-1]
            last.addnext(etree.Element(other[0]))
            yield Broken(
                "both branches", written(copy), (named(other[0]), "|".join(map(named, taken)), "exclude|only one|choice")
            )


def twice(document: str) -> Iterator[Broken]:
    for root, element in places(document):
        node = node_of(element) if not element.tag.endswith("Rq") else None
        if node is None or node.maximum != 1:
            continue
        holder = element.getparent()
        if any(isinstance(part, Choice) and part.maximum != 1 and node.name in elements_of((part,)) for part in model_of(holder)):
            continue
        again = deepcopy(element)
        element.addnext(again)
        yield at("twice where once", root, again, (named(element), "once|twice"), "")


def element_in_text(document: str) -> Iterator[Broken]:
    for root, element, _node in list(leaves(document))[::3]:
        etree.SubElement(element, "b").text = "x"
        yield at("element in a text", root, element[-1], (named(element), named("b"), "text"))


def text_at(kind: str, document: str, text: str, words: tuple[str, ...]) -> Broken:
    """Return a broken document whose mistake is a text that stands in it once: it must be told where it begins."""
    start = document.index(text)
    return Broken(kind, document, words, (document.count("\n", 0, start) + 1, start - document.rfind("\n", 0, start)))


def text_between(document: str) -> Iterator[Broken]:
    for text, word in (("and more", "and more"), (",", "','"), ("\xa0", "NO-BREAK SPACE")):
        for root, element in places(document):
            if len(element):
                element[-1].tail = text
                yield text_at("text outside elements", written(root).replace("&#160;", text), text, (word, named(element)))
    for text, word in (("stray", "stray"), ("&#160;", "NO-BREAK SPACE")):
        for tag in ("<QBXMLMsgsRq", "</QBXMLMsgsRq>", "</QBXML>"):
            yield text_at("text outside elements", document.replace(tag, f"{text} {tag}"), text, (word, "no text may stand"))


def wrong_place(document: str) -> Iterator[Broken]:
    """A reference without its holder: the commonest form of an element in the wrong place."""
    for root, element in places(document):
        if str(element.tag).endswith("Ref") and not element.getparent().tag.endswith("Ref"):
            element.addnext(deepcopy(element[0]))
            holder = element.getparent()
            tag, known = str(element[0].tag), elements_of(model_of(holder))
            holder.remove(element)
            if tag not in known:
                yield Broken("element in the wrong place", written(root), (named(tag), "belong|missing"))


def too_new(document: str) -> Iterator[Broken]:
    """The same document, declared to be of a version that lacks something of it."""
    for version in ("1.1", "2.0", "3.0", "4.0", "5.0", "6.0", "7.0", "8.0", "10.0", "12.0", "13.0", "14.0"):
        root = parsed(document)
        request = request_of(root)
        if schema_of(version).message(str(request.tag)) is None:
            yield Broken("too new", written(root, version), (named(request), "since"))
            continue
        strange = [each for each in request.iterdescendants() if node_of(each, version) is None]
        if strange:
            yield Broken("too new", written(root, version), ("|".join(map(named, strange)), "since|newer"))
    newer = {
        "InvoiceAdd": ("ExternalGUID", "8.0"),
        "CustomerAdd": ("JobTitle", "11.0"),
        "InvoiceLineAdd": ("UnitOfMeasure", "6.0"),
    }
    for root, element in places(document):
        if str(element.tag) not in newer:
            continue
        name, version = newer[str(element.tag)]
        if all(node_of(each, version) is not None for each in request_of(root).iterdescendants()):
            element.append(etree.Element(name))
            yield Broken("too new", written(root, version), (named(name), "since|newer"))


# ---- the document ------------------------------------------------------------------------------------------------------------------


def ampersand(document: str) -> Iterator[Broken]:
    texts = re.findall(r">([A-Za-z][\w ]+)</", document)
    for text in texts[:8]:
        for bent in (f"{text} & Co", f"{text}&Co", f"{text} & {text}"):
            bad = document.replace(f">{text}</", f">{bent}</", 1)
            yield text_at("unescaped &", bad, "&", ("bare &", "&amp;"))
    for text in texts[:2]:
        bad = document.replace(f">{text}</", f">{text}&nbsp;x</", 1)
        yield text_at("unknown entity", bad, "&nbsp;", ("&nbsp;", "entity"))


def bare_less(document: str) -> Iterator[Broken]:
    for text in re.findall(r">([A-Za-z][\w ]+)</", document)[:3]:
        bad = document.replace(f">{text}</", f">{text} < 5</", 1)
        yield text_at("unescaped <", bad, "< 5", ("a < stands", "&lt;"))


def characters(document: str) -> Iterator[Broken]:
    """Characters that XML or the code page does not have, raw and as numbers."""
    for text in re.findall(r">([A-Za-z][\w ]+)</", document)[:2]:
        for bad, word in (
            ("&#0;", "the number of a character"), ("&#xD83D;", "the number of a character"), ("&#X41;", "the number of a character"),
            ("&#;", "the number of a character"), ("\x0b", "a character stands"), ("\U0001f600", "U.1F600"), ("\u65e5", "U.65E5"), ("]]>", "]]&gt;"),
        ):  # fmt: skip
            yield text_at("character", document.replace(f">{text}</", f">{text}{bad}</", 1), bad, (word,))
    for open_, word in (("<!-- ", "comment"), ("<![CDATA[", "CDATA"), ("<?p ", "instruction")):
        for tag in re.findall(r"<\w+>", document)[1:3]:
            yield text_at("not ended", document.replace(tag, f"{open_}{tag}", 1), open_.strip(), (word, "not closed"))
    double = document.replace("<QBXMLMsgsRq", "<!-- a -- b --><QBXMLMsgsRq")
    yield text_at("comment", double, "-- b", ("comment", "--"))


OTHER_WORDS = (
    ("TxnDate", "InvoiceDate"), ("TxnDate", "Date"), ("TxnDate", "TransactionDate"), ("RefNumber", "InvoiceNumber"), ("RefNumber", "Number"),
    ("Rate", "Price"), ("Rate", "UnitPrice"), ("Cost", "UnitCost"), ("Quantity", "Qty"), ("Desc", "Description"), ("Memo", "Notes"),
    ("CustomerRef", "Customer"), ("CustomerRef", "Client"), ("VendorRef", "Vendor"), ("VendorRef", "Supplier"), ("ItemRef", "Item"),
    ("ItemRef", "Product"), ("FullName", "Name"), ("InvoiceLineAdd", "InvoiceLineRet"), ("InvoiceLineAdd", "InvoiceLineMod"),
    ("InvoiceLineAdd", "SalesOrderLineAdd"), ("InvoiceLineAdd", "InvoiceLine"), ("InvoiceLineMod", "InvoiceLineAdd"),
    ("ExpenseLineAdd", "ExpenseLineRet"), ("Addr1", "Address1"), ("Addr1", "Street"), ("Email", "EmailAddress"), ("Phone", "Telephone"),
    ("MaxReturned", "Limit"), ("ListID", "ID"), ("TxnID", "Id"), ("BillAddress", "BillingAddress"), ("TotalAmount", "Total"),
)  # fmt: skip
"""What qbXML calls an element, and what other programs do."""


def another_word(document: str) -> Iterator[Broken]:
    for right, other in OTHER_WORDS:
        for root, element in places(document):
            if element.tag == right and other not in elements_of(model_of(element.getparent())):
                element.tag = other
                yield at("word of another program", root, element, (named(other),), right)
                break


def no_holder(document: str) -> Iterator[Broken]:
    """What stands in an aggregate, without the aggregate."""
    for root, element in places(document):
        holder = element.getparent()
        if not len(element) or str(element.tag).endswith(("Rq", "Ref", "Filter")):
            continue
        first, known = element[0], elements_of(model_of(holder))
        for child in reversed(element):
            element.addnext(child)
        holder.remove(element)
        if first.tag not in known:
            yield at("holder is missing", root, first, (named(first), "belong|missing", named(element)))


def text_in_reference(document: str) -> Iterator[Broken]:
    for root, element in places(document):
        if str(element.tag).endswith("Ref"):
            text = element[0].text or ""
            del element[:]
            element.text = f"{text} is meant"
            bad = written(root)
            yield text_at("text in a reference", bad, element.text, (re.escape(text), named(element), "text"))


def version_lines(document: str) -> Iterator[Broken]:
    line = f'<?qbxml version="{VERSION}"?>'
    for other, word in (
        (f"<?qbxml version={VERSION}?>", "quotes"), ("<?qbxml?>", "no version"), (line.replace("qbxml", "QBXML"), "upper and lower"),
        (line.replace("qbxml", "qbposxml"), "Point of Sale"), (line.replace(".0", ",0"), "16,0"), (line.replace(".0", ""), "'16'"),
    ):  # fmt: skip
        yield text_at("version line", document.replace(line, other), other, ("version", word))


def unclosed(document: str) -> Iterator[Broken]:
    for match in list(re.finditer(r"</(\w+)>", document))[::3]:
        bent = document[: match.start()] + document[match.end() :]
        yield Broken("unclosed tag", bent, (named(match.group(1)), "not closed"))


def cut_short(document: str) -> Iterator[Broken]:
    ends = [match.start() for match in re.finditer("</", document)]
    for end in (ends[0], ends[len(ends) // 2], ends[-1]):
        yield Broken("cut short", document[:end], ("the document ends", "not closed"))


def around(document: str) -> Iterator[Broken]:
    """What stands around the requests."""
    line = f'<?qbxml version="{VERSION}"?>\n'
    yield Broken("missing version line", document.replace(line, ""), ("version", "missing|no version"))
    yield Broken("unknown version", document.replace(VERSION, "99.0"), ("version", "99.0"))
    yield Broken("unknown version", document.replace(VERSION, "sixteen"), ("version", "sixteen"))
    for value in ("StopOnError", "stop", "never"):
        yield Broken("wrong onError", document.replace("stopOnError", value), ("onError", value))
    yield Broken("wrong onError", document.replace("stopOnError", "rollbackOnError"), ("onError", "roll"))
    yield Broken("missing onError", document.replace(' onError="stopOnError"', ""), ("onError", "missing"))
    yield Broken("unknown root", document.replace("QBXML>", "QBXLM>"), ("root", "QBXLM"))
    yield Broken("wrong case", document.replace("QBXML>", "qbxml>"), ("<qbxml>", "<QBXML>"))
    yield Broken("misspelt element", document.replace("QBXMLMsgsRq", "QBXMLMsgRq"), ("QBXMLMsgRq", "QBXMLMsgsRq|message set"))
    name = str(request_of(parsed(document)).tag)
    body = document[document.index("<QBXMLMsgsRq") : document.index("</QBXML>")]
    inner = body[body.index(f"<{name}") : body.index("</QBXMLMsgsRq>")]
    yield Broken("no message set", document.replace(body, inner), (named(name), "QBXMLMsgsRq"))
    yield Broken("two message sets", document.replace(body, body + body), ("QBXMLMsgsRq", "one message set"))
    yield Broken("something after the end", document + "<QBXML/>", ("after the end",))
    yield Broken("attribute without quotes", document.replace('"stopOnError"', "stopOnError"), ("quote",))
    yield Broken(
        "attribute twice", document.replace("<QBXMLMsgsRq ", '<QBXMLMsgsRq onError="stopOnError" '), ("onError", "twice")
    )
    yield Broken("namespace", document.replace("<QBXML>", '<QBXML xmlns="urn:qbxml">'), ("namespace",))
    yield Broken("unknown encoding", document.replace('"1.0"?>', '"1.0" encoding="klingon"?>', 1), ("encoding", "klingon"))
    yield Broken("empty", "", ("empty",))
    yield Broken("no XML", "please add an invoice", ("root element",), (1, 1))
    yield Broken("no XML", '{"invoice": 1}', ("root element",), (1, 1))
    wrong = name.replace("Add", "Create").replace("Mod", "Change").replace("Query", "Search")
    yield Broken("unknown request", document.replace(name, wrong), ("unknown request", wrong))
    yield Broken(
        "private or unknown request",
        document.replace(name, name.removesuffix("Rq")),
        (re.escape(name.removesuffix("Rq")), "request"),
    )


# ---- values ------------------------------------------------------------------------------------------------------------------------

BAD = {
    "BOOLTYPE": ("maybe", "TRUE", "yes"),
    "DATETYPE": ("2026-02-30", "11/20/2026", "20.11.2026", "soon"),
    "DATETIMETYPE": ("2026-11-20T25:00:00", "yesterday"),
    "AMTTYPE": ("97.5", "$12.00", "1,200.00", "free"),
    "PRICETYPE": ("1.123456", "ten"),
    "PERCENTTYPE": ("5%",),
    "QUANTYPE": ("a dozen", "1,5"),
    "INTTYPE": ("three", "1.5"),
    "IDTYPE": ("not an id",),
}
"""Type -> texts that do not convert."""


FREE = frozenset({"Memo", "Desc", "FirstName"})
"""Elements that hold any text of people."""


def over_length(document: str) -> Iterator[Broken]:
    for root, element, node in leaves(document):
        if node.type == "STRTYPE" and node.length_max is not None and node.name != "EditSequence":
            element.text = "x" * (node.length_max + 1)
            yield at("over length", root, element, (named(element), str(node.length_max), "characters|long"))


def bad_value(document: str) -> Iterator[Broken]:
    for root, element, node in leaves(document):
        for text in BAD.get(node.type, ()):
            element.text = text
            kind = {"DATETYPE": "bad date", "DATETIMETYPE": "bad date", "BOOLTYPE": "bad boolean", "IDTYPE": "bad identity"}
            yield at(kind.get(node.type, "bad number"), root, element, (named(element), re.escape(repr(text))))
            free = next((each for each in element.getparent() if each.tag in FREE and each is not element), None)
            if free is not None:
                # The same text where it is right.
                free.text = text
                yield at("a text that stands twice", root, element, (named(element), re.escape(repr(text))))


def empty_required(document: str) -> Iterator[Broken]:
    if "AddRq" not in document:
        return
    for root, element, node in leaves(document):
        required = any(part is node for part in model_of(element.getparent()))
        if required and node.minimum and not node.values and element.getparent().tag.endswith("Add"):
            element.text = ""
            yield at("empty required", root, element, (named(element), "empty"))


# ---- what the company file has ---------------------------------------------------------------------------------------------------------


def missing_reference(document: str) -> Iterator[Broken]:
    for name in (NEVER, "80000999-1446676743"):
        for root, element in places(document):
            if element.tag == "FullName" and str(element.getparent().tag).endswith("Ref"):
                if name[0] == "8":
                    element.tag = "ListID"
                # The short names of some lists hold five characters only.
                node = node_of(element)
                longest = node.length_max if node is not None and node.length_max else 99
                element.text = name[:longest].strip()
                words = (named(element.getparent()), re.escape(repr(element.text)), "not in")
                yield at("missing reference", root, element.getparent(), words, "")


def name_of_another(document: str) -> Iterator[Broken]:
    """A reference to what another list has: the same name or identity stands elsewhere in the document, where it is right."""
    party = re.search(r"<(Customer|Vendor)Ref><FullName>(\w+)<", document)
    if party is None:
        return
    for root, element in places(document):
        holder = element.getparent()
        if element.tag != "FullName" or not str(holder.tag).endswith("Ref") or element.text == party.group(2):
            continue
        # The short names of some lists hold five characters only, and a tax code of that length is another mistake.
        node = node_of(element)
        if node is not None and (node.length_max or 99) >= len(party.group(2)):
            element.text = party.group(2)
            yield at("name of another list", root, holder, (named(holder), party.group(2), f"is an? {party.group(1)}"))


def near_reference(document: str) -> Iterator[Broken]:
    """A name that is nearly right: the right one is told."""
    for root, element in places(document):
        if element.tag == "FullName" and str(element.getparent().tag).endswith(("Ref", "Filter")) and len(element.text or "") > 3:
            right = element.text or ""
            for slip in (right[:2] + right[3:], f" {right}", right + "\n", right[:1] + right[2] + right[1] + right[3:]):
                element.text = slip
                yield at("misspelt name", root, element.getparent(), (named(element.getparent()), "not in"), right)


def empty_reference(document: str) -> Iterator[Broken]:
    for root, element in places(document):
        if element.tag in ("CustomerRef", "VendorRef", "ItemRef", "AccountRef"):
            del element[:]
            element.text = None
            word = str(element.tag).removesuffix("Ref")
            yield Broken("empty reference", written(root), (f"(?i){word}", "nothing|empty|missing|needs an? "))


def stale(document: str) -> Iterator[Broken]:
    for root, element in places(document):
        if element.tag == "EditSequence":
            element.text = "1"
            yield at("stale EditSequence", root, element, ("EditSequence", "changed"))
        if element.tag in ("ListID", "TxnID") and str(element.getparent().tag).endswith("Mod"):
            element.text = "80000999-1446676743"
            yield at("unknown record", root, element, (named(element), "80000999-1446676743", "no such"))


def taken_and_absent(document: str) -> Iterator[Broken]:
    if "<Name>Dyer<" in document:
        yield Broken("name taken", document.replace("<Name>Dyer<", "<Name>Baker<"), ("Baker", "taken"))
        yield Broken("name taken", document.replace("<Name>Dyer<", "<Name>Landlord<"), ("Landlord", "taken"))
        parent = "<ParentRef><FullName>Bakker</FullName></ParentRef><CompanyName>"
        yield Broken("missing parent", document.replace("<CompanyName>", parent), (named("ParentRef"), "Bakker", "not in"))
    if "<InvoiceAdd>" in document:
        used = "</CustomerRef><ClassRef><FullName>East</FullName></ClassRef>"
        yield Broken("feature is off", document.replace("</CustomerRef>", used, 1), (named("ClassRef"), "feature"))
        gone = document.replace(">Abercrombie</FullName>", ">Gone</FullName>")
        yield Broken("wrong kind", document.replace(">Abercrombie</FullName>", ">Landlord</FullName>"), ("Landlord", "Vendor"))
        yield Broken("inactive", gone.replace("<FullName>Gone", "<FullName>Gone"), ("Gone", "not active"))


KINDS: tuple[Callable[[str], Iterator[Broken]], ...] = (
    order_swapped, required_dropped, unknown_element, misspelt_element, misspelt_attribute, wrong_case, bad_enumeration, both_branches,
    twice, element_in_text, text_between, wrong_place, too_new, ampersand, bare_less, unclosed, cut_short, around, over_length, bad_value,
    empty_required, missing_reference, empty_reference, stale, taken_and_absent, characters, another_word, no_holder, text_in_reference,
    version_lines, name_of_another, near_reference,
)  # fmt: skip
"""Every maker of broken documents."""


STRUCTURE = (
    order_swapped, required_dropped, unknown_element, misspelt_element, wrong_case, bad_enumeration, both_branches, twice,
    element_in_text,
)  # fmt: skip
"""The makers that need to know nothing of a document but its schema."""


def broken_documents(documents: list[str]) -> list[Broken]:
    """Return every broken document that the makers know to make of these, each text once."""
    found = {each.document: each for document in documents for make in KINDS for each in make(document)}
    return list(found.values())
