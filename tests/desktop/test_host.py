"""The file host: what is done to a company file where it lies, and that nobody does it to a file that is open."""

from datetime import date

import pytest

from emulator.desktop import Application, Code, FileHost, Preferences, Refused

from .makers import APPLICATION, OTHER_PATH, PATH, FakeCompany, at_desk
from .test_begin_session import UNATTENDED, begin


def kind_of(act):
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.kind


@pytest.mark.parametrize(
    "act",
    [
        lambda host, file: host.move(file, OTHER_PATH),
        lambda host, file: host.restore(file, "any"),
        lambda host, file: host.begin_repair(file, "File Doctor"),
        lambda host, file: host.upgrade(file, 2025),
        lambda host, file: host.condense(file, date(2025, 1, 1)),
    ],
)
def test_nothing_is_done_to_a_file_that_somebody_has_open(act):
    async def story(desk, clock):
        host, file = FileHost(desk.office), desk.office.files[0]
        seen = [kind_of(lambda: act(host, file))]
        desk.server.crash(ghost=True, ghost_s=60)
        seen.append(kind_of(lambda: act(host, file)))
        return seen, [row["why"] for row in desk.journal.rows("refused")]

    assert at_desk(story) == (["file-in-use"] * 2, ["file-in-use"] * 2)


@pytest.mark.parametrize(
    "act",
    [
        lambda host, file: host.move(file, OTHER_PATH),
        lambda host, file: host.restore(file, "monday"),
        lambda host, file: host.begin_repair(file, "Verify Data"),
        lambda host, file: host.upgrade(file, 2025),
        lambda host, file: host.condense(file, date(2025, 1, 1)),
    ],
)
def test_nothing_is_done_to_a_file_under_repair(act):
    async def story(desk, clock):
        host, file = FileHost(desk.office), desk.office.files[0]
        host.back_up(file, "monday")
        host.begin_repair(file, "File Doctor")
        refused = kind_of(lambda: act(host, file))
        host.end_repair(file)
        act(host, file)
        return refused

    assert at_desk(story, open_as=None) == "under-repair"


def test_a_moved_file_is_not_at_its_old_path():
    async def story(desk, clock):
        desk.office.add_file(FakeCompany(path_shown=OTHER_PATH))
        host, file = FileHost(desk.office), desk.office.files[0]
        taken = kind_of(lambda: host.move(file, OTHER_PATH.upper()))
        host.move(file, r"D:\New\Wholesale.QBW")
        _, old = await begin(desk, PATH)
        _, new = await begin(desk, r"D:\New\Wholesale.QBW")
        return taken, old.code, new

    assert at_desk(story, **UNATTENDED) == ("path-taken", Code.COULD_NOT_START, None)


def test_a_backup_takes_users_and_grants_back():
    async def story(desk, clock):
        host, file = FileHost(desk.office), desk.office.files[0]
        host.back_up(file, "monday")
        file.authorisations.grant(Application("Other"))
        del file.users["anna"]
        host.restore(file, "monday")
        unknown = kind_of(lambda: host.restore(file, "monda"))
        return len(desk.company.restored), file.authorisations.names(), sorted(file.users), unknown

    assert at_desk(story, open_as=None) == (1, (APPLICATION,), ["admin", "anna", "goflow"], "no-such-backup")


def test_a_backup_takes_the_rule_of_sensitive_data_and_the_version_back():
    async def story(desk, clock):
        host, file = FileHost(desk.office), desk.office.files[0]
        host.back_up(file, "monday")
        desk.server.log_in("Admin", "multi")
        Preferences(desk.server).protect_sensitive_data(on=True, new_password="Complex-1")
        desk.server.quit()
        host.upgrade(file, 2025)
        file.authorisations.grant(Application("Other"))
        host.back_up(file, "tuesday")
        seen = []
        for backup in ("monday", "tuesday"):
            host.restore(file, backup)
            years = {name: file.authorisations.of(name).year for name in file.authorisations.names()}
            seen.append((file.sensitive_data, file.made_by, years))
        return seen

    # The year is that of the grant, where another version keeps the file now.
    assert at_desk(story, open_as=None) == [
        (False, 2024, {APPLICATION: 0}),
        (True, 2025, {APPLICATION: 2024, "Other": 0}),
    ]


def test_a_repair_holds_the_file_until_its_end():
    async def story(desk, clock):
        host, file = FileHost(desk.office), desk.office.files[0]
        seen = [kind_of(lambda: host.end_repair(file))]
        host.begin_repair(file, "Verify Data")
        seen += [kind_of(lambda: host.begin_repair(file, "File Doctor")), kind_of(lambda: desk.server.log_in("Anna", "multi"))]
        host.end_repair(file)
        desk.server.log_in("Anna", "multi")
        return seen

    assert at_desk(story, open_as=None) == ["no-repair", "under-repair", "under-repair"]


@pytest.mark.parametrize("lost_opening_s", [60, 5])
def test_the_share_is_lost_for_one_machine(lost_opening_s):
    async def story(desk, clock):
        host = FileHost(desk.office)
        await begin(desk)
        host.lose_share("SERVER")
        desk.accounting.log_in("Anna", "multi")
        title = desk.server.dialog.title
        desk.server.close_dialog()
        seen = [desk.server.state, desk.office.seats_free, kind_of(lambda: desk.server.log_in("Goflow", "multi"))]
        host.reach_share("SERVER")
        seen.append(kind_of(lambda: desk.server.log_in("Goflow", "multi")))
        await clock.sleep(lost_opening_s)
        desk.server.log_in("Goflow", "multi")
        return title, seen

    assert at_desk(story, lost_opening_s=lost_opening_s) == (
        "The connection to the company file was lost",
        ["no-file", 1, "share-lost", "user-elsewhere"],
    )


def test_condensing_and_hosting_and_drives_are_rows_of_the_journal():
    async def story(desk, clock):
        host, file = FileHost(desk.office), desk.office.files[0]
        told = host.condense(file, date(2025, 1, 1))
        host.switch_hosting(False)
        host.map_drive("R:", r"C:\Books")
        assert desk.office.find(r"R:\Wholesale.QBW") is file
        rows = {row["kind"]: row for row in desk.journal.rows(lane="quickbooks")}
        return told, desk.company.condensed, rows["condensed"]["gone"], rows["hosting-switched"]["on"], "drive-mapped" in rows

    assert at_desk(story, open_as=None) == ((7, 1), date(2025, 1, 1), 7, False, True)
