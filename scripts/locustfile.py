"""A fleet under Locust: locust -f scripts/locustfile.py; see "More than one machine" in README."""

from simulator.load.swarm.plugin import AuraFleet, FleetShape

__all__ = ["AuraFleet", "FleetShape"]
