"""Documents made to hurt: refused within limits that are written down, quickly and without fetching anything."""

import time

import pytest

from emulator.qbxml import Limits, NotValid, decode_set
from emulator.qbxml.limits import DEPTH_MAX, TEXT_BYTES_MAX

HEAD = '<?xml version="1.0"?><?qbxml version="13.0"?>'
SET = HEAD + '<QBXML><QBXMLMsgsRq onError="stopOnError">{}</QBXMLMsgsRq></QBXML>'
LAUGHS = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10 if i else "ha"}">' for i in range(12))

BOMBS = {
    "billion laughs": (HEAD + f"<!DOCTYPE QBXML [{LAUGHS}]><QBXML>&a11;</QBXML>", ""),
    "quadratic": (HEAD + f'<!DOCTYPE QBXML [<!ENTITY a "{"x" * 50_000}">]><QBXML>{"&a;" * 50_000}</QBXML>', ""),
    "external entity": (HEAD + '<!DOCTYPE QBXML [<!ENTITY a SYSTEM "file:///etc/passwd">]><QBXML>&a;</QBXML>', ""),
    "external DTD": (HEAD + '<!DOCTYPE QBXML SYSTEM "http://127.0.0.1:9/x.dtd"><QBXML/>', None),
    "parameter entity": (HEAD + '<!DOCTYPE QBXML [<!ENTITY % a SYSTEM "http://127.0.0.1:9/"> %a;]><QBXML/>', ""),
    "other DOCTYPE": (HEAD + "<!DOCTYPE html><QBXML/>", ""),
    "XInclude": (SET.format('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'), ""),
    "deep": (HEAD + "<QBXML>" * 100_000, "DEPTH_MAX"),
    "deep in a message": (SET.format("<HostQueryRq>" * 300 + "</HostQueryRq>" * 300), "DEPTH_MAX"),
    "many attributes": (SET.format("<HostQueryRq " + " ".join(f'a{i}="1"' for i in range(50_000)) + "/>"), ""),
    "long prolog": (HEAD + "<!-- -->" * 20_000 + "<QBXML/>", "prolog_characters"),
    "many DOCTYPEs": ('<?xml version="1.0"?>' + "<!DOCTYPE QBXML>" * 500_000 + "<QBXML/>", ""),
    "white prolog": (HEAD + " " * 70_000 + "<QBXML/>", "prolog_characters"),
    "long DOCTYPE": (HEAD + f"<!DOCTYPE QBXML {' ' * 70_000}><QBXML/>", "prolog_characters"),
    "unclosed prolog": ("<?xml " * 10_000, ""),
    "long text": (
        SET.format(f"<CustomerQueryRq><FullName>{'x' * (TEXT_BYTES_MAX + 10)}</FullName></CustomerQueryRq>"),
        "TEXT_BYTES_MAX",
    ),
    "many tags": (SET.format("<a/>" * 2_000_001), "tags"),
    "too many requests": (SET.format("<HostQueryRq/>" * 50_001), "requests"),
    "100 MB": ("x" * 100_000_000, "document_bytes"),
    "surrogate": (SET.format("<CustomerQueryRq><FullName>\ud800</FullName></CustomerQueryRq>"), ""),
    "NUL": (SET.format("\x00"), ""),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name) -> None:
    text, limit = BOMBS[name]
    started = time.perf_counter()
    if limit is None:
        # A DOCTYPE without a subset is tolerated and never followed.
        assert decode_set(text).requests == []
    else:
        with pytest.raises(NotValid) as caught:
            decode_set(text)
        assert caught.value.result == "0x80040400"
        assert caught.value.diagnosis.limit == limit
        assert len(str(caught.value)) < 2_000
    assert time.perf_counter() - started < 5  # each takes milliseconds; a bomb that works takes minutes


def test_bytes_over_the_limit_and_text_that_grows_over_it() -> None:
    small = Limits(document_bytes=200)
    assert decode_set(SET.format("<HostQueryRq/>"), small).requests
    for given in (SET.format(" " * 200), SET.format(" " * 200).encode(), HEAD + "<!--" + "é" * 90 + "--><QBXML/>"):
        with pytest.raises(NotValid) as caught:
            decode_set(given, small)
        assert caught.value.diagnosis.limit == "document_bytes"


def test_each_limit_can_be_set() -> None:
    with pytest.raises(NotValid) as caught:
        decode_set(SET.format("<HostQueryRq/><HostQueryRq/>"), Limits(requests=1))
    assert caught.value.diagnosis.limit == "requests"
    with pytest.raises(NotValid) as caught:
        decode_set("<!-- 12345678 --><?qbxml version='13.0'?>" + "<QBXML/>", Limits(prolog_characters=10))
    assert caught.value.diagnosis.limit == "prolog_characters"
    fault = decode_set(SET.format('<HostQueryRq requestID="123"/>'), Limits(request_id_characters=2)).requests[0].fault
    assert fault is not None
    assert fault.code == 1060


def test_depth_just_below_the_limit_is_refused_for_its_content() -> None:
    depth = DEPTH_MAX - 10
    with pytest.raises(NotValid) as caught:
        decode_set(SET.format("<HostQueryRq>" * depth + "</HostQueryRq>" * depth))
    assert caught.value.diagnosis.limit == ""
