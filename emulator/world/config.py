"""What a world is made from: one configuration in which every field has a default. A scenario file is one with a story added."""

from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from emulator.com.likeness import PaceForm, WordingForm, load_likeness
from emulator.core.fitting import fitted
from emulator.core.switches import Setting
from emulator.platform import Profile, load_profile

SERVER: Final = "server"
"""The dedicated machine on which the connector's user is logged in to QuickBooks."""

ACCOUNTING_PC: Final = "accounting-pc"

DEFAULT_COMPANY: Final = "wholesale_small"
"""The shipped company that is meant when nobody names one."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ConnectorConfig(_Strict):
    """The connector: under which name and as whose guest it works with QuickBooks."""

    application: str = "FakeBooks Connector"
    user: str = "Goflow"
    mode: Literal["single-user", "multi-user", "do-not-care"] = "do-not-care"
    flaws: frozenset[str] = Field(frozenset(), description="deliberate mistakes, to prove that the checks bite")


class PlatformConfig(_Strict):
    """The platform side: a profile, and what this story wants otherwise."""

    profile: str = "goflow"
    attempts: int | None = Field(None, ge=1)
    spacing_s: int | None = Field(None, ge=0)
    auto_heal: bool | None = None
    push_mode: Literal["automatic", "manual"] | None = None
    notifications_contact: str | None = None

    def loaded(self) -> Profile:
        """Return the profile with this story's changes. Raises UserMistake."""
        profile = load_profile(self.profile)
        named = {
            "platform.attempts": self.attempts,
            "platform.attempt-spacing-s": self.spacing_s,
            "platform.auto-heal": self.auto_heal,
        }
        switches: dict[str, Setting] = profile.switches | {name: value for name, value in named.items() if value is not None}
        notifications = profile.notifications
        if self.notifications_contact is not None:
            notifications = notifications.model_copy(update={"contact": self.notifications_contact})
        changes = {"switches": switches, "notifications": notifications, "push_mode": self.push_mode or profile.push_mode}
        return fitted(Profile, profile.model_copy(update=changes).model_dump(), "platform")


class WorldConfig(_Strict):
    """What a world is made from. Every field has a default: an empty configuration is a world that works."""

    seed: int = Field(1, ge=0, lt=2**63)
    company: str = Field(
        DEFAULT_COMPANY,
        description="a shipped company, or the path of a .yaml file; outside scenarios also that of a company file, which is copied",
    )
    texts: tuple[str, ...] = Field(
        (), description="text packs whose names the company has as customers and vendors besides its own"
    )
    machines: tuple[str, ...] = Field((SERVER, ACCOUNTING_PC), min_length=1)
    connector: ConnectorConfig = ConnectorConfig()
    platform: PlatformConfig = PlatformConfig()
    switches: dict[str, Setting] = Field(default_factory=dict)
    wording: WordingForm = Field(
        WordingForm(), description="what QuickBooks says in other words than ours: results, statuses, reasons"
    )
    latency: dict[str, PaceForm] = Field(
        default_factory=dict, description="how long calls of QuickBooks take, by request, BeginSession or other"
    )
    like: str = Field(
        "",
        description="a file of `fakebooks parity --out`: switches, wording and latency of a real QuickBooks, before those here",
    )

    def alike(self) -> "WorldConfig":
        """Return the configuration with what the file at `like` says written out. Raises UserMistake: it cannot be used."""
        if not self.like:
            return self
        found = load_likeness(Path(self.like))
        changes = {
            "like": "",
            "switches": found.switches | self.switches,
            "wording": found.wording.under(self.wording),
            "latency": found.latency | self.latency,
        }
        return self.model_copy(update=changes)
