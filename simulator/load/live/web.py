"""A running load test as a small page on loopback: it asks for the latest figures every second."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

import msgspec
from jinja2 import Environment
from markupsafe import Markup
from msgspec import Struct

from simulator.errors import UnavailableError
from simulator.load.live.recent import finished, ledger_line, recent
from simulator.load.page.columns import Over, over_time
from simulator.load.page.render import asset, page_script, page_style, policy
from simulator.load.page.words import share, span
from simulator.load.result import LoadResult, Series, Stage

_SCRIPTS = ("uplot.js", "charts.js", "live.js")
_LAST = 180  # windows that the page shows


class PageUnavailableError(UnavailableError):
    """The page cannot be served."""


class LiveData(Struct):
    """What the page shows of a moment."""

    title: str
    told: str
    verdict: str
    over: Over
    numbers: dict[str, str]
    ledger: str
    wrongs: dict[str, int]
    thresholds: dict[str, bool]
    is_whole: bool


class LivePage:
    """Serves the page from a thread of its own until it is left."""

    def __init__(self, port: int, latest: Callable[[], LoadResult | None]) -> None:
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(latest))
        except (OSError, OverflowError) as error:
            message = f"The page cannot be served on port {port}: {error}. Choose another port."
            raise PageUnavailableError(message) from error
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> "LivePage":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def live_data(result: LoadResult) -> LiveData:
    """Return the figures of the page."""
    over_by_now = finished(result)
    first = max(0, len(over_by_now) - _LAST)
    windows = over_by_now[first:]
    shown = msgspec.structs.replace(
        result, series=Series(width_s=result.series.width_s, windows=windows)
    )
    over = over_time(shown, windows)
    over.t = [at + first * result.series.width_s for at in over.t]
    settings = result.settings
    return LiveData(
        title=f"{settings.target}",
        told=f"{settings.shape} {settings.rate:,g}/s, {span(result.lasted_s)} of "
        f"{span(settings.for_s)}, seed {settings.seed}",
        verdict=result.verdict.value if result.is_whole else "running",
        over=over,
        numbers=_numbers(result),
        ledger=ledger_line(result),
        wrongs={**result.errors, **{f"dropped: {why}": n for why, n in result.drops.items()}},
        thresholds={threshold.text: threshold.is_met for threshold in result.thresholds},
        is_whole=result.is_whole,
    )


def _numbers(result: LoadResult) -> dict[str, str]:
    now, total, health = recent(result), result.total, result.generator
    whole = result.stage(Stage.LATENCY)
    return {
        "due a second": f"{now.due:,.0f}",
        "answered a second": f"{now.answered:,.0f}",
        "answered": f"{total.answered:,}",
        "errors": f"{total.errors:,}",
        "dropped": f"{total.dropped:,}",
        "p50 latency, 10 s": span(now.latency.percentile_s(50)),
        "p99 latency, 10 s": span(now.latency.percentile_s(99)),
        "p99 latency, all": span(whole.percentile_s(99)),
        "p99 lateness, 10 s": span(now.lateness.percentile_s(99)),
        "generator, of a core": share(health.cpu_share),
        "longest stall": span(health.stall_longest_s),
    }


def live_page() -> str:
    """Return the page, without figures: it fetches them."""
    style, script = page_style(), page_script(_SCRIPTS)
    template = Environment(autoescape=True).from_string(asset("live.html.j2"))
    return template.render(
        style=Markup(style),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704 - our own files
        policy=policy(style, script, "connect-src 'self'; "),
    )


def _handler(latest: Callable[[], LoadResult | None]) -> type[BaseHTTPRequestHandler]:
    page = live_page().encode()

    class Handler(BaseHTTPRequestHandler):
        """Answers for the page and its figures; nothing else."""

        def do_GET(self) -> None:
            if not _is_loopback(self.headers.get("Host", "")):
                self._answer(403, "text/plain", b"This page is for this machine.\n")
            elif self.path == "/":
                self._answer(200, "text/html; charset=utf-8", page)
            elif self.path == "/data.json":
                result = latest()
                data = msgspec.json.encode(live_data(result)) if result else b"null"
                self._answer(200, "application/json", data)
            else:
                self._answer(404, "text/plain", b"There is / and /data.json.\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the terminal shows the test."""

    return Handler


def _is_loopback(host: str) -> bool:
    """Return whether a request names this machine; another name is a trick of some web page."""
    return host.rsplit(":", 1)[0] in ("127.0.0.1", "localhost")
