"""Passwords of a company file: kept as a hash, whatever is written of the file; and the seats that an edition admits."""

from datetime import UTC, datetime

import pytest

from emulator.company import Company
from emulator.company.description import EDITION_SEATS, CompanyDescription
from emulator.company.passwords import hashed, is_complex

PART = {"name": "Shop", "file": r"C:\QB\Shop.QBW"}


def test_a_hash_is_salted_with_the_user_and_no_password_is_none():
    assert hashed("Anna", "x") == hashed("ANNA", "x") != hashed("Mia", "x")
    assert hashed("Anna", "") == ""


@pytest.mark.parametrize(("password", "complex_"), [("Abcdef1", True), ("Abcde1", False), ("abcdef1", False), ("Abcdefg", False)])
def test_complex_passwords(password, complex_):
    assert is_complex(password) is complex_


def test_a_file_keeps_users_without_their_passwords(tmp_path):
    users = [{"name": "Admin", "role": "Admin", "password": "Tell-Nobody-7"}, {"name": "Mia"}]
    description = CompanyDescription(company=PART, users=users, sensitive_data=True)
    assert "Tell-Nobody-7" not in repr(description)
    now = lambda: datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # noqa: E731
    company = Company.create(tmp_path / "shop.sqlite", description, now)
    assert company.has_sensitive_data
    assert company.users[0]["password"] == hashed("Admin", "Tell-Nobody-7")
    assert company.users[1]["password"] == ""
    company.keep_users([{"name": "Mia", "role": "Admin"}])
    company.close()
    assert b"Tell-Nobody-7" not in (tmp_path / "shop.sqlite").read_bytes()
    again = Company.open(tmp_path / "shop.sqlite", now)
    assert again.users == [{"name": "Mia", "role": "Admin"}]
    again.close()


@pytest.mark.parametrize("edition", ["Pro", "Premier", "Enterprise"])
def test_a_licence_admits_no_more_than_its_edition(edition):
    most = EDITION_SEATS[edition]
    described = {"company": {**PART, "edition": edition}}
    assert CompanyDescription(**described, licence={"seats": most}).licence.seats == most
    if most < 40:
        with pytest.raises(ValueError, match=f"{edition} admits at most {most}"):
            CompanyDescription(**described, licence={"seats": most + 1})


def test_a_user_described_with_a_simple_password_is_known_as_such(tmp_path):
    """Only what is simple is kept: files whose users have complex passwords, or none, are made as they were."""
    users = [{"name": "Admin", "role": "Admin", "password": "Complex-1"}, {"name": "Mia", "password": "sesame"}, {"name": "Bea"}]
    description = CompanyDescription(company=PART, users=users)
    company = Company.create(tmp_path / "shop.sqlite", description, lambda: datetime(2026, 3, 2, 17, 0, tzinfo=UTC))
    assert [user.get("password_simple") for user in company.users] == [None, True, None]
    company.close()
