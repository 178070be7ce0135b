"""Load tests: open loop from a schedule, honest percentiles, and a verdict that says when not."""
