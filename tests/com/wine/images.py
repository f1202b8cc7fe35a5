"""Files as Windows programs are, made of what a look at them needs."""

import struct


def program(machine=0x8664, characteristics=0x22, place=64, body=1024):
    """Return a program with one section."""
    stub = b"MZ" + b"\0" * 58 + struct.pack("<I", place)
    header = b"PE\0\0" + struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, 240, characteristics)
    optional = struct.pack("<H34xI200x", 0x20B, 512)
    section = b".text\0\0\0" + struct.pack("<IIII", body, 4096, body, 512) + b"\0" * 16
    return (stub + header + optional + section).ljust(512, b"\0") + b"\xc3" * body
