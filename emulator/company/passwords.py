"""Passwords of a company file's users: kept as a salted hash only, so that no export, journal or page can show one."""

import hashlib

LENGTH_MIN = 7
"""Characters of a complex password (in-product help as remembered: at least seven, a capital letter and a digit among them)."""


def hashed(user: str, password: str) -> str:
    """Return what is kept of a user's password; empty for none. The name of the user is the salt, without case."""
    return hashlib.sha256(f"{user.casefold()}\0{password}".encode()).hexdigest() if password else ""


def is_complex(password: str) -> bool:
    """Return whether a password is one that QuickBooks takes for a file with sensitive data."""
    return len(password) >= LENGTH_MIN and any(each.isupper() for each in password) and any(each.isdigit() for each in password)
