"""A D-Bus of our own: a dbus-daemon that only we know the address of."""

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import AsyncIterator

from simulator.bench.emulate.child import child

_START_S = 60.0
_CALM_S = 5.0


@contextlib.asynccontextmanager
async def private_bus() -> AsyncIterator[str]:
    """Run a bus and give its address."""
    with tempfile.TemporaryDirectory(prefix="aurasim-bus-") as folder:
        command = ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"]
        async with child("dbus-daemon", [*command, f"--address=unix:path={folder}/bus"]) as daemon:
            address = await daemon.line("unix:", within_s=_START_S)
            try:
                yield address
            finally:
                _keep_bleak_calm()


def _keep_bleak_calm() -> None:
    """Let bleak not warn of the loss of a bus that we end; it keeps its connection for good."""
    logger = logging.getLogger("bleak.backends.bluezdbus.manager")
    calm = _EndOfBus()
    logger.addFilter(calm)
    asyncio.get_running_loop().call_later(_CALM_S, logger.removeFilter, calm)


class _EndOfBus(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return "D-Bus connection to BlueZ was lost" not in record.getMessage()
