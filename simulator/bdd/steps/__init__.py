"""The step library, a module a topic, in the words of people who carry the devices.

Actions come after `Given` and `When`, expectations after `Then`; see `simulator.bdd.declare`.
"""

from importlib import import_module
from types import ModuleType

import pytest

TOPICS = (
    "customers",
    "sites",
    "devices",
    "people",
    "passing",
    "faults",
    "frames",
    "callouts",
    "apps",
    "responders",
    "webhooks",
    "requests",
    "ledger",
)
"""The modules of the library, in the order in which the dictionary shows them."""


def load() -> dict[str, ModuleType]:
    """Return the modules of the library by their full names, imported."""
    return {f"{__name__}.{topic}": import_module(f"{__name__}.{topic}") for topic in TOPICS}


def register(manager: pytest.PytestPluginManager) -> None:
    """Let pytest know the steps; once is enough."""
    for name, module in load().items():
        if not manager.has_plugin(name):
            manager.register(module, name)
