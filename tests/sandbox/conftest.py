"""A sandbox at a fixed moment, and a caller with a tenant of its own."""

from collections.abc import Callable

import pytest
import simpy

from simulator.sandbox import Rules, Sandbox, Settings
from tests.sandbox.caller import EPOCH_S, Caller


@pytest.fixture
def env() -> simpy.Environment:
    """Return the run's clock."""
    return simpy.Environment()


@pytest.fixture
def sandbox(env: simpy.Environment) -> Sandbox:
    """Return a sandbox with the shipped profiles."""
    return Sandbox(env, EPOCH_S)


@pytest.fixture
def caller(sandbox: Sandbox) -> Caller:
    """Return a caller of a tenant of its own."""
    return Caller(sandbox, "client-a")


@pytest.fixture
def customer(caller: Caller) -> int:
    """Return a customer who has paid."""
    return caller.customer()


Ruled = Callable[..., Caller]


@pytest.fixture
def ruled(env: simpy.Environment) -> Ruled:
    """Return what makes a caller of a sandbox with other rules or settings."""

    def make(**choices: object) -> Caller:
        rules = {name: choices.pop(name) for name in list(choices) if name in _RULES}
        settings = Settings(rules=Rules(**rules), **choices)  # type: ignore[arg-type]
        return Caller(Sandbox(env, EPOCH_S, settings=settings), "client-a")

    return make


_RULES = Rules.__struct_fields__
