"""Remembers the heads of answers: a server says the same ones over and over.

Parsing is careful and costs more than all else that is done with an answer. What the parser has
read once in one piece, and found to be one whole answer with its length, needs no parsing when the
very same head comes again with as many bytes behind it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from simulator.aura import Response

_MOST = 256
_PAUSE_S = 0.01  # a server whose heads are all different is not learnt by heart


class Head(NamedTuple):
    """What a head means. `size` is that of the whole answer, in bytes."""

    size: int
    status: int
    headers: Mapping[str, str]


class Heads:
    """The heads that one target has said; look them up in `known`."""

    def __init__(self) -> None:
        self.known: dict[bytes, Head] = {}
        self._learnt_s = -_PAUSE_S

    def may_learn(self, now_s: float) -> bool:
        """Return whether it is time to learn another one."""
        return now_s - self._learnt_s >= _PAUSE_S

    def learn(self, answer: bytes, read: Response, now_s: float) -> None:
        """Remember a whole answer that was read; it keeps its connection open."""
        end = answer.find(b"\r\n\r\n")
        length = read.headers.get("content-length", "")
        if "transfer-encoding" in read.headers or not length.isdecimal():
            return
        if end < 0 or len(answer) != end + 4 + int(length):
            return  # such as an answer that has none of the body that it tells of
        self._learnt_s = now_s
        if len(self.known) >= _MOST:
            self.known.clear()
        self.known[answer[:end]] = Head(len(answer), read.status, read.headers)
