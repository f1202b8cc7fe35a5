"""The stand-in of pywin32, seen by a program in its own Python."""

import ast
import datetime
import decimal
import json
import subprocess
import sys

import pytest
from running import pythons

from emulator.com.exec import STANDIN, environment
from emulator.com.interface import CLASS_IDS, CONSTANTS, PROGIDS, description

from .programs import python, running_quickbooks
from .wine.scripted import answer, in_turn, scripted


@pytest.fixture(scope="module")
def url():
    with running_quickbooks() as running:
        yield running.url


SHOW = """
    import pythoncom, pywintypes, win32com.client
    from win32com.client import Dispatch, constants
    def show(act):
        try:
            print(repr(act()))
        except pywintypes.com_error as error:
            print(error.args)
        except Exception as error:
            print(type(error).__name__, error)
    rp = Dispatch("QBXMLRP2.RequestProcessor")
"""


def shown(code, url):
    return python(SHOW + code, url).splitlines()


@pytest.mark.parametrize(
    ("progid", "has"),
    [
        ("QBXMLRP2.RequestProcessor", [True] * 5),
        ("qbxmlrp2.requestprocessor.2", [True] * 5),
        ("QBXMLRP2.RequestProcessor.1", [True, True, True, True, False]),
        ("{45F5708E-3B43-4FA8-BE7E-A5F1849214CB}", [True, True, True, True, False]),
        ("QBXMLRP.RequestProcessor", [True, False, False, False, False]),
        ("QBXMLRP.RequestProcessor.1", [True, False, False, False, False]),
    ],
)
def test_an_older_class_has_an_older_interface(url, progid, has):
    names = ["OpenConnection", "ProcessSubscription", "OpenConnection2", "AuthPreferences", "GetQBLastError"]
    asked = f"""
    print([hasattr(Dispatch({progid!r}), name) for name in {names}])
    """
    assert shown(asked, url) == [str(has)]


def test_an_object_is_dropped_though_its_connection_is_closed():
    greeting = answer(json.dumps({"client": "client-1", "body_bytes_max": 1000, **description()}).encode())
    with scripted({"hello": greeting, "release": in_turn([None, answer(kind="none")])}) as wire:
        shown("    del rp", wire.url)
    assert [call.partition("?")[0] for call in wire.calls][2:] == ["/com/release"] * 2


def test_a_failure_names_the_class_of_the_object(url):
    sources = {name: each.progid for name, each in {**PROGIDS, **CLASS_IDS}.items()}
    asked = f"""
    for name in {list(sources)}:
        try:
            Dispatch(name).EndSession("")
        except pywintypes.com_error as error:
            print(error.excepinfo[1])
    """
    assert shown(asked, url) == list(sources.values())


def test_a_failure_of_quickbooks_has_pywin32s_layout(url):
    lines = shown(
        """
    try:
        rp.BeginSession("", 2)
    except Exception as error:
        print(type(error) is pywintypes.com_error is pythoncom.com_error)
        print(error.hresult, error.strerror, error.argerror, error.excepinfo == error.args[2], len(error.args))
        print(error.excepinfo)
        print("-2147220465" in str(error), error.args[2][2])
    """,
        url,
    )
    description = 'There is no connection: the "OpenConnection" method has not been called.'
    assert lines == [
        "True",
        "-2147352567 Exception occurred. None True 4",
        f"(0, 'QBXMLRP2.RequestProcessor.2', '{description}', None, 0, -2147220465)",
        f"True {description}",
    ]


