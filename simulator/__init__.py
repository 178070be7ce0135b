"""Device simulator and test harness for AURA: one device model, pipeline, clock and journal."""

__version__ = "0.1.0"
