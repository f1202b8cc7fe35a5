"""Stand-in of `win32com.client.dynamic`: late-bound objects, whose names are looked up when they are used.

A name that is written as the type library writes it becomes a method with named parameters, or is read as a property. Any other one is asked of
COM, which does not regard case; what cannot be read as a property is then called as a method. As with pywin32 (observed, version 312).
"""

from __future__ import annotations

from types import MethodType
from typing import Any

import pythoncom
import winerror  # type: ignore[import-untyped]
from pywintypes import PyIID, com_error

from win32com.client import build

_BAD_CONTEXT = (
    winerror.DISP_E_MEMBERNOTFOUND,
    winerror.DISP_E_BADPARAMCOUNT,
    winerror.DISP_E_PARAMNOTOPTIONAL,
    winerror.DISP_E_TYPEMISMATCH,
    winerror.E_INVALIDARG,
)
"""What COM says of a member that is there and is no property."""


def good_dispatch(dispatch: Any, clsctx: int = pythoncom.CLSCTX_SERVER) -> Any:
    """Return a bare object: made by a name or an id, or taken out of what holds it. Raises com_error."""
    if isinstance(dispatch, pythoncom.PyIDispatch):
        return dispatch
    if isinstance(dispatch, (str, PyIID)):
        return pythoncom.CoCreateInstance(dispatch, None, clsctx, pythoncom.IID_IDispatch)
    bare = getattr(dispatch, "_oleobj_", dispatch)
    if not isinstance(bare, pythoncom.PyIDispatch):
        # In pywin32's words, which asks whatever it is given for its type library.
        raise AttributeError(f"'{type(bare).__name__}' object has no attribute 'GetTypeInfo'")
    return bare


def user_name(dispatch: Any, name: Any) -> str | None:
    """Return what an object is called for people: as the program says, or by the name it was made by."""
    return str(name) if name is not None else dispatch if isinstance(dispatch, str) else None


def Dispatch(  # noqa: N802 - pywin32's name
    IDispatch: Any,  # noqa: N803 - pywin32's name
    userName: Any = None,  # noqa: N803
    createClass: Any = None,  # noqa: N803
    typeinfo: Any = None,
    clsctx: int = pythoncom.CLSCTX_SERVER,
) -> CDispatch:
    """Make a late-bound object by a name ("QBXMLRP2.RequestProcessor") or a class id, or give a bare object its names. Raises com_error."""
    bare = good_dispatch(IDispatch, clsctx)
    made: CDispatch = (createClass or CDispatch)(bare, bare._members, user_name(IDispatch, userName))
    return made


def DumbDispatch(  # noqa: N802 - pywin32's name
    IDispatch: Any,  # noqa: N803 - pywin32's name
    userName: Any = None,  # noqa: N803
    createClass: Any = None,  # noqa: N803
    clsctx: int = pythoncom.CLSCTX_SERVER,
) -> CDispatch:
    """Make an object whose names are asked of COM only, never of a type library."""
    made: CDispatch = (createClass or CDispatch)(good_dispatch(IDispatch, clsctx), {}, user_name(IDispatch, userName))
    return made


class CDispatch:
    """A late-bound object."""

    def __init__(self, IDispatch: Any, olerepr: Any, userName: str | None = None, lazydata: Any = None) -> None:  # noqa: N803
        # `olerepr` is what is known of the type: members by the names that the type library gives them.
        known = {"_oleobj_": IDispatch, "_olerepr_": olerepr, "_username_": userName or "<unknown>", "_builtMethods_": {}}
        self.__dict__.update(known)

    def __getattr__(self, name: str) -> Any:
        if name == "__iter__":
            raise AttributeError("This object can not function as an iterator")
        if name.startswith("_") and name.endswith("_"):
            raise AttributeError(name)
        built = self._builtMethods_.get(name)
        if built is not None:
            return MethodType(built, self)
        member = self._olerepr_.get(name)
        if member is not None and (member["kind"] == "method" or member["arguments"]):
            return self._method(name, build.late_method(name, member))
        try:
            dispid = self._oleobj_.GetIDsOfNames(0, name)
        except com_error:
            raise AttributeError(f"{self._username_}.{name}") from None
        try:
            value = self._oleobj_.Invoke(dispid, build.LCID, pythoncom.DISPATCH_PROPERTYGET, 1)
        except com_error as error:
            if error.hresult not in _BAD_CONTEXT:
                raise
            return self._method(name, build.late_call(name, dispid))
        return self._get_good_object_(value)

    def _method(self, name: str, built: Any) -> MethodType:
        self._builtMethods_[name] = built
        return MethodType(built, self)

    def _get_good_object_(self, value: Any, userName: Any = None, ReturnCLSID: Any = None) -> Any:  # noqa: N803 - pywin32's names
        return self._wrap_dispatch_(value) if isinstance(value, pythoncom.PyIDispatch) else value

    def _wrap_dispatch_(self, value: Any, userName: Any = None, returnCLSID: Any = None) -> Any:  # noqa: N803 - pywin32's names
        return Dispatch(value, userName)

    def _FlagAsMethod(self, *methodNames: str) -> None:  # noqa: N802, N803 - pywin32's names
        """Say that names are those of methods, for objects that give their methods away as properties. Raises com_error."""
        for name in methodNames:
            self._method(name, build.late_call(name, self._oleobj_.GetIDsOfNames(0, name)))

    def __setattr__(self, name: str, value: Any) -> None:
        # None of the properties of a request processor can be set.
        if name not in self.__dict__:
            raise AttributeError(f"Property '{self._username_}.{name}' can not be set.")
        self.__dict__[name] = value

    def __call__(self, *given: Any) -> Any:
        """Ask COM for the default member: a request processor has none. Raises com_error."""
        flags = pythoncom.DISPATCH_METHOD | pythoncom.DISPATCH_PROPERTYGET
        return self._oleobj_.Invoke(pythoncom.DISPID_VALUE, build.LCID, flags, 1, *given)

    def __int__(self) -> int:
        return int(self.__call__())

    def __len__(self) -> int:
        raise TypeError("This dispatch object does not define a Count method")

    def __getitem__(self, index: Any) -> Any:
        raise TypeError("This object does not support enumeration")

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return f"<COMObject {self._username_}>"

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *dir(type(self)), *self._oleobj_._members})

    def __eq__(self, other: object) -> bool:
        return bool(self._oleobj_ == getattr(other, "_oleobj_", other))

    __hash__ = None  # type: ignore[assignment] # as with pywin32
