"""What all tests share."""

import os
import tempfile

import uvicorn.protocols.http.httptools_impl  # noqa: F401 - see below
from hypothesis import settings

# a slow machine is no failing test: speed is shown by benchmarks
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Tests that run pytest inside pytest take away the modules that were first imported inside. The
# HTTP parser's exceptions must not be made twice, or the server no longer knows its own: so they
# are imported here, before any of them.

# What tests leave open belongs to no person's list.
os.environ["AURASIM_STATE"] = tempfile.mkdtemp(prefix="aurasim-tests-")
