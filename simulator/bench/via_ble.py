"""A BLE adapter that is one device of a fleet after the other, each with its own address and name.

A device that advertises says its event in a burst, as long as its profile says, and is silent. A
device that is connected to appears when it has something to say, waits for a gateway to connect and
subscribe, notifies it, and stays until another device needs the adapter: a gateway sees one button
after the other come, speak and leave. What it writes goes to the device that it is connected to.
"""

import asyncio
from contextlib import suppress

from bumble.device import Device
from bumble.hci import Address
from bumble.transport.common import Transport

from simulator.bench.being.ble_button import BlePeripheral
from simulator.bench.being.ble_identity import ble_identity
from simulator.bench.being.voices import on_the_wire
from simulator.bench.carrier import PortCarrier
from simulator.bench.links import LinkError, LinkReason
from simulator.bench.links.ending import end
from simulator.bench.links.hci import HCI_FAILURES, adapter_error, hci_transport
from simulator.native.parcel import Desk, Parcel
from simulator.profile import BleLink, Profile, load

_BURST_S, _INTERVAL_S = 0.3, 0.03  # of an advertiser whose profile says no more
_CLOSE_S = 5.0
_NOT_THE_ADAPTER = (LinkReason.TIMEOUT, LinkReason.WRONG_SETTINGS)
_WAKE_GATEWAY = "Start what listens at the other end, and let it connect to this address."


class BleCarrier(PortCarrier):
    """Says frames by an adapter; one that is lost is opened anew for the next frame."""

    def __init__(
        self,
        desk: Desk,
        tasks: asyncio.TaskGroup,
        transport: str,
        *,
        gateway_s: float,
        reply_s: float,
    ) -> None:
        super().__init__(desk, tasks)
        self._place = transport
        self._gateway_s = gateway_s
        self._reply_s = reply_s
        self._hci: Transport | None = None
        self._serial = ""
        self._peripheral: BlePeripheral | None = None
        self._latest = 0
        self._stays_s = 0.0  # until when, in time of the loop, the present device is not sent away

    async def _say(self, parcel: Parcel) -> None:
        profile = load(parcel.uplink.model)
        payload = on_the_wire("ble:", profile, parcel.frame.payload)
        try:
            peripheral = await self._be(profile, parcel)
            self._latest = parcel.frame.sequence
            if peripheral.speaks_gatt:
                await self._notify(peripheral, payload)
            else:
                await _burst(peripheral, profile, payload)
        except LinkError as error:
            if error.reason not in _NOT_THE_ADAPTER:
                await self._let_go()
            raise
        except HCI_FAILURES as error:
            await self._let_go()
            raise adapter_error(self._place, error) from error

    async def _notify(self, peripheral: BlePeripheral, payload: bytes) -> None:
        try:
            async with asyncio.timeout(self._gateway_s):
                await peripheral.until_listened()
        except TimeoutError as error:
            told = f"no gateway connected and subscribed within {self._gateway_s:g} s"
            reason = LinkReason.TIMEOUT
            raise LinkError(peripheral.address, reason, told, remedy=_WAKE_GATEWAY) from error
        await peripheral.say(payload)
        self._stays_s = asyncio.get_running_loop().time() + self._reply_s

    async def _be(self, profile: Profile, parcel: Parcel) -> BlePeripheral:
        """Be the device that speaks, from now on."""
        serial = parcel.uplink.address
        if self._peripheral is not None and self._serial == serial:
            return self._peripheral
        await self._leave()
        if self._hci is None:
            self._hci = await self._stack.enter_async_context(hci_transport(self._place))
        address, name = ble_identity(profile, serial)
        device = Device.with_hci(name, Address(address), self._hci.source, self._hci.sink)
        peripheral = BlePeripheral(
            device,
            profile.wire,
            name=name,
            hear=lambda data: self._desk.replied(parcel.frame.device, self._latest, data),
            interval_s=_rhythm(profile)[1],
        )
        await peripheral.start()
        self._serial, self._peripheral = serial, peripheral
        return peripheral

    async def _leave(self) -> None:
        """Stop being who it is, once the gateway had its time to answer."""
        peripheral, self._peripheral = self._peripheral, None
        if peripheral is None:
            return
        await asyncio.sleep(self._stays_s - asyncio.get_running_loop().time())
        await peripheral.stop()

    async def _let_go(self) -> None:
        """Close an adapter that fails, so that the next frame opens it anew."""
        self._peripheral = self._hci = None
        await self._stack.aclose()

    async def close(self) -> None:
        """Switch the adapter off and let go of it; one that is gone does not answer any more."""
        await end(self._task)
        with suppress(*HCI_FAILURES):
            async with asyncio.timeout(_CLOSE_S):
                await self._leave()
        await self._stack.aclose()


async def _burst(peripheral: BlePeripheral, profile: Profile, payload: bytes) -> None:
    await peripheral.say(payload)
    await asyncio.sleep(_rhythm(profile)[0])
    await peripheral.hush()


def _rhythm(profile: Profile) -> tuple[float, float]:
    """Return how long one event is advertised, and the time between two packets of it."""
    radio = profile.link
    if isinstance(radio, BleLink):
        return radio.packets * radio.interval_s, radio.interval_s
    return _BURST_S, _INTERVAL_S
