"""The page itself: a template, our style and scripts, and a small chart library, in one file.

It loads nothing, and forbids itself to: only its own style and script, by their hashes, may run.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec
from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup
from msgspec import Struct

from simulator.load.page.columns import Heat, Over, columns_of, heat_of, over_time
from simulator.load.page.curves import Curve, curves_of
from simulator.load.page.words import count, share, span, way_of
from simulator.load.result import ADDING_UP, LoadResult, ResultUnwritableError, Stage

FILE_NAME = "report.html"
_SCRIPTS = ("uplot.js", "charts.js", "page.js")
_STYLES = ("uplot.css", "page.css")


class PageData(Struct):
    """What the scripts of the page draw."""

    over: Over
    heat: Heat
    curves: list[Curve]


def write_load_report(result: LoadResult, out: Path) -> Path:
    """Write the page of a load test into a folder, or to a file; return where it is."""
    path = out if out.suffix == ".html" else out / FILE_NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(result), "utf-8")
    except OSError as error:
        message = (
            f"The report cannot be written to {path}: {error.strerror}. "
            "Name a folder that you may write with --out."
        )
        raise ResultUnwritableError(message) from error
    return path


def render(result: LoadResult) -> str:
    """Return the page of a load test."""
    columns = columns_of(result)
    data = PageData(over_time(result, columns), heat_of(columns), curves_of(result))
    style, script = page_style(), page_script(_SCRIPTS)
    return _template("page.html.j2").render(
        result=result,
        total=result.total,
        latency=result.stage(Stage.LATENCY),
        stages=[(stage, result.stages[stage]) for stage in Stage if result.stages.get(stage)],
        ways=way_of(result),
        adding_up=ADDING_UP,
        data=embed(data),
        style=Markup(style),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704 - our own files
        policy=policy(style, script),
    )


def embed(value: object) -> Markup:
    """Return data for a script tag: no name in it can end the tag."""
    text = msgspec.json.encode(value).decode().replace("<", "\\u003c")
    return Markup(text)  # noqa: S704 - no markup can begin without a `<`


def policy(style: str, script: str, more: str = "") -> str:
    """Return the content security policy of a page: itself, and nothing else."""
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; {more}"
        "base-uri 'none'; form-action 'none'"
    )


@cache
def page_style() -> str:
    """Return the style: that of all our reports, and what load tests need beside it."""
    common = (files("simulator.report") / "templates" / "report.css").read_text("utf-8")
    return "\n".join((common, *(asset(name) for name in _STYLES)))


@cache
def page_script(names: tuple[str, ...]) -> str:
    """Return scripts of this room, in order."""
    return "\n".join(asset(name) for name in names)


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"span": span, "count": count, "share": share}
    return environment


@cache
def _template(name: str) -> Template:
    return _environment().from_string(asset(name))


def asset(name: str) -> str:
    """Return a file of this room."""
    return (files("simulator.load.page") / "assets" / name).read_text("utf-8")
