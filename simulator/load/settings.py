"""What a load test is told: by flags, by a load file (TOML), or both, where flags win."""

import ssl
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from simulator.clock import ClockError, duration_s
from simulator.errors import InputError
from simulator.load.result import SettingsJson, Stage
from simulator.load.schedule import Round
from simulator.load.shapes import Form, Shape
from simulator.load.thresholds import Threshold, ThresholdError
from simulator.native import ANY, Delivery, Segments
from simulator.profile import line_of, load
from simulator.run.shapes import run_file as named_run_file

TRANSPORTS = ("wire", "aiohttp")
LINK, TAKE = "link", "take"
_MOST_WORKERS = 256


class LoadFileError(InputError):
    """A load file cannot be used: where (`path`, `line`, `key`) and why."""

    def __init__(self, path: Path, line: int | None, key: str, reason: str) -> None:
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {key + ': ' if key else ''}{reason}")
        self.path = path
        self.line = line
        self.key = key
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadSettings:
    """All settings of a load test. Durations in seconds."""

    mix: dict[str, int]
    shape: Shape
    for_s: float = 60.0
    seed: int = 1
    target: str = "sandbox"
    out: Path = Path("runs/load")
    name: str = ""
    purpose: str = ""
    life: Round = field(default_factory=Round)
    thresholds: tuple[Threshold, ...] = ()
    transport: str = "wire"
    connections: int = 256  # of each worker
    timeout_s: float = 20.0
    connect_timeout_s: float = 5.0
    workers: int = 1
    precise: bool = True  # keep the pace with a timerfd, not with the loop's own timers
    cpus: tuple[int, ...] = ()  # cores that the workers are kept to, in turn
    most_waiting: int = 100_000  # messages of each worker that may wait for a connection
    drain_s: float = 30.0  # how long answers are waited for when the time is up
    setup: str = LINK  # link the devices at AURA, or take them as linked already
    trust: Path | None = None  # certificates to trust beside those of the system
    allowed: tuple[str, ...] = ()
    replay: Path | None = None
    speed: float = 1.0  # of a replay
    run: Path | None = None  # the run file whose schedule is followed
    native: Delivery | None = None  # frames go to the integrator's middleware
    webhooks: bool = True  # listen to what the embedded sandbox tells of callouts

    def __post_init__(self) -> None:
        if not self.mix:
            message = (
                "A load test needs devices. Name a profile with a number, "
                "for example --profile aura-structured=200."
            )
            raise InputError(message)
        for name, devices in self.mix.items():
            if devices < 1:
                message = f"The mix asks for {devices} of {name}; ask for at least one."
                raise InputError(message)
            load(name)  # raises for what is no profile, before anything is started
        self._check_numbers()
        if self.transport not in TRANSPORTS:
            message = f"'{self.transport}' is no transport. Say {' or '.join(TRANSPORTS)}."
            raise InputError(message)
        if self.shape.form is Form.REPLAY and self.replay is None:
            message = "A replay needs a journal. Name the folder of a run with --replay."
            raise InputError(message)
        if self.native:
            self._check_native(self.native)
        if self.trust:
            self._check_trust(self.trust)

    def _check_trust(self, path: Path) -> None:
        try:
            ssl.create_default_context().load_verify_locations(path)
        except OSError as error:  # ssl.SSLError is one
            message = f"{path} holds no certificates to trust: {error}. Name a PEM file."
            raise InputError(message) from error

    def _check_native(self, native: Delivery) -> None:
        native.check([load(name) for name in self.mix])
        if native.wire is not None or not self.shape.has_rate:
            message = "A native load test needs endpoints and a rate. Say --to URL and --rate."
            raise InputError(message)

    def _check_numbers(self) -> None:
        limits = (
            ("time", self.for_s, 1e-3, 366 * 86400.0),
            ("number of connections", self.connections, 1, 100_000),
            ("time-out", self.timeout_s, 1e-3, 3600.0),
            ("number of workers", self.workers, 1, _MOST_WORKERS),
            ("replay speed", self.speed, 1e-3, 1e6),
        )
        for name, value, least, most in limits:
            if not least <= value <= most:
                message = f"A {name} of {value:g} is not possible. Take {least:g} to {most:g}."
                raise InputError(message)
        if self.devices > 5_000_000:
            message = f"{self.devices} devices are more than a load test holds. Take fewer."
            raise InputError(message)

    @property
    def devices(self) -> int:
        """Return how many devices take part."""
        return sum(self.mix.values())

    def told(self, tier: str) -> SettingsJson:
        """Return what the result says of them."""
        return SettingsJson(
            target=self.target,
            tier=tier,
            mix=self.mix,
            shape=self.shape.form.value,
            rate=self.shape.rate,
            for_s=self.for_s,
            seed=self.seed,
            transport=self.transport,
            connections=self.connections,
            timeout_s=self.timeout_s,
            workers=self.workers,
            delivery="native" if self.native else "aura",
            name=self.name,
            purpose=self.purpose,
        )


