"""Settings as a run file says them: what a journal keeps, so that its run can be repeated.

The inverse of reading: settings that are written and read again are the same settings.
"""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal

import msgspec
import tomli_w

from simulator.clock import iso
from simulator.errors import InputError
from simulator.journal import RunStarted
from simulator.native import Delivery
from simulator.run.file import convert
from simulator.run.settings import RunSettings, settings_of

_DIGITS = 6  # of a second


def table_of(settings: RunSettings) -> dict[str, object]:
    """Return settings as the table of a run file; the folder of the run is not among them."""
    table: dict[str, object] = {
        "mix": dict(settings.mix),
        "for": span(settings.for_s),
        "clock": str(settings.clock),
        "seed": settings.seed,
        "target": settings.target,
        "cold_start": settings.cold_start,
        "mutate": settings.mutate,
        "journal": settings.journal.value,
        "close_after": span(settings.close_after_s or 0.0),
        "drain": span(settings.drain_s),
        "people": _plain(asdict(settings.people)),
        "place": _plain(asdict(settings.place)),
    }
    if settings.start_s is not None:
        table["start"] = iso(settings.start_s, digits=_DIGITS)
    if settings.allowed:
        table["allow"] = list(settings.allowed)
    if settings.native:
        table["native"] = _native(settings.native)
    if settings.units:
        table["units"] = {name: list(numbers) for name, numbers in settings.units.items()}
    if settings.plant:
        table["plant"] = settings.plant
    table |= settings.life.table()
    if settings.acts is not None:
        table["acts"] = [
            {"device": one.device, "at": one.at_s, "do": one.kind.value, "gesture": one.gesture}
            for one in settings.acts
        ]
    return table


def toml_of(settings: RunSettings, *, comment: str = "") -> str:
    """Return settings as the text of a run file, below a comment."""
    told = "".join(f"# {line}\n" for line in _plain_lines(comment))
    return told + tomli_w.dumps(table_of(settings))


def settings_in(started: RunStarted) -> RunSettings:
    """Return the settings of a run that a journal tells of; raise InputError if it does not."""
    if not started.settings:
        message = (
            f"The journal was written by aurasim {started.version} without the settings of its "
            "run, so the run cannot be repeated from it. Run it again with this version."
        )
        raise InputError(message)
    try:
        return RunSettings(**settings_of(convert(started.settings)))  # type: ignore[arg-type] # names are its fields
    except (msgspec.ValidationError, TypeError) as error:
        message = f"The journal's settings are none of this version of aurasim: {error}."
        raise InputError(message) from error


def span(seconds: float) -> str:
    """Write a span so that reading it gives the very same number."""
    return f"{Decimal(repr(float(seconds))):f}s"


def _native(native: Delivery) -> dict[str, object]:
    table: dict[str, object] = {
        "to": dict(native.to),
        "envelope": dict(native.envelopes),
        "segments": native.segments.value,
        "allow": list(native.allowed),
    }
    return table | ({"via": native.via} if native.via else {})


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


def _plain_lines(comment: str) -> list[str]:
    """Return the lines of a comment; a control character could end it and begin a setting."""
    lines = comment.splitlines()
    return ["".join(one if one.isprintable() else "\ufffd" for one in line) for line in lines]
