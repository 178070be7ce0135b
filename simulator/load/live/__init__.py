"""A load test while it runs, seen from a process of its own: it costs the generator nothing."""

from simulator.load.live.beside import Beside
from simulator.load.live.following import Followed, follow
from simulator.load.live.prometheus import serve_metrics
from simulator.load.live.screen import screen
from simulator.load.live.web import LivePage

__all__ = ["Beside", "Followed", "LivePage", "follow", "screen", "serve_metrics"]
