"""The report and the result of a load test, on Locust's own web server."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locust.web import WebUI

FILES = ("report.html", "result.json", "stages.csv", "seconds.csv", "journal.ndjson")


def add_pages(web_ui: "WebUI", folder: Callable[[], Path | None]) -> None:
    """Serve the files of the latest load test as /aura/NAME; /aura/ is the report."""
    from flask import Response, abort, send_from_directory

    def aura(name: str) -> Response:
        """Return a file of the latest test."""
        where = folder()
        if where is None or name not in FILES:
            abort(404)
        return send_from_directory(where.resolve(), name)

    guarded = web_ui.auth_required_if_enabled(aura)
    assert web_ui.app is not None  # noqa: S101 - narrows the type
    options = web_ui.environment.parsed_options
    base = options.web_base_path if options else ""
    web_ui.app.add_url_rule(f"{base}/aura/", "aura", guarded, defaults={"name": FILES[0]})
    web_ui.app.add_url_rule(f"{base}/aura/<name>", "aura", guarded)
