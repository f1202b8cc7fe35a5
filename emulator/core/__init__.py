"""core: what every other room stands on: clock, chance, journal, errors, switches, files, documents, serving.

Nothing here knows QuickBooks. Import from the modules (`from emulator.core.clock import Clock`).
"""
