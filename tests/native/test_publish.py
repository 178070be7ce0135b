"""LoRaWAN uplinks by MQTT, against a broker of a few lines that takes what is published."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from simulator.native import Endpoint, Posted
from simulator.native.envelopes import TOPICS
from simulator.native.publish import PublishCarrier
from simulator.rng import Rng
from tests.native.test_line import Notes, parcel

pytest.importorskip("aiomqtt", reason="pip install 'aurasim[mqtt]'")


class Broker:
    """As much of MQTT 3.1.1 as a publisher meets."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.drops_first = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client."""
        try:
            while await self._packet(reader, writer):
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _packet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readexactly(1))[0]
        body = await reader.readexactly(await _length(reader))
        match head >> 4:
            case 1:  # CONNECT
                writer.write(bytes((0x20, 2, 0, 0)))
            case 3:  # PUBLISH
                if self.drops_first:
                    self.drops_first = False
                    return False
                size = int.from_bytes(body[:2], "big")
                topic, number = body[2 : 2 + size].decode(), body[2 + size : 4 + size]
                self.taken.append((topic, body[4 + size :]))
                writer.write(bytes((0x40, 2)) + number)
            case 14:  # DISCONNECT
                return False
        return True


async def _length(reader: asyncio.StreamReader) -> int:
    length = shift = 0
    while True:
        part = (await reader.readexactly(1))[0]
        length |= (part & 0x7F) << shift
        shift += 7
        if part < 0x80:
            return length


@asynccontextmanager
async def publishing(broker: Broker, name: str) -> AsyncIterator[tuple[PublishCarrier, Notes]]:
    """Give a carrier that publishes to a broker."""
    notes = Notes()
    server = await asyncio.start_server(broker.serve, "127.0.0.1", 0)
    url = f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with asyncio.TaskGroup() as tasks:
        carrier = PublishCarrier(
            Endpoint.parse(url),
            TOPICS[name],
            notes,
            tasks,
            chance=Rng(1).stream(0, "mqtt"),
            speed=200.0,
            answer_s=0.3,
        )
        yield carrier, notes
        await carrier.close()
    server.close()
    await server.wait_closed()
    await asyncio.sleep(0.01)  # let the broker's side of the connection end


@pytest.mark.parametrize("name", TOPICS)
async def test_an_uplink_is_published_on_its_topic(name: str) -> None:
    """What is published reads as what was sent, and the broker's acknowledgement delivers it."""
    broker = Broker()
    sent = parcel("lorawan_milesight_ws101", 4, b"\x01\x75\x64")
    async with publishing(broker, name) as (carrier, notes):
        carrier.send(sent)

        assert await notes.until(1, "delivered") == [(4, 200)]
    ((topic, body),) = broker.taken
    assert topic == TOPICS[name].topic(sent.uplink)
    assert TOPICS[name].read(Posted(body)).payload == b"\x01\x75\x64"


async def test_a_broker_that_hangs_up_is_called_again() -> None:
    """The message in hand has failed; the next one arrives over a new connection."""
    broker = Broker()
    broker.drops_first = True
    async with publishing(broker, "tts") as (carrier, notes):
        for sequence in (4, 5):
            carrier.send(parcel("lorawan_milesight_ws101", sequence, b"\x01\x75\x64"))

        assert (await notes.until(1, "delivered"))[0] == (5, 200)
        assert (await notes.until(1, "failed"))[0][0] == 4
        assert (await notes.until(1, "troubled"))[0][0] == "the network server"
