"""A profile: what is one platform's own, as data. `profiles/goflow.yaml` is the first user's platform.

What the page states or leaves open is a switch (switches.py), set under `switches`; names, wording and limits are plain fields.
Limits and intervals are story seconds.
"""

import string
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from emulator.core.errors import UserMistake, nearest
from emulator.core.files import load_yaml
from emulator.core.fitting import fitted
from emulator.core.switches import Setting, SwitchSettings
from emulator.platform.switches import SWITCHES

PushMode = Literal["automatic", "manual"]

PLACEHOLDERS: Final = ("platform", "attempts", "reason", "held", "since", "episode")
"""What the wording of a notification may name in braces: the platform's title, N, why the last attempt failed, how many documents are
held, the story's time (UTC), the number of the episode."""


class _Part(BaseModel):
    """Common to all parts of a profile: unknown fields are mistakes, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Numbers(_Part):
    """How documents are numbered: a prefix and one counter for invoices and bills together (R38, documented by the platform)."""

    prefix: str = "G-"
    first: int = Field(10001, ge=0)


class Limits(_Part):
    """How long an answer is waited for, in story seconds.

    `send_s` is what integrations in the field wait for one request; `balance_s` is what a person who types an order will wait.
    """

    send_s: float = Field(90.0, gt=0)
    balance_s: float = Field(5.0, gt=0)
    probe_s: float = Field(10.0, gt=0)


class Notifications(_Part):
    """The mail that tells of a disconnection, and how its delivery is repeated when the mail server is in trouble."""

    sender: str
    contact: str
    subject: str
    text: str
    retry_first_s: float = Field(30.0, gt=0)
    retry_longest_s: float = Field(900.0, gt=0)

    @field_validator("subject", "text")
    @classmethod
    def _placeholders_exist(cls, wording: str) -> str:
        """Refuse wording that names a placeholder nobody fills."""
        for _, name, _, _ in string.Formatter().parse(wording):
            if name is not None and name not in PLACEHOLDERS:
                near = nearest(name, PLACEHOLDERS)
                raise ValueError(
                    f"the placeholder {{{name}}} is not known; " + (f"{near!r}; " if near else "") + f"one of {PLACEHOLDERS}"
                )
        return wording

    @field_validator("sender", "contact")
    @classmethod
    def _an_address(cls, address: str) -> str:
        """Refuse what cannot be a mail address."""
        return checked_address(address)


class Profile(_Part):
    """One platform.

    Attributes:
        name: the profile's own name.
        title: what people call the platform.
        nodes: source addresses the platform calls from, to be white-listed in front of port 8891 (the page's own list is missing: Q10).
        probe_interval_s: how often the light is asked for while Disconnected, where probes are on.
        push_mode: automatic or manual syncing, until somebody sets it otherwise.
        switches: settings of the `platform.` switches.
    """

    name: str
    title: str
    numbers: Numbers = Numbers()
    limits: Limits = Limits()
    notifications: Notifications
    nodes: tuple[str, ...] = ("127.0.0.1",)
    probe_interval_s: float = Field(60.0, gt=0)
    push_mode: PushMode = "automatic"
    switches: dict[str, Setting] = Field(default_factory=dict)

    @field_validator("switches")
    @classmethod
    def _switches_exist(cls, switches: dict[str, Setting]) -> dict[str, Setting]:
        """Refuse an unknown switch, or a setting that it does not allow."""
        try:
            SwitchSettings([SWITCHES], switches)
        except UserMistake as mistake:
            raise ValueError(str(mistake)) from None
        return switches

    def settings(self) -> SwitchSettings:
        """Return the platform's switches as this profile sets them."""
        return SwitchSettings([SWITCHES], self.switches, f"profile {self.name}")

    def with_switches(self, switches: Mapping[str, Setting]) -> "Profile":
        """Return this profile with some switches set otherwise. Raises UserMistake for an unknown switch or setting."""
        changed = self.model_dump() | {"switches": self.switches | dict(switches)}
        return fitted(Profile, changed, "switches of the platform side")


def load_profile(name_or_path: str | Path = "goflow") -> Profile:
    """Read a profile: one that comes with the product by its name, or any file by its path. Raises UserMistake as `load_yaml`."""
    folder = Path(__file__).parent / "profiles"
    own = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    text = str(name_or_path)
    if text in own:
        return _shipped(own[text])
    path = Path(text)
    if path.suffix not in (".yaml", ".yml"):
        near = nearest(text, own)
        expected = f"{near!r}" if near else f"one of {', '.join(own)}, or the path of a .yaml file"
        raise UserMistake(f"there is no platform profile {text!r}", expected=expected)
    return load_yaml(path, Profile)


@lru_cache
def _shipped(path: Path) -> Profile:
    """Read a profile that comes with the product; it is the same whenever it is read."""
    return load_yaml(path, Profile)


def checked_address(address: str) -> str:
    """Return a mail address that is good enough to be handed to a mail server; raises ValueError when it is not."""
    local, at, domain = address.partition("@")
    if not at or not local or not domain or any(mark.isspace() or ord(mark) < 32 for mark in address) or "@" in domain:
        raise ValueError(f"{address!r} is no mail address (name@host)")
    return address
