"""Templates to answers: everything is escaped, and a page may load nothing but itself."""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from urllib.parse import urlencode

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from simulator.clock import iso
from simulator.sandbox.routing import CONTROL, Reply

HTML = "text/html; charset=utf-8"


def html(template: str, status: int = 200, **values: object) -> Reply:
    """Return a page made of a template and its values."""
    body = _environment().get_template(template).render(values).encode("utf-8", "replace")
    return Reply(status, body, HTML, _headers())


def address(page: str, **query: object) -> str:
    """Return the path of a page; what is None is left out."""
    said = {name: value for name, value in query.items() if value is not None}
    return f"{CONTROL}/pages/{page}?{urlencode(said, errors='replace')}"


@cache
def _headers() -> Mapping[str, str]:
    policy = (
        f"default-src 'none'; style-src {_hash(_style())}; script-src {_hash(_script())}; "
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    )
    return {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


@cache
def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=FunctionLoader(_text),
    )
    environment.filters["moment"] = _moment
    environment.globals |= {
        "address": address,
        "control": CONTROL,
        "style": Markup(_style()),  # noqa: S704 - our own files
        "script": Markup(_script()),  # noqa: S704 - our own file
    }
    return environment


def _moment(at_s: float | None) -> str:
    return "" if at_s is None else iso(at_s).replace("T", " ").removesuffix("Z")


@cache
def _text(name: str) -> str:
    return (files("simulator.sandbox.pages") / "templates" / name).read_text("utf-8")


@cache
def _style() -> str:
    """Return the style of all our pages, the reports' included, and what these add to it."""
    shared = files("simulator") / "report" / "templates" / "report.css"
    return shared.read_text("utf-8") + _text("pages.css")


@cache
def _script() -> str:
    return _text("live.js")
