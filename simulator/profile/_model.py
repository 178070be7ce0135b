"""The profile format, version 1, as types: what they accept is what a profile may say.

Every number of `behaviour`, `battery`, `motion` and `link` has an origin in `provenance`, so that a
reader sees what is documented, what was captured and what we assume.
"""

import re
from enum import StrEnum
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from simulator.codec import LayoutTable
from simulator.frame import Kind, Value

LAYOUT = "layout"
"""The codec of a profile that states its frames itself."""

Seconds = Annotated[float, Meta(ge=0)]
Period = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Percent = Annotated[float, Meta(ge=0, le=100)]
Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[float, Meta(gt=0)]
Name = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class DeviceKind(StrEnum):
    """What a device is to the person who carries it."""

    PANIC_BUTTON = "panic-button"
    WEARABLE = "wearable"
    TRACKER = "tracker"
    FIXED_PANIC = "fixed-panic"


class CancelSource(StrEnum):
    """Who ends an emergency on this device: its own gesture, an operator by API, or nobody."""

    NATIVE = "native"
    OPERATOR = "operator"
    NONE = "none"


class Origin(StrEnum):
    """Where a number of a profile comes from."""

    DOCUMENTED = "documented"
    CAPTURED = "captured"
    ASSUMED = "assumed"


class _Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of the file: unknown keys are refused, so that a typo cannot pass in silence."""


class DeviceIdRule(_Part, frozen=True):
    """How AURA's template derives `device_id` from the serial: a substring or a pattern's group.

    `start` counts from 0, or from the end when negative; without `length` it runs to the end.
    """

    start: int = 0  # of the substring
    length: Annotated[int, Meta(gt=0)] | None = None  # of the substring
    pattern: str | None = None  # a regular expression; its first group is the device id

    def derive(self, serial: str) -> str:
        """Return the device id of a serial; an empty string when the rule finds none."""
        if self.pattern is not None:
            found = re.search(self.pattern, serial)
            return found[1] if found else ""
        start = self.start + len(serial) if self.start < 0 else self.start
        return serial[start : None if self.length is None else start + self.length]


class Identity(_Part, frozen=True):
    """Which serials the device model has, and what the network calls a unit."""

    serial: str  # a regular expression that matches a whole serial
    units: str  # how the simulator numbers its own units, for example "AB{:08d}"
    device_id: DeviceIdRule = DeviceIdRule()  # the rule of AURA's template
    imei: bool = False  # the serial is an IMEI: the last digit checks the others
    is_address: bool = False  # the serial is the radio address, which every packet carries
    key: str | None = None  # how keys of simulated units are made, in hex: "{:032x}"

    def serial_of(self, number: int) -> str:
        """Return the serial of unit `number` of a simulated fleet."""
        serial = self.units.format(number)
        return serial + _luhn_digit(serial) if self.imei else serial

    def key_of(self, number: int) -> bytes | None:
        """Return the key that unit `number` encrypts with; None where frames are plain."""
        return None if self.key is None else bytes.fromhex(self.key.format(number))


def _luhn_digit(digits: str) -> str:
    doubled = [int(d) * 2 if i % 2 == 0 else int(d) for i, d in enumerate(reversed(digits))]
    return str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


class Behaviour(_Part, frozen=True, kw_only=True):
    """When the firmware speaks, what it waits for, and what it keeps for later."""

    gestures: list[str]  # what a finger can do to call for help; the first is the usual way
    press_to_frame_s: Seconds  # from the end of the gesture to the frame
    cancel_source: CancelSource  # who ends an emergency
    cancel_gesture: str | None = None  # the gesture that ends an emergency at the device
    service_gesture: str | None = None  # sends [frames.other]; it is no call for help
    start_within_s: Seconds = 60.0  # units of a fleet are switched on within this time

    login: bool = False  # sends [frames.login] when switched on
    login_reply_s: Period | None = None  # waits so long for the reply, and says nothing else before
    login_tries: Annotated[int, Meta(ge=1)] = 1  # without a reply, before it hangs up
    join_s: Period | None = None  # a radio join takes so long; nothing is said before
    join_loss: Share = 0.0  # of join requests and their answers
    reconnect_s: tuple[Period, Period] = (10.0, 600.0)  # first and longest pause; each doubles

    report_s: Period | None = None  # period of [frames.battery], or of [frames.heartbeat]
    report_jitter: Share = 0.0  # of every period
    report_at_start: bool = False  # a report follows the login at once
    heartbeat_s: Period | None = None  # period of [frames.heartbeat], beside the report
    heartbeat_when_idle: bool = False  # only after so long a silence
    position_s: Period | None = None  # period of [frames.move] while all is well
    position_moving_s: Period | None = None  # the period on the move, and a position at its ends

    sos_first_position_s: Period | None = None  # the first position after a press, if sooner
    sos_position_s: Period | None = None  # period of [frames.move] after a press
    sos_positions: Count = 0  # how many of them, unless it is ended before
    sos_ends_with_position: bool = False  # the last of them says that the emergency is over
    sos_repeat_s: Period | None = None  # period at which [frames.press] is said anew after a press
    sos_repeats: Count = 0  # how often, unless it is ended before
    sos_toggle: bool = False  # the gesture that starts an emergency ends one that is on
    sos_ended_by_reply: bool = False  # the server's reply to a press ends the emergency

    ack_timeout_s: Period | None = None  # a frame not acknowledged by then is sent again
    resends: Count = 0  # how often, before the device gives up
    checks_reply: bool = False  # only the reply that the protocol has for a frame settles it
    store: Count = 0  # records kept while they cannot be sent, or are not acknowledged

    fix_error_m: Positive = 10.0  # standard deviation of a position, and its stated accuracy


class Chemistry(StrEnum):
    """The kind of cell: how voltage falls with the charge, and what the cold keeps back."""

    LINEAR = "linear"  # no cell in particular
    LI_ION = "li-ion"
    LI_SOCL2 = "li-socl2"
    LI_MNO2 = "li-mno2"  # CR2032 and its kin
    ALKALINE = "alkaline"


class Battery(_Part, frozen=True, kw_only=True):
    """What there is to spend, and what each act costs."""

    capacity_mah: Positive  # when new
    empty_mv: Positive  # where the device stops
    full_mv: Positive  # with all its charge
    idle_ua: Positive  # asleep
    frame_mas: Positive  # charge of one frame, in milliampere seconds
    air_ma: Annotated[float, Meta(ge=0)] = 0.0  # drawn on top for as long as the radio is on air
    fix_mas: Annotated[float, Meta(ge=0)] = 0.0  # charge of one position fix
    signal_mas: Annotated[float, Meta(ge=0)] = 0.0  # light, buzzer, vibration after a press
    charge_ma: Annotated[float, Meta(ge=0)] = 0.0  # that its charger gives; 0: cannot be charged
    chemistry: Chemistry = Chemistry.LINEAR  # the kind of cell
    low_percent: Percent = 10.0  # below this the firmware says so once
    last_percent: Percent = 0.0  # below this it says so once more: its last word
    initial_percent: tuple[Percent, Percent] = (60.0, 100.0)  # a fleet in use is not all new


class Motion(_Part, frozen=True, kw_only=True):
    """How the person who carries the device moves."""

    speed_kmh: Annotated[float, Meta(ge=0, le=1200)] = 0.0  # on a walk
    roam_m: Annotated[float, Meta(ge=0)] = 0.0  # how far from home


class _Radio(_Part, frozen=True, kw_only=True, tag_field="network"):
    """What every link has in common: chance and delay of a frame on its way."""

    loss: Share  # of one transmission, before repetition
    delay_s: tuple[Seconds, Seconds]  # from the end of transmission to the gateway


class SigfoxLink(_Radio, frozen=True, kw_only=True, tag="sigfox"):
    """Sigfox RC1: three transmissions of a message on three frequencies, few messages a day."""

    repetitions: Annotated[int, Meta(ge=1, le=3)] = 3  # transmissions of one message
    repetition_s: Period = 2.08  # a 12-byte uplink at 100 bit/s
    daily_quota: Count = 140  # uplinks
    geolocation_error_m: Positive = 1500.0  # the network's coarse position
    daily_downlinks: Count = 4  # only after an uplink that asks for one
    reply_loss: Share = 0.0  # of one answer on its way to the device


class LorawanLink(_Radio, frozen=True, kw_only=True, tag="lorawan"):
    """LoRaWAN EU868, class A."""

    spreading_factor: Annotated[int, Meta(ge=7, le=12)] = 9  # decides time on air and room
    duty_cycle: Annotated[float, Meta(gt=0, le=1)] = 0.01  # share of time on air
    confirmed: bool = False  # repeated until the network acknowledges
    transmissions: Annotated[int, Meta(ge=1, le=15)] = 1  # NbTrans, or tries of a confirmed uplink
    rx1_s: Period = 1.0  # class A: the receive windows open so long after an uplink, and 1 s later
    reply_loss: Share = 0.0  # of one answer on its way to the device


class CellularLink(_Radio, frozen=True, kw_only=True, tag="cellular"):
    """TCP or UDP over a mobile network; the reply travels back."""

    reply_loss: Share = 0.0  # of one answer on its way to the device


class BleLink(_Radio, frozen=True, kw_only=True, tag="ble"):
    """BLE advertising: an event is repeated in many packets, of which a scanner hears some."""

    packets: Annotated[int, Meta(ge=1)] = 10  # of one event
    interval_s: Period = 0.1  # between them


class DirectLink(_Radio, frozen=True, kw_only=True, tag="direct"):
    """A device, or its maker's cloud, that speaks to AURA itself over the internet."""


