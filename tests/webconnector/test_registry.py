"""Applications, passwords, the update lock, the schedule."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from emulator.core.errors import UserMistake
from emulator.webconnector import switches
from emulator.webconnector.adding import FileIds
from emulator.webconnector.codes import Qbwc
from emulator.webconnector.qwc import NotAdded
from emulator.webconnector.qwclog import Log
from emulator.webconnector.registry import NotRegistered, Registry
from emulator.webconnector.result import Result
from emulator.webconnector.scheduler import Connector, UpdateRuns
from emulator.webconnector.service import Service

from .desk import APPLICATION, START, Scripted, on_desk

OTHER = replace(APPLICATION, name="Stock Bridge", unique_name="stock", file="{57F3B9B6-86F1-4FCC-B1FF-966DE1813D22}", every_s=60)


@pytest.fixture
def registry(tmp_path):
    return Registry(tmp_path / "state")


def test_what_was_added_is_there(registry):
    registry.add(APPLICATION, "secret", START)
    registry.add(OTHER, "other secret", START)
    again = Registry(registry.folder)
    assert [each.application for each in again.entries()] == [APPLICATION, OTHER]
    assert (again.password("bridge"), again.password("STOCK")) == ("secret", "other secret")
    assert again.get("STOCK BRIDGE").key == "stock"
    assert again.get("stock").next_run == START
    assert again.get("bridge").next_run is None


def test_passwords_are_kept_apart_and_for_this_user_only(registry):
    registry.add(APPLICATION, "secret", START)
    assert "secret" not in (registry.folder / "applications.json").read_text()
    for name in ("applications.json", "passwords.json"):
        assert stat.S_IMODE((registry.folder / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(registry.folder.stat().st_mode) & 0o077 == 0


def test_the_same_unique_name_brings_it_up_to_date(registry):
    registry.add(APPLICATION, "secret", START)
    registry.add(replace(APPLICATION, url="http://localhost/new"), "", START)
    (entry,) = registry.entries()
    assert (entry.application.url, registry.password("bridge")) == ("http://localhost/new", "secret")


def test_a_unique_name_in_other_letters_keeps_its_password(registry):
    registry.add(APPLICATION, "secret", START)
    registry.add(replace(APPLICATION, unique_name=APPLICATION.unique_name.upper()), "", START)
    assert [registry.password(name) for name in ("bridge", "BRIDGE")] == ["secret"] * 2
    registry.remove("bridge")
    assert json.loads((registry.folder / "passwords.json").read_text())["passwords"] == {}


def test_many_that_add_at_once_lose_none(tmp_path):
    names = [f"application {number}" for number in range(12)]

    def add(name):
        file = f"{{57F3B9B6-86F1-4FCC-B1FF-966DE1813D{names.index(name):02}}}"
        Registry(tmp_path).add(replace(OTHER, name=name, unique_name=name, file=file), name, START)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, names))
    assert sorted(each.key for each in Registry(tmp_path).entries()) == sorted(names)
    assert [Registry(tmp_path).password(name) for name in names] == names


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("applications.json", {"applications": 5}),
        ("applications.json", {"applications": None}),
        ("applications.json", {}),
        ("passwords.json", {"passwords": [1]}),
    ],
)
def test_a_damaged_file_is_said_to_be(registry, name, content):
    registry.add(APPLICATION, "secret", START)
    (registry.folder / name).write_text(json.dumps({"format": 1, **content}))
    with pytest.raises(UserMistake, match=rf"QBWC\d+.*{name} is damaged"):
        registry.password("bridge")


def test_the_update_lock_of_another_folder(tmp_path):
    log = Log(lambda: START, tmp_path / "log")
    inner = Registry(tmp_path / "once", lock_in=tmp_path)
    with Registry(tmp_path).update_lock(log) as held:
        assert (tmp_path / "update.lock").read_bytes() == b"TRUE"
        with inner.update_lock(log) as refused:
            assert (held.why_not, refused.why_not) == ("", "another update runs")


def test_the_same_name_without_a_unique_one(registry):
    plain = replace(APPLICATION, unique_name=APPLICATION.name)
    registry.add(plain, "secret", START)
    with pytest.raises(NotAdded, match=r"QBWC1039.*there already"):
        registry.add(plain, "secret", START)
    registry.add(plain, "new", START, again=True)
    assert registry.password("order bridge") == "new"


def test_the_same_pair_of_ids(registry):
    registry.add(APPLICATION, "secret", START)
    with pytest.raises(NotAdded, match=r"QBWC1039.*'bridge' has the same OwnerID and FileID"):
        registry.add(replace(OTHER, file=APPLICATION.file), "secret", START)


TWINS = {
    "test": replace(APPLICATION, name="Bridge", unique_name="Bridge test"),
    "plain": replace(OTHER, name="Bridge", unique_name="Bridge", every_s=60),
    "third": replace(OTHER, name="Bridge", unique_name="Bridge 3", file="{57F3B9B6-86F1-4FCC-B1FF-966DE1813D23}"),
    "other": replace(OTHER, name="Other", unique_name="other", file="{57F3B9B6-86F1-4FCC-B1FF-966DE1813D24}"),
}
"""Applications of one AppName: the first is found by its AppUniqueName, the second has none."""


@pytest.mark.parametrize(
    ("there", "name", "found"),
    [
        (("test", "plain"), "bridge", "Bridge"),
        (("plain", "test"), "bridge", "Bridge"),
        (("test", "plain"), "BRIDGE TEST", "Bridge test"),
        (("test", "other"), "bridge", "Bridge test"),
        (("other", "test", "third", "plain"), "Bridge", "Bridge"),
        (("test", "third"), "Bridge 3", "Bridge 3"),
        (("other", "test", "third"), "bridge", None),
    ],
)
def test_which_application_a_name_means(registry, there, name, found):
    """The key wins over the AppName; an AppName of several is nobody's."""
    for each in there:
        registry.add(TWINS[each], each, START)
    if found:
        assert (registry.get(name).key, registry.chosen([name]), registry.remove(name).key) == (found, [found], found)
        assert found not in [each.key for each in registry.entries()]
        return
    for act in (registry.get, registry.remove, lambda given: registry.chosen([given])):
        with pytest.raises(UserMistake, match=r"2 applications have the AppName 'bridge'.*'Bridge test', 'Bridge 3'"):
            act(name)
    assert len(registry.entries()) == len(there)


