"""The last look at where a request goes: the addresses behind a name.

A name that is allowed can be an alias of production: a CNAME, a line in a hosts file, an address
written as a number. What the name resolves to is what is connected to, so it is judged here, and
nowhere is a second look-up that could answer otherwise.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

from aiohttp.abc import AbstractResolver, ResolveResult

from simulator.aura.errors import RefusedTargetError, TargetRefusal
from simulator.aura.targets import PRODUCTION_HOSTS, Tier, judge, plain_host

_Info: TypeAlias = tuple[int, int, int, str, tuple[str, int]]
LookUp: TypeAlias = Callable[[str, int, int], Awaitable[list[_Info]]]
_PRODUCTION_S = 5.0


async def look_up(host: str, port: int, family: int) -> list[_Info]:
    """Ask the system, for the canonical name too."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host,
        port,
        type=socket.SOCK_STREAM,
        family=family,
        flags=socket.AI_ADDRCONFIG | socket.AI_CANONNAME,
    )
    return [(*info[:4], (str(info[4][0]), int(info[4][1]))) for info in found]


class GuardedResolver(AbstractResolver):
    """Resolves names, and refuses those that lead to production or away from this machine."""

    def __init__(self, allowed: tuple[str, ...], look_up: LookUp = look_up) -> None:
        self._allowed = allowed
        self._look_up = look_up
        self._production: frozenset[str] | None = None

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host; raise RefusedTargetError, or OSError for none."""
        tier = judge(host, self._allowed)
        found = await self._look_up(host, port, family)
        for name in {info[3] for info in found if info[3]}:
            if not _is_address(name):
                self._judge_alias(host, name)
        addresses = [info[4][0] for info in found]
        await self.vet(host, tier, addresses)
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=info[4][1],
                family=info[0],
                proto=info[2],
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for info, address in zip(found, addresses, strict=True)
        ]

    async def vet(self, host: str, tier: Tier, addresses: Iterable[str]) -> None:
        """Refuse addresses that are production's, or not this machine's where they should be.

        Staging is known by its own name and certificate: it may share an address with production.
        """
        if tier is Tier.SANDBOX and not all(map(_is_loopback, addresses)):
            message = f"{host} does not lead to this machine. Nothing was sent. See /etc/hosts."
            raise RefusedTargetError(message, TargetRefusal.NOT_ALLOWED)
        if tier is Tier.OTHER and not self._addresses_of(await self._of_production()).isdisjoint(
            self._addresses_of(addresses)
        ):
            raise _alias(host, "has an address of production's")

    async def close(self) -> None:
        """Hold nothing."""

    def _judge_alias(self, host: str, canonical: str) -> None:
        name = plain_host(canonical)
        try:
            judge(name, (name,))
        except RefusedTargetError as error:
            raise _alias(host, f"is an alias of {name}") from error

    async def _of_production(self) -> frozenset[str]:
        """Return production's addresses; none where its names cannot be resolved from here."""
        if self._production is None:
            found: set[str] = set()
            for name in PRODUCTION_HOSTS:
                try:
                    async with asyncio.timeout(_PRODUCTION_S):
                        answer = await self._look_up(name, 443, socket.AF_UNSPEC)
                except (OSError, TimeoutError):
                    continue
                found.update(info[4][0] for info in answer)
            self._production = frozenset(found)
        return self._production

    @staticmethod
    def _addresses_of(texts: Iterable[str]) -> set[str]:
        return {_plain_address(text) for text in texts}


def _alias(host: str, how: str) -> RefusedTargetError:
    message = (
        f"{host} {how}: a press there sends armed responders. Nothing was sent, and no setting "
        "allows it."
    )
    return RefusedTargetError(message, TargetRefusal.PRODUCTION)


def _plain_address(text: str) -> str:
    """Return an address in one spelling; an IPv4 address inside IPv6 is that IPv4 address."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return text
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def _is_loopback(text: str) -> bool:
    return ipaddress.ip_address(_plain_address(text)).is_loopback
