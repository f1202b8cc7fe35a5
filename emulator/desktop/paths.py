r"""Windows paths of company files: which spellings mean the same file.

A file lies on its host as `C:\Books\Wholesale.QBW` and is reached from other machines as `\\SERVER\Books\Wholesale.QBW` or through a drive
letter mapped to the share. Letter case and the direction of slashes never matter; whether two *spellings* of one file count as the same
path is another question, which QuickBooks answers with no (`desktop.other-spelling`).
"""

import re
from collections.abc import Mapping


def is_path(text: str) -> bool:
    r"""Return whether a text is a full Windows path: `C:\Books\Wholesale.QBW` or `\\SERVER\Books\Wholesale.QBW`."""
    return re.match(r"([A-Za-z]:\\|\\\\[^\\]+\\[^\\]+).*", text) is not None


def folded(path: str) -> str:
    """Return a path in the one form that is compared: backslashes, no doubled ones inside, lower case, no blanks around."""
    text = path.strip().replace("/", "\\").casefold()
    lead = "\\\\" if text.startswith("\\\\") else ""
    parts = [part for each in text[len(lead) :].split("\\") if (part := each.strip())]
    return lead + "\\".join(parts)


def same_spelling(one: str, other: str) -> bool:
    """Return whether two texts spell a path the same way."""
    return folded(one) == folded(other)


def resolved(path: str, drives: Mapping[str, str]) -> str:
    r"""Return the folded path with a drive letter replaced by what it stands for on a machine.

    Args:
        path: as a program gives it.
        drives: drive letter with colon (`"Q:"`) to the share or folder behind it (`r"\\SERVER\Books"`).
    """
    text = folded(path)
    for letter, target in drives.items():
        if text.startswith(folded(letter) + "\\"):
            return folded(target) + text[len(letter) :]
    return text


def file_name(path: str) -> str:
    """Return the last part of a path."""
    return path.replace("/", "\\").rsplit("\\", 1)[-1]
