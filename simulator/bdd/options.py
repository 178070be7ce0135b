"""What the command line of pytest says about a session, read once."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from simulator.aura import Tier
from simulator.aura.access import Access
from simulator.bdd.stage import Place
from simulator.clock import REAL, VIRTUAL, ClockMode, clock_mode
from simulator.errors import InputError

if TYPE_CHECKING:
    from simulator.bdd.physical import Bench

_BENCH = ("port", "ble", "emulate")


@dataclass(frozen=True, slots=True)
class Options:
    """The settings of a session; `words` repeats them on a command line."""

    place: Place
    seed: int
    report: Path | None
    runs_slow: bool
    words: str
    bench: "Bench | None" = None

    @property
    def tags(self) -> frozenset[str]:
        """Return which of the tags `@sandbox`, `@staging`, `@bench` are served here."""
        target = self.place.target
        is_sandbox = target is None or target.tier is Tier.SANDBOX
        served = {"sandbox" if is_sandbox else "staging"}
        return frozenset(served | ({"bench"} if self.bench else set()))


OPTIONS = pytest.StashKey[Options]()


def options_of(config: pytest.Config) -> Options:
    """Return the settings of a session; raise `pytest.UsageError` where they cannot be."""
    try:
        bench = _bench(config)
        place = _place(config, is_bench=bench is not None)
    except InputError as error:
        raise pytest.UsageError(str(error)) from error
    report = config.getoption("aura_report")
    return Options(
        place,
        config.getoption("aura_seed"),
        Path(report) if report else None,
        config.getoption("aura_slow"),
        _words(config),
        bench,
    )


def _bench(config: pytest.Config) -> "Bench | None":
    """Return the unit on the desk, where one was named; it is not looked for yet."""
    given = {name: config.getoption(f"aura_{name}") for name in _BENCH}
    if not any(given.values()):
        return None
    from simulator.bdd.physical import Bench  # brings pyserial and bleak
    from simulator.bdd.prompting import prompter
    from simulator.bench.rig import RigSettings

    settings = RigSettings(
        port=given["port"],
        ble=given["ble"],
        kind=given["emulate"],
        profile=config.getoption("aura_profile"),
        serial=config.getoption("aura_serial"),
        finger=config.getoption("aura_finger"),
        ble_backend=config.getoption("aura_ble_backend"),
    )
    return Bench(settings, prompter(config))


def _place(config: pytest.Config, *, is_bench: bool) -> Place:
    """Return where to play; an unknown client of a sandbox is a tenant of its own."""
    name: str = config.getoption("aura_target")
    said: str | None = config.getoption("aura_clock")
    if name == "sandbox":
        return Place(name, _desk_clock(said) if is_bench else clock_mode(said or str(VIRTUAL)))
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


def _desk_clock(said: str | None) -> ClockMode:
    if said and clock_mode(said) != REAL:
        message = (
            "A unit on the desk lives in real time: say --aura-clock real or nothing with "
            "--aura-port, --aura-ble and --aura-emulate."
        )
        raise InputError(message)
    return REAL


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
    for name in (*_BENCH, "profile", "serial"):
        said = config.getoption(f"aura_{name}")
        words += [f"--aura-{name}={said}"] if said else []
    return " ".join(words)
