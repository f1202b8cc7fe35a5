"""The pytest plug-in: fixtures for tests of connectors. Loaded by pytest through the entry point `pytest11`."""
