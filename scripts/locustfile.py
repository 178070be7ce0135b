"""A fleet under Locust: locust -f scripts/locustfile.py; see the README, "More than one machine"."""

from simulator.load.swarm.plugin import AuraFleet, FleetShape

__all__ = ["AuraFleet", "FleetShape"]
