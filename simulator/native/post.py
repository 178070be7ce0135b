"""Carries messages by HTTP, as Sigfox and LoRaWAN servers call an application."""

import asyncio
from urllib.parse import urlsplit

from simulator.aura import HttpTransport, Request, Target, TransportError
from simulator.native.endpoint import Endpoint
from simulator.native.envelopes import Envelope
from simulator.native.parcel import Desk, Parcel
from simulator.native.sigfox import read_answer
from simulator.native.uplink import Posted

_MOST_WAITING = 10_000
_SAID_BYTES = 300  # of a refusal, for the journal


class PostCarrier:
    """One endpoint; many requests at once.

    A callback that fails is not sent again: networks do not repeat them either.
    """

    def __init__(
        self, endpoint: Endpoint, envelope: Envelope, desk: Desk, tasks: asyncio.TaskGroup
    ) -> None:
        self.transport = HttpTransport(Target(endpoint.origin, "", endpoint.allowed), is_aura=False)
        self.overflows = 0
        self._path = endpoint.path or "/"
        self._envelope = envelope
        self._desk = desk
        self._tasks = tasks
        self._posting: set[asyncio.Task[None]] = set()

    def send(self, parcel: Parcel) -> None:
        """Post a message."""
        if len(self._posting) >= _MOST_WAITING:
            self.overflows += 1
            self._desk.failed(parcel, f"{_MOST_WAITING} callbacks wait for the endpoint already")
            return
        posting = self._tasks.create_task(self._post(parcel))
        self._posting.add(posting)
        posting.add_done_callback(self._posting.discard)

    async def close(self) -> None:
        """Give up what is on its way, and close the connections."""
        posting = list(self._posting)
        for one in posting:
            one.cancel()
        if posting:
            await asyncio.wait(posting)
        await self.transport.close()

    async def _post(self, parcel: Parcel) -> None:
        try:
            response = await self.transport.send(self._request(self._envelope.write(parcel.uplink)))
        except TransportError as error:
            self._desk.failed(parcel, str(error))
            return
        if not 200 <= response.status < 300:
            said = response.body[:_SAID_BYTES].decode("utf-8", "replace").strip()
            self._desk.failed(parcel, f"answered {response.status}: {said or 'nothing'}")
            return
        self._desk.delivered(parcel, response.status)
        downlink = read_answer(response.body) if response.body else None
        if downlink is not None:
            self._desk.replied(parcel.frame.device, parcel.frame.sequence, downlink)

    def _request(self, posted: Posted) -> Request:
        given = urlsplit(self._path)
        query = "&".join(part for part in (given.query, posted.query) if part)
        path = (given.path or "/") + (f"?{query}" if query else "")
        headers = {"content-type": posted.content_type} if posted.content_type else {}
        return Request(posted.method, path, headers, posted.body)
