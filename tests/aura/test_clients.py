"""The two drivers turn the same conversation."""

import asyncio

import pytest

from simulator.aura import (
    AsyncClient,
    BadRequestError,
    Client,
    InProcessTransport,
    NotFoundError,
    Paths,
    RefusedTargetError,
    Request,
    Response,
    TransportError,
    TransportFailure,
)
from simulator.aura.calls import callouts
from simulator.aura.types import CalloutId
from simulator.testing.scripted_aura import ScriptedAura, answer

CALLOUT = answer(200, {"callout": {"id": 7}})


class AsyncScript:
    """A script behind an asyncio face, with a moment of its own for each request."""

    def __init__(self, script: ScriptedAura) -> None:
        self.script = script

    async def send(self, request: Request) -> Response:
        await asyncio.sleep(0)
        return self.script.send(request)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.script.sleep(seconds)

    def client(self) -> AsyncClient:
        return AsyncClient(self.script.session(), self, self.sleep)


async def test_many_tasks_share_one_token_request() -> None:
    face = AsyncScript(ScriptedAura(CALLOUT))
    client = face.client()

    found = await asyncio.gather(*(client.call(callouts.get(CalloutId(7))) for _ in range(100)))

    assert [callout.id for callout in found] == [7] * 100
    assert len(face.script.asked_tokens) == 1


async def test_many_tasks_with_an_old_token_share_its_replacement() -> None:
    face = AsyncScript(ScriptedAura(CALLOUT))
    client = face.client()
    await client.authenticate()
    face.script.answers = [*[answer(401)] * 50, CALLOUT]

    await asyncio.gather(*(client.call(callouts.get(CalloutId(7))) for _ in range(50)))

    assert len(face.script.asked_tokens) == 2


async def test_task_cancelled_while_it_asks_for_a_token_does_not_block_others() -> None:
    face = AsyncScript(ScriptedAura(CALLOUT))
    client = face.client()
    first = asyncio.create_task(client.call(callouts.get(CalloutId(7))))
    await asyncio.sleep(0)

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await client.call(callouts.get(CalloutId(7)))

    assert face.script.slept == []


async def test_async_client_retries_and_raises_like_the_other() -> None:
    lost = TransportError(TransportFailure.RESET)
    face = AsyncScript(ScriptedAura(lost, answer(500), answer(404, {"message": "gone"})))

    with pytest.raises(NotFoundError, match="gone"):
        await face.client().call(callouts.get(CalloutId(7)))

    assert len(face.script.slept) == 2


def test_client_calls_a_function_of_this_process() -> None:
    script = ScriptedAura(CALLOUT)
    client = Client(script.session(), InProcessTransport(script.send), script.sleep)

    assert client.call(callouts.get(CalloutId(7))).id == 7


def test_error_of_the_transport_that_is_no_network_failure_passes_through() -> None:
    def refuse(request: Request) -> Response:
        raise RefusedTargetError(request.path)

    script = ScriptedAura()
    client = Client(script.session(), InProcessTransport(refuse), script.sleep)

    for _ in range(2):
        with pytest.raises(RefusedTargetError):
            client.authenticate()


def test_paths_are_settings() -> None:
    script = ScriptedAura(answer(400))
    paths = Paths(prefix="/development/panic-api/v2", resolution_report="resolution-report")
    from simulator.aura.calls import callout_records

    with pytest.raises(BadRequestError):
        script.client(paths=paths).call(callout_records.resolution_report(CalloutId(7)))

    assert script.asked[0].path == "/development/panic-api/v2/callouts/7/resolution-report"
    assert script.asked_tokens[0].path == "/development/panic-api/v2/oauth/token"


def test_authenticate_asks_once() -> None:
    script = ScriptedAura()
    client = script.client()

    client.authenticate()
    client.authenticate()

    assert len(script.asked_tokens) == 1
