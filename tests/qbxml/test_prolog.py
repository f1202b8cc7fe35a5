"""Encodings and characters: whatever way a text is written, what is read is what the switches say."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.qbxml import Choices, Limits, NotValid, decode_set
from emulator.qbxml.diagnosis import PARSE

from .test_envelope import document, refused
from .text_model import CHARACTERS, CODECS, FORMS, SWITCHED, in_codec, model, written


def notes(text, declared=None):
    declaration = "<?xml version='1.0'?>" if declared is None else f"<?xml version='1.0' encoding='{declared}'?>"
    body = f"<VendorAddRq><VendorAdd><Name>x</Name><Notes>{text}</Notes></VendorAdd></VendorAddRq>"
    return document(body, prolog=declaration + '<?qbxml version="13.0"?>')


def read_of(given, choices=Choices()):  # noqa: B008 - it is frozen
    try:
        (request,) = decode_set(given, choices=choices).requests
    except NotValid as problem:
        return None if problem.result == PARSE else problem
    assert request.fault is None
    return request.values["VendorAdd"]["Notes"]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(CHARACTERS, st.sampled_from(FORMS)), min_size=1, max_size=40),
    st.sampled_from([None, *CODECS]),
    st.sampled_from(SWITCHED),
)
def test_a_text_is_read_the_same_however_it_is_written(pairs, declared, choices) -> None:
    mark, codec = CODECS.get(declared, (b"", ""))
    pairs = [(each, form if not codec or in_codec(each, codec) else "decimal") for each, form in pairs]
    text = notes("".join(written(*pair) for pair in pairs), declared)
    assert read_of(mark + text.encode(codec) if codec else text, choices) == model(pairs, choices)


@pytest.mark.parametrize("choices", SWITCHED)
def test_what_holds_no_reference_keeps_what_looks_like_one(choices) -> None:
    shown = "&#28450;"
    body = f"a<!-- {shown} --><![CDATA[{shown}<!-- ]]><?x {shown} <![CDATA[ ?>{shown}"
    last = {"question-mark": "?", "kept": "漢"}[choices.references_outside_code_page]
    assert read_of(notes(body), choices) == f"a{shown}<!-- {last}"


FORBIDDEN = ("&#0;", "&#x0;", "&#1;", "&#x1F;", "&#11;", "&#xD800;", "&#55357;&#56832;", "&#xFFFE;", "&#xFFFF;", "&#x110000;", "&#9999999;",
             "&#99999999999999999999;", "&#;", "&#x;", "&#xG;", "&eacute;", "&nbsp;", "&", "&amp", "]]>", "\x00", "\x0b", "\ud800")  # fmt: skip


@pytest.mark.parametrize("choices", [SWITCHED[0], SWITCHED[-1]])
@pytest.mark.parametrize("text", FORBIDDEN)
def test_what_xml_has_no_place_for_refuses_the_document(text, choices) -> None:
    assert read_of(notes(f"a{text}b"), choices) is None


KEPT_AS_GIVEN = {
    "a\r\nb": "a\nb",  # line ends are one line feed (XML 1.0)
    "a\rb": "a\nb",
    "a&#13;&#10;b": "a\r\nb",
    "a\tb": "a\tb",
    "\n a \n": "\n a \n",
    "e&#x301;": "e?",  # nothing is composed (our choice): the accent is outside the code page
    "a&#150;b": "a?b",  # a dash by the number it has in the code page is a control character
    "a\u00a0\u00adb": "a\u00a0\u00adb",
}


@pytest.mark.parametrize(("text", "read"), KEPT_AS_GIVEN.items())
def test_blanks_and_line_ends(text, read) -> None:
    assert read_of(notes(text)) == read


def test_two_halves_beside_each_other_are_one_character() -> None:
    choices = Choices(raw_outside_code_page="question-mark")
    assert read_of(notes("a\ud83d\ude00b"), choices) == read_of(notes("a😀b"), choices) == "a??b"


CONTRADICTIONS = {
    "UTF-8 mark, declared ISO-8859-1": codecs.BOM_UTF8 + notes("é", "ISO-8859-1").encode(),
    "UTF-16 mark, declared UTF-8": codecs.BOM_UTF16_LE + notes("é", "utf-8").encode("utf-16-le"),
    "UTF-16 without a mark, declared UTF-8": notes("é", "utf-8").encode("utf-16-be"),
    "UTF-8, declared UTF-16": notes("é", "utf-16").encode(),
}


@pytest.mark.parametrize("given", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_the_switch_of_a_contradicting_encoding(given) -> None:
    assert read_of(given) == "é"
    problem = refused(given, choices=Choices(contradicting_encoding="0x80040400"))
    assert problem.diagnosis.problem.startswith("it declares ")
    assert problem.diagnosis.expected[0].startswith('encoding="utf-')


@pytest.mark.parametrize(("declared", "codec"), [(name, codec) for name, (_, codec) in CODECS.items()])
def test_an_encoding_that_is_right_contradicts_nothing(declared, codec) -> None:
    given = CODECS[declared][0] + notes("e", declared).encode(codec)
    assert read_of(given, Choices(contradicting_encoding="0x80040400")) == "e"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_the_switch_of_utf_16_without_a_mark(codec) -> None:
    refusing = Choices(utf_16_without_mark="0x80040400")
    given = notes("é", "utf-16").encode(codec)
    assert read_of(given) == "é"
    assert refused(given, choices=refusing).diagnosis.problem == "UTF-16 without a byte order mark"
    assert read_of(("\ufeff" + notes("é", "utf-16")).encode(codec), refusing) == "é"


def test_the_switch_of_bytes_that_iso_8859_1_has_no_letters_for() -> None:
    given = notes("“x” – €", "ISO-8859-1").encode("cp1252")
    assert read_of(given) == "“x” – €"
    as_declared = Choices(iso_8859_1_bytes="as-declared")
    assert refused(given, choices=as_declared).diagnosis.problem.startswith("a character outside the Windows code page")
    assert read_of(notes("é", "ISO-8859-1").encode("latin-1"), as_declared) == "é"


@pytest.mark.parametrize("byte", [0x81, 0x8D, 0x8F, 0x90, 0x9D])
@pytest.mark.parametrize("declared", ["windows-1252", "ISO-8859-1"])
def test_bytes_that_the_code_page_leaves_undefined(declared, byte) -> None:
    assert read_of(notes("a~b", declared).encode().replace(b"~", bytes([byte]))) is None


def test_the_switch_of_an_encoding_declared_in_text() -> None:
    strict = Choices(encoding_declared_in_text="known-only")
    for declared in ("ISO-8859-1", "utf-8", "klingon", "utf-7"):
        assert read_of(notes("é“", declared)) == "é“"
    assert read_of(notes("é“", "ISO-8859-1"), strict) == read_of(notes("é“"), strict) == "é“"
    assert refused(notes("é", "klingon"), choices=strict).diagnosis.problem == "the encoding is not known: 'klingon'"


def test_the_switch_of_blanks_at_the_ends() -> None:
    assert read_of(notes("  a  ")) == "  a  "
    trimmed = Choices(blanks_at_ends="trimmed")
    assert read_of(notes("  a b\t "), trimmed) == "a b\t"
    assert read_of(notes("   "), trimmed) is None


@pytest.mark.parametrize(("units", "longest"), [("two", 20), ("one", 41)])
def test_the_switch_of_a_character_of_two_units_counts_lengths(units, longest) -> None:
    """A vendor's name has 41 characters at most (documented)."""
    for kept in ("kept", "question-mark"):
        choices = Choices(references_outside_code_page=kept, character_of_two_units=units)
        for count, code in ((longest, None), (longest + 1, 3070)):
            name = "&#128512;" * count
            (request,) = decode_set(
                document(f"<VendorAddRq><VendorAdd><Name>{name}</Name></VendorAdd></VendorAddRq>"), choices=choices
            ).requests
            assert (request.fault and request.fault.code) == code


