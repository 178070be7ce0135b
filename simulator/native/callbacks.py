"""The HTTP port: callbacks of Sigfox, webhooks of The Things Stack and ChirpStack, plain frames.

`/sigfox`, `/tts`, `/chirpstack` and `/plain` tell the model by what the network says of the device;
`/sigfox/PROFILE` and so on name it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from simulator.native.envelopes import Envelope, envelope
from simulator.native.middleware import Middleware, Sighting, chosen
from simulator.native.sigfox import write_answer
from simulator.native.uplink import EnvelopeError, Posted, Uplink
from simulator.profile import DirectLink, Link, LorawanLink, Profile, SigfoxLink

if TYPE_CHECKING:
    from aiohttp import web

_LARGEST_BODY = 256 * 1024
_ANSWER_S = 10.0
_LINKS: Mapping[str, type[Link]] = {
    "sigfox": SigfoxLink,
    "tts": LorawanLink,
    "chirpstack": LorawanLink,
    "plain": DirectLink,
}


class Callbacks:
    """One HTTP port for all networks that call by HTTP."""

    def __init__(self, middleware: Middleware, profiles: Sequence[Profile]) -> None:
        self._middleware = middleware
        self._profiles = profiles
        self._envelopes: dict[str, Envelope] = {name: envelope(name) for name in _LINKS}
        self._runner: web.AppRunner | None = None

    async def listen(self, host: str, port: int) -> str:
        """Listen; return the URL without a path."""
        from aiohttp import web  # it takes long to load, and most commands never listen

        app = web.Application(client_max_size=_LARGEST_BODY)
        for name in _LINKS:
            for path in (f"/{name}", f"/{name}/{{profile}}"):
                app.router.add_route("POST", path, self._posted)
                app.router.add_route("GET", path, self._posted)
        self._runner = web.AppRunner(
            app, access_log=None, handle_signals=False, shutdown_timeout=1.0
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound = self._runner.addresses[0][1]
        return f"http://{f'[{host}]' if ':' in host else host}:{bound}"

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _posted(self, request: "web.Request") -> "web.Response":
        from aiohttp import web

        name = request.path.split("/")[1]
        posted = Posted(
            await request.read(), request.method, request.query_string, request.content_type
        )
        try:
            uplink = self._envelopes[name].read(posted)
            profile = self._profile(name, request.match_info.get("profile"), uplink)
        except EnvelopeError as error:
            self._middleware.counts["callbacks refused"] += 1
            return web.json_response({"error": str(error)}, status=400)
        try:
            reply = await self._ask(uplink, profile)
        except TimeoutError:
            return web.json_response({"error": "the gateway is busy"}, status=503)
        if reply is None or name != "sigfox":
            return web.Response(status=204)
        body = write_answer(uplink.address, reply)
        return web.Response(body=body, content_type="application/json")

    def _profile(self, name: str, named: str | None, uplink: Uplink) -> Profile:
        fitting = [p for p in self._profiles if isinstance(p.link, _LINKS[name])]
        if named is not None:
            found = next((p for p in fitting if p.name == named), None)
        elif not uplink.address:
            found = fitting[0] if len(fitting) == 1 else None
        else:
            found = chosen(fitting, uplink.address, uplink.model)
        if found is None:
            known = ", ".join(p.name for p in fitting) or "none"
            reason = f"which model is {uplink.address!r}? Post to /{name}/PROFILE; known: {known}"
            raise EnvelopeError(name, reason)
        return found

    async def _ask(self, uplink: Uplink, profile: Profile) -> bytes | None:
        """Hand a message over and wait for the gateway's reply to it."""
        replied: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()

        def answer(reply: bytes | None) -> None:
            if not replied.done():
                replied.set_result(reply)

        sighting = Sighting(
            profile,
            uplink.payload,
            uplink.address,
            uplink.sequence if uplink.address else None,
            uplink.port,
            uplink.position,
            uplink.asks_reply,
        )
        self._middleware.take(sighting, answer)
        async with asyncio.timeout(_ANSWER_S):
            return await replied
