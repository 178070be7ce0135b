"""The embedded AURA: the whole API in process or over HTTP, with its time and its failures."""

from simulator.sandbox.conduct import Conducted, Ending
from simulator.sandbox.control_calls import close_callout
from simulator.sandbox.door import Door, Told
from simulator.sandbox.parcels import Deliver, Done, Parcel, to_handler
from simulator.sandbox.sandbox import ClientCredentials, Sandbox
from simulator.sandbox.server import PortError, Server, serve
from simulator.sandbox.settings import Limits, Rules, Settings
from simulator.sandbox.storage import StorageError
from simulator.sandbox.tenant import FIRST_CUSTOMER, Tenant, customer_of

__all__ = [
    "FIRST_CUSTOMER",
    "ClientCredentials",
    "Conducted",
    "Deliver",
    "Done",
    "Door",
    "Ending",
    "Limits",
    "Parcel",
    "PortError",
    "Rules",
    "Sandbox",
    "Server",
    "Settings",
    "StorageError",
    "Tenant",
    "Told",
    "close_callout",
    "customer_of",
    "serve",
    "to_handler",
]