def test_a_message_tells_what_to_do_about_bytes_that_are_none_of_utf_8() -> None:
    problem = refused(notes("a\né").encode("latin-1"))
    assert (problem.diagnosis.problem, problem.diagnosis.line) == ("the text is not utf-8", 2)
    assert 'encoding="windows-1252"' in problem.diagnosis.expected[0]


@settings(max_examples=100)
@given(st.binary(max_size=200), st.sampled_from([None, *CODECS]))
def test_any_bytes_are_read_or_refused(junk, declared) -> None:
    mark, codec = CODECS.get(declared, (b"", "utf-8"))
    head, tail = notes("~", declared).split("~")
    read_of(mark + head.encode(codec) + junk + tail.encode(codec))


@pytest.mark.parametrize("opening", ["<!--", "<![CDATA[", "<?", "&#"])
def test_what_is_never_closed_is_gone_through_once(opening) -> None:
    """Looked at again from each of them, half a million would take hours."""
    assert refused(notes("&#233;" + opening * 500_000), limits=Limits(tags=10**9)).result == PARSE


WHOLE = (
    '<?xml version="1.0"{}?>\n<?qbxml version="13.0"?>\n<QBXML><QBXMLMsgsRq onError="stopOnError">\n<CustomerQueryRq>'
    "<FullName>{}</FullName></CustomerQueryRq></QBXMLMsgsRq></QBXML>"
)
NAMED = "QBXML/QBXMLMsgsRq/CustomerQueryRq/FullName"


