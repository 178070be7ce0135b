"""A target that talks as AURA does about tokens and device events, and fails as a test tells it."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping

from simulator.aura import Response
from simulator.clock import monotonic_s
from simulator.load.gathering import Gathering
from simulator.load.result import LoadResult, SettingsJson
from simulator.load.schedule import Round
from simulator.load.shapes import Form, Shape
from simulator.load.shard import Shard, Task
from simulator.load.thresholds import Threshold
from tests.load.hostile import listening

MIX = {"aura-structured": 20}
IDS = [f"{number:08d}" for number in range(1, 21)]


Fails = Callable[[int, str], Response | None]


def _never(number: int, token: str) -> Response | None:
    del number, token
    return None


class AuraLike:
    """Answers 200 to everything, unless `event` says otherwise; counts what it was asked."""

    def __init__(self, event: Fails = _never) -> None:
        self.tokens = 0
        self.callouts = 0
        self.refuses_tokens = False
        self.open: dict[str, int] = {}
        self.events = 0
        self.lives_s = 3600
        self.said: Counter[str] = Counter()
        self.bodies: list[dict[str, object]] = []
        self._event = event

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends."""
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            found = re.search(r"content-length: *(\d+)", head, re.IGNORECASE)
            body = await reader.readexactly(int(found[1]) if found else 0)
            answer = self.answer(head, body)
            if answer is None:
                await reader.read(-1)
                return
            writer.write(_written(answer))
            await writer.drain()

    def answer(self, head: str, body: bytes) -> Response | None:
        """Return the answer; None where there is never one."""
        if "/oauth/token" in head:
            self.tokens += 1
            if self.refuses_tokens:
                return Response(401)
            told = {"accessToken": f"token-{self.tokens}", "expiresIn": self.lives_s}
            return Response(200, {}, json.dumps(told).encode())
        token = re.search(r"authorization: *Bearer (\S+)", head, re.IGNORECASE)
        self.events += 1
        self.said[token[1] if token else ""] += 1
        event = json.loads(body)
        self.bodies.append(event)
        failing = self._event(self.events, token[1] if token else "")
        if failing is not None:
            return None if failing.status == 0 else failing
        outcome = {"calloutId": self._callout(event), "deviceId": event["device_id"]}
        resolved = {"eventTypes": "NEW_CALLOUT", "eventResponse": outcome}
        said = json.dumps({"message": "", "resolvedAuraEvent": resolved})
        return Response(200, {}, said.encode())

    def _callout(self, event: dict[str, object]) -> int | None:
        """Return the callout of a device; a press opens one, a cancel ends it."""
        device = str(event["device_id"])
        if event["message_type"] == 1 and device not in self.open:
            self.callouts += 1
            self.open[device] = self.callouts
        if event["message_type"] == 3:
            return self.open.pop(device, None)
        return self.open.get(device)


SILENCE = Response(0)


def _written(answer: Response) -> bytes:
    headers = {**answer.headers, "content-length": str(len(answer.body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {answer.status} Said\r\n{lines}\r\n".encode() + answer.body


def task(url: str, **given: object) -> Task:
    """Return a small task; what is given replaces the ordinary."""
    ordinary: Mapping[str, object] = {
        "base_url": url,
        "client_id": "id",
        "client_secret": "secret",
        "mix": MIX,
        "device_ids": IDS,
        "shape": Shape(form=Form.CONSTANT, rate=400.0),
        "life": Round(press=1, move=2, cancel=1, battery=1),
        "for_s": 0.5,
        "drain_s": 3.0,
        "connections": 8,
        "timeout_s": 2.0,
    }
    return Task(**{**ordinary, **given})  # type: ignore[arg-type]  # a test knows its names


def told(asked: Task) -> SettingsJson:
    """Return the settings of a task for a result."""
    return SettingsJson(
        target=asked.base_url,
        tier="sandbox",
        mix=asked.mix,
        shape=asked.shape.form.value,
        rate=asked.shape.rate,
        for_s=asked.for_s,
        seed=asked.seed,
        transport=asked.transport,
        connections=asked.connections,
        timeout_s=asked.timeout_s,
        workers=1,
    )


async def play(
    aura: AuraLike, *thresholds: Threshold, journal: list[bytes] | None = None, **given: object
) -> LoadResult:
    """Run a shard in this process against a target, and return what it came to."""
    async with listening(aura.serve) as url:
        asked = task(url, **given)
        lines = journal if journal is not None else []
        gathering = Gathering(told(asked), "2026-06-01T00:00:00Z", thresholds, lines.append)
        shard = Shard(asked, lambda letter, payload: gathering.take(0, letter, payload))
        await shard.prepare()
        gathering.start_s = monotonic_s() + 0.01
        await shard.run(gathering.start_s)
        return gathering.finish(asked.for_s)
