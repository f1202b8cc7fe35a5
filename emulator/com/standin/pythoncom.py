"""Stand-in of pywin32's `pythoncom`: entering COM, making objects, and calling them by the numbers of their members."""

from __future__ import annotations

import contextlib
import os
import sys
import weakref
from collections.abc import Callable
from typing import Any, ClassVar

import _fakebooks_apartments as _apartments  # type: ignore[import-not-found]
import _fakebooks_com as _wire  # type: ignore[import-not-found]
import _fakebooks_variants as _variants  # type: ignore[import-not-found]
import winerror  # type: ignore[import-untyped]
from _fakebooks_variants import ArgNotFound, Empty, Missing, Nothing
from pywintypes import IID, com_error
from pywintypes import CreateGuid as CreateGuid  # pythoncom has it too

__all__ = ["ArgNotFound", "Empty", "Missing", "Nothing", "com_error", "error", "ole_error"]

error = com_error
ole_error = com_error

# ---- numbers of Windows' headers ---------------------------------------------------------------------------------------------------

COINIT_MULTITHREADED, COINIT_APARTMENTTHREADED, COINIT_DISABLE_OLE1DDE, COINIT_SPEED_OVER_MEMORY = 0, 2, 4, 8

CLSCTX_INPROC_SERVER, CLSCTX_INPROC_HANDLER, CLSCTX_LOCAL_SERVER, CLSCTX_REMOTE_SERVER = 1, 2, 4, 16
CLSCTX_INPROC = CLSCTX_INPROC_SERVER | CLSCTX_INPROC_HANDLER
CLSCTX_SERVER = CLSCTX_INPROC_SERVER | CLSCTX_LOCAL_SERVER | CLSCTX_REMOTE_SERVER
CLSCTX_ALL = CLSCTX_SERVER | CLSCTX_INPROC_HANDLER

DISPATCH_METHOD, DISPATCH_PROPERTYGET, DISPATCH_PROPERTYPUT, DISPATCH_PROPERTYPUTREF = 1, 2, 4, 8
FLAG_OF_KIND = {"method": DISPATCH_METHOD, "get": DISPATCH_PROPERTYGET}
"""How a member is called, by its kind in the description of the type libraries."""

INVOKE_FUNC, INVOKE_PROPERTYGET, INVOKE_PROPERTYPUT, INVOKE_PROPERTYPUTREF = 1, 2, 4, 8
DISPID_VALUE, DISPID_UNKNOWN, DISPID_PROPERTYPUT, DISPID_NEWENUM = 0, -1, -3, -4

VT_EMPTY, VT_NULL, VT_I2, VT_I4, VT_R4, VT_R8, VT_CY, VT_DATE, VT_BSTR, VT_DISPATCH, VT_ERROR, VT_BOOL, VT_VARIANT = range(13)
VT_UNKNOWN, VT_DECIMAL, VT_I1, VT_UI1, VT_UI2, VT_UI4, VT_I8, VT_UI8, VT_INT, VT_UINT, VT_VOID = 13, 14, *range(16, 25)
VT_ARRAY, VT_BYREF, VT_TYPEMASK = 0x2000, 0x4000, 0xFFF

S_OK, S_FALSE = 0, 1

IID_NULL = IID("{00000000-0000-0000-0000-000000000000}")
IID_IUnknown = IID("{00000000-0000-0000-C000-000000000046}")
IID_IDispatch = IID("{00020400-0000-0000-C000-000000000046}")

# ---- failures that COM itself finds, in Windows' words ----------------------------------------------------------------------------

