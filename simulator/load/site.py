"""Where a load test goes: the target, who we are to it, its devices, and how it is left."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, replace

from simulator.aura import AsyncClient, AuraError, Credentials, HttpTransport, Session, Target, Tier
from simulator.aura.calls import callouts, webhooks
from simulator.aura.calls.webhooks import WebhookEvent
from simulator.aura.guard import ceiling_of
from simulator.aura.listening import WebhookReceiver
from simulator.aura.types import CalloutId
from simulator.clock import wall_s
from simulator.errors import InputError, UnavailableError
from simulator.journal import Record
from simulator.load.crew import embedded_sandbox
from simulator.load.linking import Linked, link_all, taken
from simulator.load.listening import CalloutInbox
from simulator.load.settings import LINK, LoadSettings
from simulator.load.shapes import Form
from simulator.load.tasks import PLACE
from simulator.profile import load
from simulator.rng import Rng
from simulator.run.reaching import clear, door, reach


@dataclass(frozen=True, slots=True)
class Site:
    """A target that may be tested, and the ordinary client for all but the test itself."""

    settings: LoadSettings
    target: Target
    credentials: Credentials
    client: AsyncClient

    @property
    def is_embedded(self) -> bool:
        """Return whether the target is a sandbox of this test's own."""
        return self.settings.target == "sandbox"

    def check_rate(self) -> None:
        """Raise InputError where the target may not be asked so often."""
        ceiling = ceiling_of(self.target)
        shape = self.settings.shape
        if ceiling is None:
            return
        if shape.form is Form.SATURATE or shape.rate > ceiling.rate_s:
            message = (
                f"{self.target.host} may be asked {ceiling.rate_s:g} times a second, not "
                f"{shape.rate:g}. Lower --rate, or raise its rate in aurasim.toml where that is "
                "agreed with AURA."
            )
            raise InputError(message)

    async def devices(
        self, on_phase: Callable[[str], None], write: Callable[[Record], None]
    ) -> Linked:
        """Link the devices at AURA, or take them as linked; raises AuraError."""
        settings = self.settings
        mix = [(load(name), count) for name, count in settings.mix.items()]
        if settings.setup != LINK:
            return Linked(taken(mix))
        await self.client.authenticate()
        on_phase(f"linking {settings.devices} devices")
        return await link_all(self.client, mix, place=PLACE, write=write)

    @asynccontextmanager
    async def heard(self, on_callout: Callable[[int, float], None]) -> AsyncIterator[None]:
        """Let an embedded sandbox tell of callouts while the block runs: (number, monotonic s)."""
        if not (self.is_embedded and self.settings.webhooks):
            yield
            return
        loop = asyncio.get_running_loop()

        def hear(callout: int, at_s: float) -> None:
            with suppress(RuntimeError):  # the loop has ended: nobody counts any more
                loop.call_soon_threadsafe(on_callout, callout, at_s)

        with WebhookReceiver(inbox=CalloutInbox(hear)) as receiver:
            await self.client.call(webhooks.register(receiver.url, [WebhookEvent.NEW_CALLOUT]))
            yield

    async def leave(self, open_callouts: Iterable[int]) -> None:
        """Cancel what is open, so that nobody drives to a simulation."""
        if self.is_embedded or self.settings.setup != LINK:
            return
        for callout in tuple(open_callouts):
            try:
                await self.client.call(callouts.cancel(CalloutId(callout)))
            except UnavailableError:
                return  # the target is gone; the open list has the rest
            except AuraError:
                continue  # it has ended by itself


@asynccontextmanager
async def site_of(settings: LoadSettings, on_phase: Callable[[str], None]) -> AsyncIterator[Site]:
    """Reach the target of a test while the block runs; raises what makes it unreachable."""
    async with AsyncExitStack() as stack:
        target, credentials, transport = await _reach(stack, settings, on_phase)
        session = Session(credentials, wall_s, Rng(settings.seed).stream(0, "setup"))
        yield Site(settings, target, credentials, AsyncClient(session, transport, asyncio.sleep))


async def _reach(
    stack: AsyncExitStack, settings: LoadSettings, on_phase: Callable[[str], None]
) -> tuple[Target, Credentials, HttpTransport]:
    if settings.target == "sandbox":
        on_phase("starting the sandbox")
        box = await stack.enter_async_context(
            embedded_sandbox(list(settings.mix), workers=settings.workers)
        )
        target = Target.parse(box.base_url)
        transport = await stack.enter_async_context(HttpTransport(target))
        return target, box.credentials, transport
    target, credentials = door(settings.target, settings.allowed)
    if settings.trust:
        target = replace(target, trust=str(settings.trust))
    if settings.setup != LINK:
        transport = await stack.enter_async_context(HttpTransport(target))
        return target, credentials, transport
    if target.tier is not Tier.SANDBOX:
        stack.push_async_callback(clear, target, credentials)
    reached = await stack.enter_async_context(reach(target, credentials, run=settings.out))
    return target, credentials, reached.transport
