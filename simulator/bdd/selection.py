"""Which collected scenarios are run, and which are left to somebody else or skipped."""

import pytest
from pytest_bdd.scenario import scenario_wrapper_template_registry
from pytest_bdd.utils import registry_get_safe

from simulator.bdd.collector import ScenarioItem, skip_what_cannot_play
from simulator.bdd.options import OPTIONS, options_of


def select(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out, in place, the scenarios that a Python module binds; mark what cannot play."""
    bound = {key for item in items if (key := _bound(item))}
    options = config.stash.setdefault(OPTIONS, options_of(config))
    ours = [item for item in items if isinstance(item, ScenarioItem)]
    doubled = [item for item in ours if (item.feature.filename, item.template.name) in bound]
    if doubled:
        config.hook.pytest_deselected(items=doubled)
        items[:] = [item for item in items if item not in doubled]
    for item in ours:
        skip_what_cannot_play(item, options)


def _bound(item: pytest.Item) -> tuple[str, str] | None:
    """Return the feature file and scenario that a test function of pytest-bdd plays."""
    function = getattr(item, "obj", None)
    template = registry_get_safe(scenario_wrapper_template_registry, function)
    return (template.feature.filename, template.name) if template else None
