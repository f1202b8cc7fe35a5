"""report: what a story came to, for people (terminal, page) and machines (JUnit, JSON, CSV)."""

from emulator.scenario.report.story import Story

__all__ = ["Story"]
