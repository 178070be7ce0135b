"""The gateway: native frames in, AURA device events out; one for virtual and real units."""

from simulator.gateway.codes import safe_code_of
from simulator.gateway.courier import Courier, Delivered, Outlet
from simulator.gateway.downlinks import command_bytes, downlink
from simulator.gateway.events import device_event
from simulator.gateway.express import Express
from simulator.gateway.gateway import Gateway, LinkedDevice
from simulator.gateway.reader import Known, Message, Reader, Reading, looks_back

__all__ = [
    "Courier",
    "Delivered",
    "Express",
    "Gateway",
    "Known",
    "LinkedDevice",
    "Message",
    "Outlet",
    "Reader",
    "Reading",
    "command_bytes",
    "device_event",
    "downlink",
    "looks_back",
    "safe_code_of",
]
