"""The fleet: units of many models on one SimPy environment, and what people do with them."""

from simulator.fleet.engine import Fleet, Outside
from simulator.fleet.shard import Shard, Span, spans, split, units_of
from simulator.fleet.unit import Unit

__all__ = ["Fleet", "Outside", "Shard", "Span", "Unit", "spans", "split", "units_of"]
