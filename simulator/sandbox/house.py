"""What all tenants of a sandbox stand on: the run's clock, the settings, the templates."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import simpy

from simulator.sandbox.parcels import Deliver
from simulator.sandbox.settings import Settings
from simulator.sandbox.tables import Changes
from simulator.sandbox.templates import Templates

if TYPE_CHECKING:
    from simulator.sandbox.routing import Route


@dataclass(slots=True)
class House:
    """The ground that a sandbox gives its tenants; `changes` is None when nothing is stored,
    `deliver` when webhooks stay in the log."""

    env: simpy.Environment
    epoch_s: float
    settings: Settings
    templates: Templates
    tracking_url: str
    deliver: Deliver | None = None
    changes: Changes | None = None
    routes: tuple["Route", ...] = ()
