"""The reports of a session of feature files: one HTML page, and Cucumber JSON."""

from simulator.bdd.reports.writing import write_reports

__all__ = ["write_reports"]
