"""The hand on a running fleet: press, move, cancel, drain, break and mend, from another process.

A run that goes by the wall clock listens on a loopback port; its address and a token that only its
user may read stand in the folder of the run.
"""

from simulator.run.control.client import ControlClient, NoControlError
from simulator.run.control.deeds import DeedError, Deeds
from simulator.run.control.server import FILE_NAME, serve_control

__all__ = ["FILE_NAME", "ControlClient", "DeedError", "Deeds", "NoControlError", "serve_control"]