@pytest.mark.parametrize(
    ("act", "shows"),
    [
        ("Dispatch('Excel.Application')", "(-2147221005, 'Invalid class string', None, None)"),
        ("Dispatch('qbxmlrp2.requestprocessor.1')", "<COMObject qbxmlrp2.requestprocessor.1>"),
        (
            "win32com.client.DispatchEx('{71F531F5-8E67-4A7A-9161-15733FFC3206}')",
            "<COMObject {71F531F5-8E67-4A7A-9161-15733FFC3206}>",
        ),
        (
            "win32com.client.DispatchWithEvents('QBXMLRP2.RequestProcessor', object)",
            "ValueError This COM object does not support events.",
        ),
        ("win32com.client.GetActiveObject('QBXMLRP2.RequestProcessor')", "(-2147221021, 'Operation unavailable', None, None)"),
        ("isinstance(rp, win32com.client.CDispatch)", "True"),
        ("(Dispatch(rp) == rp, Dispatch(rp) is rp)", "(True, False)"),
        ("rp.OpenConnection2(appID='', appName='x', connPref=1)", "None"),
        ("rp.BeginSession(qbFileName='', fileMode=2)", "TypeError BeginSession() got an unexpected keyword argument 'fileMode'"),
        ("rp.openconnection2(appID='')", "TypeError openconnection2() got an unexpected keyword argument 'appID'"),
        ("rp.OpenConnection('')", "(-2147352562, 'Invalid number of parameters.', None, None)"),
        ("rp.OpenConnection('', pythoncom.Empty)", "(-2147352561, 'Parameter not optional.', None, None)"),
        ("rp.openconnection('', None)", "(-2147352571, 'Type mismatch.', None, 2)"),
        ("rp.openconnection('', object())", "TypeError Objects of type 'object' can not be converted to a COM VARIANT"),
        ("rp.openconnection2('', 'x', 2**40)", "(-2147352566, 'Out of present range.', None, None)"),
        ("rp.qbxmlversionsforsession('x')", "(-2147352573, 'Member not found.', None, None)"),
        ("rp._oleobj_.GetIDsOfNames('BeginSession', 'reqFileMode', 'QBFILENAME')", "(4, 1, 0)"),
        ("rp._oleobj_.GetIDsOfNames('nonsense')", "(-2147352570, 'Unknown name.', None, None)"),
        ("rp()", "(-2147352573, 'Member not found.', None, None)"),
        ("list(rp)", "TypeError This object does not support enumeration"),
        ("Dispatch('{11111111-2222-3333-4444-555555555555}')", "(-2147221164, 'Class not registered', None, None)"),
        (
            "Dispatch('QBXMLRP2.RequestProcessor', clsctx=pythoncom.CLSCTX_LOCAL_SERVER)",
            "(-2147221164, 'Class not registered', None, None)",
        ),
        (
            "win32com.client.DispatchEx('QBXMLRP2.RequestProcessor', 'OTHER')",
            "(-2147023174, 'The RPC server is unavailable.', None, None)",
        ),
        ("Dispatch(None)", "AttributeError 'NoneType' object has no attribute 'GetTypeInfo'"),
        ("pythoncom.ole_error is win32com.client.pywintypes.com_error", "True"),
        ("win32com.client.dynamic.DumbDispatch(rp).OpenConnection('', 'x')", "None"),
        ("pywintypes.IID('QBXMLRP2.RequestProcessor')", "IID('{71F531F5-8E67-4A7A-9161-15733FFC3206}')"),
        ("win32com.client.GetObject('C:\\\\x.qbw')", "(-2147221020, 'Invalid syntax', None, None)"),
        ("__import__('winerror').RPC_E_CALL_REJECTED", "-2147418111"),
        (
            "pythoncom.CreateTypeLib2",
            "AttributeError module 'pythoncom' has no attribute 'CreateTypeLib2' (this is the stand-in of FakeBooks, which has what programs "
            "that talk to QuickBooks use; with `fakebooks exec --wine` a Windows Python runs with the real pywin32)",
        ),
        ("rp.majorversion", "16"),
        ("rp.MAJORVERSION + rp.MinorVersion + rp.ConnectionType", "16"),
        ("rp.processsubscription()", "(-2147352562, 'Invalid number of parameters.', None, None)"),
        ("rp.Nonsense", "AttributeError QBXMLRP2.RequestProcessor.Nonsense"),
        ("rp.AuthPreferences.Nonsense()", "AttributeError <unknown>.Nonsense"),
        ("rp.AuthPreferences.PutIsReadOnly(True)", "None"),
        ("setattr(rp, 'MajorVersion', 3)", "AttributeError Property 'QBXMLRP2.RequestProcessor.MajorVersion' can not be set."),
        ("rp.EndSession()", "(-2147352562, 'Invalid number of parameters.', None, None)"),
        ("rp.BeginSession('', 'multi')", "ValueError invalid literal for int() with base 10: 'multi'"),
        ("rp.beginsession('', 'multi')", "(-2147352571, 'Type mismatch.', None, 2)"),
        ("rp.BeginSession(b'', 1)", "TypeError Objects of type 'bytes' can not be converted to Unicode."),
        ("pythoncom.PumpWaitingMessages()", "0"),
        ("hasattr(constants, 'localQBD')", "False"),
        (
            "win32com.client.gencache.EnsureModule('{00000000-0000-0000-0000-000000000000}', 0, 1, 0)",
            "(-2147319779, 'Library not registered.', None, None)",
        ),
    ],
)
def test_what_a_program_sees(url, act, shows):
    assert shown(f"    show(lambda: {act})", url) == [shows]


