"""Native delivery: frames in their networks' own envelopes, to and from other people's software.

One side sends what a fleet says to the integrator's middleware, by HTTP callback, TCP or UDP, and
watches what reaches AURA. The other is a small reference middleware, which hands what it receives
to the built-in gateway. Both speak the same envelopes and can be tried with one machine.
"""

from simulator.native.carriers import Carriers
from simulator.native.endpoint import ANY, Delivery, DeliveryError, Endpoint
from simulator.native.envelopes import ENVELOPES, envelope
from simulator.native.middleware import Middleware, Sighting
from simulator.native.outside import NativeOutside, Pace
from simulator.native.segments import Segments
from simulator.native.serving import Ports, Served, serve_middleware
from simulator.native.traffic import Traffic
from simulator.native.uplink import EnvelopeError, Posted, Uplink
from simulator.native.vetting import vet

__all__ = [
    "ANY",
    "ENVELOPES",
    "Carriers",
    "Delivery",
    "DeliveryError",
    "Endpoint",
    "EnvelopeError",
    "Middleware",
    "NativeOutside",
    "Pace",
    "Ports",
    "Posted",
    "Segments",
    "Served",
    "Sighting",
    "Traffic",
    "Uplink",
    "envelope",
    "serve_middleware",
    "vet",
]
