"""Users of a company file: who there is, in which role, with which password, and what keeps a user from logging in.

A file without sensitive data takes any password or none, for ever. With it (`CompanyFile.sensitive_data`) passwords must be complex and run
out after `desktop.password-days` days (field reports: 90). That is a rule for passwords that are set; what those that were set are like is a
state (`Users.are_complex`), on which hangs whether programs get personal data (0x80040440): a file without the rule may have complex
passwords, and one that came under it late may still have simple ones. Nobody stores a password for a program: an application logs in through
its grant, which goes stale when the password of its user changes (`desktop.automatic-log-in-password`).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from unicodedata import category

from emulator.company.passwords import LENGTH_MIN, hashed, is_complex
from emulator.core.errors import nearest
from emulator.desktop.refusals import Refused

if TYPE_CHECKING:
    from emulator.desktop.office import CompanyFile, Office

ROLES: Final = ("Admin", "External Accountant", "Full Access", "Sales", "Purchases", "View Only")
"""The roles: the Admin does everything and answers the authorisation prompt; the last three are limited by area (`company/rights.py`)."""


@dataclass(frozen=True)
class User:
    """A user of a company file.

    Attributes:
        name: as typed at log-in; case does not matter.
        role: one of ROLES.
        password: the hash of the password; empty for none.
        password_since: when it was set, ISO 8601; empty: it is as old as the file.
        password_known: those who log in as this user know it. False after somebody changed it and told nobody.
        password_simple: it was set and is not complex, or he took it away (only a hash of it is kept, which does not tell).
        login_stale: it was changed, and no application's log-in as this user has been granted since.
    """

    name: str
    role: str = "External Accountant"
    password: str = field(default="", repr=False)
    password_since: str = ""
    password_known: bool = True
    login_stale: bool = False
    password_simple: bool = False

    @property
    def is_admin(self) -> bool:
        """Return whether this is the Admin."""
        return self.role == "Admin"


class Users:
    """The users of one company file: looks them up, changes them, and keeps the changes in the file.

    Args:
        office: the shared facts.
        file: whose users.
    """

    def __init__(self, office: "Office", file: "CompanyFile") -> None:
        self._office = office
        self._file = file

    def refusal(self, user: User, password: str | None) -> Refused | None:
        """Tell why a person may not log in as a user with a password, None if he may. None stands for: he knows it, if it was told."""
        causes = self._office.causes.of("password", user.name)
        right = user.password_known if password is None else hashed(user.name, password) == user.password
        if user.password and not right:
            return Refused("wrong-password", f"The password of {user.name} is not right.", faults=causes)
        if self.is_expired(user):
            return Refused("password-expired", f"The password of {user.name} has expired; it must be changed.", faults=causes)
        return None

    @property
    def are_complex(self) -> bool:
        """Whether complex passwords protect the file: it began with them, and nobody who counts has set a simple one since.

        Who counts says the switch `desktop.simple-password-of`.
        """
        everybody = self._office.settings.text("desktop.simple-password-of") == "anybody"
        simple = any(each.password_simple for each in self._file.users.values() if everybody or each.is_admin)
        return bool(self._file.company.complex_password) and not simple

    def is_expired(self, user: User) -> bool:
        """Return whether a user's password has run out."""
        if not (user.password and self._file.sensitive_data and user.password_since):
            return False
        days = self._office.settings.number("desktop.password-days")
        since = datetime.fromisoformat(user.password_since)
        since = since if since.tzinfo is not None else since.replace(tzinfo=UTC)
        return bool(days) and self._office.now() >= since + timedelta(days=days)

    def change_password(self, name: str, new: str, old: str | None = None, *, told: bool = True) -> None:
        """Change a user's password.

        Args:
            name: of the user.
            new: the new password.
            old: the one he has; None: he knows it, or the Admin sets it for him.
            told: those who log in as this user are told.

        Raises:
            Refused: no such user, the old password is wrong, or the new one is not complex enough for a file with sensitive data.
        """
        user = self.named(name)
        if old is not None and user.password and hashed(user.name, old) != user.password:
            raise self._refused(Refused("wrong-password", f"The password of {user.name} is not right."), user.name)
        self._check_complex(user.name, new)
        changed = replace(user, password=hashed(user.name, new), password_since=self._office.now().isoformat())
        self._put(replace(changed, password_known=told, password_simple=not is_complex(new), login_stale=True))
        self._office.causes.mark("password", user.name)
        self._office.note("password-changed", user=user.name, told=told)

    def protect(self, admin: str, new: str) -> None:
        """The file comes under the rule for sensitive data, and the Admin who does it gives himself a complex password.

        Passwords that the others had before, in a file that complex passwords did not protect, are taken for simple ones until they are
        changed: nobody can tell from their hashes.

        Raises:
            Refused: the new password is not complex enough; nothing has changed then.
        """
        before, self._file.sensitive_data = self._file.sensitive_data, True
        try:
            self._check_complex(admin, new)
        except Refused:
            self._file.sensitive_data = before
            raise
        if not self._file.company.complex_password:
            for user in tuple(self._file.users.values()):
                if user.password and not user.password_since:
                    self._put(replace(user, password_simple=True))
        self.change_password(admin, new)
        self._file.company.prefer("complex_password", True)

    def let_expire(self, name: str) -> None:
        """Time goes by for one user's password: it has run out now. The file comes under the rule for sensitive data."""
        user = self.named(name)
        days = self._office.settings.number("desktop.password-days")
        since = (self._office.now() - timedelta(days=days)).isoformat()
        self._file.sensitive_data = True
        self._put(replace(user, password=user.password or hashed(user.name, "Expired1"), password_since=since))
        self._office.causes.mark("password", user.name)
        self._office.note("password-expired", user=user.name)

    def reauthorise(self, name: str) -> None:
        """The Admin grants the log-in of applications as a user again: it is good for the present password."""
        user = self._file.user(name)
        if user is not None and user.login_stale:
            self._put(replace(user, login_stale=False))

    def add(self, name: str, role: str, password: str = "") -> User:
        """Add a user, or give one another role (and leave him his password).

        Another role is another set of rights: the Admin has to look again at applications that log in as this user
        (`desktop.user-rights-changed`).

        Raises:
            Refused: the name is blank or holds control characters, there is no such role, nobody would be Admin any more, a password is
                given for a user who is there, or the password is not complex enough for the file.
        """
        if not name.strip() or any(category(sign) == "Cc" for sign in name):
            reason = f"{name!r} is no name of a user: it needs characters that can be seen, and no control characters."
            raise self._refused(Refused("not-a-name", reason), name)
        if role not in ROLES:
            near = nearest(role, ROLES)
            raise self._refused(Refused("no-such-role", f"There is no role {role!r}; expected {near or ', '.join(ROLES)}."), name)
        known = self._file.user(name)
        if known is not None and known.is_admin and role != "Admin":
            self._refuse_last_admin(known)
        if known is not None and password:
            reason = f"The company file has a user {known.name} already; change the password instead, or leave it out to change the role."
            raise self._refused(Refused("name-taken", reason), known.name)
        if password:
            self._check_complex(name, password)
        kept = known or User(name, role, hashed(name, password), password_simple=bool(password) and not is_complex(password))
        self._put(replace(kept, role=role))
        if kept.role != role:
            self._file.authorisations.user_changed(kept.name)
        self._office.note("user-changed" if known else "user-added", user=kept.name, role=role)
        return self.named(name)

    def remove(self, name: str) -> None:
        """Remove a user. Raises Refused when he is in the file, or is the last Admin."""
        user = self.named(name)
        inside = [each.holder for each in self._file.openings if each.user.name == user.name]
        if inside:
            reason = f"{user.name} is logged in: {', '.join(inside)}."
            raise self._refused(Refused("file-in-use", reason, tuple(inside)), user.name)
        self._refuse_last_admin(user)
        del self._file.users[user.name.casefold()]
        self._keep()
        self._office.note("user-removed", user=user.name)

    def named(self, name: str) -> User:
        """Return a user by name. Raises Refused, with the nearest right name, when there is none."""
        user = self._file.user(name)
        if user is None:
            raise self._refused(no_such_user(self._file, name), name)
        return user

    def put_back(self, user: User) -> None:
        """Make a user what he was before (what people do when they undo a change)."""
        self._put(user)
        self._office.causes.mark("password", user.name)
        self._office.note("user-changed", user=user.name, role=user.role)

    def _check_complex(self, name: str, password: str) -> None:
        if self._file.sensitive_data and not is_complex(password):
            reason = f"A password of this file needs {LENGTH_MIN} characters, a capital letter and a digit."
            raise self._refused(Refused("password-too-simple", reason), name)

    def _refuse_last_admin(self, user: User) -> None:
        if user.is_admin and sum(each.is_admin for each in self._file.users.values()) == 1:
            raise self._refused(Refused("not-admin", f"{user.name} is the only Admin of the company file."), user.name)

    def _refused(self, refused: Refused, user: str) -> Refused:
        return self._office.note_refused("users", refused, user=user)

    def _put(self, user: User) -> None:
        self._file.users[user.name.casefold()] = user
        self._keep()

    def _keep(self) -> None:
        self._file.company.keep_users([asdict(user) for user in self._file.users.values()])
        self._office.changes.tell()


def no_such_user(file: "CompanyFile", name: str) -> Refused:
    """Return the refusal of a name that no user has, with the nearest that one has."""
    names = sorted(each.name for each in file.users.values())
    near = nearest(name, names)
    expected = f"did you mean {near!r}?" if near else f"it has {', '.join(names)}."
    return Refused("no-such-user", f"The company file has no user {name!r}; {expected}")


def user_of(fields: Mapping[str, Any]) -> User:
    """Return a user as the company file keeps him."""
    return User(**fields)