def test_what_is_written_down_is_of_the_key_alone(registry):
    """One that was taken out has left nothing to another of its AppName."""
    for each in ("test", "plain"):
        registry.add(TWINS[each], each, START)
    registry.remember("Bridge", Result("Bridge", "Bye"), START)
    assert [(each.key, each.status) for each in registry.entries()] == [("Bridge test", ""), ("Bridge", "Bye")]
    registry.remove("Bridge")
    for act in (registry.password, registry.by_key, lambda key: registry.remember(key, Result("Bridge"), START)):
        with pytest.raises(NotRegistered, match="QBWC1011"):
            act("Bridge")
    assert registry.password("bridge test") == "test"


def test_an_application_that_is_not_there(registry):
    with pytest.raises(UserMistake, match="QBWC1011"):
        registry.get("bridge")
    registry.add(APPLICATION, "secret", START)
    with pytest.raises(UserMistake, match="expected 'bridge'"):
        registry.get("brigde")


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"format": 2}', '{"format": 1, "applications": [{}]}', '{"format": 1, "applications": [1]}']
)
def test_damaged_files(registry, content):
    (registry.folder / "applications.json").write_text(content)
    with pytest.raises(UserMistake, match=r"applications\.json"):
        registry.entries()


def test_something_else_in_the_place_of_a_lock(registry):
    for name, act in (
        ("registry.lock", lambda: registry.add(APPLICATION, "secret", START)),
        ("update.lock", lambda: registry.update_lock(Log(lambda: START)).__enter__()),
    ):
        (registry.folder / name).mkdir()
        with pytest.raises(UserMistake, match=rf"QBWC1006: .*{name}: Is a directory"):
            act()


ODD = [None, True, -1, 1.5, 10**30, "", "x", "2026-11-23T14:00:00", [], [1], {}]


def test_a_changed_file_is_read_or_told(registry):
    """Each value of an application is changed to whatever: what is read can be run, and what cannot is told."""
    registry.add(OTHER, "secret", START)
    path = registry.folder / "applications.json"
    whole = json.loads(path.read_text())
    (entry,) = whole["applications"]
    places = [(name,) for name in entry] + [("application", name) for name in entry["application"]]
    read, told = 0, []
    for place, odd in product(places, ODD):
        changed = json.loads(json.dumps(entry))
        (changed if len(place) == 1 else changed[place[0]])[place[-1]] = odd
        path.write_text(json.dumps({**whole, "applications": [changed]}))
        try:
            (found,) = registry.entries()
        except UserMistake as mistake:
            told.append(str(mistake))
            continue
        read += 1
        for result in (Result("x"), Result("x", every_s_least=999_999_999), Result("x", postponed_s=999_999_999)):
            registry.remember(found.key, result, START)
    assert all("QBWC1006" in each for each in told)
    assert read > len(entry["application"])