_TEXTS = {
    winerror.E_NOINTERFACE: "No such interface supported",
    winerror.DISP_E_MEMBERNOTFOUND: "Member not found.",
    winerror.DISP_E_TYPEMISMATCH: "Type mismatch.",
    winerror.DISP_E_UNKNOWNNAME: "Unknown name.",
    winerror.DISP_E_OVERFLOW: "Out of present range.",
    winerror.DISP_E_BADPARAMCOUNT: "Invalid number of parameters.",
    winerror.DISP_E_PARAMNOTOPTIONAL: "Parameter not optional.",
    winerror.STG_E_READFAULT: "A disk error occurred during a read operation.",
    winerror.RPC_E_DISCONNECTED: "The object invoked has disconnected from its clients.",
    winerror.RPC_E_CHANGED_MODE: "Cannot change thread mode after it is set.",
    winerror.CLASS_E_NOAGGREGATION: "Class does not support aggregation (or class object is remote)",
    winerror.REGDB_E_CLASSNOTREG: "Class not registered",
    winerror.MK_E_UNAVAILABLE: "Operation unavailable",
    winerror.MK_E_SYNTAX: "Invalid syntax",
    winerror.CO_E_NOTINITIALIZED: "CoInitialize has not been called.",
    winerror.CO_E_CLASSSTRING: "Invalid class string",
    winerror.HRESULT_FROM_WIN32(winerror.RPC_S_SERVER_UNAVAILABLE): "The RPC server is unavailable.",
    winerror.TYPE_E_LIBNOTREGISTERED: "Library not registered.",
}


def _failed(code: int, wrong_argument: int | None = None) -> com_error:
    return com_error(code, _TEXTS[code], None, wrong_argument)


def _as_com_error(failure: _wire.WireFailure, source: str | None = None) -> com_error:
    """Return a failure of the wire as pywin32 shows it.

    Codes of the request processor (0x800404xx, 0x80040308) come with a description and so in excepinfo; COM's own are the hresult itself.
    """
    code = int(failure.code, 16)
    signed = code - 2**32 if code >= 2**31 else code
    if code & 0xFFFFFF00 in (0x80040400, 0x80040300):
        return com_error(
            winerror.DISP_E_EXCEPTION, "Exception occurred.", (0, source, failure.description, None, 0, signed), None
        )
    return com_error(signed, failure.description, None, None)


# ---- entering COM ------------------------------------------------------------------------------------------------------------------


def CoInitialize() -> None:  # noqa: N802 - pywin32's name
    """Enter COM on this thread, as a single-threaded apartment. On a multi-threaded thread this does nothing and says nothing."""
    with contextlib.suppress(_apartments.Changed):
        _apartments.enter(multi=False)


def CoInitializeEx(flags: int) -> None:  # noqa: N802 - pywin32's name
    """Enter COM on this thread. Each entry wants a CoUninitialize; a thread that is in keeps the apartment it has."""
    try:
        _apartments.enter(multi=not flags & COINIT_APARTMENTTHREADED)
    except _apartments.Changed:
        raise _failed(winerror.RPC_E_CHANGED_MODE) from None


def CoUninitialize() -> None:  # noqa: N802 - pywin32's name
    """Leave COM on this thread; one too many is ignored."""
    _apartments.leave()


def CoFreeUnusedLibraries() -> None:  # noqa: N802 - pywin32's name
    """Let go of libraries that no object needs: there are none."""


def PumpWaitingMessages(firstMessage: int = 0, lastMessage: int = 0) -> int:  # noqa: N802, N803 - pywin32's names
    """Handle waiting window messages: there are none. Returns 0, for no WM_QUIT was seen."""
    return 0


def _check_entered() -> None:
    if not _apartments.is_in():
        raise _failed(winerror.CO_E_NOTINITIALIZED)


# ---- objects -----------------------------------------------------------------------------------------------------------------------


class PyIUnknown:
    """A bare object."""


