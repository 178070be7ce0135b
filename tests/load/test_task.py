"""What a shard is told of its target."""

import pytest

from simulator.aura import RefusedTargetError
from simulator.load.shapes import Form, Shape
from simulator.load.task import Task


def task(base_url: str, *, allowed: tuple[str, ...] = (), proxy_url: str | None = None) -> Task:
    """Return the task of a shard that may send 100 requests a second."""
    return Task(
        base_url=base_url,
        client_id="fleet",
        client_secret="secret",
        allowed=allowed,
        rate_s=100.0,
        proxy_url=proxy_url,
        mix={"aura-structured": 1},
        device_ids=["AB1"],
        shape=Shape(form=Form.CONSTANT, rate=1.0),
        for_s=1.0,
        drain_s=1.0,
    )


def test_the_ceiling_and_the_proxy_of_a_named_target_reach_its_shards() -> None:
    """Or each would keep to the ceiling of a stranger, and go another way."""
    told = task(
        "https://middleware.example/api",
        allowed=("middleware.example", "proxy.example"),
        proxy_url="http://proxy.example:3128",
    )

    assert told.target.rate_s == 100.0
    assert told.target.proxy_url == "http://proxy.example:3128"


def test_a_shard_refuses_what_the_runner_would() -> None:
    """Whoever sends it the task."""
    with pytest.raises(RefusedTargetError):
        _ = task(
            "https://panic.aura.services/panic-api/v2", allowed=("panic.aura.services",)
        ).target
    with pytest.raises(RefusedTargetError):
        _ = task("https://stranger.example").target
