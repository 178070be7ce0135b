"""The wire log: every byte that came or went, with its time; evidence, and a recording to replay.

NDJSON. The first line says what was recorded; then one line for each chunk (`in`, `out`) and each
coming or going of the link (`up`, `down`). Times are seconds since the first line.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal

import msgspec
from msgspec import Struct

from simulator.bench.links import Chunk, Happening, LinkDown
from simulator.clock import epoch_s, iso, monotonic_s, wall_s
from simulator.errors import InputError, UnavailableError

FORMAT = 1


class WireHead(Struct, frozen=True, forbid_unknown_fields=True):
    """The first line."""

    aurasim_wire_log: int  # the format
    profile: str
    link: str
    started: str


class WireLine(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that happened on the wire."""

    t: float
    what: Literal["in", "out", "up", "down"]
    hex: str = ""
    channel: str = ""
    address: str = ""
    whole: bool = False
    reason: str = ""

    @property
    def data(self) -> bytes:
        """Return the bytes."""
        return bytes.fromhex(self.hex)


class WireLogError(InputError):
    """A wire log cannot be read: where (`path`, `line`) and why."""

    def __init__(self, path: Path, line: int | None, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}" if line else f"{path}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


class WireLog:
    """Writes a wire log; use as a context manager. Each line is flushed: a kill loses none."""

    def __init__(self, path: Path, *, profile: str, link: str) -> None:
        self.path = path
        self.lines = 0
        self._began_s = monotonic_s()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file: IO[bytes] = path.open("wb")
        except OSError as error:
            message = f"The wire log {path} cannot be written: {error.strerror}. Name another file."
            raise UnavailableError(message) from error
        self._put(WireHead(FORMAT, profile, link, iso(wall_s(), digits=3)))

    def note(self, happening: Happening) -> None:
        """Write what happened on a link."""
        t = round(happening.at_s - self._began_s, 6)
        if isinstance(happening, Chunk):
            self._put(
                WireLine(
                    t,
                    "in",
                    happening.data.hex(),
                    happening.channel,
                    happening.address or "",
                    happening.is_whole,
                )
            )
        elif isinstance(happening, LinkDown):
            self._put(WireLine(t, "down", reason=f"{happening.reason}: {happening.detail}"))
        else:
            self._put(WireLine(t, "up"))

    def sent(self, data: bytes) -> None:
        """Write what went to the device."""
        self._put(WireLine(round(monotonic_s() - self._began_s, 6), "out", data.hex()))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> "WireLog":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _put(self, line: WireHead | WireLine) -> None:
        self._file.write(msgspec.json.encode(line) + b"\n")
        self._file.flush()
        self.lines += 1


def read_wire_log(path: Path) -> tuple[WireHead, list[WireLine]]:
    """Return a wire log; a torn last line is left out. Raises `WireLogError`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = f"cannot be read: {error.strerror}. Name a file of `aurasim bench capture`."
        raise WireLogError(path, None, reason) from error
    lines = raw.split(b"\n")[:-1]
    if not lines:
        raise WireLogError(path, None, "is empty; it is no wire log")
    try:
        head = msgspec.json.decode(lines[0], type=WireHead)
        epoch_s(head.started)
    except (msgspec.MsgspecError, InputError) as error:
        raise WireLogError(path, 1, f"is no wire log: {error}") from error
    if head.aurasim_wire_log != FORMAT:
        reason = f"has wire log format {head.aurasim_wire_log}; this version reads {FORMAT}"
        raise WireLogError(path, 1, reason)
    return head, list(_lines(path, lines[1:]))


def _lines(path: Path, lines: list[bytes]) -> Iterator[WireLine]:
    decoder = msgspec.json.Decoder(WireLine)
    last_s = 0.0
    for number, text in enumerate(lines, 2):
        try:
            line = decoder.decode(text)
            bytes.fromhex(line.hex)
        except (msgspec.MsgspecError, ValueError) as error:
            raise WireLogError(path, number, f"is no line of a wire log: {error}") from error
        if line.t < last_s - 60.0:
            raise WireLogError(path, number, "runs backwards in time")
        last_s = line.t
        yield line
