"""The table of members."""

import inspect

from emulator.com.interface import AUTH_PREFERENCES, MEMBERS, PROCESSOR, PROGIDS, description


def test_numbers_and_names_differ():
    for members in (PROCESSOR, AUTH_PREFERENCES):
        assert len({member.dispid for member in members}) == len({member.name.casefold() for member in members}) == len(members)
    # 16 is AuthPreferences, an object of its own.
    assert sorted(member.dispid for member in PROCESSOR) == [*range(1, 16), 17]
    assert sorted(member.dispid for member in AUTH_PREFERENCES) == list(range(1, 9))


def test_each_call_takes_the_arguments_of_its_member():
    for member in PROCESSOR:
        parameters = list(inspect.signature(member.call).parameters)
        assert len(parameters) == 1 + len(member.arguments), member.name


def test_the_standin_is_told_everything():
    told = description()
    assert set(told["members"]) == set(MEMBERS)
    assert set(PROGIDS) <= set(told["progids"])
    assert told["members"]["QBXMLVersionsForSession"] == {"kind": "get", "arguments": [["ticket", "text"]]}