Link = SigfoxLink | LorawanLink | CellularLink | BleLink | DirectLink


class Parity(StrEnum):
    """The parity bit of a serial line."""

    NONE = "N"
    EVEN = "E"
    ODD = "O"


class Wire(_Part, frozen=True, kw_only=True):
    """How a unit on the desk is reached, and what it is known by there.

    A BLE device either notifies once it is connected, or says everything in its advertisements:
    `service_data` or `manufacturer` names the part of them that is the frame.
    """

    baud: Annotated[int, Meta(gt=0)] = 9600  # of a serial line
    parity: Parity = Parity.NONE  # of a serial line: none, even or odd
    data_bits: Annotated[int, Meta(ge=5, le=8)] = 8  # of a serial line
    stop_bits: Annotated[int, Meta(ge=1, le=2)] = 1  # of a serial line
    framing: str = ""  # line, cobs, slip, hex or length:N[le], where the codec cuts no stream
    usb: list[Annotated[str, Meta(pattern="^[0-9A-F]{4}:[0-9A-F]{4}$")]] = []  # VID:PID
    ble_name: str = ""  # what its BLE name begins with
    service: str = ""  # BLE: UUID of the service it advertises
    notify: list[str] = []  # BLE: UUIDs of the characteristics that bring its frames
    write: str = ""  # BLE: UUID of the characteristic that takes downlinks
    service_data: str = ""  # BLE: UUID whose service data is the frame
    manufacturer: Annotated[int, Meta(ge=0, le=65535)] | None = None  # BLE: likewise, by company


