"""What programs do with pywin32, for the real one and the stand-in to be held against each other.

Each act is an expression. `rp` is a fresh late-bound object, `early` a fresh early-bound one, `mod` the module of the type library.
"""

from __future__ import annotations

PROG = "QBXMLRP2.RequestProcessor"
LIBRARY = "{4351618F-9059-4A79-B638-DCB8B97B3262}"

BEFORE_THE_LIBRARY = """
Dispatch("Excel.Application")
Dispatch("nonsense")
Dispatch("")
Dispatch(None)
Dispatch(5)
Dispatch(b"QBXMLRP2.RequestProcessor")
Dispatch("{11111111-2222-3333-4444-555555555555}")
Dispatch("11111111-2222-3333-4444-555555555555")
Dispatch("{not-a-guid}")
Dispatch("{45F5708E-3B43-4FA8-BE7E-A5F1849214CB}")
Dispatch("{45f5708e-3b43-4fa8-be7e-a5f1849214cb}")
Dispatch(pywintypes.IID("QBXMLRP2.RequestProcessor"))
Dispatch(PROG)
Dispatch(PROG, "My name")
Dispatch(dispatch=PROG)
Dispatch(PROG, userName="My name", clsctx=pythoncom.CLSCTX_INPROC_SERVER)
Dispatch(PROG, clsctx=pythoncom.CLSCTX_LOCAL_SERVER)
Dispatch(PROG).AuthPreferences
isinstance(Dispatch(PROG), win32com.client.CDispatch)
win32com.client.DispatchEx(PROG)
win32com.client.DispatchEx(PROG, None, "n")
win32com.client.DispatchEx("{71F531F5-8E67-4A7A-9161-15733FFC3206}")
win32com.client.DispatchEx("Excel.Application")
win32com.client.GetActiveObject(PROG)
win32com.client.GetActiveObject("Excel.Application")
win32com.client.GetObject()
win32com.client.GetObject(Class=PROG)
win32com.client.GetObject("a", "b")
win32com.client.getevents(PROG)
win32com.client.getevents("nonsense")
dynamic.Dispatch(PROG)
dynamic.DumbDispatch(PROG)
dynamic.DumbDispatch(PROG).CloseConnection()
dynamic.DumbDispatch(PROG).MajorVersion
dynamic.DumbDispatch(PROG).OpenConnection("", "x")
dynamic.DumbDispatch(PROG).OpenConnection(appID="", appName="x")
dynamic.DumbDispatch(PROG).OpenConnection("")
dynamic.CDispatch is win32com.client.CDispatch
issubclass(win32com.client.CDispatch, dynamic.CDispatch)
win32com.client.pywintypes is pywintypes
win32com.client.pythoncom is pythoncom
win32com.client.sys is sys
win32com.client.VARIANT(pythoncom.VT_BSTR, "x")
win32com.client.VARIANT(pythoncom.VT_BSTR, "x").value
hasattr(constants, "localQBD")
constants.nonsense
pythoncom.com_error is pywintypes.com_error
pythoncom.ole_error is pywintypes.com_error
pythoncom.error is pywintypes.com_error
pythoncom.com_error.__mro__
pywintypes.error.__mro__
pythoncom.Empty, pythoncom.Missing, pythoncom.ArgNotFound, pythoncom.Nothing
pythoncom.VT_EMPTY, pythoncom.VT_I4, pythoncom.VT_BOOL, pythoncom.VT_BSTR, pythoncom.VT_DISPATCH, pythoncom.VT_ARRAY
pythoncom.VT_I1, pythoncom.VT_UI4, pythoncom.VT_I8, pythoncom.VT_INT, pythoncom.VT_VOID, pythoncom.VT_UNKNOWN, pythoncom.VT_DECIMAL
pythoncom.CLSCTX_ALL, pythoncom.CLSCTX_SERVER, pythoncom.CLSCTX_INPROC, pythoncom.CLSCTX_LOCAL_SERVER, pythoncom.CLSCTX_REMOTE_SERVER
pythoncom.COINIT_MULTITHREADED, pythoncom.COINIT_APARTMENTTHREADED
pythoncom.DISPATCH_METHOD, pythoncom.DISPATCH_PROPERTYGET, pythoncom.DISPATCH_PROPERTYPUT
pythoncom.INVOKE_FUNC, pythoncom.INVOKE_PROPERTYGET, pythoncom.DISPID_VALUE, pythoncom.DISPID_NEWENUM
pythoncom.CoInitialize()
pythoncom.CoInitializeEx(2)
pythoncom.CoInitializeEx(0)
pythoncom.CoInitializeEx()
pythoncom.PumpWaitingMessages()
pythoncom.PumpWaitingMessages(0, 0)
pythoncom.CoFreeUnusedLibraries()
pythoncom._GetInterfaceCount() >= 0
pythoncom._GetGatewayCount()
pythoncom.CreateGuid() != pythoncom.CreateGuid()
len(str(pythoncom.CreateGuid()))
pythoncom.GetActiveObject(PROG)
pythoncom.connect(PROG)
pythoncom.new(PROG)
pythoncom.CoCreateInstance(PROG, None, pythoncom.CLSCTX_INPROC_SERVER, pythoncom.IID_IDispatch)
pythoncom.CoCreateInstance("nonsense", None, 1, pythoncom.IID_IDispatch)
pythoncom.CoCreateInstance("{11111111-2222-3333-4444-555555555555}", None, 1, pythoncom.IID_IDispatch)
str(pythoncom.IID_IDispatch)
pythoncom.IID_IDispatch
pythoncom.IID_IDispatch == "{00020400-0000-0000-C000-000000000046}"
pywintypes.IID(PROG)
pywintypes.IID("nonsense")
str(pywintypes.IID("{00020400-0000-0000-c000-000000000046}"))
pywintypes.IID("{00020400-0000-0000-c000-000000000046}") == pythoncom.IID_IDispatch
pywintypes.IIDType.__name__
pywintypes.Time(0)
pywintypes.TimeType.__name__
pywintypes.TRUE, pywintypes.FALSE
winerror.E_FAIL, winerror.REGDB_E_CLASSNOTREG, winerror.CO_E_CLASSSTRING, winerror.S_OK, winerror.RPC_E_CALL_REJECTED
winerror.HRESULT_CODE(-2147220472), winerror.HRESULT_FACILITY(-2147220472), winerror.HRESULT_SEVERITY(-1)
winerror.SUCCEEDED(0), winerror.FAILED(-1), winerror.HRESULT_FROM_WIN32(1722)
gencache.GetClassForProgID(PROG)
gencache.GetClassForProgID("nonsense")
gencache.GetModuleForProgID("nonsense")
gencache.EnsureModule('{00000000-0000-0000-0000-000000000000}', 0, 1, 0)
gencache.is_readonly
gencache.GetGeneratePath() != ""
gencache.EnsureDispatch("nonsense")
pythoncom.CoGetInterfaceAndReleaseStream(5, pythoncom.IID_IDispatch)
pythoncom.CoMarshalInterThreadInterfaceInStream(pythoncom.IID_IDispatch, dynamic.Dispatch(PROG)._oleobj_)
pythoncom.com_error(1)
pythoncom.com_error(1, "a", None, None).hresult
pythoncom.com_error(1, "a", None, None).strerror
str(pythoncom.com_error(-2147352567, "Exception occurred.", (0, "s", "d", None, 0, -1), None))
pythoncom.com_error(1, "a", None, None) == pythoncom.com_error(1, "a", None, None)
pythoncom.com_error(1, "a", None, None)[0]
pythoncom.com_error().hresult
pywintypes.error(5, "f", "t").winerror
pywintypes.error().winerror
makepy.GenerateFromTypeLibSpec('No Such Library')
"""