EARLY = """
    early = win32com.client.gencache.EnsureDispatch("QBXMLRP2.RequestProcessor")
"""


@pytest.mark.parametrize(
    ("act", "shows"),
    [
        ("repr(early).split(' instance')[0]", "'<win32com.gen_py.QBXMLRP2 1.0 Type Library.IRequestProcessor5'"),
        ("isinstance(early, win32com.client.CDispatch)", "False"),
        ("isinstance(Dispatch('QBXMLRP2.RequestProcessor'), win32com.client.DispatchBaseClass)", "True"),
        ("isinstance(rp, win32com.client.CDispatch)", "True"),
        ("early.MajorVersion", "16"),
        ("hasattr(early, 'majorversion')", "False"),
        ("early.OpenConnection2(appID='', appName='Early', connPref=constants.localQBD)", "None"),
        ("early.OpenConnection2('', appName='Early')", "(-2147352561, 'Parameter not optional.', None, None)"),
        (
            "early.OpenConnection('', appID='')",
            "TypeError IRequestProcessor5.OpenConnection() got multiple values for argument 'appID'",
        ),
        (
            "early.OpenConnection('', '', '')",
            "TypeError IRequestProcessor5.OpenConnection() takes from 1 to 3 positional arguments but 4 were given",
        ),
        (
            "early.CloseConnection(when=1)",
            "TypeError IRequestProcessor5.CloseConnection() got an unexpected keyword argument 'when'",
        ),
        ("early.BeginSession('', 'multi')", "ValueError invalid literal for int() with base 10: 'multi'"),
        ("hasattr(early.AuthPreferences, 'PutAuthFlags')", "False"),
        ("win32com.client.CastTo(early.AuthPreferences, 'IAuthPreferences2').PutAuthFlags(8)", "None"),
        ("early.AuthPreferences.PutIsReadOnly(isReadOnly=True)", "None"),
        ("hasattr(early.AuthPreferences, 'putisreadonly')", "False"),
        ("hasattr(early, 'nonsense') or hasattr(early, 'AuthPreferences.PutIsReadOnly')", "False"),
        ("hasattr(win32com.client.CastTo(early, 'IRequestProcessor3'), 'OpenConnection2')", "False"),
        ("win32com.client.CastTo(early, 'IRequestProcessor4') == early", "True"),
        (
            "win32com.client.gencache.GetClassForProgID('QBXMLRP2.RequestProcessor').default_interface is type(early)",
            "True",
        ),
        ("win32com.client.gencache.EnsureModule('{4351618F-9059-4A79-B638-DCB8B97B3262}', 0, 1, 0).constants.remoteQBD", "2"),
        (
            "win32com.client.gencache.EnsureModule('{4351618F-9059-4A79-B638-DCB8B97B3262}', 0, 1, 0).RequestProcessor2().MinorVersion",
            "0",
        ),
    ],
)
def test_what_an_early_bound_program_sees(url, act, shows):
    assert shown(EARLY + f"    show(lambda: {act})", url) == [shows]