@pytest.mark.parametrize(
    ("result", "every_s", "next_s"),
    [
        (Result("x"), 60, 60),
        (Result("x", every_s_least=600), 600, 600),
        (Result("x", every_s_least=10), 60, 60),
        (Result("x", ended="no data", every_s_least=10), 60, 10),
        (Result("x", ended="busy", every_s_least=600), 600, 600),
        (Result("x", postponed_s=5, every_s_least=600), 600, 5),
        (Result("x", postponed_s=0), 60, 1),
        (Result("x", ended="no data", every_s_least=0), 60, 1),
    ],
)
def test_when_it_runs_next(registry, result, every_s, next_s):
    registry.add(OTHER, "secret", START)
    entry = registry.remember("stock", result, START)
    assert (entry.every_s, entry.next_run) == (every_s, START + timedelta(seconds=next_s))


def test_the_update_lock(registry):
    log = Log(lambda: START)
    with registry.update_lock(log) as first, registry.update_lock(log) as second:
        assert (first.why_not, second.why_not) == ("", "another update runs")
    with registry.update_lock(log) as third:
        assert not third.why_not
    lines = [line.split("() : ")[1] for line in log.text.splitlines() if "UpdateLock" in line]
    key = r"HKEY_CURRENT_USER\Software\Intuit\QBWebConnector\UpdateLock"
    assert lines[:4] == [
        f"{key} = FALSE",
        f"{key} has been set to True",
        "********************* Update session locked *********************",
        f"{key} = TRUE",
    ]


# ---- the schedule -------------------------------------------------------------------------------------------------------------------------


def connector(desk, registry):
    @asynccontextmanager
    async def processor(application):
        made = desk.processor()
        yield made
        await made.release()

    return Connector(registry, processor, desk.around())


APPS = {}


class Reached(Connector):
    """A Web Connector whose applications are apps in this process."""

    @asynccontextmanager
    async def service(self, entry):
        service = Service(entry.application.url, self.around.clock, None, APPS[entry.key])
        yield service
        await service.close()


def test_the_schedule(registry):
    """Two applications come due in turn; one is put off by its service, an error of the other is told with QBWC1031."""
    registry.add(replace(APPLICATION, every_s=100), "secret", START)
    registry.add(OTHER, "secret", START)
    told = []

    async def story(desk):
        plain = connector(desk, registry)
        at_work = Reached(plain.registry, plain.make_processor, plain.around)
        APPS.update(
            bridge=Scripted(authenticate=[["t", "", "30"], ["t", ""]]),
            stock=Scripted(receiveResponseXML=[-1], getLastError=["broken"]),
        )
        await at_work.run(lambda entry, result: told.append((entry.key, result.ended, round(desk.clock.elapsed_s(), -1))), 5)
        return desk.log.text

    log = on_desk(story)
    assert told == [
        ("bridge", "postponed", 0),
        ("stock", "error", 0),
        ("bridge", "done", 30),
        ("stock", "error", 60),
        ("stock", "error", 120),
    ]
    assert log.count("QBWC1031") == 3
    assert registry.get("stock").status == "broken"
    assert [json.loads((registry.folder / "applications.json").read_text())["format"]] == [1]


def test_the_schedule_of_two_with_one_name(registry):
    """Each runs in its turn, and its own next run is put off."""
    for each in ("test", "plain"):
        registry.add(replace(TWINS[each], every_s=60), "secret", START)
    told = []

    async def story(desk):
        plain = connector(desk, registry)
        APPS.update({"Bridge test": Scripted(), "Bridge": Scripted()})
        at_work = Reached(registry, plain.make_processor, plain.around)
        await at_work.run(lambda entry, result: told.append((entry.key, round(desk.clock.elapsed_s(), -1))), 4)

    on_desk(story)
    assert told == [("Bridge test", 0), ("Bridge", 0), ("Bridge test", 60), ("Bridge", 60)]


