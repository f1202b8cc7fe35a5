"""Tests of emulator/qbxml, one file per module."""
