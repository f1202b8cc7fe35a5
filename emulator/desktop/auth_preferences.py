"""AuthPreferences: what an application asks for before its session, and reads back in it.

Setters come before BeginSession (0x8004042E inside), getters take the ticket; neither from a remote connection (0x8004042A).
Members: type library (documented).
"""

from emulator.desktop.conversation import Conversation, Preferences
from emulator.desktop.operations import Operation
from emulator.desktop.results import Code, SessionFailure
from emulator.desktop.session_table import Call


class AuthPreferences:
    """The AuthPreferences object of one request processor.

    Args:
        conversation: what it shares with the processor.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation

    def put_is_read_only(self, wanted: bool) -> Operation[None]:
        """PutIsReadOnly."""
        yield from ()
        self._put("read_only", bool(wanted))

    def put_unattended_mode_pref(self, wanted: int) -> Operation[None]:
        """PutUnattendedModePref: 1 required, 2 optional."""
        yield from ()
        self._put("unattended", int(wanted), (1, 2))

    def put_personal_data_pref(self, wanted: int) -> Operation[None]:
        """PutPersonalDataPref: 1 required, 2 optional, 3 not needed."""
        yield from ()
        self._put("personal_data", int(wanted), (1, 2, 3))

    def put_auth_flags(self, flags: int) -> Operation[None]:
        """PutAuthFlags: bits of editions; 0x80000000 forces the prompt."""
        yield from ()
        self._put("flags", int(flags))

    def get_is_read_only(self, ticket: str) -> Operation[bool]:
        """GetIsReadOnly(ticket)."""
        yield from ()
        return self._to_get(ticket).read_only

    def get_unattended_mode_pref(self, ticket: str) -> Operation[int]:
        """GetUnattendedModePref(ticket)."""
        yield from ()
        return self._to_get(ticket).unattended

    def get_personal_data_pref(self, ticket: str) -> Operation[int]:
        """GetPersonalDataPref(ticket)."""
        yield from ()
        return self._to_get(ticket).personal_data

    def was_auth_preferences_obeyed(self, ticket: str) -> Operation[bool]:
        """WasAuthPreferencesObeyed(ticket): whether the grant covers what was asked for as required."""
        yield from ()
        wanted = self._to_get(ticket)
        assert self._conversation.session is not None
        session = self._conversation.session
        granted = session.granted
        unattended = wanted.unattended != 1 or granted.login == "even if not running"
        return unattended and (wanted.personal_data != 1 or granted.personal_data)

    def _put(self, name: str, wanted: int, allowed: tuple[int, ...] = ()) -> None:
        with self._conversation.call(Call.PUT_PREFERENCE) as call:
            self._conversation.refuse_remote()
            call.check_order()
            if allowed and wanted not in allowed:
                raise SessionFailure(Code.INVALID_PARAMETER, f"{wanted} is none of {', '.join(map(str, allowed))}")
            setattr(self._conversation.preferences, name, wanted)

    def _to_get(self, ticket: str) -> Preferences:
        with self._conversation.call(Call.READ_SESSION) as call:
            self._conversation.refuse_remote()
            self._conversation.living(call, ticket)
            return self._conversation.preferences
