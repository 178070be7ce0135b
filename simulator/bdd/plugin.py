"""The pytest plugin: it is loaded in every run of pytest, so it imports little until it must.

Feature files are collected like test modules. What plays them is imported with the first of them.
"""

import argparse
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulator.bdd.verdict import ENVIRONMENT, Verdict

if TYPE_CHECKING:
    from simulator.bdd.collector import FeatureFile
    from simulator.bdd.scene import Scene

_OBSERVER = "simulator.bdd.observer"
_HELP = {
    "--aura-target": "where scenarios play: sandbox, staging, a name of aura_targets, or a URL",
    "--aura-clock": "virtual, scaled=60 or real; the sandbox is virtual by default",
    "--aura-report": "folder for report.html and cucumber.json",
    "--aura-port": "port of a device on the desk; with =, or pytest takes it for a path",
    "--aura-ble": "BLE address or name of a device on the desk",
    "--aura-emulate": "emulated device: avr, microbit or ble-button",
    "--aura-profile": "model of the device on the desk; others are skipped",
    "--aura-serial": "serial of the device on the desk, where its frames do not say it",
    "--aura-finger": "a command that presses the device on the desk",
    "--aura-ble-backend": "os, or bumble:TRANSPORT",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of feature files."""
    group = parser.getgroup("aura", "feature files on AURA")
    defaults = {"--aura-target": "sandbox", "--aura-ble-backend": "os"}
    for name, text in _HELP.items():
        group.addoption(name, default=defaults.get(name), help=text)
    group.addoption("--aura-seed", type=int, default=1, help="seed of all chance (default 1)")
    group.addoption("--aura-slow", action="store_true", help="play @slow on a real clock too")
    group.addoption("--aura-mutant", help=argparse.SUPPRESS)  # of `aurasim mutate`
    group.addoption("--aura-complaints", help=argparse.SUPPRESS)  # of `aurasim steps check`
    parser.addini("aura_targets", "targets by name, one `name = url` a line", type="linelist")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse options that cannot be, before anything is collected."""
    report = config.getoption("aura_report")
    config.pluginmanager.register(Verdict(Path(report) if report else None), "aura-verdict")
    if config.getoption("aura_mutant"):
        _plant(config)
    given = (config.getoption(f"aura_{name}") for name in ("clock", "port", "ble", "emulate"))
    if config.getoption("aura_target") != "sandbox" or any(given):
        from simulator.bdd.options import options_of
        from simulator.errors import UnavailableError

        try:
            options_of(config)
        except UnavailableError as error:
            pytest.exit(str(error), ENVIRONMENT)


def _plant(config: pytest.Config) -> None:
    from contextlib import ExitStack

    from simulator.bdd.mutants import mutant_named

    stack = ExitStack()
    stack.enter_context(mutant_named(config.getoption("aura_mutant")).planted())
    config.add_cleanup(stack.close)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "FeatureFile | None":
    """Collect a feature file."""
    if file_path.suffix != ".feature":
        return None
    from simulator.bdd.collector import FeatureFile
    from simulator.bdd.steps import register

    register(parent.config.pluginmanager)
    _observe(parent.config.pluginmanager)
    return FeatureFile.from_parent(parent, path=file_path)


def _observe(manager: pytest.PytestPluginManager) -> None:
    if not manager.has_plugin(_OBSERVER):
        manager.register(import_module(_OBSERVER), _OBSERVER)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a Python module binds already, and skip what cannot play here."""
    if any(item.path.suffix == ".feature" for item in items):
        from simulator.bdd.selection import select

        select(config, items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Write down what is wrong with the steps, where that is asked for."""
    path = session.config.getoption("aura_complaints")
    if path:
        from simulator.bdd.checking import write_complaints

        write_complaints(session, Path(path))


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> "Iterator[Scene]":
    """The world of one scenario: a pipeline, an AURA tenant, a cast, and its clock."""
    from simulator.bdd.playing import open_scene

    yield from open_scene(request)