def test_values_are_changed_as_pywin32_does_it(url):
    """It knows the types and uses Python's own int() and str(): None is a company file that is named "None"."""
    lines = shown(
        """
    show(lambda: rp.OpenConnection(None, 42))
    try:
        rp.BeginSession(None, "2")
    except pywintypes.com_error as error:
        print(error.excepinfo[5])
    ticket = rp.BeginSession("", " 2 ")
    print(len(ticket), type(rp.QBXMLVersionsForSession(ticket)).__name__)
    """,
        url,
    )
    assert lines == ["None", "-2147220470", "32 tuple"]


@pytest.mark.parametrize(
    ("kind", "value", "sent"),
    [
        ("text", "x", "x"),
        ("text", True, "-1"),
        ("text", 42, "42"),
        ("text", 1.5, "1.5"),
        ("text", 2.0, "2"),
        ("text", 1e30, "1E+30"),
        ("text", decimal.Decimal("1.50"), "1.5"),
        ("text", decimal.Decimal(100), "100"),
        ("text", decimal.Decimal("1E+3"), "1000"),
        ("text", decimal.Decimal(0), "0"),
        ("text", datetime.datetime(2020, 1, 2, 15, 4, 5, tzinfo=datetime.UTC), "1/2/2020 3:04:05 PM"),
        ("text", datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC), "1/2/2020"),
        ("text", ["a"], "Mismatch"),
        ("text", None, "Mismatch"),
        ("integer", "1.4", "1"),
        ("integer", 2.5, "2"),
        ("integer", True, "-1"),
        ("integer", "two", "Mismatch"),
        ("integer", "1_000", "Mismatch"),
        ("integer", decimal.Decimal("NaN"), "Overflow"),
        ("integer", 2**31, "Overflow"),
        ("integer", float("nan"), "Overflow"),
        ("integer", None, "Mismatch"),
        ("boolean", "true", "1"),
        ("boolean", 0.2, "0"),
        ("boolean", 7, "1"),
    ],
)
def test_a_value_of_no_known_type_is_changed_as_com_does_it(kind, value, sent):
    sys.path.insert(0, str(STANDIN))
    try:
        import _fakebooks_variants as variants
    finally:
        sys.path.remove(str(STANDIN))
    try:
        text = variants.changed(kind, variants.untyped(value))
    except (variants.Mismatch, variants.Overflow) as refused:
        text = type(refused).__name__
    assert text == sent


def test_a_program_subscribes_to_events(url):
    document = (
        '<?xml version="1.0"?><?qbxml version="13.0"?><QBXML><QBXMLSubscriptionMsgsRq><SubscriptionDelRq><SubscriberID>'
        "{8327C7FC-7F05-41ED-A5B4-B6618BB27BF1}</SubscriberID><SubscriptionType>Data</SubscriptionType></SubscriptionDelRq>"
        "</QBXMLSubscriptionMsgsRq></QBXML>"
    )
    lines = shown(
        f"""
    try:
        rp.ProcessSubscription({document!r})
    except pywintypes.com_error as error:
        print(error.excepinfo[5])
    rp.OpenConnection("", "Watcher")
    print(type(rp.QBXMLVersionsForSubscription).__name__, rp.qbxmlversionsforsubscription[0])
    print("QBXMLSubscriptionMsgsRs" in rp.ProcessSubscription({document!r}))
    """,
        url,
    )
    assert lines == ["-2147220465", "tuple 3.0", "True"]


def test_a_document_that_is_too_large_is_refused_before_it_is_sent(url):
    assert shown(
        """
    rp.OpenConnection("", "Large")
    ticket = rp.BeginSession("", 2)
    for size in (33, 100):
        try:
            rp.ProcessRequest(ticket, "x" * (size * 1024 * 1024))
        except Exception as error:
            print(error.excepinfo[5])
    """,
        url,
    ) == ["-2147220480", "-2147220466"]


