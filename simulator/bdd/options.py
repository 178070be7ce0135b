"""What the command line of pytest says about a session, read once."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from simulator.aura import Tier
from simulator.aura.access import Access
from simulator.bdd.stage import Place
from simulator.clock import REAL, VIRTUAL, ClockMode, clock_mode
from simulator.errors import InputError

_NO_BENCH = (
    "Feature files do not play on physical devices yet: leave --aura-port and --aura-ble away. "
    "`aurasim bench` talks to a device on the desk."
)


@dataclass(frozen=True, slots=True)
class Options:
    """The settings of a session; `words` repeats them on a command line."""

    place: Place
    seed: int
    report: Path | None
    runs_slow: bool
    words: str

    @property
    def tags(self) -> frozenset[str]:
        """Return which of the tags `@sandbox`, `@staging` are served here."""
        if self.place.target is None or self.place.target.tier is Tier.SANDBOX:
            return frozenset({"sandbox"})
        return frozenset({"staging"})


OPTIONS = pytest.StashKey[Options]()


def options_of(config: pytest.Config) -> Options:
    """Return the settings of a session; raise `pytest.UsageError` where they cannot be."""
    if config.getoption("aura_port") or config.getoption("aura_ble"):
        raise pytest.UsageError(_NO_BENCH)
    try:
        place = _place(config)
    except InputError as error:
        raise pytest.UsageError(str(error)) from error
    report = config.getoption("aura_report")
    return Options(
        place,
        config.getoption("aura_seed"),
        Path(report) if report else None,
        config.getoption("aura_slow"),
        _words(config),
    )


def _place(config: pytest.Config) -> Place:
    """Return where to play; an unknown client of a sandbox is a tenant of its own."""
    name: str = config.getoption("aura_target")
    said: str | None = config.getoption("aura_clock")
    if name == "sandbox":
        return Place(name, clock_mode(said) if said else VIRTUAL)
    clock = _real(name, said)
    named = _named(config)
    url = named.get(name, name)
    access = Access.read()
    if name in named:
        access = access.allowing(urlsplit(url).hostname or "")
    elif name != "staging" and name not in access.names and "//" not in url:
        message = (
            f"There is no target '{name}'. Say sandbox, staging, a URL, or a name of aurasim.toml "
            "or of the ini setting aura_targets (one `name = url` a line)."
        )
        raise InputError(message)
    if name == "staging":
        return Place(name, clock, credentials=access.credentials(name), target=access.target(name))
    target = access.target(url)
    known = None if target.tier is Tier.SANDBOX else access.credentials(url)
    return Place(name, clock, target, known)


def _real(name: str, said: str | None) -> ClockMode:
    if said and clock_mode(said) != REAL:
        message = (
            f"{name} lives in real time: say --aura-clock real or nothing. The clocks virtual and "
            "scaled belong to --aura-target sandbox."
        )
        raise InputError(message)
    return REAL


def _named(config: pytest.Config) -> dict[str, str]:
    """Return the targets that the ini file names."""
    lines: list[str] = config.getini("aura_targets")
    pairs = (line.partition("=") for line in lines)
    return {name.strip(): url.strip() for name, _, url in pairs}


def _words(config: pytest.Config) -> str:
    """Return the options that repeat a session; the seed always."""
    words = [f"--aura-seed {config.getoption('aura_seed')}"]
    target, clock = config.getoption("aura_target"), config.getoption("aura_clock")
    words += [f"--aura-target {target}"] if target != "sandbox" else []
    words += [f"--aura-clock {clock}"] if clock else []
    return " ".join(words)