class _NativeTable(Struct, forbid_unknown_fields=True):
    to: str | dict[str, str]
    envelope: str | dict[str, str] = {}
    segments: Segments = Segments.WHOLE

    def delivery(self) -> Delivery:
        """Return what the table says; a text stands for all profiles."""
        to = {ANY: self.to} if isinstance(self.to, str) else self.to
        named = {ANY: self.envelope} if isinstance(self.envelope, str) else self.envelope
        return Delivery(to=to, envelopes=named, segments=self.segments)


class _ShapeTable(Struct, forbid_unknown_fields=True):
    form: Form = Form.CONSTANT
    rate: float = 0.0
    base: float | None = None
    steps: int = 5
    at: float = 0.5
    width: float = 0.1


class _RoundTable(Struct, forbid_unknown_fields=True):
    press: int = 1
    move: int = 6
    cancel: int = 1
    battery: int = 12


class _ThresholdTable(Struct, forbid_unknown_fields=True, rename={"from_": "from"}):
    of: str
    below: float | str | None = None
    above: float | None = None
    stage: Stage = Stage.LATENCY
    kind: str | None = None
    from_: str | None = None
    to: str | None = None
    stop: bool = False


class LoadFile(Struct, forbid_unknown_fields=True, rename={"for_": "for"}):
    """The load file as it is written; every key is optional."""

    name: str | None = None
    purpose: str | None = None
    mix: dict[str, Annotated[int, Meta(ge=1)]] = {}
    shape: _ShapeTable | None = None
    messages: _RoundTable | None = None
    for_: str | None = None
    seed: int | None = None
    target: str | None = None
    out: str | None = None
    transport: str | None = None
    connections: int | None = None
    timeout: str | None = None
    workers: int | None = None
    drain: str | None = None
    setup: str | None = None
    replay: str | None = None
    speed: float | None = None
    webhooks: bool | None = None
    run: str | None = None
    native: _NativeTable | None = None
    threshold: list[_ThresholdTable] = []


def read_load_file(path: Path) -> dict[str, object]:
    """Return what a load file sets, by the names of `LoadSettings`; raise `LoadFileError`."""
    try:
        text = path.read_text("utf-8")
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise LoadFileError(path, None, "", f"cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise LoadFileError(path, None, "", f"is not valid TOML: {error}") from error
    try:
        return _settings(msgspec.convert(table, LoadFile, strict=True))
    except msgspec.ValidationError as error:
        reason, _, key = str(error).partition(" - at `$")
        key = key.rstrip("`").lstrip(".")
        raise LoadFileError(path, line_of(text, key), key, reason) from error
    except InputError as error:
        raise LoadFileError(path, None, "", str(error)) from error


def _settings(file: LoadFile) -> dict[str, object]:
    read = {
        "name": file.name,
        "purpose": file.purpose,
        "mix": file.mix or None,
        "shape": file.shape and Shape(**msgspec.structs.asdict(file.shape)),
        "life": file.messages and Round(**msgspec.structs.asdict(file.messages)),
        "for_s": file.for_ and duration_s(file.for_),
        "seed": file.seed,
        "target": file.target,
        "out": file.out and Path(file.out),
        "transport": file.transport,
        "connections": file.connections,
        "timeout_s": file.timeout and duration_s(file.timeout),
        "workers": file.workers,
        "drain_s": file.drain and duration_s(file.drain),
        "setup": file.setup,
        "replay": file.replay and Path(file.replay),
        "speed": file.speed,
        "webhooks": file.webhooks,
        "run": file.run and named_run_file(file.run),
        "native": file.native and file.native.delivery(),
        "thresholds": tuple(_threshold(table) for table in file.threshold) or None,
    }
    return {name: value for name, value in read.items() if value is not None}


def _threshold(table: _ThresholdTable) -> Threshold:
    return Threshold(
        of=table.of,
        below=_limit(table.of, table.below),
        above=table.above,
        stage=table.stage,
        kind=table.kind,
        from_s=duration_s(table.from_) if table.from_ else 0.0,
        to_s=duration_s(table.to) if table.to else None,
        stop=table.stop,
    )


def _limit(of: str, value: float | str | None) -> float | None:
    """Read a limit: `250ms` for a duration, `1 %` for a share, or a plain number."""
    if value is None or isinstance(value, int | float):
        return value
    text = value.strip()
    try:
        return float(text[:-1]) / 100 if text.endswith("%") else duration_s(text)
    except (ValueError, ClockError) as error:
        message = f"'{value}' is no limit for {of}. Write for example 250ms, 0.01 or 1%."
        raise ThresholdError(message) from error