def test_constants_are_there_once_the_type_library_is_loaded(url):
    lines = shown(
        """
    from win32com.client.makepy import GenerateFromTypeLibSpec
    show(lambda: GenerateFromTypeLibSpec('No Such Library'))
    GenerateFromTypeLibSpec('QBXMLRP2 1.0 Type Library')
    print(constants.localQBD, constants.qbFileOpenDoNotCare, constants.__dicts__[0] == dict(constants.__dicts__[0]))
    print(len(constants.__dicts__[0]))
    """,
        url,
    )
    assert lines[:2] == ["Could not locate a type library matching 'No Such Library'", "None"]
    assert lines[2:] == ["1 2 True", str(len(CONSTANTS))]


def test_a_thread_enters_com_first(url):
    lines = shown(
        """
    import threading
    def work():
        show(lambda: Dispatch("QBXMLRP2.RequestProcessor"))
        pythoncom.CoInitialize()
        show(lambda: Dispatch("QBXMLRP2.RequestProcessor"))
        pythoncom.CoUninitialize()
        pythoncom.CoUninitialize()
        show(lambda: rp.CloseConnection())
        show(lambda: rp.MajorVersion)
        show(lambda: early.MajorVersion)
        show(lambda: early.CloseConnection())
        pythoncom.CoInitializeEx(pythoncom.COINIT_MULTITHREADED)
        show(lambda: rp.CloseConnection())
        show(lambda: early.MajorVersion)
    early = win32com.client.gencache.EnsureDispatch(rp)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    """,
        url,
    )
    refused = "(-2147221008, 'CoInitialize has not been called.', None, None)"
    made = "<win32com.gen_py.QBXMLRP2 1.0 Type Library.IRequestProcessor5 instance at 0x"
    assert [line[: len(made)] if line.startswith(made) else line for line in lines] == [
        refused,
        made,
        *[refused] * 4,
        "None",
        "16",
    ]


def test_a_forked_child_has_no_objects_of_its_parents(url):
    """On Windows there is no fork; two processes on one connection would read each other's answers."""
    lines = shown(
        """
    import os
    rp.OpenConnection("", "parent")
    child = os.fork()
    if not child:
        show(lambda: rp.MajorVersion)
        show(lambda: Dispatch("QBXMLRP2.RequestProcessor").MajorVersion)
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
    show(lambda: rp.MajorVersion)
    """,
        url,
    )
    assert lines == ["(-2147417848, 'The object invoked has disconnected from its clients.', None, None)", "16", "16"]


def test_an_older_class_is_bound_early_to_its_own_interface(url):
    """The old QBXMLRP has a type library of its own: that of QBXMLRP2 says nothing of it."""
    lines = shown(
        """
    win32com.client.gencache.EnsureDispatch("QBXMLRP2.RequestProcessor")
    show(lambda: repr(Dispatch("QBXMLRP.RequestProcessor")))
    show(lambda: repr(Dispatch("QBXMLRP2.RequestProcessor.1")).rpartition(".")[2].partition(" ")[0])
    show(lambda: repr(win32com.client.gencache.EnsureDispatch("QBXMLRP.RequestProcessor")).partition(" instance")[0])
    """,
        url,
    )
    assert lines == [
        "'<COMObject QBXMLRP.RequestProcessor>'",
        "'IRequestProcessor4'",
        "'<win32com.gen_py.QBXMLRP 1.1 Type Library.IRequestProcessor2'",
    ]


THREADS = """
    import threading
    def on_a_thread(*acts):
        def work():
            for act in acts:
                show(act)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    def make():
        return win32com.client.dynamic.Dispatch("QBXMLRP2.RequestProcessor")
    multi = lambda: pythoncom.CoInitializeEx(pythoncom.COINIT_MULTITHREADED)
    single, leave = pythoncom.CoInitialize, pythoncom.CoUninitialize
"""
CHANGED = "(-2147417850, 'Cannot change thread mode after it is set.', None, None)"
NOT_IN = "(-2147221008, 'CoInitialize has not been called.', None, None)"
MADE = "<COMObject QBXMLRP2.RequestProcessor>"


