"""Plays `pywin32_acts` with the pywin32 that is there, the real one or the stand-in, and writes what came of each: PLAYER RESULT.json."""

from __future__ import annotations

import contextlib
import copy
import datetime
import decimal
import io
import json
import os
import pickle
import re
import sys
import threading
from pathlib import Path

# pywin32 keeps what it makes of type libraries in the folder for temporary files: each run has its own, and begins without any.
os.environ["TEMP"] = os.environ["TMP"] = os.environ["TMPDIR"] = str(Path(sys.argv[1]).resolve().parent)
sys.path.insert(0, str(Path(__file__).resolve().parent))

import pythoncom
import pywintypes
import winerror
from pywin32_acts import BEFORE_THE_LIBRARY, EARLY, LATE, LIBRARY, PROG, THREADS, of
from win32com.client import Dispatch, constants, dynamic, gencache, makepy

__all__ = ["LIBRARY", "Dispatch", "constants", "copy", "datetime", "decimal", "makepy", "pickle", "pywintypes", "winerror"]


def played(expression: str, **names: object) -> str:
    """Return what came of an act, as text: a value, or an error with what it says; addresses are left out, and Windows' words for codes."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            text = repr(eval(expression, {**globals(), **names}))
    except BaseException as error:
        text = f"{type(error).__name__}{error.args!r}"
    text = re.sub(r"instance at (0x)?[0-9a-f]+|0x[0-9A-Fa-f]{4,}", "ADDRESS", text)
    text = re.sub(r"com_error\((-?\d+), '[^']*'", r"com_error(\1, TEXT", text)
    return f"{text} {said.getvalue()}".strip()


def make() -> object:
    return dynamic.Dispatch(PROG)


def multi() -> None:
    pythoncom.CoInitializeEx(pythoncom.COINIT_MULTITHREADED)


single, leave = pythoncom.CoInitialize, pythoncom.CoUninitialize


def on_this_thread(*acts: object) -> list[str]:
    return [played("act()", act=act) for act in acts]


def on_a_thread(*acts: object) -> list[str]:
    results: list[str] = []
    thread = threading.Thread(target=lambda: results.extend(on_this_thread(*acts)))
    thread.start()
    while thread.is_alive():  # an object of this thread is called by messages to it
        pythoncom.PumpWaitingMessages()
        thread.join(0.01)
    return results


def in_another_apartment(enter: object, act: object) -> list[list[str]]:
    """Do something while another thread is in COM."""
    is_in, is_done = threading.Event(), threading.Event()

    def stay() -> None:
        on_this_thread(enter)
        is_in.set()
        is_done.wait()
        pythoncom.CoUninitialize()

    thread = threading.Thread(target=stay)
    thread.start()
    is_in.wait()
    results = on_this_thread(act)
    is_done.set()
    thread.join()
    return results


class Handed:
    """An object that this thread hands to another."""

    def __init__(self) -> None:
        self.stream = pythoncom.CoMarshalInterThreadInterfaceInStream(pythoncom.IID_IDispatch, make())

    def __call__(self) -> object:
        return Dispatch(pythoncom.CoGetInterfaceAndReleaseStream(self.stream, pythoncom.IID_IDispatch)).MajorVersion


def taken_here(target: object) -> object:
    """Take what this thread handed over itself."""
    stream = pythoncom.CoMarshalInterThreadInterfaceInStream(pythoncom.IID_IDispatch, target)
    return pythoncom.CoGetInterfaceAndReleaseStream(stream, pythoncom.IID_IDispatch)


def use() -> object:
    return there.CloseConnection()


there = dynamic.Dispatch(PROG)
taken = Handed()
results = {}
for act in of(BEFORE_THE_LIBRARY):
    results["before: " + act] = played(act)
for act in of(LATE):
    results["late: " + act] = played(act, rp=dynamic.Dispatch(PROG))
module = gencache.EnsureModule(LIBRARY, 0, 1, 0)
for act in of(EARLY):
    results["early: " + act] = played(act, rp=dynamic.Dispatch(PROG), early=gencache.EnsureDispatch(PROG), mod=module)
for act in of(THREADS):
    results["threads: " + act] = played(act)
Path(sys.argv[1]).write_text(json.dumps(results, indent=1))
os._exit(0)  # the main thread has left COM: what is left of the objects is not for a graceful end