class PyIDispatch(PyIUnknown):
    """An object whose members are called by their numbers; released when nothing refers to it any more."""

    _living: ClassVar[weakref.WeakSet[PyIDispatch]] = weakref.WeakSet()

    def __init__(self, channel: _Channel, interface: str, prefix: str = "") -> None:
        self._channel = channel
        self._interface = interface
        self._prefix = prefix  # of the names that the wire has for the members of an object within an object
        members: dict[str, dict[str, Any]] = channel.client.interfaces[interface]["members"]
        self._members = members
        PyIDispatch._living.add(self)

    def __repr__(self) -> str:
        return f"<PyIDispatch at 0x{id(self):016X} with obj at 0x{id(self._channel):016X}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("cannot pickle 'PyIDispatch' object")

    def QueryInterface(self, iid: Any, useIID: Any = None) -> PyIDispatch:  # noqa: N802, N803 - pywin32's names
        """Return the object seen through an interface. Raises com_error for one that it does not have."""
        older = {each["id"] for name, each in self._channel.client.interfaces.items() if name[:-1] == self._interface[:-1]}
        if str(iid) not in older and iid not in (IID_IUnknown, IID_IDispatch):
            raise _failed(winerror.E_NOINTERFACE)
        return self

    def GetTypeInfoCount(self) -> int:  # noqa: N802 - pywin32's name
        """Return that there is a type library that describes the object."""
        return 1

    def GetIDsOfNames(self, *names: Any) -> Any:  # noqa: N802 - pywin32's name
        """Return the number of a member by its name, without regard to case; with the names of its arguments a tuple of numbers."""
        asked = names[1:] if len(names) > 1 and isinstance(names[0], int) else names
        if not asked:
            raise TypeError("At least one argument must be supplied")
        member = self._named(str(asked[0]))
        places = {argument.casefold(): place for place, (argument, _) in enumerate(member["arguments"])}
        found = [member["dispid"], *(places.get(str(each).casefold(), DISPID_UNKNOWN) for each in asked[1:])]
        if DISPID_UNKNOWN in found:
            raise _failed(winerror.DISP_E_UNKNOWNNAME)
        return found[0] if len(found) == 1 else tuple(found)

    def Invoke(self, dispid: int, lcid: int, flags: int, bResultWanted: int, *given: Any) -> Any:  # noqa: N802, N803
        """Call a member whose types are not known: what an argument is decides what is sent. Raises com_error."""
        return self._invoke(dispid, flags, [_variants.untyped(each) for each in given])

    def InvokeTypes(self, dispid: int, lcid: int, flags: int, result: tuple[int, int], types: Any, *given: Any) -> Any:  # noqa: N802
        """Call a member whose types are known, as type library (and with it makepy) says them. Raises com_error, TypeError, ValueError."""
        count = next((place for place, each in enumerate(given) if each is Missing), len(given))
        # zip has no `strict` before Python 3.10; as with pywin32 there may be fewer values than types.
        values = [_variants.typed(kind, each) for (kind, *_), each in zip(types, given[:count])]  # noqa: B905
        return self._invoke(dispid, flags, values)

    def _named(self, name: str) -> dict[str, Any]:
        folded = name.casefold()
        for each, member in self._members.items():
            if each.casefold() == folded:
                return member
        raise _failed(winerror.DISP_E_UNKNOWNNAME)

    def _invoke(self, dispid: int, flags: int, values: list[Any]) -> Any:
        """Do what COM's own engine does with the type library: count and change the arguments, then call."""
        numbered = ((name, member) for name, member in self._members.items() if member["dispid"] == dispid)
        name, member = next(numbered, ("", None))
        if member is None or not flags & FLAG_OF_KIND[member["kind"]]:
            raise _failed(winerror.DISP_E_MEMBERNOTFOUND)
        expected = member["arguments"]
        if len(values) != len(expected):
            raise _failed(winerror.DISP_E_BADPARAMCOUNT)
        if "object" in member:
            return PyIDispatch(self._channel, member["object"], f"{name}.")
        arguments: dict[str, str] = {}
        for place, ((argument, wanted), value) in enumerate(zip(expected, values), 1):  # noqa: B905 - Python 3.8 has no strict
            if value is _variants.NOT_FOUND:
                raise _failed(winerror.DISP_E_PARAMNOTOPTIONAL)
            try:
                arguments[argument] = _variants.changed(wanted, value)
            except _variants.Mismatch:
                raise _failed(winerror.DISP_E_TYPEMISMATCH, place) from None
            except _variants.Overflow:
                raise _failed(winerror.DISP_E_OVERFLOW) from None
        return self._channel.call(self._prefix + name, arguments)


