"""Publishes LoRaWAN uplinks by MQTT, as network servers do; needs the extra `mqtt`."""

import asyncio
from types import ModuleType
from typing import TYPE_CHECKING

from simulator.errors import UnavailableError
from simulator.native.endpoint import Endpoint
from simulator.native.envelopes import TopicEnvelope
from simulator.native.parcel import CONFIRMED, Desk, Parcel
from simulator.native.pauses import Pauses
from simulator.rng import Stream

if TYPE_CHECKING:
    import aiomqtt

_MOST_WAITING = 10_000
_ANSWER_S = 10.0
_ACKNOWLEDGED = 1  # QoS: the broker confirms each message
_WHO = "the network server"


class MqttMissingError(UnavailableError):
    """The library for MQTT is not installed."""


class PublishCarrier:
    """One broker. Messages wait while it cannot be reached, and go out in their order."""

    def __init__(
        self,
        endpoint: Endpoint,
        envelope: TopicEnvelope,
        desk: Desk,
        tasks: asyncio.TaskGroup,
        *,
        chance: Stream,
        speed: float = 1.0,
        answer_s: float = _ANSWER_S,
    ) -> None:
        _library()  # better to know before the run begins
        self.overflows = 0
        self._endpoint = endpoint
        self._envelope = envelope
        self._desk = desk
        self._pauses = Pauses(chance)
        self._speed = speed
        self._answer_s = answer_s
        self._waiting: asyncio.Queue[Parcel] = asyncio.Queue(_MOST_WAITING)
        self._life = tasks.create_task(self._live())

    def send(self, parcel: Parcel) -> None:
        """Publish a message when its turn comes."""
        try:
            self._waiting.put_nowait(parcel)
        except asyncio.QueueFull:
            self.overflows += 1
            self._desk.failed(parcel, f"{_MOST_WAITING} messages wait for the broker already")

    async def close(self) -> None:
        """Disconnect, without waiting for what is on its way."""
        self._life.cancel()
        await asyncio.wait([self._life])

    async def _live(self) -> None:
        """Connect and publish, and connect again, until cancelled."""
        library = _library()
        while True:
            try:
                async with library.Client(
                    self._endpoint.host, self._endpoint.port, timeout=self._answer_s
                ) as client:
                    self._pauses.reset()
                    await self._publish(client)
            except library.MqttError as error:
                self._desk.troubled(_WHO, f"{self._endpoint.origin}: {error}")
            await asyncio.sleep(self._pauses.next_s() / self._speed)

    async def _publish(self, client: "aiomqtt.Client") -> None:
        while True:
            parcel = await self._waiting.get()  # idle: nothing is due until a device speaks
            uplink = parcel.uplink
            body = self._envelope.write(uplink).body
            try:
                await client.publish(self._envelope.topic(uplink), body, qos=_ACKNOWLEDGED)
            except _library().MqttError as error:
                self._desk.failed(parcel, str(error))
                raise
            self._desk.delivered(parcel, CONFIRMED)


def _library() -> ModuleType:
    try:
        import aiomqtt
    except ImportError as error:
        message = "MQTT needs a library that is not installed. Run: pip install 'aurasim[mqtt]'"
        raise MqttMissingError(message) from error
    return aiomqtt
