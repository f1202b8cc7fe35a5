"""scenario: a story as data, its running, and what it came to: checks over journal and books, verdicts, reports."""
