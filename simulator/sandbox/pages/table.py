"""The table of the pages: which path shows what, and how a page says no."""

from collections.abc import Callable

from simulator.sandbox.pages.acting import act
from simulator.sandbox.pages.callout_pages import callout_page, map_page, tracking_page
from simulator.sandbox.pages.log_pages import requests_page, webhooks_page
from simulator.sandbox.pages.rendering import HTML, html
from simulator.sandbox.pages.switch_pages import switches_page
from simulator.sandbox.pages.tenant_pages import overview_page, tenant_page
from simulator.sandbox.refusal import RefusedError
from simulator.sandbox.routing import CONTROL, Call, Reply, Route, Scope

_Handler = Callable[[Call], Reply]


def _page(path: str, handler: _Handler, *also: str, method: str = "GET") -> Route:
    return Route(
        method=method,
        path=CONTROL + path,
        name=handler.__name__,
        run=_in_html(handler),
        scope=Scope.OPEN,
        takes=None,
        answers={200: bytes},
        refusals=(),
        summary=(handler.__doc__ or "").partition("\n")[0],
        also=also,
        content_type=HTML,
    )


def _in_html(handler: _Handler) -> _Handler:
    """Return a handler whose refusals are pages too."""

    def run(call: Call) -> Reply:
        try:
            return handler(call)
        except RefusedError as error:
            return html("refused.html.j2", error.status, error=error)

    return run


PAGES: tuple[Route, ...] = (
    _page("/", overview_page, CONTROL),
    _page("/pages/tenant", tenant_page),
    _page("/pages/map", map_page),
    _page("/pages/callout", callout_page),
    _page("/pages/requests", requests_page),
    _page("/pages/webhooks", webhooks_page),
    _page("/pages/switches", switches_page),
    _page("/pages/do/{action}", act, method="POST"),
    _page("/track/{sourceId}/{calloutId}", tracking_page),
)
