"""The step library, a module a topic, in the words of people who carry the devices.

Actions come after `Given` and `When`, expectations after `Then`; see `simulator.bdd.declare`.
"""

from importlib import import_module

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


def register(manager: pytest.PytestPluginManager) -> None:
    """Let pytest know the steps; once is enough."""
    for topic in TOPICS:
        name = f"{__name__}.{topic}"
        if not manager.has_plugin(name):
            manager.register(import_module(name), name)
