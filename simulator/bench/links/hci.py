"""A Bluetooth adapter that is ours alone: a dongle or a virtual one, by an HCI transport of bumble.

What can go wrong with it has one family of errors here, whoever uses it: to hear devices, or to be
some.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bumble.core import BaseBumbleError, CommandTimeoutError
from bumble.device import Device
from bumble.transport import open_transport
from bumble.transport.common import Transport, TransportLostError, TransportSpecError

from simulator.bench.links.errors import LinkError, LinkReason, reason_of
from simulator.errors import InputError

TRANSPORTS = "usb:0, serial:/dev/ttyACM0 or tcp-client:127.0.0.1:PORT"
_REMEDY = (
    "Plug the dongle in and close what else uses it; name it for example usb:0 or "
    "serial:/dev/ttyACM0. With nothing plugged in, `aurasim bench air` gives a virtual one."
)
_WORDS: dict[type[BaseException], str] = {
    CommandTimeoutError: "it does not answer",
    TimeoutError: "it does not answer",
    TransportLostError: "it went away",
}
_TOLD_APART = (LinkReason.BUSY, LinkReason.NO_PERMISSION)

HCI_FAILURES: tuple[type[BaseException], ...] = (OSError, BaseBumbleError)
"""What an adapter that was there raises when it is gone, or refuses; a timeout is an OSError."""


@asynccontextmanager
async def hci_transport(text: str, *, name: str = "") -> AsyncIterator[Transport]:
    """Give an adapter while the block runs, such as that of `usb:0`.

    Raises InputError for what is no transport, LinkError (called `name`) where there is none.
    """
    try:
        transport = await open_transport(text)
    except (TransportSpecError, AssertionError) as error:
        raise _no_transport(text) from error
    except ValueError as error:
        raise _no_transport(text) from error
    except Exception as error:  # libusb and bumble raise some that are of no family
        raise adapter_error(name or text, error) from error
    try:
        yield transport
    finally:
        with suppress(*HCI_FAILURES):
            await transport.close()


async def switch_on(device: Device, name: str, *, answer_s: float = 5.0) -> None:
    """Switch an adapter on; raise LinkError where it is off, or silent for `answer_s`."""
    try:
        async with asyncio.timeout(answer_s):
            await device.power_on()
    except HCI_FAILURES as error:
        raise adapter_error(name, error) from error


def adapter_error(name: str, error: BaseException) -> LinkError:
    """Return what an adapter raised as one of our family, with what to do about it."""
    reason = reason_of(error)
    detail = str(error) or _WORDS.get(type(error), type(error).__name__)
    if reason in _TOLD_APART:
        return LinkError(name, reason, detail)
    return LinkError(name, LinkReason.ADAPTER_OFF, detail, remedy=_REMEDY)


def _no_transport(text: str) -> InputError:
    message = (
        f"'{text}' is no Bluetooth adapter of ours. Say an HCI transport such as {TRANSPORTS}; "
        "`aurasim bench air` gives a virtual one."
    )
    return InputError(message)