def test_an_application_that_its_company_file_does_not_take(registry):
    """Its update ends with the code, every time it comes due; the service is not called, and the other one runs."""
    registry.add(replace(APPLICATION, every_s=60, read_only=True), "secret", START)
    registry.add(OTHER, "secret", START)
    told = []

    async def story(desk):
        plain = connector(desk, registry)
        file_ids = FileIds(desk.processor, desk.settings, desk.log)

        @asynccontextmanager
        async def processor(application):
            await file_ids.write(application)
            async with plain.make_processor(application) as made:
                yield made

        APPS.update(bridge=Scripted(), stock=Scripted())
        await Reached(registry, processor, plain.around).run(lambda entry, result: told.append((entry.key, result)), 4)

    on_desk(story)
    assert [(key, result.ok, result.codes) for key, result in told] == [
        ("bridge", False, [Qbwc.READ_ONLY]),
        ("stock", True, []),
    ] * 2
    assert APPS["bridge"].calls == []
    assert "QBWC1080" in registry.get("bridge").status


def test_passwords_that_cannot_be_read(registry):
    """The update ends with the code, the service is not called, and the schedule goes on."""
    registry.add(OTHER, "secret", START)
    (registry.folder / "passwords.json").write_text("{")
    told = []

    async def story(desk):
        plain = connector(desk, registry)
        APPS["stock"] = Scripted()
        await Reached(registry, plain.make_processor, plain.around).run(lambda entry, result: told.append(result), 2)
        return desk.log.text

    log = on_desk(story)
    assert [(result.ended, result.codes) for result in told] == [("error", [Qbwc.PASSWORD_NOT_READ])] * 2
    assert (APPS["stock"].calls, log.count("QBWC1029")) == ([], 4)


def test_one_that_is_taken_out_while_its_update_runs(registry):
    """What became of the update is told all the same, and the schedule goes on."""
    registry.add(replace(APPLICATION, every_s=60), "secret", START)
    told = []

    async def story(desk):
        plain = connector(desk, registry)

        def app(environ, start_response):
            if environ["HTTP_SOAPACTION"].endswith('/sendRequestXML"'):
                registry.remove("bridge")
            return scripted(environ, start_response)

        scripted = Scripted()
        APPS["bridge"] = app
        await Reached(registry, plain.make_processor, plain.around).run(lambda *each: told.append(each))
        return desk.log.text

    log = on_desk(story)
    ((entry, result),) = told
    assert (entry.key, entry.next_run, result.ok) == ("bridge", None, True)
    assert [each for each in result.remarks if "was taken out" in each]
    assert "QBWC1011" in log


def test_nothing_is_scheduled(registry):
    registry.add(APPLICATION, "secret", START)
    on_desk(lambda desk: connector(desk, registry).run(print))


def test_one_update_at_a_time(registry):
    registry.add(APPLICATION, "secret", START)

    async def story(desk):
        with registry.update_lock(desk.log):
            await connector(desk, registry).update("bridge")

    with pytest.raises(UpdateRuns):
        on_desk(story)


@pytest.mark.parametrize("setting", ["taken over", "refused"])
def test_an_update_that_died_left_its_locks(registry, setting):
    """UpdateLock stays TRUE in the registry, AppLock in the company file; each has its rule for the update that finds it."""
    registry.add(replace(APPLICATION, unique_name=""), "secret", START)
    told = []

    async def story(desk):
        plain = connector(desk, registry)
        at_work = Reached(plain.registry, plain.make_processor, plain.around)
        APPS["Order Bridge"] = Scripted()
        desk.fault("wc-died", point="webconnector.after-process", times=1)
        for wait_s in (0, 0, 700):
            await desk.clock.sleep(wait_s)
            before = (registry.folder / "update.lock").read_text() if told else ""
            try:
                ended = (await at_work.update("order bridge")).ended
            except UpdateRuns as mistake:
                ended = str(mistake)
            told.append((before, ended, (await desk.extensions())["AppLock"][:6]))
        return desk.log.text

    log = on_desk(story, {switches.UPDATE_LOCK: setting})
    assert told[0] == ("", "died", "LOCKED")
    if setting == "taken over":
        # The first is kept out by AppLock, and gives UpdateLock back.
        assert told[1:] == [("TRUE", "error", "LOCKED"), ("FALSE", "done", "UNLOCK")]
        assert "the lock that one left is taken over" in log
    else:
        assert [each[0] for each in told[1:]] == ["TRUE", "TRUE"]
        assert all("left UpdateLock TRUE" in each[1] and "--switch" in each[1] for each in told[1:])
