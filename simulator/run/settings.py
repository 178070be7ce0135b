"""What a run is told: by flags, by a run file (TOML), or both, where flags win."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from simulator.clock import VIRTUAL, ClockMode, clock_mode, duration_s, epoch_s
from simulator.device import People, Place
from simulator.errors import InputError
from simulator.journal import JournalForm
from simulator.native import Delivery
from simulator.outside import text_of, toml_of
from simulator.profile import ProfileError, load
from simulator.run.file import RunFile, convert
from simulator.run.life import QUIET, Life, LifeError
from simulator.run.places import line_in, named
from simulator.run.planned import Planned
from simulator.run.tables import ShortcutError, written_out

VIRTUAL_START = "2026-06-01T00:00:00Z"
"""Runs in virtual time begin here, unless told otherwise, so that they can be repeated."""


class RunFileError(InputError):
    """A run file cannot be used: where (`path`, `line`, `key`) and why."""

    def __init__(self, path: Path, line: int | None, key: str, reason: str) -> None:
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {key + ': ' if key else ''}{reason}")
        self.path = path
        self.line = line
        self.key = key
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """All settings of a run. Durations in seconds of run time; `start_s` since 1970."""

    mix: dict[str, int]
    for_s: float = 86400.0
    clock: ClockMode = VIRTUAL
    seed: int = 1
    target: str = "sandbox"
    out: Path = Path("runs/latest")
    people: People = field(default_factory=People)
    place: Place = field(default_factory=Place)
    cold_start: bool = False  # all devices are switched on at the beginning: joins and logins
    start_s: float | None = None  # virtual: VIRTUAL_START; else the present
    close_after_s: float | None = 900.0  # the sandbox's control room closes a callout after this
    life: Life = QUIET  # faults, and all else that happens to the fleet
    mutate: float = 0.0  # the share of all frames that is mutated
    allowed: tuple[str, ...] = ()  # hosts beyond this machine that may be a target
    native: Delivery | None = None  # frames go to the integrator's middleware, not our gateway
    journal: JournalForm = JournalForm.LINES
    drain_s: float = 180.0  # how long a press may still be on its way when the time is up
    units: dict[str, tuple[int, ...]] = field(default_factory=dict)  # in place of 1, 2, 3, ...
    acts: tuple[Planned, ...] | None = None  # in place of what the people would do
    plant: str | None = None  # a mutant that was planted into the embedded AURA on purpose

    def __post_init__(self) -> None:
        if not self.mix:
            message = "A run needs devices. Name a profile, for example --profile milesight-ws101."
            raise InputError(message)
        for name, devices in self.mix.items():
            if devices < 1:
                message = f"The mix asks for {devices} of {name}; ask for at least one."
                raise InputError(message)
        for name, numbers in self.units.items():
            if not numbers or name not in self.mix or len(numbers) != len(set(numbers)):
                message = f"The units of {name} are none. List the numbers of some of the mix."
                raise InputError(message)
        if self.for_s <= 0:
            message = f"A run lasts longer than {self.for_s:g} s. Say for example --for 24h."
            raise InputError(message)
        self.life.check((load(name) for name in self.mix), self.for_s)
        if self.native:
            self._check_native()

    def _check_native(self) -> None:
        """Refuse what a middleware, which lives in real time elsewhere, cannot take part in."""
        if self.clock.is_virtual:
            message = (
                "Native delivery goes to software that lives in real time. "
                "Say --clock real or --clock scaled=10."
            )
            raise InputError(message)
        if self.target == "sandbox":
            message = (
                "The middleware has to reach the same AURA as the run, and the embedded sandbox is "
                "this run's alone. Start one that both reach (aurasim gateway --sandbox, or "
                "aurasim sandbox) and name it with --target URL."
            )
            raise InputError(message)

    @property
    def devices(self) -> int:
        """Return how many devices take part."""
        return sum(len(self.numbers(name)) for name in self.mix)

    def scaled(self, factor: float) -> "RunSettings":
        """Return the same run with so many times the devices, of each model at least one."""
        if factor == 1.0:
            return self
        if self.units:
            message = "A run of named units cannot be scaled. Leave --scale or the units away."
            raise InputError(message)
        mix = {name: max(1, round(devices * factor)) for name, devices in self.mix.items()}
        return replace(self, mix=mix)

    def numbers(self, profile: str) -> Sequence[int]:
        """Return the numbers of the units of a profile that take part."""
        return self.units.get(profile) or range(1, self.mix[profile] + 1)


def read_run_file(path: Path) -> dict[str, object]:
    """Return what a run file sets, by the names of `RunSettings`; raise `RunFileError`."""
    try:
        text = text_of(path)
        table = toml_of(text)
    except (OSError, UnicodeDecodeError) as error:
        raise RunFileError(path, None, "", f"cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise RunFileError(path, None, "", f"is not valid TOML: {error}") from error
    try:
        settings = settings_of(convert(written_out(table, path.parent)))
        if "mix" in settings:
            RunSettings(**settings)  # type: ignore[arg-type]  # what contradicts itself
    except msgspec.ValidationError as error:
        reason, _, key = str(error).partition(" - at `$")
        key = named(table, key.rstrip("`").lstrip("."))
        raise RunFileError(path, line_in(text, key), key, reason) from error
    except (LifeError, ShortcutError) as error:
        raise RunFileError(path, line_in(text, error.key), error.key, error.reason) from error
    except ProfileError as error:
        key = f"mix.{error.path}"
        raise RunFileError(path, line_in(text, key), key, error.reason) from error
    except InputError as error:
        raise RunFileError(path, None, "", str(error)) from error
    return settings


def settings_of(file: RunFile) -> dict[str, object]:
    """Return what a run file says, as settings; what it leaves open is not in the result."""
    read = {
        "mix": file.mix or None,
        "for_s": file.for_ and duration_s(file.for_),
        "clock": file.clock and clock_mode(file.clock),
        "seed": file.seed,
        "target": file.target,
        "allowed": file.allow and tuple(file.allow),
        "out": file.out and Path(file.out),
        "cold_start": file.cold_start,
        "mutate": file.mutate,
        "start_s": file.start and epoch_s(file.start),
        "close_after_s": file.close_after and duration_s(file.close_after),
        "drain_s": file.drain and duration_s(file.drain),
        "journal": file.journal,
        "people": file.people and People(**msgspec.structs.asdict(file.people)),
        "native": file.native and file.native.delivery(),
        "units": {name: tuple(units) for name, units in file.units.items()} if file.units else None,
        "acts": None if file.acts is None else tuple(act.planned() for act in file.acts),
        "plant": file.plant,
        "life": _life(file),
        "place": file.place and Place(**msgspec.structs.asdict(file.place)),
    }
    return {name: value for name, value in read.items() if value is not None}


def _life(file: RunFile) -> Life | None:
    life = Life(
        faults=tuple(file.faults),
        personas=tuple(file.personas),
        incidents=tuple(file.incidents),
        routes=tuple(file.routes),
        coverage=file.coverage,
        gnss=file.gnss,
        climate=file.climate,
        charging=file.charging,
    )
    return None if life == QUIET else life