TypeIIDs = {IID_IUnknown: PyIUnknown, IID_IDispatch: PyIDispatch}


class _Channel:
    """What carries the calls of an object to the wire; the object on the other side goes with it."""

    def __init__(self, client: _wire.Client, connection: _wire.Connection, identity: str, source: str) -> None:
        self.client = client
        self.source = source  # what failures name as theirs
        self.connection = connection
        self.identity = identity
        self.release = weakref.finalize(self, _release, connection, identity, client.process)

    def apartment(self) -> str:
        """Return the apartment that calls come from: the caller's."""
        return str(_apartments.name())

    def call(self, member: str, arguments: dict[str, str]) -> Any:
        """Call a member. Raises com_error.

        A thread that has not entered COM is refused (inferred: the real object speaks COM to QuickBooks, which is a process of its own). A
        forked child has no objects: those of its parent are disconnected from it (a process of Windows has no fork).
        """
        _check_entered()
        if self.client.process != os.getpid():
            raise _failed(winerror.RPC_E_DISCONNECTED)
        body = arguments.pop("inputRequest", "")
        try:
            if len(body) > self.client.body_bytes_max:
                raise _wire.WireFailure(_wire.NO_MEMORY, f"A document may have {self.client.body_bytes_max} bytes here.")
            whose = {"object": self.identity, "thread": self.apartment()}
            kind, text = self.connection.post(_wire.member_path(member), {**whose, **arguments}, body)
        except _wire.WireFailure as failure:
            raise _as_com_error(failure, self.source) from None
        return _READ[kind](text)


class _Proxy(_Channel):
    """An object as another apartment has it, to which it was marshalled: its calls arrive in the apartment of the object."""

    def __init__(self, target: _Channel, apartment: str) -> None:
        self.client = target.client
        self.source = target.source
        self.connection = target.connection
        self.identity = target.identity
        self._target = target  # the object lives as long as its proxies
        self._apartment = apartment

    def apartment(self) -> str:
        """Return the apartment of the object."""
        return self._apartment


_RELEASE_LIMIT_S = 5.0
"""How long a program waits for an object to be let go; the wire only notes it."""


def _release(connection: _wire.Connection, identity: str, process: int) -> None:
    # With a call on its way the program itself is ending: what becomes of its objects then is the wire's to find out, as it is COM's.
    if process != os.getpid() or connection.is_busy():
        return
    # The server may close a kept connection just then. To drop an object twice does no harm; one that is not dropped keeps its session.
    for _ in range(2):
        try:
            connection.post("/com/release", {"object": identity}, limit_s=_RELEASE_LIMIT_S)
            break
        except _wire.WireFailure as failure:
            if failure.code != _wire.RPC_FAILED:
                break
    connection.close()


_READ: dict[str, Callable[[str], Any]] = {
    "none": lambda text: None,
    "text": str,
    "integer": int,
    "boolean": lambda text: text == "1",
    "list": lambda text: tuple(text.split("\n")),
}
"""How each type of value is read; a SAFEARRAY of texts is a tuple in pywin32."""


def _GetInterfaceCount() -> int:  # noqa: N802 - pywin32's name
    """Return how many objects this process holds."""
    return len(PyIDispatch._living)


def _GetGatewayCount() -> int:  # noqa: N802 - pywin32's name
    """Return how many objects of this process others hold: it has none to give."""
    return 0


def _client() -> _wire.Client:
    """Return this process as the wire knows it. Raises com_error."""
    try:
        return _wire.client()
    except _wire.NoWire as missing:
        raise com_error(winerror.CO_E_CLASSSTRING, str(missing), None, None) from None
    except _wire.WireFailure as failure:
        raise _as_com_error(failure) from None


# ---- making and finding objects ----------------------------------------------------------------------------------------------------


