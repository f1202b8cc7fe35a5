"""client: a small client of the control API, for the command line, load tests and other programs. Knows nothing of the emulator's rooms."""
