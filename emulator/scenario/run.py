"""Running one scenario: build the world, tell the story step by step, heal what is left broken, and judge.

    file --> Scenario --> world (virtual or real) --> steps --> faults lifted --> journal + books --> checks --> Story

The steps know the world through its parts only, so the same story runs on both clocks.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from emulator.core.clock import Clock, RealClock, run_real, run_virtual
from emulator.core.comparing import holds
from emulator.core.times import next_time_of_day
from emulator.people import ActRefused, perform
from emulator.scenario.books import evidence_of
from emulator.scenario.checks import judge
from emulator.scenario.evidence import Evidence
from emulator.scenario.facts import STATES
from emulator.scenario.model import ClockName, Creation, Scenario, Step, Traffic, load_scenario
from emulator.scenario.report import Story
from emulator.scenario.verdict import Finding, Verdict, declared_faults
from emulator.world import FACTS, PORT, World, real_world, virtual_world

QUIET_AT_LEAST_S: Final = 120.0
"""A stretch in which nobody has anything to do is jumped over on the real clock when it is longer than this (story seconds)."""

Progress = Callable[[str, datetime], None]
"""Told what goes on: a sentence, and the story's time."""


def run_file(
    path: Path,
    *,
    clock: ClockName = "virtual",
    seed: int | None = None,
    folder: Path | None = None,
    listen: tuple[str, int] = ("127.0.0.1", PORT),
    progress: Progress | None = None,
    like: Path | None = None,
) -> Story:
    """Run a scenario file and judge it.

    Args:
        path: the file.
        clock: virtual or real.
        seed: instead of the file's.
        folder: where mails and, on the real clock, the company file and logs go; None keeps everything in memory (virtual clock only).
        listen: where the fault proxy listens on the real clock.
        progress: told of each step.
        like: a likeness instead of the file's.

    Raises:
        UserMistake: the file, an act in it, a fault, or an address that is taken.
        PartFailed: a part did not start or died.
    """
    scenario = load_scenario(path, clock)
    if seed is not None:
        scenario = scenario.model_copy(update={"seed": seed})
    if like is not None:
        scenario = scenario.model_copy(update={"like": str(like)})
    tell = progress or (lambda sentence, at: None)

    began_s = time.monotonic()

    async def story(story_clock: Clock) -> Story:
        if isinstance(story_clock, RealClock):
            assert folder is not None, "a story on the real clock needs a folder for its files"
            world = real_world(scenario, story_clock, folder, listen)
        else:
            world = virtual_world(scenario, story_clock, folder)
        evidence, findings = await _Telling(scenario, path, world, tell).run()
        took_s = time.monotonic() - began_s
        return Story(
            scenario.scenario,
            str(path),
            scenario.seed,
            evidence,
            findings,
            scenario.about,
            str(world.timezone),
            took_s,
            clock,
            world.switches,
        )

    if clock == "virtual":
        return run_virtual(lambda virtual: story(virtual), scenario.clock.start)

    async def on_real_clock() -> Story:
        return await story(RealClock(scenario.clock.start, scenario.clock.scale))

    return run_real(on_real_clock)