@pytest.mark.parametrize(
    ("acts", "shows"),
    [
        (
            "on_a_thread(single, multi, single, leave, make, leave, make, leave)",
            f"None|{CHANGED}|None|None|{MADE}|None|{NOT_IN}|None",
        ),
        # CoInitialize on a multi-threaded thread says nothing, and is no entry.
        ("on_a_thread(multi, single, leave, make)", f"None|None|None|{NOT_IN}"),
        # The thread that was in first: more entries count for nothing, one end is the end.
        ("on_this(multi, single, leave, make, single, make)", f"None|None|None|{NOT_IN}|None|{MADE}"),
        # A thread that never entered is in the multi-threaded apartment as soon as there is one, and while it lasts.
        ("on_a_thread(make)\n    on_a_thread(multi)\n    on_a_thread(make)", f"{NOT_IN}|None|{NOT_IN}"),
        (
            "gone, there = threading.Event(), threading.Event()\n"
            "    threading.Thread(target=lambda: (multi(), there.set(), gone.wait())).start()\n"
            "    there.wait()\n    on_a_thread(make)\n    gone.set()",
            MADE,
        ),
    ],
)
def test_a_thread_is_in_com_as_with_pywin32(url, acts, shows):
    """Observed with pywin32 312 (tests/com/wine/test_pywin32.py plays the same there)."""
    lines = shown(THREADS + "    def on_this(*acts):\n        for act in acts:\n            show(act)\n    " + acts, url)
    assert lines == shows.split("|")


def test_an_object_is_made_by_its_class_and_gets_its_names(url):
    lines = shown(
        """
    bare = pythoncom.CoCreateInstance("QBXMLRP2.RequestProcessor", None, pythoncom.CLSCTX_INPROC_SERVER, pythoncom.IID_IDispatch)
    show(lambda: Dispatch(bare).MajorVersion)
    show(lambda: pythoncom.CoCreateInstance("QBXMLRP2.RequestProcessor", bare, 1, pythoncom.IID_IDispatch))
    """,
        url,
    )
    assert lines == ["16", "(-2147221232, 'Class does not support aggregation (or class object is remote)', None, None)"]


@pytest.fixture
def hung():
    """A QuickBooks with a modal dialog at which BeginSession waits for ever."""
    with running_quickbooks() as running:
        running.on_loop(lambda: running.quickbooks.show_dialog("Backup", hangs=True))
        yield running


def test_a_program_ends_though_a_call_of_it_hangs(hung):
    """A program that keeps its own deadline: the call is on a thread that it does not wait for."""
    lines = shown(
        """
    import threading
    def work():
        pythoncom.CoInitialize()
        mine = Dispatch("QBXMLRP2.RequestProcessor")
        mine.OpenConnection("", "Hung")
        began.set()
        mine.BeginSession("", 2)
    began = threading.Event()
    threading.Thread(target=work, daemon=True).start()
    began.wait()
    threading.Event().wait(0.3)
    print("over")
    """,
        hung.url,
    )
    assert lines == ["over"]


def test_a_call_that_was_interrupted_leaves_an_object_that_works(hung):
    lines = shown(
        """
    import os, signal, threading
    rp.OpenConnection("", "Interrupted")
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        rp.BeginSession("", 2)
    except KeyboardInterrupt:
        print("interrupted", rp.MajorVersion)
    """,
        hung.url,
    )
    assert lines == ["interrupted 16"]


def test_arguments_that_are_too_long_are_said_to_be_and_the_next_call_works(url):
    lines = shown(
        """
    rp.OpenConnection("", "Long")
    for _ in range(20):
        try:
            rp.BeginSession("x" * 100_000, 2)
        except pywintypes.com_error as error:
            told = error.strerror
        rp.GetQBLastError()
    print(told)
    """,
        url,
    )
    assert lines == [
        "The remote procedure call failed. (FakeBooks: the arguments of a call, but for a document, are too long; "
        "together they may have some 60,000 bytes)"
    ]


def test_without_quickbooks_the_program_is_told_what_to_do():
    for address in ("", "nonsense", "http://127.0.0.1"):
        text = python(
            """
            import win32com.client
            try:
                win32com.client.Dispatch("QBXMLRP2.RequestProcessor")
            except Exception as error:
                print(error)
            """,
            address,
        )
        assert "fakebooks exec" in text
        assert "-2147221005" in text


