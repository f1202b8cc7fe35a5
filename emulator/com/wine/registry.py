"""What the registry of a native Windows needs, so that its user's programs find the COM door: files for `reg import`, per user.

The same keys are written by the module itself when `regsvr32` asks it (source/module.c). The ids are those of the type libraries of the
request processor, documented.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from emulator.com.interface import CLASSES, INTERFACES, LIBRARY, OLD_LIBRARY
from emulator.com.wine.prefix import NAME, WIDTHS
from emulator.com.wine.program import Width

ROOT: Final = "HKEY_CURRENT_USER\\Software\\Classes"
"""What is below it needs no rights of an administrator."""


_RESOURCES: Final = {LIBRARY.id: "", OLD_LIBRARY.id: "\\2"}
"""What a type library's path has behind the module's: the number of the resource, where it is not the first."""

_AUTOMATION: Final = "{00020424-0000-0000-C000-000000000046}"
"""COM's own carrier of calls between threads, which goes by the type library."""

Row = tuple[str, str, str]
"""Key below the classes, name (empty: the key's own value), value."""


def rows(width: Width, folder: str) -> Iterator[Row]:
    """Yield what a module of a width needs, when it is in the (Windows) folder; keys of x86 are those that 32-bit programs see."""
    path = f"{folder}\\{NAME}"
    for each in CLASSES:
        name = f"{each.name} Class"
        key = f"CLSID\\{each.id}"
        yield key, "", name
        yield f"{key}\\InprocServer32", "", path
        yield f"{key}\\InprocServer32", "ThreadingModel", "Apartment"
        yield f"{key}\\ProgID", "", each.progid
        yield f"{key}\\VersionIndependentProgID", "", each.independent
        yield f"{key}\\TypeLib", "", each.described_by.id
        yield f"{key}\\Programmable", "", ""
        yield each.progid, "", name
        yield f"{each.progid}\\CLSID", "", each.id
        if each.is_current:
            yield each.independent, "", name
            yield f"{each.independent}\\CLSID", "", each.id
            yield f"{each.independent}\\CurVer", "", each.progid
    for library in (LIBRARY, OLD_LIBRARY):
        key = f"TypeLib\\{library.id}\\{library.version}"
        yield key, "", library.name
        yield f"{key}\\0\\{'win64' if width == 'x64' else 'win32'}", "", path + _RESOURCES[library.id]
        yield f"{key}\\FLAGS", "", "0"
    for name, (interface, library) in INTERFACES.items():
        key = f"Interface\\{interface}"
        yield key, "", name
        yield f"{key}\\ProxyStubClsid32", "", _AUTOMATION
        yield f"{key}\\TypeLib", "", library.id
        yield f"{key}\\TypeLib", "Version", library.version


def registering(folder: str) -> str:
    """Return the text of a .reg file that registers both modules, in the folders x64 and x86 of `folder`, for the user who imports it."""
    keys: dict[str, list[str]] = {}
    for width in WIDTHS:
        for key, name, value in rows(width, f"{folder}\\{width}"):
            line = f"{_quoted(name) if name else '@'}={_quoted(value)}"
            lines = keys.setdefault(_where(key, width), [])
            if line not in lines:
                lines.append(line)
    return _document(f"[{ROOT}\\{key}]\r\n" + "".join(f"{line}\r\n" for line in lines) for key, lines in keys.items())


def unregistering() -> str:
    """Return the text of a .reg file that takes away what `registering` wrote."""
    tops = {_top(_where(key, width)): None for width in WIDTHS for key, _, _ in rows(width, "")}
    return _document(f"[-{ROOT}\\{top}]\r\n" for top in tops)


def _where(key: str, width: Width) -> str:
    """32-bit programs see classes and interfaces of their own; names and type libraries are shared."""
    return f"Wow6432Node\\{key}" if width == "x86" and key.startswith(("CLSID\\", "Interface\\")) else key


def _top(key: str) -> str:
    """Return the key that is ours alone: two words for what stands among others of its sort, else one."""
    words = key.split("\\")
    own = 3 if words[0] == "Wow6432Node" else 2 if words[0] in ("CLSID", "Interface", "TypeLib") else 1
    return "\\".join(words[:own])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _document(sections: Iterable[str]) -> str:
    return "Windows Registry Editor Version 5.00\r\n\r\n" + "\r\n".join(sections)