class Acceptance(_Part, frozen=True, kw_only=True):
    """What a unit must keep on the bench. `[good, bearable]`: beyond the second it has failed.

    Without limits of its own, a frame is due when the hold is over, twice [behaviour]
    press_to_frame_s and half a second later; bearable are four times and two seconds.
    """

    presses: Annotated[int, Meta(ge=1, le=1000)] = 3  # how often it is pressed
    hold_s: Period = 1.0  # how long a finger holds for the first of `gestures`
    long_hold_s: Period | None = None  # a hold far beyond that is one call too; without: four times
    cancel_hold_s: Period = 3.0  # how long a finger holds to cancel, where a gesture does that
    wait_s: Period = 15.0  # for a frame, before the press counts as unheard
    press_to_frame_s: tuple[Seconds, Seconds] | None = None  # from the finger down; see below
    frame_to_callout_s: tuple[Seconds, Seconds] = (2.0, 5.0)  # AURA's own time included
    cancel_to_frame_s: tuple[Seconds, Seconds] | None = None  # from the finger down; see below
    cancel_to_closed_s: tuple[Seconds, Seconds] = (2.0, 5.0)  # AURA's own time included
    copies: tuple[Count, Count] = (12, 40)  # of one press that reach us, the first included
    battery_mv: tuple[Count, Count] | None = None  # plausible; without: of [battery], 10 % around


class FrameTemplate(_Part, frozen=True, kw_only=True):
    """What the firmware says in one situation: values for the codec.

    A text that starts with `$` stands for a fact of the moment (`$battery_percent`, `$latitude`,
    `$gesture`, ...); the profile reference lists them.
    """

    values: dict[str, Value]  # what the codec is given
    port: int | None = None  # LoRaWAN
    stored: dict[str, Value] = {}  # said in place of some values when the frame was kept for later
    stored_port: int | None = None  # the LoRaWAN port then, if it is another one
    asks_reply: bool = False  # Sigfox: the uplink asks for a downlink


