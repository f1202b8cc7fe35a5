"""The office: which path means which file, in which order the rules refuse, what a company file brings along."""

from emulator.desktop import Application

from .makers import APPLICATION, PATH, FakeCompany, at_desk


def test_a_file_is_found_by_any_spelling():
    async def story(desk, clock):
        shared = desk.office.add_file(FakeCompany(path_shown=r"\\SERVER\Books\Shared.QBW"))
        return [
            desk.office.find(r"q:\shared.qbw") is shared,
            desk.office.find("//server/books/SHARED.qbw") is shared,
            desk.office.find(PATH.lower()) is desk.office.files[0],
            desk.office.find(r"C:\Books\Missing.QBW"),
        ]

    assert at_desk(story) == [True, True, True, None]


def test_the_company_file_brings_its_users_and_applications():
    async def story(desk, clock):
        file = desk.office.files[0]
        file.authorisations.switch_off(APPLICATION)
        file.authorisations.switch_off("Never heard of")
        return sorted(file.users), file.user("GOFLOW").name, file.authorisations.names(), desk.company.apps[0]["allowed"]

    assert at_desk(story) == (["admin", "anna", "goflow"], "Goflow", (APPLICATION,), False)


def test_everyone_may_have_a_grant():
    async def story(desk, clock):
        company = FakeCompany(path_shown=r"C:\Books\Open.QBW", apps=[{"name": "Known", "allowed": False}])
        file = desk.office.add_file(company, everyone=Application("", login="even if not running", login_as="Goflow"))
        return file.authorisations.of("Whoever"), file.authorisations.of("Known").allowed

    whoever, known_allowed = at_desk(story)
    assert (whoever.name, whoever.login, whoever.login_as) == ("Whoever", "even if not running", "Goflow")
    assert known_allowed is False


def test_seats_are_counted_over_all_files():
    async def story(desk, clock):
        desk.office.add_file(FakeCompany(path_shown=r"C:\Books\Other.QBW"))
        desk.accounting.log_in("Goflow", "single", r"C:\Books\Other.QBW")
        return desk.office.seats_free, [opening.holder for opening in desk.office.openings]

    assert at_desk(story, seats_max=2) == (0, ["Goflow on SERVER", "Goflow on ACCOUNTING-PC"])


def test_the_same_user_elsewhere_is_told_before_anything_else():
    async def story(desk, clock):
        file = desk.office.files[0]
        return [
            desk.office.refusal(file, file.user(name), "PC", mode).kind
            for name in ("Goflow", "Anna")
            for mode in ("single", "multi")
        ]

    assert at_desk(story, mode="single", seats_max=1) == ["user-elsewhere", "user-elsewhere", "held-single", "held-single"]
