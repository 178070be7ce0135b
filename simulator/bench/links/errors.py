"""What goes wrong on a link, as reasons that lead to different remedies."""

import errno
from collections.abc import Iterator
from enum import StrEnum

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakCharacteristicNotFoundError,
    BleakDeviceNotFoundError,
    BleakError,
)

from simulator.bench.links.holders import holders
from simulator.errors import UnavailableError

try:
    import termios
except ImportError:  # Windows has none
    _TERMIOS: tuple[type[Exception], ...] = ()
else:
    _TERMIOS = (termios.error,)


class LinkReason(StrEnum):
    """Why a link is not there."""

    MISSING = "missing"
    BUSY = "busy"
    NO_PERMISSION = "no permission"
    ADAPTER_OFF = "adapter off"
    WRONG_SETTINGS = "wrong settings"
    LOST = "lost"
    TIMEOUT = "timeout"
    UNKNOWN = "unknown"


_REMEDIES = {
    LinkReason.MISSING: (
        "Plug it in or switch it on; `aurasim bench ports` lists what is there now."
    ),
    LinkReason.BUSY: "Close the other program, then try again.",
    LinkReason.NO_PERMISSION: (
        "Add yourself to the group that owns the port (sudo usermod -aG dialout $USER), log in "
        "anew, or see `aurasim doctor`."
    ),
    LinkReason.ADAPTER_OFF: (
        "Switch the Bluetooth adapter on (bluetoothctl power on), or use a dongle with "
        "--ble-backend bumble:usb:0. `aurasim doctor` says more."
    ),
    LinkReason.WRONG_SETTINGS: (
        "Check baud, parity, data and stop bits in [wire] of the profile; the port does not take "
        "these."
    ),
    LinkReason.LOST: "Check the plug and the power of the device, then try again.",
    LinkReason.TIMEOUT: "Wake the device (press it once) and keep it near, then try again.",
    LinkReason.UNKNOWN: "Run `aurasim doctor`; it looks at ports, permissions and adapters.",
}

LINK_FAILURES: tuple[type[BaseException], ...] = (
    OSError,  # SerialException is one; so is what pyserial lets through after an unplug
    *_TERMIOS,  # neither of the two: a port that refuses its settings
    BleakError,
    ValueError,  # pyserial: an unknown URL, or a setting that no port has
)
"""What pyserial and bleak raise when a link cannot be had or kept."""

_BY_ERRNO = {
    errno.ENOENT: LinkReason.MISSING,
    errno.ENXIO: LinkReason.MISSING,
    errno.ENODEV: LinkReason.MISSING,
    errno.ECONNREFUSED: LinkReason.MISSING,
    errno.EHOSTUNREACH: LinkReason.MISSING,
    errno.ENETUNREACH: LinkReason.MISSING,
    errno.EBUSY: LinkReason.BUSY,
    errno.EAGAIN: LinkReason.BUSY,  # the lock of another program
    errno.EACCES: LinkReason.NO_PERMISSION,
    errno.EPERM: LinkReason.NO_PERMISSION,
    errno.EINVAL: LinkReason.WRONG_SETTINGS,
    errno.ENOTTY: LinkReason.WRONG_SETTINGS,
    errno.EIO: LinkReason.LOST,
    errno.EPIPE: LinkReason.LOST,
    errno.ECONNRESET: LinkReason.LOST,
    errno.ETIMEDOUT: LinkReason.TIMEOUT,
}
_BY_WORDS = {
    "does not accept parameter": LinkReason.WRONG_SETTINGS,  # RFC 2217
    "disconnected": LinkReason.LOST,
    "device reports readiness": LinkReason.LOST,
    "not seem to be rfc2217": LinkReason.WRONG_SETTINGS,
    "timeout": LinkReason.TIMEOUT,
    "timed out": LinkReason.TIMEOUT,
    "notready": LinkReason.ADAPTER_OFF,
    "no bluetooth adapters found": LinkReason.ADAPTER_OFF,
    "no powered bluetooth adapters": LinkReason.ADAPTER_OFF,
}


class LinkError(UnavailableError):
    """A link cannot be had or kept: which (`link`), why (`reason`), and what would help."""

    def __init__(
        self, link: str, reason: LinkReason, detail: str = "", *, remedy: str = ""
    ) -> None:
        held = f" It is held by {holders(link)}." if reason is LinkReason.BUSY else ""
        told = f": {detail.rstrip('.')}" if detail else ""
        self.remedy = remedy or _REMEDIES[reason]
        super().__init__(f"{link}: {_HEADLINES[reason]}{told}.{held} {self.remedy}")
        self.link = link
        self.reason = reason
        self.detail = detail


_HEADLINES = {
    LinkReason.MISSING: "there is no such device",
    LinkReason.BUSY: "another program has it open",
    LinkReason.NO_PERMISSION: "you may not open it",
    LinkReason.ADAPTER_OFF: "Bluetooth is not available on this machine",
    LinkReason.WRONG_SETTINGS: "it refuses its settings",
    LinkReason.LOST: "the device is gone",
    LinkReason.TIMEOUT: "the device did not answer in time",
    LinkReason.UNKNOWN: "it cannot be used",
}


def link_error(link: str, error: BaseException) -> LinkError:
    """Return what pyserial or bleak raised as one of our family."""
    if isinstance(error, LinkError):
        return error
    return LinkError(link, reason_of(error), _detail(error))


def reason_of(error: BaseException) -> LinkReason:
    """Return the reason behind an error, looking at what caused it too."""
    chain = list(_chain(error))
    for one in chain:
        if isinstance(one, BleakDeviceNotFoundError):
            return LinkReason.MISSING
        if isinstance(one, BleakBluetoothNotAvailableError):
            return LinkReason.ADAPTER_OFF
        if isinstance(one, BleakCharacteristicNotFoundError):
            return LinkReason.WRONG_SETTINGS
    return _by_number(chain) or _by_words(chain) or _by_type(chain)


def _by_number(chain: list[BaseException]) -> LinkReason | None:
    for one in chain:
        number = one.args[0] if isinstance(one, _TERMIOS) else getattr(one, "errno", None)
        if number in _BY_ERRNO:
            return _BY_ERRNO[number]
    return None


def _by_words(chain: list[BaseException]) -> LinkReason | None:
    told = " ".join(str(one).lower() for one in chain)
    return next((reason for words, reason in _BY_WORDS.items() if words in told), None)


def _by_type(chain: list[BaseException]) -> LinkReason:
    kinds: dict[type[BaseException], LinkReason] = {
        TimeoutError: LinkReason.TIMEOUT,
        ValueError: LinkReason.WRONG_SETTINGS,
    }
    found = (reason for one in chain for kind, reason in kinds.items() if isinstance(one, kind))
    return next(found, LinkReason.UNKNOWN)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _detail(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text.splitlines()[0][:200]
