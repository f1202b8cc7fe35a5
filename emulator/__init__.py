"""FakeBooks: a simulated QuickBooks Desktop for Linux and the harness around it (docs/MAP.md shows every room)."""

__version__ = "0.1.0"