@pytest.mark.parametrize(
    ("document", "problem", "column", "found", "form"),
    [
        (
            WHOLE.format("", "é \U0001f600").encode(),
            "U+1F600 (GRINNING FACE)",
            30,
            "U0001f600",
            "<FullName>é ?</FullName> <!-- ? stands",
        ),
        (WHOLE.format("", "é\u22125").encode(), "U+2212 (MINUS SIGN)", 29, "u22125", "<FullName>é-5</FullName>"),
        (WHOLE.format("", "a\u200bb").encode(), "U+200B (ZERO WIDTH SPACE)", 29, "u200bb", "<FullName>ab</FullName>"),
        (WHOLE.format("", "Zoé").encode("latin-1"), "the text is not utf-8", 30, "byte 0xE9", ""),
        (WHOLE.format(' encoding="us-ascii"', "Zoé").encode(), "the text is not us-ascii", 30, "byte 0xC3", ""),
        (WHOLE.format("", "Zo\ud83d"), "half of a surrogate pair", 30, "ud83d", ""),
    ],
)
def test_what_cannot_be_read_is_told_where_it_stands(document, problem, column, found, form) -> None:
    choices = Choices(raw_outside_code_page="kept") if isinstance(document, str) else Choices()
    with pytest.raises(NotValid) as refused:
        decode_set(document, choices=choices)
    told = refused.value.diagnosis
    assert problem in told.problem
    assert (told.line, told.column, told.path) == (4, column, NAMED)
    assert found in told.found
    assert told.form.startswith(form) if form else not told.form
    assert told.expected or isinstance(document, str)


@pytest.mark.parametrize(
    ("line", "problem", "near"),
    [
        ("<?qbxml version=13.0?>", "one without quotes", ""),
        ("<?qbxml?>", "says no version", ""),
        ('<?qbxml version="13"?>', "is not known: '13'", "13.0"),
        ('<?qbxml version="13,0"?>', "is not known: '13,0'", "13.0"),
        ('<?QBXML version="13.0"?>', "is written <?qbxml ...?>", ""),
        ('<?qbposxml version="1.0"?>', "Point of Sale", ""),
    ],
)
def test_a_version_line_that_is_written_otherwise(line, problem, near) -> None:
    with pytest.raises(NotValid) as refused:
        decode_set(WHOLE.format("", "x").replace('<?qbxml version="13.0"?>', line))
    told = refused.value.diagnosis
    assert problem in told.problem
    assert (told.line, told.column, told.nearest) == (2, 1, near)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("declared", ["", "utf-16", "UTF-16LE", "UTF-16BE"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_utf_16_is_told_by_its_bytes(codec, declared, mark) -> None:
    text = mark + WHOLE.format(f' encoding="{declared}"' if declared else "", "Zoé")
    assert decode_set(text.encode(codec)).requests[0].values["FullName"] == ["Zoé"]
    bare = mark + "\r\n" + text[text.index("<?qbxml") :]
    assert decode_set(bare.encode(codec)).requests[0].values["FullName"] == ["Zoé"]
