"""One device that speaks UDP: a frame a datagram, and the reply comes back to its port.

Nothing tells whether a datagram arrived but its reply; where the protocol has none, a frame counts
as delivered when it was sent. Logins over UDP are in the frames themselves.
"""

import asyncio
from typing import cast

from simulator.native.dialogue import Dialogue, Heard, Verdict
from simulator.native.endpoint import Endpoint
from simulator.native.parcel import CONFIRMED, NO_FRAME, WRITTEN, Caller, Desk, Parcel

_MOST_WAITING = 256
_OPEN_S = 10.0


class Datagrams(asyncio.DatagramProtocol):
    """Slotted and mutable: a fleet has one for each device."""

    __slots__ = ("_caller", "_desk", "_dialogue", "_early", "_spoken", "_transport", "others")

    def __init__(self, caller: Caller, desk: Desk) -> None:
        self._caller = caller
        self._desk = desk
        self._dialogue = Dialogue(caller.codec, caller.key)
        self._transport: asyncio.DatagramTransport | None = None
        self._early: list[Parcel] = []  # came before the port was open
        self._spoken: dict[int, Parcel] = {}
        self.others = 0

    async def open(self, endpoint: Endpoint) -> None:
        """Open a port, and send what came before it was open."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_OPEN_S):
                await loop.create_datagram_endpoint(
                    lambda: self, remote_addr=(endpoint.host, endpoint.port)
                )
        except (OSError, TimeoutError) as error:
            reason = f"{endpoint.origin} cannot be sent to: {error}"
            self._desk.troubled(self._caller.device, reason)
            for parcel in self._early:
                self._desk.failed(parcel, reason)
            self._early.clear()

    def put(self, parcel: Parcel) -> None:
        """Send a frame. One that still waits for its reply is replaced by its repetition."""
        if self._transport is None:
            self._early.append(parcel)
            if len(self._early) > _MOST_WAITING:
                self._desk.failed(self._early.pop(0), "there is no port to send from")
            return
        key = parcel.frame.sequence
        self._fail(key, "not answered before it was sent again")
        if len(self._spoken) >= _MOST_WAITING:
            self._fail(next(iter(self._spoken)), "never answered")
        is_answered = self._dialogue.say(key, parcel.frame.payload, self._caller.epoch_s())
        self._transport.sendto(parcel.frame.payload)
        if is_answered:
            self._spoken[key] = parcel
        else:
            self._desk.delivered(parcel, WRITTEN)

    def close(self) -> None:
        """Close the port."""
        if self._transport is not None:
            self._transport.abort()
            self._transport = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the port."""
        self._transport = cast(asyncio.DatagramTransport, transport)  # as asyncio says
        early, self._early = self._early, []
        for parcel in early:
            self.put(parcel)

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        """Take what the server says."""
        del addr
        for heard in self._dialogue.hear_datagram(data):
            self._take(heard)

    def error_received(self, exc: Exception) -> None:
        """Take note that nobody listens there: what waits for a reply waits in vain."""
        for key in list(self._spoken):
            self._fail(key, f"nobody listens: {exc}")

    def _take(self, heard: Heard) -> None:
        if heard.key is None:
            self.others += 1
            self._desk.replied(self._caller.device, NO_FRAME, heard.payload)
            return
        if heard.verdict is not Verdict.EXPECTED:
            self._fail(heard.key, f"answered {heard.verdict}: {heard.payload!r:.80}")
        elif parcel := self._spoken.pop(heard.key, None):
            self._desk.delivered(parcel, CONFIRMED)
        if heard.verdict in (Verdict.EXPECTED, Verdict.NOT_UNDERSTOOD):
            self._desk.replied(self._caller.device, heard.key, heard.payload)

    def _fail(self, key: int, reason: str) -> None:
        self._dialogue.forget(key)
        if parcel := self._spoken.pop(key, None):
            self._desk.failed(parcel, reason)
