"""A fleet whose frames leave by a real port: what stands at its other end is under test.

All frames leave by one serial port, framed as their profiles say, one after the other; what the
other side writes back goes to the device that spoke last. Or they leave by one BLE adapter, which
is one device of the fleet after the other (see `simulator.bench.via_ble`).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.bench.being.ble_identity import has_ble_form
from simulator.bench.carrier import PortCarrier
from simulator.bench.framing import wrap
from simulator.bench.links import Chunk, Link, LinkError, LinkReason, SerialLink, SerialSettings
from simulator.bench.links.ending import end
from simulator.native import Delivery, DeliveryError
from simulator.native.endpoint import ANY, Wire
from simulator.native.parcel import ClosableCarrier, Desk, Parcel
from simulator.profile import Profile, load, profiles


def serial_delivery(port: str, *, baud: int | None = None, framing: str = "") -> Delivery:
    """Return the delivery of a run whose frames leave by a serial port."""
    return wired_delivery(SerialWire(port, baud, framing), port)


def ble_delivery(transport: str) -> Delivery:
    """Return the delivery of a run whose frames leave by an HCI adapter, such as `usb:0`."""
    return wired_delivery(BleWire(transport), transport)


async def probe(delivery: Delivery) -> None:
    """Open the port of a delivery and close it again, before a run counts on it.

    Raises LinkError where it cannot be had, InputError for what is no port.
    """
    if isinstance(delivery.wire, SerialWire | BleWire):
        await delivery.wire.probe()


@dataclass(frozen=True, slots=True)
class SerialWire:
    """A serial port; the first profile of a run says how the line is set."""

    port: str
    baud: int | None = None
    framing: str = ""

    @property
    def kind(self) -> str:
        """What `--via` calls it."""
        return "serial"

    def check(self, models: Sequence[Profile]) -> None:
        """Every frame can be put on a line."""

    async def probe(self) -> None:
        """Open and close it."""
        link = SerialLink(self.port)
        await link.open()
        await link.close()

    def carrier(
        self, desk: Desk, tasks: asyncio.TaskGroup, models: Sequence[Profile]
    ) -> ClosableCarrier:
        """Return what carries all frames to it."""
        settings = SerialSettings.of(models[0].wire, baud=self.baud)
        return _SerialCarrier(desk, tasks, SerialLink(self.port, settings), self.framing)


@dataclass(frozen=True, slots=True)
class BleWire:
    """A BLE adapter, by an HCI transport of bumble.

    A device that is connected to waits `gateway_s` for that, and gives the gateway `reply_s` to
    answer before another device takes the adapter.
    """

    transport: str
    gateway_s: float = 10.0
    reply_s: float = 1.0

    @property
    def kind(self) -> str:
        """What `--via` calls it."""
        return "ble"

    def check(self, models: Sequence[Profile]) -> None:
        """Raise DeliveryError for a model that is heard by no scanner and no gateway."""
        for profile in models:
            if not has_ble_form(profile):
                known = ", ".join(one.name for one in profiles() if has_ble_form(one))
                message = (
                    f"{profile.name} is no BLE device: [wire] of its profile names neither "
                    "service_data nor manufacturer, by which it would advertise, nor a service to "
                    f"connect to. Leave it out of this run, or add one. BLE devices: {known}."
                )
                raise DeliveryError(message)

    async def probe(self) -> None:
        """Switch the adapter on and off."""
        _need_bumble(self.transport)
        from bumble.device import Device
        from bumble.hci import Address

        from simulator.bench.links.hci import hci_transport, switch_on

        async with hci_transport(self.transport) as hci:
            device = Device.with_hci("aurasim", Address.ANY_RANDOM, hci.source, hci.sink)
            await switch_on(device, self.transport)
            await device.power_off()

    def carrier(
        self, desk: Desk, tasks: asyncio.TaskGroup, models: Sequence[Profile]
    ) -> ClosableCarrier:
        """Return what carries all frames to it."""
        del models
        _need_bumble(self.transport)
        from simulator.bench.via_ble import BleCarrier

        return BleCarrier(
            desk, tasks, self.transport, gateway_s=self.gateway_s, reply_s=self.reply_s
        )


class _SerialCarrier(PortCarrier):
    """Puts frames on a serial line."""

    def __init__(self, desk: Desk, tasks: asyncio.TaskGroup, link: Link, framing: str) -> None:
        super().__init__(desk, tasks)
        self._link = link
        self._framing = framing
        self._latest: Parcel | None = None
        self._listening: asyncio.Task[None] | None = None

    async def _say(self, parcel: Parcel) -> None:
        if self._listening is None:
            await self._link.open()
            self._stack.push_async_callback(self._link.close)
            self._listening = asyncio.create_task(self._listen())
            self._stack.push_async_callback(end, self._listening)
        profile = load(parcel.uplink.model)
        await self._link.send(wrap(profile, parcel.frame.payload, framing=self._framing))
        self._latest = parcel

    async def _listen(self) -> None:
        async for happening in self._link.happenings():
            if isinstance(happening, Chunk) and self._latest is not None:
                frame = self._latest.frame
                self._desk.replied(frame.device, frame.sequence, happening.data)


def wired_delivery(wire: Wire, port: str) -> Delivery:
    """Return the delivery of a run whose frames leave by a port."""
    return Delivery(to={ANY: port}, envelopes={}, via=wire.kind, wire=wire)


def _need_bumble(transport: str) -> None:
    try:
        import bumble  # noqa: F401 - is it here?
    except ImportError as error:
        message = "bumble is not installed"
        remedy = "Run pip install 'aurasim[bench]'."
        raise LinkError(transport, LinkReason.ADAPTER_OFF, message, remedy=remedy) from error
