"""Device profiles: one file defines a device on both sides, in native bytes and at AURA."""

from simulator.profile._facts import FACTS, POSITION, facts_named, filled
from simulator.profile._load import ProfileError, line_of, load, profile_names, profiles, read
from simulator.profile._meaning import meanings
from simulator.profile._model import (
    AuraTemplate,
    Battery,
    Behaviour,
    BleLink,
    CancelSource,
    CellularLink,
    DeviceIdRule,
    DirectLink,
    FrameTemplate,
    Identity,
    Link,
    LorawanLink,
    Meaning,
    Motion,
    Profile,
    SigfoxLink,
)

__all__ = [
    "FACTS",
    "POSITION",
    "AuraTemplate",
    "Battery",
    "Behaviour",
    "BleLink",
    "CancelSource",
    "CellularLink",
    "DeviceIdRule",
    "DirectLink",
    "FrameTemplate",
    "Identity",
    "Link",
    "LorawanLink",
    "Meaning",
    "Motion",
    "Profile",
    "ProfileError",
    "SigfoxLink",
    "facts_named",
    "filled",
    "line_of",
    "load",
    "meanings",
    "profile_names",
    "profiles",
    "read",
]
