"""Spellings of Windows paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.desktop import paths

DRIVES = {"Q:": r"\\SERVER\Books"}


@pytest.mark.parametrize(
    ("one", "other", "same_spelling", "same_file"),
    [
        (r"C:\Books\A.QBW", r"c:\books\a.qbw", True, True),
        (r"C:\Books\A.QBW", "C:/Books//A.QBW ", True, True),
        (r"\\SERVER\Books\A.QBW", r"\\server\books\a.qbw", True, True),
        (r"\\SERVER\Books\A.QBW", r"Q:\A.QBW", False, True),
        (r"\\SERVER\Books\A.QBW", r"R:\A.QBW", False, False),
        (r"C:\Books\A.QBW", r"C:\Books\B.QBW", False, False),
        (r"\\SERVER\Books\A.QBW", r"SERVER\Books\A.QBW", False, False),
    ],
)
def test_spelling_and_file(one, other, same_spelling, same_file):
    assert paths.same_spelling(one, other) is same_spelling
    assert (paths.resolved(one, DRIVES) == paths.resolved(other, DRIVES)) is same_file


@given(st.text(alphabet="aB:\\/. é"))
def test_folding_is_done_once(path):
    assert paths.folded(paths.folded(path)) == paths.folded(path)


def test_file_name_is_the_last_part():
    assert paths.file_name(r"\\SERVER\Books\A.QBW") == "A.QBW"
    assert paths.file_name("A.QBW") == "A.QBW"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [(r"C:\Books\A.QBW", True), (r"\\SERVER\Books", True), ("Books", False), ("", False), ("C:", False), ("/home", False)],
)
def test_what_is_a_windows_path(text, is_one):
    assert paths.is_path(text) is is_one
