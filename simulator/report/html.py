"""A run as one page: self-contained, opened from disk, and harmless whatever its journal says.

The page forbids itself everything but its own script and style, by their hashes; names from the
journal are escaped by the template, and in the data `<` is, so that no name can end the script tag.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from simulator.errors import UnavailableError
from simulator.journal import journal_folder
from simulator.report.account import account, shown
from simulator.report.entries import Outcome
from simulator.report.excerpt import CEILINGS, Ceilings, Embedded, Excerpt
from simulator.report.latency import latency_of
from simulator.report.ledger import Ledger
from simulator.report.words import Scale, count, duration, headline

FILE_NAME = "report.html"
_SCRIPTS = ("data.js", "list.js", "strip.js", "press.js", "map.js", "devices.js", "page.js")
_BAR = 1000.0  # width of the bar of all presses, in its own units


class ReportUnwritableError(UnavailableError):
    """A report cannot be written where it was asked for."""


def write_report(
    run: Path,
    out: Path | None = None,
    *,
    ceilings: Ceilings = CEILINGS,
    ledger: Ledger | None = None,
) -> Path:
    """Write the page of a run, given its folder or its journal; return where it is.

    The journal is read twice: once for the ledger, and once for what the ledger says is worth
    showing, so that memory follows what is shown and not what is recorded.
    """
    ledger = ledger or account(run)
    excerpt = Excerpt(ledger, ceilings)
    for record in shown(run):
        excerpt.add(record)
    page = render(ledger, excerpt.finish())
    path = _target(run, out)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, "utf-8")
    except OSError as error:
        message = (
            f"The report cannot be written to {path}: {error.strerror}. "
            "Name a file that you may write with --out."
        )
        raise ReportUnwritableError(message) from error
    return path


def render(ledger: Ledger, data: Embedded) -> str:
    """Return the page of a finished ledger and what is shown of its journal."""
    style, script = _style(), _script()
    latency = latency_of(ledger.entries)
    page = _environment().from_string(_text("report.html.j2"))
    return page.render(
        ledger=ledger,
        headline=headline(ledger),
        classes=_classes(ledger),
        latency=latency,
        scale=Scale(latency, 260.0),
        data=_embed(data),
        left_out=data["left_out"],
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own files
        policy=_policy(style, script),
    )


def _target(run: Path, out: Path | None) -> Path:
    if out is None:
        return journal_folder(run) / FILE_NAME
    return out / FILE_NAME if out.is_dir() else out


def _classes(ledger: Ledger) -> list[Mapping[str, object]]:
    """Return the rows of the ledger table, each with its piece of the bar of all presses."""
    presses = max(1, len(ledger.entries))
    rows: list[Mapping[str, object]] = []
    x = 0.0
    for at, (outcome, number) in enumerate(ledger.totals.items()):
        width = _BAR * number / presses
        places = ledger.losses if outcome is Outcome.LOST else {}
        rows.append(
            {
                "at": at,
                "outcome": outcome,
                "number": number,
                "share": number / presses,
                "x": round(x, 2),
                "width": round(width, 2),
                "places": places,
            }
        )
        x += width
    return rows


def _embed(data: Embedded) -> Markup:
    text = msgspec.json.encode(data).decode().replace("<", "\\u003c")
    return Markup(text)  # noqa: S704 - no markup can begin without a `<`


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"duration": duration, "count": count}
    return environment


@cache
def _text(name: str) -> str:
    return (files("simulator.report") / "templates" / name).read_text("utf-8")


@cache
def _style() -> str:
    return _text("report.css")


@cache
def _script() -> str:
    return "\n".join(_text(name) for name in _SCRIPTS)
