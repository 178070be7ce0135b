"""A load test as one page that opens from disk, and as tables for spreadsheets."""

from simulator.load.page.render import write_load_report
from simulator.load.page.tables import write_tables

__all__ = ["write_load_report", "write_tables"]