class _Telling:
    """One story while it is told."""

    def __init__(self, scenario: Scenario, path: Path, world: World, progress: Progress) -> None:
        self.scenario = scenario
        self.path = path
        self.world = world
        self.progress = progress
        self.findings: list[Finding] = []
        self.traffic: list[asyncio.Task[None]] = []

    async def run(self) -> tuple[Evidence, list[Finding]]:
        """Tell it; returns the evidence it left and what the checks found in it."""
        world, scenario = self.world, self.scenario
        try:
            world.journal.add("harness", "scenario-begun", scenario=scenario.scenario, seed=scenario.seed)
            await world.start()
            for number, step in enumerate(scenario.steps, 1):
                await self._step(number, step)
            await self._traffic_is_over()
            world.plan.close()
            world.platform.documents_at_end()
            world.journal.add("harness", "scenario-ended")
        finally:
            for task in self.traffic:
                task.cancel()
            await world.stop()
        return self._judged()

    def _judged(self) -> tuple[Evidence, list[Finding]]:
        world = self.world
        evidence = evidence_of(world, self.scenario, world.journal.so_far())
        findings = [*judge(evidence, self.scenario.invariants), *self.findings, declared_faults(world.plan)]
        world.let_go()
        return evidence, findings

    async def _step(self, number: int, step: Step) -> None:
        await self._until_its_time(step)
        about = _words(step)
        self.world.journal.add("harness", "step", step=number, action=step.action, about=about)
        self.progress(about, self.world.clock.now().astimezone(self.world.timezone))
        where = f"{self.path}, step {number}"
        match step.action:
            case "do":
                await self._act(number, step, where)
            case "traffic":
                assert step.traffic is not None
                self.traffic.append(asyncio.create_task(self._emit(number, step.traffic)))
            case "inject":
                assert step.inject is not None
                self.world.plan.add(step.inject, self.world.clock.now(), where)
            case "fire":
                assert step.fire is not None
                self.world.plan.fire(step.fire, where=where)
            case "lift":
                assert step.lift is not None
                self.world.plan.lift(step.lift, where)
            case "create":
                assert step.create is not None
                self._create(number, step.create)
            case "until":
                assert step.until is not None
                await self._until(number, step.until, step.within.total_seconds())
            case "check":
                self._check(number, step.check or {})
            case "wait":
                assert step.wait is not None
                await self._pass(step.wait.total_seconds())

    async def _until_its_time(self, step: Step) -> None:
        if step.after is not None:
            await self._pass(step.after.total_seconds())
        elif step.at is not None:
            now = self.world.clock.now()
            await self._pass((next_time_of_day(step.at, now, self.world.timezone) - now).total_seconds())

    async def _pass(self, seconds: float) -> None:
        """Let story time pass; on the real clock, jump over it where nobody has anything to do."""
        clock = self.world.clock
        if isinstance(clock, RealClock) and self.scenario.clock.skip_quiet and seconds > QUIET_AT_LEAST_S and self._quiet():
            skipped_s = seconds - QUIET_AT_LEAST_S / 4
            clock.skip(skipped_s)
            self.world.journal.add("harness", "clock-skipped", seconds=round(skipped_s))
            seconds -= skipped_s
        await clock.sleep(seconds)

    def _quiet(self) -> bool:
        return all(task.done() for task in self.traffic) and self.world.platform.idle()

    async def _act(self, number: int, step: Step, where: str) -> None:
        assert step.do is not None
        try:
            await perform(self.world, step.do, step.given, where)
        except ActRefused as refused:
            if step.expect == "done":
                self._failed(number, f"{step.do} was refused: {refused.reason}")
        else:
            if step.expect == "refused":
                self._failed(number, f"{step.do} was done, and should have been refused")

    async def _emit(self, number: int, traffic: Traffic) -> None:
        memos = traffic.memos()
        for count in range(traffic.count):
            if count:
                await self.world.clock.sleep(traffic.every_s)
            self.world.emit(traffic.emit, memos[count % len(memos)])
        self.world.journal.add("harness", "traffic-over", step=number)

    def _create(self, number: int, creation: Creation) -> None:
        made = self.world.create(creation.what, creation.name)
        if made.accepted != (creation.expect == "accepted"):
            self._failed(number, f"making {creation.what} {creation.name!r} was {made.reason or 'accepted'}")

    async def _traffic_is_over(self) -> None:
        if self.traffic:
            await asyncio.gather(*self.traffic)

    async def _until(self, number: int, state: str, within_s: float) -> None:
        if state == "queue_empty":
            await self._traffic_is_over()
        reached = await self.world.wait_until(lambda: STATES[state](self.world), within_s)
        if not reached:
            self._failed(number, f"{state.replace('_', ' ')} was not reached within {within_s:g} s: {_situation(self.world)}")

    def _check(self, number: int, expected: dict[str, Any]) -> None:
        for name, wanted in expected.items():
            found = FACTS[name](self.world)
            if not holds(found, wanted):
                self._failed(number, f"{name} is {found}, expected {wanted}")

    def _failed(self, number: int, sentence: str) -> None:
        row = self.world.journal.add("harness", "step-failed", step=number, reason=sentence)
        counterexample = {**row, "violation": sentence}
        self.findings.append(Finding(f"step {number}", Verdict.FAIL, sentence, (counterexample,), 1))


def _words(step: Step) -> str:
    """Say in a few words what a step does."""
    match step.action:
        case "do":
            return str(step.do).replace(".", ": ").replace("_", " ")
        case "traffic":
            assert step.traffic is not None
            return f"{step.traffic.count} × {step.traffic.emit}, one every {step.traffic.every_s:g} s"
        case "inject":
            assert step.inject is not None
            return f"fault: {step.inject.name or step.inject.fault}"
        case "fire":
            return f"fault fired by hand: {step.fire}"
        case "lift":
            return f"fault lifted: {step.lift}"
        case "create":
            assert step.create is not None
            return f"somebody makes {step.create.what} {step.create.name}"
        case "until":
            return f"until {str(step.until).replace('_', ' ')}"
        case "check":
            return "check: " + ", ".join(f"{name} {wanted}" for name, wanted in (step.check or {}).items())
        case _:
            return "time passes"


def _situation(world: World) -> str:
    return ", ".join(f"{name} {fact(world)}" for name, fact in FACTS.items())