class Words(_Part, frozen=True, kw_only=True):
    """A fact of the profile's own: another fact in the words of the protocol.

    `[words.event_io]` with `of = "gesture"` and `says = { sos = 236 }` lets frames name
    `$event_io`. True and false are written as `true` and `false`.
    """

    of: str  # the fact that is put into other words
    says: dict[str, Value]  # fact to word
    otherwise: Value = None  # for what `says` leaves out

    def put(self, fact: Value) -> Value:
        """Return a fact in these words."""
        name = str(fact).lower() if isinstance(fact, bool) else str(fact)
        return self.says.get(name, self.otherwise)


class Command(StrEnum):
    """What a server can make a device do."""

    START_SOS = "start_sos"
    STOP_SOS = "stop_sos"
    LOCATE = "locate"
    REPORT = "report"
    CONFIGURE = "configure"


class CommandTemplate(_Part, frozen=True, kw_only=True):
    """A downlink: values for the codec. The device obeys one that says what these values say.

    With `while_said` the gateway gives `stop_sos` to a device that goes on saying so although its
    callout is over.
    """

    values: dict[str, Value]  # as the codec decodes them
    port: int | None = None  # LoRaWAN
    while_said: dict[str, Value] = {}  # tell a device that says this after its callout


class Meaning(_Part, frozen=True, kw_only=True):
    """One rule of the gateway: a frame with these values is this message.

    Rules are read in order. A value may be asked to equal one of a list, to be `present`, or to
    `rise` or `fall` (become true or false since the device's last frame). `when_open` holds the
    rule to times when a callout of the device is open, or is not.
    """

    kind: Kind  # the message
    when: dict[str, Value] = {}  # conditions on values of the frame; all must hold
    when_open: bool | None = None  # and on the callout of the device


class AuraTemplate(_Part, frozen=True, kw_only=True):
    """The device template as AURA registers it: which template, and where fields live."""

    device_type_id: int  # of the template; no two profiles share one
    supplier: str  # the device's maker, as AURA registers it
    payload: Annotated[str, Meta(pattern="^(structured|sigfox)$")] = "structured"  # sigfox: raw
    press: int = 1  # message_type of a new callout
    move: int = 2  # message_type of a position
    cancel: int = 3  # message_type of a cancel
    battery: int = 4  # message_type of battery and health
    press_in: str = "location"  # where the position of a new callout lives
    others_in: str = "body"  # where the content of the other messages lives


class Profile(_Part, frozen=True, kw_only=True):
    """One device model."""

    format: Annotated[int, Meta(ge=1, le=1)]  # of this file
    name: Name  # the name of the file, small letters and hyphens
    title: str  # the device as its maker calls it
    kind: DeviceKind  # what it is to the person who carries it
    codec: str  # the native protocol
    identity: Identity  # serials
    behaviour: Behaviour  # when the firmware speaks
    battery: Battery  # what there is to spend
    motion: Motion = Motion()  # how its person moves
    link: Link  # the radio
    frames: dict[Kind, FrameTemplate]  # what it says, by kind
    meaning: list[Meaning]  # what a frame means, by rules
    words: dict[str, Words] = {}  # facts in the words of the protocol
    commands: dict[Command, CommandTemplate] = {}  # downlinks that it obeys
    aura: AuraTemplate  # the template that AURA registers
    provenance: dict[str, dict[str, str]]  # the origin of every number
    summary: str = ""  # one sentence for people who choose a device
    wire: Wire = Wire()  # on the desk
    acceptance: Acceptance = Acceptance()  # what a unit must keep on the bench
    layout: LayoutTable | None = None  # the frames field by field, where codec is "layout"
    dedup: list[str] = []  # values that name an event: equal ones within dedup_s are one event
    dedup_s: Seconds = 0.0  # so long
    forget_s: Period | None = None  # rises and falls do not look back over so long a silence
    path: str | UnsetType = UNSET  # filled by the loader

    @property
    def network(self) -> str:
        """Return the name of the link's network."""
        return str(self.link.__struct_config__.tag)

    def matches(self, serial: str) -> bool:
        """Return whether a serial can be of this model."""
        return re.fullmatch(self.identity.serial, serial) is not None
