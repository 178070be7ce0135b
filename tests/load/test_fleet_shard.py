"""The model's own schedule under load: firmware, radio and gateway, and a row for every event."""

from simulator.aura import Response
from simulator.clock import monotonic_s
from simulator.load.fleet_shard import FleetShard
from simulator.load.gathering import Gathering
from simulator.load.result import LoadResult, Stage
from simulator.load.shapes import Form, Shape
from tests.load.aura_like import AuraLike, task, told
from tests.load.hostile import listening


async def play(aura: AuraLike, shard: tuple[int, int] = (0, 1), **given: object) -> LoadResult:
    """Run a fleet for two seconds against a target, and return what it came to."""
    async with listening(aura.serve) as url:
        asked = task(
            url,
            shape=Shape(form=Form.FLEET),
            customers=list(range(1, 21)),
            for_s=2.0,
            shard=shard,
            **given,
        )
        gathering = Gathering(told(asked), "2026-06-01T00:00:00Z")
        made = FleetShard(asked, lambda letter, payload: gathering.take(0, letter, payload))
        await made.prepare()
        gathering.start_s = monotonic_s() + 0.01
        await made.run(gathering.start_s)
        return gathering.finish(asked.for_s)


async def test_presses_of_the_model_have_all_stages() -> None:
    result = await play(AuraLike())

    presses = result.kinds["press"]
    assert presses.due == presses.answered > 0
    for stage in (
        Stage.AIR,
        Stage.GATEWAY,
        Stage.LATENESS,
        Stage.ANSWER,
        Stage.LATENCY,
    ):
        assert result.stage(stage, "press").n == presses.answered
    assert result.stage(Stage.PRESS).n >= presses.answered  # some are lost in the air
    press_to_frame = result.stage(Stage.PRESS).percentile_s(50)
    assert press_to_frame is not None
    assert 0.15 < press_to_frame < 0.25


async def test_both_transports_run_the_same_fleet() -> None:
    wire, aiohttp = AuraLike(), AuraLike()

    await play(wire)
    await play(aiohttp, transport="aiohttp")

    def said(aura: AuraLike) -> set[tuple[object, object]]:
        return {(body["device_id"], body["message_type"]) for body in aura.bodies}

    assert said(wire) == said(aiohttp)


async def test_shards_are_parts_of_the_same_fleet() -> None:
    whole, parts = AuraLike(), [AuraLike(), AuraLike()]

    await play(whole)
    for number, aura in enumerate(parts):
        await play(aura, (number, 2))

    def pressed(*auras: AuraLike) -> list[str]:
        return sorted(
            str(body["device_id"]) for aura in auras for body in aura.bodies
            if body["message_type"] == 1
        )  # fmt: skip

    assert pressed(*parts) == pressed(whole)


async def test_what_aura_refuses_is_counted() -> None:
    result = await play(AuraLike(lambda number, token: Response(400)))

    assert set(result.errors) == {"answered 400"}
    assert result.total.answered == 0
