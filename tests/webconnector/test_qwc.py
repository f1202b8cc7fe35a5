"""The .qwc file: every element, what is refused and with which code, what is only remarked."""

import re
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core.errors import UserMistake
from emulator.webconnector import qwc
from emulator.webconnector.codes import MEANINGS, Qbwc

WHOLE = {
    "AppName": "Order Bridge",
    "AppID": "",
    "AppURL": "https://bridge.example.com/qbwc",
    "AppDescription": "Orders into QuickBooks",
    "AppSupport": "http://bridge.example.com/help",
    "UserName": "bridge",
    "OwnerID": "{57F3B9B6-86F1-4fcc-B1FF-966DE1813D20}",
    "FileID": "{57F3B9B6-86F1-4fcc-B1FF-966DE1813D21}",
    "QBType": "QBFS",
}


def file(changes=None, without=(), more=""):
    values = {**WHOLE, **(changes or {})}
    body = "".join(f"<{name}>{value}</{name}>" for name, value in values.items() if name not in without)
    return f'<?xml version="1.0"?><QBWCXML>{body}{more}</QBWCXML>'.encode("utf-8", "replace")


def test_every_element():
    read = qwc.read(
        file(
            {
                "AppDisplayName": "Bridge",
                "AppUniqueName": "bridge-1",
                "AuthFlags": "0xF",
                "IsReadOnly": "false",
                "Notify": "TRUE",
            },
            more="<Scheduler><RunEveryNSeconds>90</RunEveryNSeconds><RunEveryNMinutes>5</RunEveryNMinutes></Scheduler><Style>Document</Style>"
            "<UnattendedModePref>umpRequired</UnattendedModePref><PersonalDataPref>pdpNotNeeded</PersonalDataPref>"
            "<CertURL>https://bridge.example.com/</CertURL>",
        )
    )
    assert read == qwc.Application(
        name="Order Bridge",
        id="",
        url="https://bridge.example.com/qbwc",
        description="Orders into QuickBooks",
        support="http://bridge.example.com/help",
        user="bridge",
        owner="{57F3B9B6-86F1-4FCC-B1FF-966DE1813D20}",
        file="{57F3B9B6-86F1-4FCC-B1FF-966DE1813D21}",
        every_s=90,
        auth_flags=15,
        notify=True,
        unattended=1,
        personal_data=3,
        certificate_url="https://bridge.example.com/",
        display_name="Bridge",
        unique_name="bridge-1",
    )


def test_the_order_is_free():
    body = "".join(f"<{name}>{value}</{name}>" for name, value in reversed(WHOLE.items()))
    assert qwc.read(f"<QBWCXML>{body}</QBWCXML>".encode()).name == "Order Bridge"


@pytest.mark.parametrize(
    ("url", "support"),
    [
        ("http://localhost:8000/qbwc", "http://elsewhere.example.net/"),
        ("http://OFFICE-PC/qbwc", "http://OFFICE-PC/help"),
        ("https://a.example.com/", "https://www.example.com/"),
    ],
)
def test_urls_that_are_taken(url, support):
    assert qwc.read(file({"AppURL": url, "AppSupport": support})).url == url


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"AppURL": "https://10.0.0.5/qbwc"}, Qbwc.URL_IS_ADDRESS),
        ({"AppURL": "http://127.0.0.1:8000/"}, Qbwc.URL_IS_ADDRESS),
        ({"AppURL": "http://[::1]/"}, Qbwc.URL_IS_ADDRESS),
        ({"AppURL": "http://2130706433/"}, Qbwc.URL_IS_ADDRESS),
        ({"AppURL": "http://0x7f000001/"}, Qbwc.URL_IS_ADDRESS),
        ({"AppURL": "https://127.1/"}, Qbwc.URL_IS_ADDRESS),
        ({"AppURL": "http://bridge.example.com/qbwc"}, Qbwc.NOT_HTTPS),
        ({"AppURL": "ftp://bridge.example.com/"}, Qbwc.NOT_ADDED),
        ({"AppURL": "https://bridge.example.com:port/"}, Qbwc.NOT_ADDED),
        ({"AppSupport": "http://10.0.0.5/"}, Qbwc.SUPPORT_IS_ADDRESS),
        ({"AppSupport": "http://other.example.net/"}, Qbwc.DOMAINS_DIFFER),
        ({"OwnerID": "57F3B9B6-86F1-4fcc-B1FF-966DE1813D20"}, Qbwc.NOT_ADDED),
        ({"FileID": "{1}"}, Qbwc.NOT_ADDED),
        ({"QBType": "QBOE"}, Qbwc.QB_TYPE),
        ({"Style": "Other"}, Qbwc.NOT_ADDED),
        ({"AuthFlags": "all"}, Qbwc.AUTH_FLAGS),
        ({"AuthFlags": "4294967296"}, Qbwc.AUTH_FLAGS),
        ({"UnattendedModePref": "required"}, Qbwc.NOT_ADDED),
        ({"PersonalDataPref": "pdpNone"}, Qbwc.NOT_ADDED),
        ({"AppName": ""}, Qbwc.NOT_ADDED),
        ({"Scheduler": "<RunEveryNMinutes>soon</RunEveryNMinutes>"}, Qbwc.NOT_ADDED),
        ({"Scheduler": "<RunEveryNMinutes>0</RunEveryNMinutes>"}, Qbwc.NOT_ADDED),
    ],
)
def test_what_is_refused(changes, code):
    with pytest.raises(qwc.NotAdded, match=code.label) as refused:
        qwc.read(file(changes), "bridge.qwc")
    assert refused.value.code is code
    assert "bridge.qwc" in str(refused.value)


