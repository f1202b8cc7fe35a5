"""The table of members."""

import inspect
import re
from pathlib import Path

from emulator.com.interface import AUTH_PREFERENCES, MEMBERS, PROCESSOR, PROGIDS, description
from emulator.com.wine import prefix


def test_numbers_and_names_differ():
    for members in (PROCESSOR, AUTH_PREFERENCES):
        assert len({member.dispid for member in members}) == len({member.name.casefold() for member in members}) == len(members)
    # 16 is AuthPreferences, an object of its own.
    assert sorted(member.dispid for member in PROCESSOR) == [*range(1, 16), 17]
    assert sorted(member.dispid for member in AUTH_PREFERENCES) == list(range(1, 9))


def test_each_member_is_of_the_first_interface_that_has_its_number():
    first = {number: 2 if number <= 11 else 3 if number <= 14 else 4 if number <= 16 else 5 for number in range(1, 18)}
    assert {member.dispid: member.since for member in PROCESSOR} == {
        number: since for number, since in first.items() if number != 16
    }
    assert {member.since for member in AUTH_PREFERENCES} == {first[16]}


def test_each_call_takes_the_arguments_of_its_member():
    for member in PROCESSOR:
        parameters = list(inspect.signature(member.call).parameters)
        assert len(parameters) == 1 + len(member.arguments), member.name


def test_the_standin_is_told_everything():
    told = description()
    newest = told["interfaces"]["IRequestProcessor5"]["members"]
    preferences = told["interfaces"]["IAuthPreferences2"]["members"]
    assert {*newest, *(f"AuthPreferences.{name}" for name in preferences)} == {*MEMBERS, "AuthPreferences"}
    assert set(PROGIDS) <= set(told["names"])
    assert newest["QBXMLVersionsForSession"] == {"dispid": 11, "kind": "get", "arguments": [["ticket", "text"]]}
    assert newest["AuthPreferences"]["object"] in told["interfaces"]
    assert "AuthPreferences" not in told["interfaces"]["IRequestProcessor3"]["members"]
    assert "PutAuthFlags" not in told["interfaces"]["IAuthPreferences"]["members"]


def test_the_type_libraries_of_the_door_for_windows_say_the_same():
    """Names of arguments are what programs may call them by; case does not matter to COM, but to pywin32."""
    text = (Path(prefix.__file__).parent / "source/members.idl").read_text()
    written = {}
    for dispid, name, arguments in re.findall(r"\[id\((\d+)\)[^\]]*\] HRESULT (\w+)\(([^)]*(?:\(BSTR\)[^)]*)?)\);", text):
        written[name] = (int(dispid), re.findall(r"\[in\] \w+ (\w+)", arguments))
    told = {each.name: (each.dispid, [name for name, _ in each.arguments]) for each in (*PROCESSOR, *AUTH_PREFERENCES)}
    assert written == {**told, "AuthPreferences": (16, [])}