LATE = """
rp.OpenConnection2(appID="", appName="x", connPref=1)
rp.OpenConnection2("", appName="x", connPref=1)
rp.OpenConnection2("", "x")
rp.OpenConnection2()
rp.OpenConnection2("", "x", 1, 2)
rp.OpenConnection2("", "x", connPref="1")
rp.OpenConnection2("", "x", "one")
rp.OpenConnection2("", "x", None)
rp.OpenConnection2("", "x", True)
rp.OpenConnection2("", "x", 1.0)
rp.OpenConnection2("", "x", 1.5)
rp.OpenConnection2("", "x", 2**40)
rp.OpenConnection2("", "x", -1)
rp.OpenConnection2("", "x", object())
rp.OpenConnection2("", "x", b"1")
rp.OpenConnection2("", "x", [])
rp.OpenConnection2("", "x", (1,))
rp.OpenConnection2("", "x", "")
rp.OpenConnection2("", "x", " 1 ")
rp.OpenConnection2("", "x", "1.4")
rp.OpenConnection2("", "x", "0x1")
rp.OpenConnection(None, 42)
rp.OpenConnection(None, None)
rp.OpenConnection("", b"bytes")
rp.OpenConnection("", 1.5)
rp.OpenConnection("", True)
rp.OpenConnection("", object())
rp.OpenConnection("", ["a"])
rp.OpenConnection("", {})
rp.OpenConnection("", datetime.date(2020, 1, 1))
rp.OpenConnection("", decimal.Decimal("1.50"))
rp.OpenConnection("", rp)
rp.OpenConnection("", win32com.client.VARIANT(pythoncom.VT_BSTR, "x"))
rp.OpenConnection("", pythoncom.Missing)
rp.OpenConnection("", pythoncom.Empty)
rp.OpenConnection(appid="", appName="x")
rp.OpenConnection("", appID="")
rp.openconnection("", "x")
rp.openconnection("", 1.5)
rp.openconnection("", None)
rp.openconnection("", object())
rp.openconnection("", ["a"])
rp.openconnection("", win32com.client.VARIANT(pythoncom.VT_BSTR, "x"))
rp.openconnection("")
rp.openconnection("", "x", 3)
rp.openconnection(appID="", appName="x")
rp.OPENCONNECTION2("", "x", 1)
rp.OPENCONNECTION2("", "x", "one")
rp.OPENCONNECTION2("", "x", 2**40)
rp.CloseConnection()
rp.CloseConnection(1)
rp.closeconnection()
rp.closeconnection(1)
rp.BeginSession("", 2)
rp.BeginSession(qbFileName="", reqFileMode=2)
rp.BeginSession(qbFileName="", fileMode=2)
rp.BeginSession("", "multi")
rp.BeginSession(object(), 1)
rp.EndSession()
rp.EndSession("")
rp.EndSession(None)
rp.EndSession("a", "b")
rp.EndSession(ticket="a")
rp.endsession()
rp.ProcessRequest("t", "<")
rp.ProcessRequest("t")
rp.processsubscription()
rp.ProcessSubscription(object())
rp.GetCurrentCompanyFileName("x")
rp.GetQBLastError()
rp.QBXMLVersionsForSession("x")
rp.QBXMLVersionsForSession()
rp.QBXMLVersionsForSession
rp.QBXMLVersionsForSubscription
rp.QBXMLVersionsForSubscription()
rp.qbxmlversionsforsubscription
rp.qbxmlversionsforsession("x")
rp.GetQBXMLVersionsForSession("x")
rp.qbxmlversionsforsession
rp.MajorVersion
rp.MajorVersion()
rp.majorversion
rp.MajorVersion, rp.MinorVersion, rp.ReleaseNumber, rp.ReleaseLevel
rp.ConnectionType
rp.Nonsense
rp.Nonsense()
hasattr(rp, "Nonsense")
rp.GetMajorVersion
setattr(rp, "MajorVersion", 3)
setattr(rp, "Nonsense", 3)
setattr(rp, "CloseConnection", 3)
setattr(rp, "_mine", 3)
rp.AuthPreferences
rp.AuthPreferences()
rp.authpreferences
rp.AuthPreferences.PutIsReadOnly(True)
rp.AuthPreferences.PutIsReadOnly(isReadOnly=True)
rp.AuthPreferences.PutIsReadOnly("yes")
rp.AuthPreferences.PutIsReadOnly(None)
rp.AuthPreferences.PutIsReadOnly(2)
rp.AuthPreferences.PutIsReadOnly()
rp.AuthPreferences.putisreadonly(True)
rp.AuthPreferences.GetIsReadOnly("x")
rp.AuthPreferences.GetIsReadOnly()
rp.AuthPreferences.WasAuthPreferencesObeyed("x")
rp.AuthPreferences.PutAuthFlags(8)
rp.AuthPreferences.PutAuthFlags(0x80000008)
rp.AuthPreferences.PutAuthFlags(-2147483640)
rp.AuthPreferences.PutUnattendedModePref(unattendedModePref=1)
rp.AuthPreferences.PutPersonalDataPref(personalDataPref=3)
rp.AuthPreferences.Nonsense()
rp.AuthPreferences == rp.AuthPreferences
rp == rp
rp == dynamic.Dispatch(PROG)
rp != rp
rp is Dispatch(rp)
Dispatch(rp) == rp
Dispatch(rp)
hash(rp)
{rp: 1}
bool(rp)
repr(rp)
len(rp)
int(rp)
list(rp)
rp[0]
rp["a"]
rp()
rp.__iter__
callable(rp.BeginSession)
type(rp.BeginSession).__name__
rp.BeginSession.__name__
rp._oleobj_
rp._username_
rp._FlagAsMethod("CloseConnection")
rp._FlagAsMethod("Nonsense")
(rp._FlagAsMethod("CloseConnection"), rp.CloseConnection())
rp._oleobj_.GetIDsOfNames("BeginSession")
rp._oleobj_.GetIDsOfNames(0, "BeginSession")
rp._oleobj_.GetIDsOfNames("BeginSession", "reqFileMode", "QBFILENAME")
rp._oleobj_.GetIDsOfNames("nonsense")
rp._oleobj_.Invoke(3, 0, 1, 1)
rp._oleobj_.Invoke(3, 0, 2, 1)
rp._oleobj_.Invoke(999, 0, 1, 1)
rp._oleobj_.GetTypeInfoCount()
rp._oleobj_.QueryInterface(pythoncom.IID_IDispatch) == rp._oleobj_
rp._oleobj_.QueryInterface(pywintypes.IID("{11111111-2222-3333-4444-555555555555}"))
copy.copy(rp)
pickle.dumps(rp)
isinstance(rp, dynamic.CDispatch)
type(rp).__module__ + "." + type(rp).__name__
"""

