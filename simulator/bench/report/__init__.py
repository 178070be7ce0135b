"""What a bench session leaves for people and programs: a page, a JSON file, a line of history."""

from simulator.bench.report.history import HistoryLine, append_history, read_history
from simulator.bench.report.page import render, write_reports

__all__ = ["HistoryLine", "append_history", "read_history", "render", "write_reports"]
