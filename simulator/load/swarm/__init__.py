"""Load tests on more than one machine: Locust's master, workers and web page, our engine and clock.

A locustfile of one line is enough:

    from simulator.load.swarm.plugin import AuraFleet, FleetShape

Importing that imports Locust, which patches the whole process: nothing else of ours may.
"""