EARLY = """
early
type(early).__name__
type(early).__mro__[1].__name__
type(early).CLSID
type(early).coclass_clsid
isinstance(early, win32com.client.CDispatch)
isinstance(early, win32com.client.DispatchBaseClass)
isinstance(Dispatch(PROG), win32com.client.DispatchBaseClass)
isinstance(win32com.client.DispatchEx(PROG), win32com.client.DispatchBaseClass)
isinstance(dynamic.Dispatch(PROG), win32com.client.DispatchBaseClass)
isinstance(Dispatch(rp), win32com.client.DispatchBaseClass)
Dispatch(early) is early
Dispatch(early) == early
gencache.EnsureDispatch(early) is early
gencache.EnsureDispatch(rp) == rp
early == rp
early.MajorVersion
early.majorversion
early.MajorVersion()
early.Nonsense
early.OpenConnection2(appID='', appName='Early', connPref=constants.localQBD)
early.OpenConnection2('', appName='Early')
early.OpenConnection2('', 'x', 1, 2)
early.OpenConnection('', appID='')
early.OpenConnection('', '', '')
early.CloseConnection(when=1)
early.CloseConnection(1)
early.CloseConnection()
early.closeconnection()
early.BeginSession('', 'multi')
early.BeginSession(qbFileName='', reqFileMode=2)
early.BeginSession()
early.EndSession()
early.EndSession('x')
early.EndSession(5)
early.AuthPreferences
early.AuthPreferences()
early.AuthPreferences.PutIsReadOnly(isReadOnly=True)
early.AuthPreferences.GetIsReadOnly("x")
early.AuthPreferences.PutAuthFlags(8)
hasattr(early.AuthPreferences, 'putisreadonly')
win32com.client.CastTo(early.AuthPreferences, 'IAuthPreferences2').PutAuthFlags(8)
early.QBXMLVersionsForSession("x")
early.QBXMLVersionsForSession
early.QBXMLVersionsForSubscription
early.GetQBLastError()
early.ConnectionType, early.ReleaseLevel
setattr(early, 'MajorVersion', 3)
setattr(early, 'Nonsense', 3)
sorted(n for n in dir(early) if n[0] != "_")
hash(early)
{early: 1}
bool(early)
len(early)
iter(early)
early()
early[0]
type(early.BeginSession).__name__
early.BeginSession.__name__
early.BeginSession.__doc__
win32com.client.CastTo(early, 'IRequestProcessor3')
hasattr(win32com.client.CastTo(early, 'IRequestProcessor3'), 'OpenConnection2')
win32com.client.CastTo(early, 'IRequestProcessor4') == early
win32com.client.CastTo(early, 'INonsense')
win32com.client.CastTo(early, 'RequestProcessor3')
win32com.client.CastTo(rp, "INonsense")
win32com.client.DispatchWithEvents(PROG, object)
win32com.client.WithEvents(rp, object)
gencache.GetClassForProgID(PROG).__name__
gencache.GetClassForProgID("nonsense")
mod.constants.remoteQBD
mod.RequestProcessor3()
mod.RequestProcessor3().MinorVersion
mod.RequestProcessor()
mod.IRequestProcessor5(early._oleobj_).MajorVersion
mod.IRequestProcessor5(early).MajorVersion
mod.IRequestProcessor5
mod.IRequestProcessor2
mod.IAuthPreferences
mod.__name__
mod.CLSID
mod.MajorVersion, mod.MinorVersion, mod.LCID
constants.localQBD, constants.qbFileOpenDoNotCare, constants.umpRequired, constants.pdpNotNeeded
constants.nonsense
win32com.client.getevents(PROG)
makepy.GenerateFromTypeLibSpec('QBXMLRP2 1.0 Type Library')
Dispatch("QBXMLRP.RequestProcessor")
Dispatch("QBXMLRP2.RequestProcessor.1")
gencache.EnsureDispatch("QBXMLRP.RequestProcessor")
gencache.EnsureModule(LIBRARY, 0, 1, 0) is mod
gencache.GetModuleForProgID(PROG).__name__
gencache.GetModuleForCLSID('{71F531F5-8E67-4A7A-9161-15733FFC3206}').__name__
gencache.GetClassForCLSID('{71F531F5-8E67-4A7A-9161-15733FFC3206}').__name__
Dispatch(taken_here(rp))
"""

THREADS = """
on_a_thread(single, multi, single, leave, make, leave, make, leave)
on_a_thread(multi, make, single, leave, make)
on_a_thread(single, leave, multi, make)
on_a_thread(make)
on_a_thread(single, taken, taken)
on_a_thread(use, single, use, leave, use)
in_another_apartment(multi, lambda: on_a_thread(use))
on_this_thread(use, leave, use, single, use)
in_another_apartment(multi, lambda: on_a_thread(make))
in_another_apartment(single, lambda: on_a_thread(make))
on_this_thread(multi, pythoncom.CoInitialize, make, leave, make, single, make)
"""


def of(section: str) -> list[str]:
    """Return the acts of a section."""
    return section.strip().splitlines()
