"""One device's TCP connection: opened when there is something to say, then kept.

The device logs in where its protocol asks for it, sends its frames, and compares what the server
says with what its firmware expects. A frame whose reply did not come is the firmware's to send
again; a frame that found no connection waits here, as in the memory of a real unit.
"""

import asyncio
from contextlib import suppress
from typing import cast

from simulator.frame import Kind
from simulator.native.dialogue import Dialogue, Heard, Verdict
from simulator.native.exchange import BrokenError, Exchange
from simulator.native.parcel import CONFIRMED, NO_FRAME, WRITTEN, Caller, Parcel
from simulator.native.pauses import Pauses

_LOGIN = -1  # the key of a login that the line made itself
_LOGIN_TRIES = 3
_LOGIN_S = 5.0
_CONNECT_S = 10.0
_WRITE_S = 30.0
_MOST_WAITING = 256  # for a connection, and as many for a reply
_GLUE_S = 0.05  # frames of one device that come within this leave together, where they are glued
_PIECE_S = 0.002  # between the pieces of a frame, so that they arrive apart


class Line(asyncio.Protocol):
    """Slotted and mutable: a fleet has one for each device."""

    __slots__ = (
        "_caller",
        "_corrected",
        "_dialogue",
        "_exchange",
        "_is_logged_in",
        "_may_write",
        "_pauses",
        "_spoken",
        "_stirred",
        "_transport",
        "_waiting",
    )

    def __init__(self, caller: Caller, exchange: Exchange) -> None:
        self._caller = caller
        self._exchange = exchange
        self._dialogue = Dialogue(caller.codec, caller.key)
        self._pauses = Pauses(caller.chance)
        self._transport: asyncio.Transport | None = None
        self._waiting: dict[int, Parcel] = {}
        self._spoken: dict[int, Parcel] = {}
        self._corrected: set[int] = set()
        self._stirred = asyncio.Event()  # there is something new to look at
        self._may_write = True
        self._is_logged_in = False

    def put(self, parcel: Parcel) -> None:
        """Take a frame to send. One that still waits is replaced by its repetition."""
        key = parcel.frame.sequence
        older = self._waiting.pop(key, None)
        if older:
            self._exchange.desk.failed(older, "sent again before there was a connection")
        if len(self._waiting) >= _MOST_WAITING:
            self._exchange.counts.overflows += 1
            self._exchange.desk.failed(parcel, f"{_MOST_WAITING} frames wait for a connection")
            return
        self._waiting[key] = parcel
        self._stirred.set()

    async def live(self) -> None:
        """Connect, speak, and connect again, until cancelled."""
        await self._stirred.wait()  # idle: nothing is due until the device speaks
        while True:
            try:
                await self._dial()
                await self._log_in()
                await self._speak()
            except BrokenError as error:
                self._hang_up(str(error))
            except asyncio.CancelledError:
                self._hang_up("the run ended", is_end=True)
                raise
            await self._pause(self._pauses.next_s())

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection."""
        self._transport = cast(asyncio.Transport, transport)  # as asyncio says
        self._may_write = True

    def data_received(self, data: bytes) -> None:
        """Take what the server says."""
        for heard in self._dialogue.hear(data):
            self._take(heard)
        self._stirred.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that the connection is no more."""
        del exc
        self._transport = None
        self._stirred.set()

    def pause_writing(self) -> None:
        """Wait: the server does not read."""
        self._may_write = False

    def resume_writing(self) -> None:
        """Go on."""
        self._may_write = True
        self._stirred.set()

    # The life of a connection.

    async def _dial(self) -> None:
        endpoint, counts = self._exchange.endpoint, self._exchange.counts
        loop = asyncio.get_running_loop()
        try:
            async with self._exchange.dialling, asyncio.timeout(_CONNECT_S):
                await loop.create_connection(lambda: self, endpoint.host, endpoint.port)
        except (OSError, TimeoutError) as error:
            counts.refused += 1
            reason = (error.strerror if isinstance(error, OSError) else None) or "no answer"
            raise BrokenError(f"{endpoint.origin} cannot be reached: {reason}") from error
        counts.connected += 1

    async def _log_in(self) -> None:
        """Say who is calling, where the protocol asks for it, and wait until that is accepted."""
        key, frame = self._login()
        self._is_logged_in = frame is None
        for _ in range(_LOGIN_TRIES):
            if self._is_logged_in or frame is None:
                break
            is_answered = self._dialogue.say(key, frame, self._caller.epoch_s())
            await self._write([frame])
            self._is_logged_in = not is_answered
            await self._until_logged_in()
        if not self._is_logged_in:
            raise BrokenError("the login was not answered")
        self._pauses.reset()

    def _login(self) -> tuple[int, bytes | None]:
        """Return the login that the firmware just made, or else one of our own making."""
        for key, parcel in self._waiting.items():
            if parcel.frame.kind is Kind.LOGIN:
                self._spoken[key] = self._waiting.pop(key)
                return key, parcel.frame.payload
        return _LOGIN, self._caller.login()

    async def _until_logged_in(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.5, _LOGIN_S / self._exchange.speed)):
                while not self._is_logged_in:
                    await self._something()

    async def _speak(self) -> None:
        """Send what waits, and wait for more, until the connection breaks."""
        while True:
            if self._waiting and self._exchange.segments.is_glued:
                await asyncio.sleep(_GLUE_S)
            parcels = list(self._waiting.values())
            if parcels:
                await self._say(parcels)
            else:
                await self._something()

    async def _say(self, parcels: list[Parcel]) -> None:
        """Send frames; those that are not answered by protocol count as delivered when written."""
        unanswered = []
        for parcel in parcels:
            key, frame = parcel.frame.sequence, parcel.frame
            del self._waiting[key]
            self._settle(key, "not answered before it was sent again")
            self._spoken[key] = parcel
            if len(self._spoken) > _MOST_WAITING:
                self._settle(next(iter(self._spoken)), "never answered")
            if not self._dialogue.say(key, frame.payload, self._caller.epoch_s()):
                unanswered.append(key)
        await self._write([parcel.frame.payload for parcel in parcels])
        for key in unanswered:
            if spoken := self._spoken.pop(key, None):
                self._exchange.desk.delivered(spoken, WRITTEN)

    async def _write(self, frames: list[bytes]) -> None:
        pieces = list(self._exchange.segments.cut(frames, self._caller.chance))
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.sleep(_PIECE_S)
            if self._transport is None or self._transport.is_closing():
                raise BrokenError("the server closed the connection")
            self._transport.write(piece)
        await self._drained()

    async def _drained(self) -> None:
        try:
            async with asyncio.timeout(_WRITE_S):
                while not self._may_write:
                    await self._something()
        except TimeoutError as error:
            raise BrokenError(f"the server read nothing for {_WRITE_S:g} s") from error

    async def _something(self) -> None:
        """Wait for a frame, a reply, or the end of the connection, which raises BrokenError."""
        if self._transport is None:
            raise BrokenError("the server closed the connection")
        await self._stirred.wait()
        self._stirred.clear()
        if self._transport is None:
            raise BrokenError("the server closed the connection")

    async def _pause(self, run_s: float) -> None:
        await asyncio.sleep(run_s / self._exchange.speed)

    def _hang_up(self, reason: str, *, is_end: bool = False) -> None:
        """Give the connection up; what was said without a reply is the firmware's to repeat."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
        self._dialogue.hang_up()
        self._corrected.clear()
        self._stirred.clear()
        if is_end:
            return
        self._exchange.counts.broken += self._is_logged_in
        self._is_logged_in = False
        for key in list(self._spoken):
            self._settle(key, f"not answered: {reason}")
        self._exchange.desk.troubled(self._caller.device, reason)

    # What the server says.

    def _take(self, heard: Heard) -> None:
        match heard.verdict:
            case Verdict.OTHER:
                self._exchange.counts.others += 1
                self._exchange.desk.replied(self._caller.device, NO_FRAME, heard.payload)
            case Verdict.WRONG_TIME if self._correct(heard):
                return
            case Verdict.REFUSED | Verdict.WRONG_TIME:
                self._refused(heard)
            case Verdict.EXPECTED | Verdict.NOT_UNDERSTOOD:
                self._answered(heard)

    def _answered(self, heard: Heard) -> None:
        """Settle a frame. One that was not understood is settled too: it is not to be repeated."""
        key = heard.key
        if key is None:
            return
        parcel = self._spoken.pop(key, None)
        if key == _LOGIN or (parcel and parcel.frame.kind is Kind.LOGIN):
            self._is_logged_in = True
        if parcel is None:
            return
        desk, frame = self._exchange.desk, parcel.frame
        if heard.verdict is Verdict.EXPECTED:
            desk.delivered(parcel, CONFIRMED)
        else:
            desk.failed(parcel, f"answered as not understood: {heard.payload!r:.80}")
        desk.replied(frame.device, frame.sequence, heard.payload)

    def _refused(self, heard: Heard) -> None:
        if heard.key is not None:
            self._settle(heard.key, f"refused by the server: {heard.payload!r:.80}")

    def _correct(self, heard: Heard) -> bool:
        """Send a frame once more with the server's time; return whether that was possible."""
        key = heard.key
        if key is None or key in self._corrected or key not in self._spoken:
            return False
        old = self._spoken[key].frame.payload
        new = self._dialogue.corrected(old, heard.payload)
        if new is None or self._transport is None:
            return False
        self._corrected.add(key)
        self._dialogue.say(key, new, self._caller.epoch_s())
        self._transport.write(new)
        return True

    def _settle(self, key: int, reason: str) -> None:
        self._dialogue.forget(key)
        self._corrected.discard(key)
        if parcel := self._spoken.pop(key, None):
            self._exchange.desk.failed(parcel, reason)
