"""One finding of the doctor."""

from enum import StrEnum

from msgspec import Struct


class State(StrEnum):
    """How something is: `note` is not there and may not be needed, `problem` has to be mended."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


class Finding(Struct, frozen=True):
    """What was looked at, how it is, and the line that would mend it."""

    name: str
    state: State
    seen: str
    fix: str = ""


def ok(name: str, seen: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(name, State.OK, seen)


def note(name: str, seen: str, fix: str) -> Finding:
    """Return that something is not there, for who needs it."""
    return Finding(name, State.NOTE, seen, fix)


def problem(name: str, seen: str, fix: str) -> Finding:
    """Return that something is broken."""
    return Finding(name, State.PROBLEM, seen, fix)
