"""The gateway: native frames in, AURA device events out; one for virtual and real units."""

from simulator.gateway.codes import safe_code_of
from simulator.gateway.courier import Courier, Delivered, Outlet
from simulator.gateway.downlinks import command_bytes, downlink
from simulator.gateway.events import device_event
from simulator.gateway.express import Express
from simulator.gateway.freight import Answers, Cargo, Freight, Held, is_freight
from simulator.gateway.gateway import Gateway, LinkedDevice, Located
from simulator.gateway.reader import Known, Message, Reader, Reading, looks_back

__all__ = [
    "Answers",
    "Cargo",
    "Courier",
    "Delivered",
    "Express",
    "Freight",
    "Gateway",
    "Held",
    "Known",
    "LinkedDevice",
    "Located",
    "Message",
    "Outlet",
    "Reader",
    "Reading",
    "command_bytes",
    "device_event",
    "downlink",
    "is_freight",
    "looks_back",
    "safe_code_of",
]
