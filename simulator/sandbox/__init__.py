"""The embedded AURA: the whole API in process or over HTTP, with its time and its failures."""

from simulator.sandbox.control_calls import close_callout
from simulator.sandbox.sandbox import ClientCredentials, Sandbox
from simulator.sandbox.server import PortError, Server, serve
from simulator.sandbox.settings import Limits, Rules, Settings
from simulator.sandbox.tenant import Tenant

__all__ = [
    "ClientCredentials",
    "Limits",
    "PortError",
    "Rules",
    "Sandbox",
    "Server",
    "Settings",
    "Tenant",
    "close_callout",
    "serve",
]
