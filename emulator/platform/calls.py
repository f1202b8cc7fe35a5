"""Calls to port 8891 that are no documents: balances and probes; and the one way in which every call is made."""

from typing import Any

from emulator.core.clock import Clock
from emulator.core.transport import Call, CallAnswer, NoAnswer, Transport
from emulator.platform import faults as points
from emulator.platform.life import Life
from emulator.platform.link import Link
from emulator.platform.sending import Balance, balance_call, plain, probe_call, read_balance_answer, read_probe_answer
from emulator.platform.steps import Context, Pulse


class Caller:
    """Makes calls; no transport keeps anybody waiting past the limit.

    Args:
        transport: the way to port 8891.
        clock: the story's clock.
    """

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self._transport = transport
        self._clock = clock

    async def call(self, call: Call, limit_s: float) -> CallAnswer:
        """Make a call. Raises NoAnswer."""
        try:
            async with self._clock.limit(limit_s):
                return await self._transport.call(call, limit_s)
        except TimeoutError:
            raise NoAnswer(f"no answer within {limit_s:g} s", sent=True) from None


class Lookups:
    """Asks for balances, and for the connector's light.

    Args:
        context: the world around the platform side.
        life: ends at this room's points where the plan says so.
        link: the status.
        caller: makes the calls.
        pulse: beats when something may have to be done.
    """

    def __init__(self, context: Context, life: Life, link: Link, caller: Caller, pulse: Pulse) -> None:
        self._context = context
        self._settings = context.settings
        self._life = life
        self._link = link
        self._caller = caller
        self._pulse = pulse

    async def balance(self, customer: str) -> Balance:
        """Return a customer's open balance, or say that it is unavailable; see PlatformSide.balance."""
        counted = self._link.connected
        if not counted and self._settings["platform.balance-while-disconnected"] == "unavailable":
            balance = Balance(customer, unavailable="QuickBooks is Disconnected")
        else:
            try:
                answer = await self._caller.call(balance_call(customer), self._context.profile.limits.balance_s)
                balance, reached = read_balance_answer(customer, answer)
            except NoAnswer as silence:
                balance, reached = Balance(customer, unavailable=plain(silence.reason)), False
            self._life.check()
            if counted:
                self._count(balance, reached=reached)
        told: dict[str, Any] = {"unavailable": balance.unavailable} if balance.cents is None else {"balance_cents": balance.cents}
        with self._context.step() as rows:
            rows.add("balance-told", customer=customer, **told, as_of=balance.as_of)
        return balance

    def _count(self, balance: Balance, *, reached: bool) -> None:
        """Count a balance look-up as an attempt, where Q6 says so."""
        by_document = self._settings["platform.attempt-scope"] == "document"
        if by_document or not self._link.connected or not self._settings.flag("platform.failed-balance-counts"):
            return
        with self._context.step() as rows:
            disconnected = False
            if reached:
                self._link.succeeded()
            else:
                disconnected = self._link.failed(rows, f"balance look-up: {balance.unavailable}")
        self._pulse.beat()
        if disconnected:
            self._life.strike(points.AFTER_STATUS_STORED)

    async def probe(self) -> None:
        """Ask for the connector's light while Disconnected, in calls marked as probes, until cancelled."""
        profile = self._context.profile
        while True:
            if self._link.connected:
                await self._pulse.wait()
                continue
            await self._context.clock.sleep(profile.probe_interval_s)
            if self._link.connected:
                continue
            try:
                light = read_probe_answer(await self._caller.call(probe_call(), profile.limits.probe_s))
            except NoAnswer as silence:
                light = plain(silence.reason)
            with self._context.step() as rows:
                rows.add("probe-ended", light=light)
                if light == "green":
                    self._link.heal(rows, "a probe was answered with a green light")
            self._pulse.beat()
