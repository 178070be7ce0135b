"""Load tests on more than one machine: Locust's master, workers and web page, our engine and clock.

A locustfile of one line is enough:

    from simulator.load.swarm import AuraFleet, FleetShape

Importing this imports Locust, which patches the process: nothing else of ours may.
"""

from simulator.load.swarm.plugin import AuraFleet, FleetShape

__all__ = ["AuraFleet", "FleetShape"]
