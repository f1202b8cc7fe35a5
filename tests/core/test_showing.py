"""Texts of others on a terminal: what would steer it becomes visible."""

import pytest

from emulator.core.showing import clean, one_line


@pytest.mark.parametrize(
    ("text", "shown", "line"),
    [
        ("plain: ä € 漢", "plain: ä € 漢", "plain: ä € 漢"),
        ("\x07\ud800", "\\x07\\ud800", "\\x07\\ud800"),
        ("\x1b[31m\x9b31m", "\\x1b[31m\\x9b31m", "\\x1b[31m\\x9b31m"),
        ("\u202eabc", "\\u202eabc", "\\u202eabc"),
        ("one\ntwo\r\nthree\rfour", "one\\x0atwo\\x0d\\x0athree\\x0dfour", "one two three four"),
    ],
)
def test_what_is_shown(text, shown, line):
    assert (clean(text), one_line(text)) == (shown, line)


def test_no_control_character_stays():
    every = "".join(map(chr, range(0x20))) + "".join(map(chr, range(0x7F, 0xA0)))
    assert all(each.isprintable() for each in clean(every) + one_line(every))
