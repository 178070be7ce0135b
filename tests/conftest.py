"""What all tests share."""

from hypothesis import settings

# a slow machine is no failing test: speed is shown by benchmarks
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