@pytest.mark.parametrize("name", qwc.REQUIRED)
def test_a_missing_element_is_named(name):
    with pytest.raises(qwc.NotAdded, match=f"{name} is missing"):
        qwc.read(file(without=(name,)))


@pytest.mark.parametrize(
    ("misspelt", "said"),
    [
        ({"AppURL": "AppUrl"}, r"AppURL is missing \(line 1 has AppUrl\);"),
        (
            {"AppURL": "AppUrl", "QBType": "QbTyp"},
            r"AppURL is missing \(line 1 has AppUrl\), QBType is missing \(line 1 has QbTyp\);",
        ),
        ({"QBType": "Kind"}, r"QBType is missing;"),
    ],
)
def test_a_misspelt_element_is_named(misspelt, said):
    more = "".join(f"<{wrong}>{WHOLE[name]}</{wrong}>" for name, wrong in misspelt.items())
    with pytest.raises(qwc.NotAdded, match=said):
        qwc.read(file(without=tuple(misspelt), more=more))


@pytest.mark.parametrize("period", ["RunEveryNMinutes", "RunEveryNSeconds"])
@pytest.mark.parametrize("number", ["0", "10000000", "1.5", ""])
def test_the_limits_of_a_period_are_named(period, number):
    with pytest.raises(qwc.NotAdded, match=rf"{period} '{number}'; expected a whole number, 1 to 9999999$"):
        qwc.read(file({"Scheduler": f"<{period}>{number}</{period}>"}))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not xml",
        b"<QBWCXML>",
        b"<html></html>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><QBWCXML><AppName>&b;</AppName></QBWCXML>',
        b"<QBWCXML>" + b" " * qwc.FILE_BYTES_MAX + b"</QBWCXML>",
    ],
)
def test_what_is_no_qwc(content):
    with pytest.raises(qwc.NotAdded, match="QBWC1039"):
        qwc.read(content)


def test_what_is_remarked():
    changes = {
        "AppDescription": "x" * 81,
        "AppDisplayName": "Bridge<b/> of orders",
        "Scheduler": "every <RunEveryNHours>1</RunEveryNHours><RunEveryNMinutes>5</RunEveryNMinutes>",
    }
    more = "stray text <Apname>y</Apname><AppName>Twice</AppName><!-- a comment -->"
    read = qwc.read(file(changes, more=more))
    assert (read.name, read.display_name, read.every_s) == ("Order Bridge", "Bridge", 300)
    assert [re.sub(r"^line \d+: ", "", each) for each in read.warnings] == [
        "the text 'stray text' in QBWCXML stands in no element and is ignored",
        "b stands in AppDisplayName; it is ignored, with what follows it",
        "the text 'every' in Scheduler stands in no element and is ignored",
        "RunEveryNHours is no element of Scheduler and is ignored",
        "Apname is no element of a .qwc and is ignored; AppName?",
        "AppName stands there twice; the first one counts",
        "AppDescription has 81 characters, 80 are recommended",
    ]


@pytest.mark.parametrize("changes", [{"Style": "DocWrapped"}, {"Style": "RPC"}, {"QBType": "QBPOS"}])
def test_what_is_not_played(changes):
    with pytest.raises(UserMistake, match="not played here"):
        qwc.read(file(changes))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UserMistake, match="cannot read"):
        qwc.load(tmp_path / "none.qwc")


def test_every_code_has_a_meaning():
    assert set(Qbwc) <= set(MEANINGS)
    assert all(each.wording.endswith((".", "?", ")")) for each in MEANINGS.values())


@given(st.sampled_from([*qwc.REQUIRED, *qwc.OPTIONAL]), st.text(max_size=40), st.integers(0, 900), st.binary(max_size=8))
def test_whatever_comes_is_an_application_or_is_told(name, text, place, noise):
    content = file({name: escape(text)})
    for each in (content, content[:place] + noise + content[place:]):
        assert outcome(each) == "an application" or "file.qwc" in outcome(each)


def outcome(content):
    try:
        qwc.read(content, "file.qwc")
    except UserMistake as told:
        return str(told)
    return "an application"
