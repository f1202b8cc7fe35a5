"""What holds of every lasting fault: two that set the same are refused by name, and what one has begun its end takes back."""

from contextlib import suppress

import pytest

from desktop.faults.at_the_books import KERN, in_office
from emulator.core.errors import UserMistake
from emulator.desktop import KINDS, FileHost
from emulator.desktop.faults.preferences import SWITCHED
from emulator.faults import FaultSpec

LASTING = {kind.name: kind for kind in KINDS if kind.lasting}
GIVEN = {
    "name-taken": {"name": "Zed & Sons"},
    "second-instance": {"user": "Admin"},
    "file-moved": {"new": r"D:\Elsewhere.QBW"},
    "inactive-ref": {"record": KERN},
    "other-path-spelling": {"drive": "R:"},
}
"""What kinds need to be told so that they can begin without a call."""

FOR_GOOD = {"restored-backup", "condensed-file", "merged-deleted"}
"""What these have done nobody can take back (their texts say so): a second one does it to what is left."""


def asked(desk, kind, called, /, **given):
    spec = FaultSpec.model_validate({"fault": kind, "as": called, "with": given})
    return desk.plan.add(spec, desk.office.now())


def state_of(desk):
    """Everything a fault may change and its end takes back, as far as anybody can see it."""
    office, books = desk.office, desk.company
    file = office.files[0]
    return {
        "openings": sorted((each.holder, each.mode, each.spelling, each.ghost) for each in office.openings),
        "file": (file.path, file.made_by, file.under_repair, file.sensitive_data),
        "users": sorted((user.name, user.password, user.role, user.password_known) for user in file.users.values()),
        "rights": {user.name: books.areas_of(user.name) for user in file.users.values()},
        "grants": sorted(map(str, (file.authorisations.of(name) for name in file.authorisations.names()))),
        "certificates": sorted((name, str(each)) for name, each in office.certificates.items()),
        "no applications": books.no_applications,
        "host": (office.hosting, sorted(office.share_lost), sorted(office.drives.items()), office.seats_free),
        "books": (books.closing_date, books.closing_date_has_password, sorted(map(str, books.preferences.items()))),
        "features": [feature for feature in SWITCHED if books.has_feature(feature)],
        "names": sorted((each["full_name"], each["active"]) for each in books.truth.customers()),
        "machines": [
            (
                each.machine, each.state, str(each.dialog), tuple(each.at_start), each.leftover, str(each.second), each.windows_session,
                each.start_takes_s, each.damage, each.refuses_while_busy, len(each.sessions),
            )
            for each in office.installations
        ],
    }  # fmt: skip


def test_every_lasting_kind_is_played():
    assert set(GIVEN) | FOR_GOOD <= set(LASTING)
    assert len(LASTING) > 30


@pytest.mark.parametrize("kind", sorted(LASTING))
def test_a_second_one_of_the_same_is_refused_by_name_and_the_end_takes_back_what_was_begun(kind):
    async def story(desk, clock):
        FileHost(desk.office).back_up(desk.office.files[0], "before")
        given, before = GIVEN.get(kind, {}), state_of(desk)
        asked(desk, kind, "first", **given)
        begun = state_of(desk)
        if kind in FOR_GOOD:
            with suppress(UserMistake):
                asked(desk, kind, "second", **given)
            return
        with pytest.raises(UserMistake, match=r"'second' sets .*, and so does 'first', which is in force; expected one of them"):
            asked(desk, kind, "second", **given)
        assert state_of(desk) == begun
        desk.plan.lift("first")
        after = state_of(desk)
        if kind == "name-taken":  # the record stays, under another name
            after["names"] = before["names"]
        assert after == before
        asked(desk, kind, "third", **{**given, **({"name": "Zod & Sons"} if kind == "name-taken" else {})})

    in_office(story)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("slow-start", {"machine": "SERVER"}, {"machine": "ACCOUNTING-PC"}),
        ("not-running", {"machine": "ACCOUNTING-PC"}, {}),
        ("share-lost", {"machine": "SERVER"}, {"machine": "ACCOUNTING-PC"}),
        ("user-elsewhere", {"user": "Goflow"}, {"user": "Accountant"}),
        ("password-changed", {"user": "Goflow"}, {"user": "Accountant"}),
        ("permission-cut", {"area": "Banking"}, {}),
        ("permission-cut", {"user": "Goflow"}, {"user": "Accountant"}),
        ("feature-off", {"feature": "inventory"}, {"feature": "estimates"}),
        ("missing-ref", {"record": KERN}, {"of": "item", "record": "Freight"}),
        ("name-taken", {"name": "Zed"}, {"name": "Zod"}),
        ("not-authorised", {"how": "nobody"}, {"how": "switched-off"}),
        ("stale-app-lock", {}, {"owner": "{57F3B9B6-86F1-4FCC-B1FF-966DE1813D21}"}),
    ],
)
@pytest.mark.parametrize("first_in", [True, False])
def test_two_about_different_things_are_both_in_force_and_end_in_either_order(kind, one, other, first_in):
    async def story(desk, clock):
        before = state_of(desk)
        asked(desk, kind, "one", **one)
        only_one = state_of(desk)
        asked(desk, kind, "other", **other)
        desk.plan.lift("other" if first_in else "one")
        if first_in and kind != "name-taken":
            assert state_of(desk) == only_one
        desk.plan.lift_all()
        if kind != "name-taken":
            assert state_of(desk) == before

    in_office(story)


@pytest.mark.parametrize(
    ("kind", "one", "second", "other"),
    [
        ("slow-start", {}, "slow-start", {"machine": "server", "start_s": 1.0}),
        ("slow-start", {"machine": "ACCOUNTING-PC"}, "slow-start", {"machine": "accounting-pc"}),
        ("share-lost", {}, "share-lost", {"machine": "SERVER"}),
        ("user-elsewhere", {"user": "goflow"}, "user-elsewhere", {"user": "Goflow"}),
        ("password-changed", {}, "password-expired", {"user": "GOFLOW"}),
        ("file-moved", {}, "file-moved", {"file": r"\\filehost\QuickBooks\Brightwater Wholesale moved.QBW"}),
        ("permission-cut", {}, "permission-cut", {"user": "Goflow", "level": "create"}),
        ("feature-off", {"feature": "inventory"}, "preference-flip", {"which": "inventory"}),
        ("missing-ref", {"record": KERN}, "missing-ref", {"record": f"{KERN} (old)"}),
        ("name-taken", {"name": "Zed"}, "name-taken", {"name": "zed", "kind": "Customer"}),
        ("not-authorised", {}, "update-prompt", {"revokes": True}),
        ("other-mode", {}, "second-application", {}),
        ("not-running", {}, "leftover-process", {}),
        ("update-prompt", {"how": "restart"}, "login-prompt", {}),
    ],
)
def test_two_about_the_same_are_refused_by_name_however_it_is_written(kind, one, second, other):
    async def story(desk, clock):
        asked(desk, kind, "one", **one)
        with pytest.raises(UserMistake, match=r"'other' sets .*, and so does 'one', which is in force"):
            asked(desk, second, "other", **other)

    in_office(story)