def CoCreateInstance(clsid: Any, unkOuter: Any, context: int, iid: Any) -> PyIDispatch:  # noqa: N802, N803 - pywin32's names
    """Make an object by the name or the id of its class. Raises com_error.

    A request processor joins no other object, and it is a library in the program's own process: asked for in another one it is not there.
    """
    client = _client()
    wanted = str(IID(clsid))
    _check_entered()
    if wanted not in client.classes or not context & CLSCTX_INPROC_SERVER:
        raise _failed(winerror.REGDB_E_CLASSNOTREG)
    if unkOuter is not None:
        raise _failed(winerror.CLASS_E_NOAGGREGATION)
    described = client.classes[wanted]
    connection = client.new_connection()
    try:
        _, identity = connection.post("/com/new", {"client": client.id, "progid": wanted, "thread": _apartments.name()})
    except _wire.WireFailure as failure:
        raise _as_com_error(failure) from None
    return PyIDispatch(_Channel(client, connection, identity, described["progid"]), described["interface"])


def CoCreateInstanceEx(  # noqa: N802 - pywin32's name
    clsid: Any,
    unkOuter: Any,  # noqa: N803
    context: int,
    serverInfo: Any,  # noqa: N803
    iids: tuple[Any, ...],
) -> tuple[PyIDispatch, ...]:
    """Make an object on a machine; there is none but this one."""
    if serverInfo is not None and serverInfo[0]:
        raise _failed(winerror.HRESULT_FROM_WIN32(winerror.RPC_S_SERVER_UNAVAILABLE))
    return tuple(CoCreateInstance(clsid, unkOuter, context, iid) for iid in iids)


def new(iid: Any) -> PyIDispatch:
    """Make an object by the name or the id of its class. Raises com_error."""
    return CoCreateInstance(iid, None, CLSCTX_SERVER, IID_IDispatch)


def GetActiveObject(cls: Any) -> PyIDispatch:  # noqa: N802 - pywin32's name
    """Refuse, as COM does: the request processor is never in the table of running objects."""
    IID(cls)
    raise _failed(winerror.MK_E_UNAVAILABLE)


connect = GetActiveObject


def MkParseDisplayName(displayName: str, bindCtx: Any = None) -> Any:  # noqa: N802, N803 - pywin32's names
    """Refuse, as COM does: no object of QuickBooks has a name of its own, a company file neither."""
    raise _failed(winerror.MK_E_SYNTAX)


# ---- from one apartment to another -------------------------------------------------------------------------------------------------


class PyIStream:
    """An object on its way from one apartment to another; it can be taken once."""

    def __init__(self, target: PyIDispatch, apartment: str) -> None:
        self.target: PyIDispatch | None = target
        self.apartment = apartment

    def __repr__(self) -> str:
        return f"<PyIStream at 0x{id(self):016X} with obj at 0x{id(self):016X}>"


def CoMarshalInterThreadInterfaceInStream(iid: Any, unk: Any) -> PyIStream:  # noqa: N802 - pywin32's name
    """Hand an object of this apartment to another one: returns the stream for `CoGetInterfaceAndReleaseStream` there."""
    _check_entered()
    return PyIStream(getattr(unk, "_oleobj_", unk), _apartments.name())


def CoGetInterfaceAndReleaseStream(stream: Any, iid: Any) -> PyIDispatch:  # noqa: N802 - pywin32's name
    """Take the object that another apartment handed over: a bare one, to which `win32com.client.Dispatch` gives its names."""
    if not isinstance(stream, PyIStream):
        raise ValueError(f"argument is not a COM object (got type={type(stream).__name__})")
    target, stream.target = stream.target, None
    _check_entered()
    if target is None:
        raise _failed(winerror.STG_E_READFAULT)
    return PyIDispatch(_Proxy(target._channel, stream.apartment), target._interface, target._prefix)


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    raise AttributeError(
        f"module 'pythoncom' has no attribute {name!r} (this is the stand-in of FakeBooks, which has what programs that talk to QuickBooks "
        "use; with `fakebooks exec --wine` a Windows Python runs with the real pywin32)"
    )


# Whoever imports pythoncom first has entered COM, as sys.coinit_flags says: without it a single-threaded apartment.
CoInitializeEx(getattr(sys, "coinit_flags", COINIT_APARTMENTTHREADED))