@pytest.mark.parametrize(
    "act",
    [
        "gencache.EnsureModule('{4351618F-9059-4A79-B638-DCB8B97B3262}', 0, 1, 0)",
        "gencache.EnsureDispatch('QBXMLRP2.RequestProcessor')",
        "makepy.GenerateFromTypeLibSpec('QBXMLRP2 1.0 Type Library')",
        "win32com.client.DispatchEx('QBXMLRP2.RequestProcessor')",
    ],
)
@pytest.mark.parametrize("address", ["", "http://127.0.0.1:1"])
def test_without_quickbooks_every_way_in_gives_a_com_error(act, address):
    text = python(
        f"""
        import pywintypes, win32com.client
        from win32com.client import gencache, makepy
        try:
            {act}
        except pywintypes.com_error as error:
            print(error.hresult)
        """,
        address,
    )
    assert text.strip() == ("-2147221005" if not address else "-2147023174")


def test_threads_that_come_one_after_the_other_each_enter_com(url):
    """A system gives the number of a thread that has ended to the next one; the first of these imported pythoncom."""
    text = python(
        """
        import threading
        def work():
            import pythoncom, win32com.client
            pythoncom.CoInitialize()
            print(win32com.client.Dispatch("QBXMLRP2.RequestProcessor").MajorVersion)
        for _ in range(4):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join()
        """,
        url,
    )
    assert text.split() == ["16"] * 4


def test_a_wire_that_is_gone_is_a_dead_rpc_server():
    with running_quickbooks() as running:
        gone = running.url
    text = python(
        """
        import win32com.client
        try:
            win32com.client.Dispatch("QBXMLRP2.RequestProcessor")
        except Exception as error:
            print(error.hresult, error.excepinfo)
        """,
        gone,
    )
    assert text.split() == ["-2147023174", "None"]


@pytest.mark.parametrize("module", sorted(STANDIN.rglob("*.py")), ids=lambda path: path.stem)
def test_the_standin_is_plain_python_3_8_with_the_standard_library(module):
    tree = ast.parse(module.read_text(), feature_version=(3, 8))
    imported = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    ours = {path.stem for path in STANDIN.iterdir()}
    assert imported <= ours | set(sys.stdlib_module_names)


PYTHONS = pythons()


@pytest.mark.slow
@pytest.mark.parametrize("version", PYTHONS)
def test_it_runs_in_every_python_that_is_here(url, version):
    """Everything above is Python that 3.8 reads; here each one runs it."""
    code = """
import sys, pythoncom, pywintypes, win32com.client
from win32com.client import constants, gencache, makepy
makepy.GenerateFromTypeLibSpec("QBXMLRP2 1.0 Type Library")
for rp in (win32com.client.dynamic.Dispatch("QBXMLRP2.RequestProcessor"), gencache.EnsureDispatch("QBXMLRP2.RequestProcessor")):
    rp.OpenConnection2("", "Old", constants.localQBD)
    ticket = rp.BeginSession("", constants.qbFileOpenDoNotCare)
    try:
        rp.ProcessRequest(ticket, "<")
    except pywintypes.com_error as error:
        print(sys.version_info[:2], error.hresult, error.excepinfo[5])
    rp.EndSession(ticket)
    rp.CloseConnection()
"""
    done = subprocess.run(
        [PYTHONS[version], "-W", "error", "-c", code], env=environment(url, {}), capture_output=True, text=True, timeout=60
    )
    assert done.stdout.splitlines() == [f"({version.replace('.', ', ')}) -2147352567 -2147220480"] * 2, done.stderr


def test_importing_it_needs_nothing_of_the_emulator(tmp_path):
    code = f"import sys; sys.path.insert(0, {str(STANDIN)!r}); import win32com.client; print('emulator' in sys.modules)"
    program = [sys.executable, "-I", "-c", code]
    assert subprocess.run(program, capture_output=True, text=True, check=True, cwd=tmp_path).stdout.strip() == "False"
