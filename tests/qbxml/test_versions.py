"""Which declared versions are known."""

import pytest

from emulator.qbxml import VERSIONS, Version, read_version


@pytest.mark.parametrize("number", VERSIONS)
def test_every_listed_version_is_known(number) -> None:
    assert read_version(number) == Version(number)
    assert str(read_version(f" {number} ")) == number


@pytest.mark.parametrize("declared", ["CA2.0", "CA3.0", "UK2.0", "UK3.0", "OZ2.0", "OZ3.0"])
def test_country_forms_up_to_3(declared) -> None:
    assert str(read_version(declared)) == declared


@pytest.mark.parametrize(
    "declared", ["", "0.9", "6.1", "13", "13.", "17.0", "16.1", "CA4.0", "US3.0", "ca3.0", "13.0x", "٣.0", "1e1.0"]
)
def test_unknown_versions(declared) -> None:
    assert read_version(declared) is None


def test_15_is_treated_as_16() -> None:
    assert Version("15.0").schema_number == "16.0"
    assert Version("9.0").schema_number == "9.0"
