"""Any order of what the Admin, the program's maker and the program do, against a small model of who may in."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.desktop import Certificate, Code, Preferences

from .makers import APPLICATION, PATH, at_desk, code_of

ATTENDED, UNATTENDED = "attended", "unattended"
GRANTS = ("ask every time", "whenever the file is open", "even if not running")
ANSWERS = ("no", *GRANTS)


@dataclass
class Model:
    """Who may in: what the file knows, and what the program is signed with."""

    known: bool = False
    login: str = ""
    allowed: bool = True
    nobody: bool = False
    granted_serial: str = ""
    serial: str = ""
    state: str = "none"
    personal_data: bool = False

    def refused(self, how):
        """Return what keeps a session out before anybody is asked; None when nothing does, `asked` when the Admin is asked."""
        if self.state == "revoked":
            return Code.CERTIFICATE_REVOKED
        if self.nobody or (self.known and not self.allowed):
            return Code.NOT_PERMITTED
        if how == UNATTENDED:
            return self._by_itself()
        needs_answer = not self.known or self.login == "ask every time" or self.granted_serial != self.serial
        return "asked" if needs_answer else None

    def _by_itself(self):
        if not self.known:
            return Code.UNKNOWN_APPLICATION
        if self.login != "even if not running":
            return Code.NO_AUTOMATIC_LOGIN
        if self.state == "expired":
            return Code.CERTIFICATE_EXPIRED
        return Code.AUTHORISE_AGAIN if self.granted_serial != self.serial else None


STEPS = st.one_of(
    # Most often somebody is there and says yes: what a second prompt does is seen only then.
    st.tuples(st.just("connect"), st.just(ATTENDED), st.sampled_from(GRANTS), st.booleans()),
    st.tuples(st.just("connect"), st.sampled_from([ATTENDED, UNATTENDED]), st.sampled_from(ANSWERS), st.booleans()),
    st.tuples(st.just("personal data"), st.booleans()),
    st.tuples(st.just("access"), st.booleans()),
    st.tuples(st.just("nobody"), st.booleans()),
    st.tuples(st.just("log in"), st.sampled_from(GRANTS)),
    st.tuples(st.just("remove")),
    st.tuples(st.just("sign"), st.sampled_from(["", "1", "2"]), st.sampled_from(["valid", "expired", "revoked"])),
)


@settings(max_examples=250, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=25))
def test_who_may_in(steps):
    async def story(desk, clock):
        model = Model()
        for step, *given_ in steps:
            if step == "connect":
                await connect(desk, clock, model, *given_)
            else:
                change(desk, clock, model, step, *given_)
            known = desk.office.files[0].authorisations.of(APPLICATION)
            assert (known is not None) is model.known
            if known is not None:
                assert (known.login, known.allowed, known.certificate) == (model.login, model.allowed, model.granted_serial)
                assert known.personal_data is model.personal_data
                assert [each["login"] for each in desk.company.apps] == [model.login]
            assert desk.server.prompt is None
            assert desk.server.sessions == []
            assert len(desk.server.line) == desk.office.changes.waiting == 0

    at_desk(story, grant=None, open_as="Admin")


def change(desk, clock, model, step, *given_):
    """One act of the Admin, or of the program's maker."""
    admin = Preferences(desk.server)
    if step == "sign":
        model.serial, state = given_
        model.state = state if model.serial else "none"
        desk.office.certificates.pop(APPLICATION, None)
        if model.serial:
            expires = clock.now() - timedelta(days=1) if state == "expired" else None
            desk.office.certificates[APPLICATION] = Certificate(model.serial, expires=expires, revoked=state == "revoked")
    elif step == "nobody":
        [model.nobody] = given_
        admin.allow_any(access=not model.nobody)
    elif not model.known:
        return
    elif step == "access":
        [model.allowed] = given_
        admin.allow(APPLICATION, access=model.allowed)
    elif step == "personal data":
        [model.personal_data] = given_
        admin.set_personal_data(APPLICATION, access=model.personal_data)
    elif step == "log in":
        [model.login] = given_
        admin.set_login(APPLICATION, model.login, "Goflow" if model.login == "even if not running" else "")
    else:
        admin.remove(APPLICATION)
        model.known, model.granted_serial, model.personal_data = False, "", False


async def connect(desk, clock, model, how, answer, ticks):
    """One session, begun and ended; the Admin is there, or QuickBooks is closed."""
    if how == UNATTENDED:
        desk.server.quit()
    processor = desk.processor()
    await desk.perform(processor.open_connection("", APPLICATION))
    expected = model.refused(how)
    beginning = asyncio.create_task(code_of(desk.perform(processor.begin_session(PATH, 2))))
    if expected == "asked":
        await clock.sleep(10)
        desk.server.answer_prompt(answer, "Goflow" if answer == "even if not running" else "", personal_data=ticks)
        expected = Code.DENIED if answer == "no" else None
        if answer != "no":
            # The box that was ticked before is not taken away by a prompt in which it is not ticked.
            model.personal_data = model.personal_data or ticks
            model.known, model.login, model.allowed, model.granted_serial = True, answer, True, model.serial
    assert await beginning == expected
    await desk.perform(processor.close_connection())
    if how == UNATTENDED:
        assert desk.server.state == "closed"
        desk.server.log_in("Admin", "multi")
