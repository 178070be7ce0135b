"""Columns that only Queclink reports have."""

import re
from dataclasses import replace

from simulator.codec._columns import Column, Found
from simulator.codec._fields import Fields

_VOLTS = re.compile(r"\d{1,3}\.\d{1,3}", re.ASCII)
_KILOMETRES = re.compile(r"\d{1,8}\.\d{1,3}", re.ASCII)
_HEX = re.compile(r"[0-9A-Fa-f]{1,8}", re.ASCII)


def loose(column: Column) -> Column:
    """Return a column that reads as nothing, rather than as an error, where a model strays.

    Models of one family put other things into the same place; such a text is kept as its spelling.
    """
    return replace(column, read=lambda text: column.read(text) or {})


def volts(name: str) -> Column:
    """Return a column of volts for a value in millivolts."""

    def read(text: str) -> Found | None:
        return {name: round(float(text) * 1000)} if _VOLTS.fullmatch(text) else {}

    def write(fields: Fields) -> str:
        steps = fields.number(name, 0, 99_999, factor=10)
        return f"{steps / 100:.2f}"

    return Column((name,), read, lambda f: write(f) if name in f else "")


def kilometres(name: str) -> Column:
    """Return a column of kilometres for a value in metres; elsewhere it is a reserved `00`."""

    def read(text: str) -> Found | None:
        return {name: round(float(text) * 1000)} if _KILOMETRES.fullmatch(text) else {}

    def write(fields: Fields) -> str:
        return f"{fields.number(name, 0, 10**10, factor=100) / 10:.1f}"

    return Column((name,), read, lambda f: write(f) if name in f else "")


def hexadecimal(name: str) -> Column:
    """Return a column of at least four hex digits for an identifier."""

    def read(text: str) -> Found | None:
        return {name: int(text, 16)} if _HEX.fullmatch(text) else {}

    def write(fields: Fields) -> str:
        return f"{fields.integer(name, 0, 0xFFFFFFFF):04X}"

    return Column((name,), read, lambda f: write(f) if name in f else "")


def network_code(name: str) -> Column:
    """Return a column of four digits for a country or network code."""

    def read(text: str) -> Found | None:
        return {name: int(text)} if text.isdecimal() and text.isascii() and len(text) <= 4 else {}

    def write(fields: Fields) -> str:
        return f"{fields.integer(name, 0, 9999):04d}"

    return Column((name,), read, lambda f: write(f) if name in f else "")
