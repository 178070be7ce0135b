"""A BLE serial module, as an HM-10 or one with Nordic's UART service: a chip's UART on the air.

It sends at most 20 bytes a notification, when they are together or when the chip pauses; so what
arrives are pieces of lines. What the chip says while nobody is subscribed is lost.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from bumble.core import UUID, AdvertisingData, BaseBumbleError
from bumble.device import Connection, Device
from bumble.gatt import Characteristic, CharacteristicValue, Service

from simulator.bench.emulate.uart import Uart
from simulator.profile import Wire

PIECE_BYTES = 20
_PAUSE_S = 0.015  # of the chip, after which what came is sent
_INTERVAL_MS = 50.0
_FLAGS = b"\x06"  # general discoverable, no classic Bluetooth
_AD_BYTES = 31
_READ = Characteristic.READABLE
_WRITE = Characteristic.WRITEABLE


class BleSerial:
    """The module; its service and characteristics are those that a profile's [wire] names."""

    def __init__(self, device: Device, chip: Uart, wire: Wire) -> None:
        self._device = device
        self._chip = chip
        self._service = UUID(wire.service)
        self._buffer = bytearray()
        self._flush: asyncio.TimerHandle | None = None
        self._ready = asyncio.Event()
        notify = wire.notify[0]
        can = Characteristic.Properties
        taken: CharacteristicValue[bytes] = CharacteristicValue(
            read=lambda _: b"", write=self._written
        )
        into = can.WRITE | can.WRITE_WITHOUT_RESPONSE
        one_for_both = wire.write in ("", notify)
        self._voice: Characteristic[bytes] = Characteristic(
            notify,
            can.NOTIFY | can.READ | into if one_for_both else can.NOTIFY,
            _READ | _WRITE if one_for_both else _READ,
            taken,
        )
        all_of_it = [self._voice]
        if not one_for_both:
            all_of_it.append(Characteristic(wire.write, into, _WRITE, taken))
        device.add_service(Service(self._service, all_of_it))

    @property
    def address(self) -> str:
        """Return its radio address."""
        return str(self._device.random_address)[:17]

    async def appear(self) -> None:
        """Advertise until somebody connects, and again after that."""
        if not self._device.is_advertising:
            await self._device.start_advertising(
                advertising_data=self._advertisement(),
                advertising_interval_min=_INTERVAL_MS,
                advertising_interval_max=_INTERVAL_MS,
                auto_restart=True,
            )

    async def vanish(self) -> None:
        """Leave the range of whoever is connected."""
        with contextlib.suppress(BaseBumbleError):
            await self._device.stop_advertising()
        for connection in tuple(self._device.connections.values()):
            with contextlib.suppress(BaseBumbleError):
                await connection.disconnect()

    def take(self, data: bytes) -> None:
        """Take what the chip says; send it when it pauses, or when a piece is full."""
        self._buffer += data
        if self._flush is not None:
            self._flush.cancel()
        if len(self._buffer) >= PIECE_BYTES:
            self._ready.set()
        else:
            self._flush = asyncio.get_running_loop().call_later(_PAUSE_S, self._ready.set)

    async def pump(self) -> None:
        """Send pieces, for ever."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            while self._buffer:
                piece = bytes(self._buffer[:PIECE_BYTES])
                del self._buffer[:PIECE_BYTES]
                with contextlib.suppress(BaseBumbleError):  # the listener left: it is lost
                    await self._device.notify_subscribers(self._voice, piece)

    def _written(self, connection: Connection, value: bytes) -> None:
        del connection
        self._chip.write(bytes(value))

    def _advertisement(self) -> bytes:
        service = self._service.to_bytes()
        kinds = AdvertisingData
        kind = kinds.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS
        if len(service) == 2:
            kind = kinds.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS
        said = [(kinds.FLAGS, _FLAGS), (kind, service)]
        room = _AD_BYTES - len(bytes(AdvertisingData(said))) - 2
        name = self._device.name.encode()[:room]
        return bytes(AdvertisingData([*said, (kinds.COMPLETE_LOCAL_NAME, name)]))


@contextlib.asynccontextmanager
async def on_air(device: Device, chip: Uart, wire: Wire) -> AsyncIterator[BleSerial]:
    """Join a chip to the air; should the chip end, the module vanishes."""
    module = BleSerial(device, chip, wire)
    await device.power_on()
    pump = asyncio.create_task(module.pump())
    chip.heard = module.take
    try:
        await module.appear()
        yield module
    finally:
        pump.cancel()
        await asyncio.wait([pump])
        await module.vanish()
        await device.power_off()
