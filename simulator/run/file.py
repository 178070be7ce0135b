"""The run file as it is written: its tables as types, which say what a file may hold."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from simulator.clock import read_duration
from simulator.device import ActKind
from simulator.device.gnss import Gnss
from simulator.device.incident import Incident
from simulator.device.persona import Persona
from simulator.device.power import Charging, Climate
from simulator.device.ways import Route
from simulator.faults import AnyFault
from simulator.journal import JournalForm
from simulator.link import Coverage
from simulator.native import ANY, Delivery, Segments
from simulator.run.planned import Planned


class PeopleTable(Struct, forbid_unknown_fields=True):
    """How people use their devices who are no persona."""

    presses: Annotated[float, Meta(ge=0)] = 1.0  # mean number of calls of each device over the run
    cancel_share: Annotated[float, Meta(ge=0, le=1)] = 0.3  # taken back
    cancel_after_s: tuple[float, float] = (8.0, 90.0)  # the shortest and the longest
    impatient_share: Annotated[float, Meta(ge=0, le=1)] = 0.1  # pressed once more
    impatient_after_s: tuple[float, float] = (6.0, 20.0)  # after the press


class PlaceTable(Struct, forbid_unknown_fields=True):
    """Where the fleet lives; Johannesburg, if not said."""

    latitude: Annotated[float, Meta(ge=-90, le=90)]  # of the middle
    longitude: Annotated[float, Meta(ge=-180, le=180)]  # of the middle
    radius_m: Annotated[float, Meta(gt=0)] = 8000.0  # homes are spread evenly over the circle


class ActTable(Struct, forbid_unknown_fields=True):
    """One act of the person of one device."""

    device: str  # such as gt06/7
    at: Annotated[float, Meta(ge=0)]  # seconds since the fleet was switched on
    do: ActKind = ActKind.PRESS  # a cancel takes back the latest press
    gesture: str = ""  # one of the profile's; the usual one, if not said

    def planned(self) -> Planned:
        """Return what the table says."""
        return Planned(self.device, self.at, self.do, self.gesture)


class NativeTable(Struct, forbid_unknown_fields=True):
    """Native delivery: frames go to the integrator's middleware, as on the wire."""

    to: str | dict[str, str]  # the endpoint of all profiles, or one for each
    envelope: str | dict[str, str] = {}  # in which frames travel, for all or for each
    segments: Segments = Segments.WHOLE  # how a stream of bytes is cut
    allow: list[str] = []  # hosts beyond this machine
    via: str = ""  # in a journal: the kind of the port that frames left by, named as `to`

    def delivery(self) -> Delivery:
        """Return what the table says; a text stands for all profiles."""
        to = {ANY: self.to} if isinstance(self.to, str) else self.to
        named = {ANY: self.envelope} if isinstance(self.envelope, str) else self.envelope
        return Delivery(
            to=to,
            envelopes=named,
            segments=self.segments,
            allowed=tuple(self.allow),
            via=self.via,
        )


class RunFile(Struct, forbid_unknown_fields=True, rename={"for_": "for"}):
    """The run file as it is written; every key is optional."""

    mix: dict[str, Annotated[int, Meta(ge=1)]] = {}  # device models and how many of each, as [mix]
    for_: str | None = None  # how long; 24h
    clock: str | None = None  # virtual, real or scaled=60; virtual
    seed: int | None = None  # same seed, same run; 1
    target: str | None = None  # sandbox, staging or a base URL; sandbox
    allow: list[str] | None = None  # hosts beyond this machine that may be a target
    out: str | None = None  # the folder of the run; runs/latest
    cold_start: bool | None = None  # all devices are switched on at the beginning: joins and logins
    mutate: Annotated[float, Meta(ge=0, le=1)] | None = None  # this share of frames is broken
    start: str | None = None  # the time of day at the beginning, ISO 8601
    close_after: str | None = None  # the sandbox's control room closes a callout after this; 15m
    drain: str | None = None  # how long a press may still be on its way at the end; 3m
    journal: JournalForm | None = None  # lines (NDJSON) or columns (Parquet)
    people: PeopleTable | None = None  # everybody who is no persona
    place: PlaceTable | None = None  # where the fleet lives
    native: NativeTable | None = None  # frames go to your own middleware
    units: dict[str, list[Annotated[int, Meta(ge=1)]]] | None = None  # in place of 1, 2, 3, ...
    acts: list[ActTable] | None = None  # what people do, one by one, in place of what is drawn
    plant: str | None = None  # a mutant that is planted into the embedded AURA
    faults: list[AnyFault] = []  # what goes wrong
    personas: list[Persona] = []  # kinds of people
    incidents: list[Incident] = []  # one event, many presses
    routes: list[Route] = []  # ways that devices are carried along
    coverage: Coverage | None = None  # where there is a network
    gnss: Gnss | None = None  # how well receivers hear; perfectly, if not said
    climate: Climate | None = None  # the temperature of batteries; 20 degrees, if not said
    charging: Charging | None = None  # when wearables are charged; never, if not said


def convert(table: object) -> RunFile:
    """Return a table as a run file; raise `msgspec.ValidationError`."""
    return msgspec.convert(table, RunFile, strict=True, dec_hook=read_duration)
