"""Users: roles, passwords and their rules, and that no password is kept or told as it was typed."""

from functools import partial

import pytest

from emulator.desktop import Refused, Users

from .makers import at_desk


def users_of(desk):
    return Users(desk.office, desk.office.files[0])


def kind_of(act):
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.kind


def test_a_password_is_asked_for_once_there_is_one():
    async def story(desk, clock):
        users, log_in = users_of(desk), desk.accounting.log_in
        log_in("Anna", "multi", password="whatever")
        desk.accounting.log_out()
        users.change_password("anna", "Sesame")
        seen = [kind_of(lambda: log_in("Anna", "multi", password="sesame"))]
        log_in("Anna", "multi", password="Sesame")
        desk.accounting.log_out()
        log_in("Anna", "multi")
        desk.accounting.log_out()
        users.change_password("Anna", "Other", "Sesame", told=False)
        seen += [kind_of(lambda: log_in("Anna", "multi")), kind_of(lambda: users.change_password("Anna", "More", "Sesame"))]
        assert "Sesame" not in str(desk.company.users) + str(desk.office.files[0].users) + str(list(desk.journal.rows()))
        return seen

    assert at_desk(story) == ["wrong-password"] * 3


def test_passwords_of_a_file_with_sensitive_data_are_complex_and_run_out():
    async def story(desk, clock):
        file, users = desk.office.files[0], users_of(desk)
        file.sensitive_data = True
        seen = [kind_of(partial(users.change_password, "Anna", each)) for each in ("Short1", "nocapital1", "NoDigits")]
        users.change_password("Anna", "Complex1")
        await clock.sleep(90 * 86_400 - 1)
        desk.accounting.log_in("Anna", "multi")
        desk.accounting.log_out()
        await clock.sleep(1)
        seen.append(kind_of(lambda: desk.accounting.log_in("Anna", "multi")))
        users.change_password("Anna", "Complex2")
        desk.accounting.log_in("Anna", "multi")
        return seen

    assert at_desk(story) == ["password-too-simple"] * 3 + ["password-expired"]


def test_passwords_may_last_for_ever():
    async def story(desk, clock):
        desk.office.files[0].sensitive_data = True
        users_of(desk).change_password("Anna", "Complex1")
        await clock.sleep(1000 * 86_400)
        desk.accounting.log_in("Anna", "multi")

    at_desk(story, password_days=0)


def test_users_come_and_go_and_change_their_roles():
    async def story(desk, clock):
        users = users_of(desk)
        users.add("Mia", "Sales", "x")
        users.add("mia", "View Only")
        seen = [(each["name"], each["role"]) for each in desk.company.users if each["name"] == "Mia"]
        kinds = [
            kind_of(lambda: users.add("Mia", "Boss")),
            kind_of(lambda: users.add("Admin", "Sales")),
            kind_of(lambda: users.remove("Admin")),
            kind_of(lambda: users.remove("Goflow")),
            kind_of(lambda: users.remove("Nobody")),
        ]
        users.remove("Mia")
        return seen, kinds, sorted(desk.office.files[0].users)

    seen, kinds, left = at_desk(story)
    assert seen == [("Mia", "View Only")]
    assert kinds == ["no-such-role", "not-admin", "not-admin", "file-in-use", "no-such-user"]
    assert left == ["admin", "anna", "goflow"]


def test_the_password_of_a_user_who_is_there_is_changed_by_another_act():
    async def story(desk, clock):
        users, before = users_of(desk), desk.office.files[0].user("Anna")
        with pytest.raises(Refused) as refused:
            users.add("anna", "Sales", "Sesame")
        assert desk.office.files[0].user("Anna") == before
        assert "Sesame" not in str(list(desk.journal.rows()))
        return refused.value.kind, "change" in refused.value.reason, [row["why"] for row in desk.journal.rows("refused")]

    assert at_desk(story) == ("name-taken", True, ["name-taken"])


@pytest.mark.parametrize("name", ["", "  ", "\t", "Mi\na", "Mia\x00", "\x7fMia", "Mia\x85"])
def test_a_user_needs_a_name_that_can_be_typed(name):
    async def story(desk, clock):
        return kind_of(lambda: users_of(desk).add(name, "Sales")), sorted(desk.office.files[0].users)

    assert at_desk(story) == ("not-a-name", ["admin", "anna", "goflow"])


def test_a_new_grant_is_good_for_the_new_password():
    async def story(desk, clock):
        users, file = users_of(desk), desk.office.files[0]
        users.change_password("Goflow", "new")
        stale = file.user("Goflow").login_stale
        users.reauthorise("Goflow")
        users.reauthorise("Nobody")
        return stale, file.user("Goflow").login_stale

    assert at_desk(story) == (True, False)


@pytest.mark.parametrize(
    ("setting", "whose", "complex_"),
    [("anybody", "Anna", False), ("anybody", "Admin", False), ("the-admin", "Anna", True), ("the-admin", "Admin", False)],
)
def test_a_simple_password_ends_the_protection_and_a_complex_one_brings_it_back(setting, whose, complex_):
    """Switch desktop.simple-password-of."""

    async def story(desk, clock):
        users = users_of(desk)
        seen = [users.are_complex]
        for password in ("sesame", "Complex-1", ""):
            users.change_password(whose, password)
            seen.append(users.are_complex)
        desk.company.complex_password = False
        users.change_password(whose, "Complex-1")
        return [*seen, users.are_complex]

    assert at_desk(story, simple_password_of=setting) == [True, complex_, True, complex_, False]


def test_a_new_user_may_bring_a_simple_password_unless_the_file_has_sensitive_data():
    async def story(desk, clock):
        users, file = users_of(desk), desk.office.files[0]
        users.add("Bea", "Sales")
        seen = [users.are_complex]
        users.add("Mia", "Sales", "sesame")
        seen.append(users.are_complex)
        file.sensitive_data = True
        users.add("Leo", "Sales", "Complex-1")
        kind = kind_of(lambda: users.add("Kim", "Sales", "sesame"))
        # The rule is for passwords that are set: Mia's stays what it was.
        return [*seen, kind, users.are_complex, "kim" in file.users]

    assert at_desk(story) == [True, False, "password-too-simple", False, False]
