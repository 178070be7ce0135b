"""The fleet: units of many models on one SimPy environment, and what people do with them."""

from simulator.fleet.batch import Batch, Sent
from simulator.fleet.calendar import Calendar, Sink, each
from simulator.fleet.crowd import Crowd
from simulator.fleet.engine import Fleet, Outside
from simulator.fleet.gears import Choice, Gear, gear_of
from simulator.fleet.population import Beat, Population, Rhythm, Rhythms
from simulator.fleet.shard import Shard, Span, spans, units_of
from simulator.fleet.unit import Unit

__all__ = [
    "Batch",
    "Beat",
    "Calendar",
    "Choice",
    "Crowd",
    "Fleet",
    "Gear",
    "Outside",
    "Population",
    "Rhythm",
    "Rhythms",
    "Sent",
    "Shard",
    "Sink",
    "Span",
    "Unit",
    "each",
    "gear_of",
    "spans",
    "units_of",
]
