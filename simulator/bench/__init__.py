"""The bench: a physical device on a port or a radio, tried, measured and judged."""
