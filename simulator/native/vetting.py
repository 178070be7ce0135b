"""Where the names of endpoints lead, looked at once before a run sends its first frame."""

import socket
from collections.abc import Sequence
from contextlib import suppress

from simulator.native.endpoint import Delivery
from simulator.profile import Profile


async def vet(delivery: Delivery, profiles: Sequence[Profile]) -> None:
    """Raise RefusedTargetError where a host is an alias of production, or leaves this machine.

    What cannot be resolved is told when it is connected to.
    """
    from simulator.aura.resolving import GuardedResolver  # brings aiohttp

    if delivery.wire is not None:
        return
    for endpoint in dict.fromkeys(delivery.endpoint(profile) for profile in profiles):
        resolver = GuardedResolver(endpoint.allowed)
        with suppress(OSError):
            await resolver.resolve(endpoint.host, endpoint.port, socket.AF_UNSPEC)
