"""The text of a new profile: complete, commented, and sound as it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.profile._model import DeviceKind

_LINKS: Mapping[str, tuple[str, str]] = {
    "sigfox": ("0.12", "[1.0, 4.0]"),
    "lorawan": ("0.02", "[0.08, 0.4]"),
    "cellular": ("0.015", "[0.15, 0.9]"),
    "ble": ("0.55", "[0.001, 0.02]"),
    "direct": ("0.005", "[0.05, 0.3]"),
}
NETWORKS = tuple(_LINKS)
_STREAMS = ("cellular", "direct")  # frames come in a stream there, and name their unit
_BATTERY = {
    "capacity_mah": "1000",
    "empty_mv": "3000",
    "full_mv": "4200",
    "idle_ua": "20",
    "frame_mas": "100",
}
_ASSUMED = "assumed: replace this by what the maker says, or by what you measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProfile:
    """What is known of a device nobody has described yet."""

    name: str
    title: str
    kind: DeviceKind = DeviceKind.PANIC_BUTTON
    network: str = "direct"
    serial: str = r"\d{8}"
    units: str = "{:08d}"
    gestures: tuple[str, ...] = ("press",)
    supplier: str = "ExampleBrand"
    device_type_id: int = 900
    report_s: int = 86400
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Speech:
    """The tables that say what the frames look like, what is said when, and what it means."""

    layout: str
    frames: str
    meaning: str
    has_cancel: bool = False
    has_report: bool = True


def profile_text(new: NewProfile, speech: Speech | None = None) -> str:
    """Return a whole profile; without a speech, one with an invented layout to be replaced."""
    speech = speech or _usual_speech(new)
    parts = [
        _head(new),
        _behaviour(new, speech),
        _table("battery", _BATTERY),
        _link(new),
        speech.layout,
        speech.frames,
        speech.meaning,
        f"[aura]\ndevice_type_id = {new.device_type_id}\nsupplier = {quoted(new.supplier)}",
        _provenance(new, speech),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    plain = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped)
    return f'"{plain}"'


def _table(name: str, values: Mapping[str, str]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in values.items())])


def _head(new: NewProfile) -> str:
    notes = "".join(f"# {note}\n" for note in new.notes)
    return (
        f"{notes}format = 1\nname = {quoted(new.name)}\ntitle = {quoted(new.title)}\n"
        f'kind = {quoted(new.kind.value)}\ncodec = "layout"  # the frames are stated below\n\n'
        "[identity]\n"
        f"serial = {quoted(new.serial)}  # a regular expression for a whole serial\n"
        f"units = {quoted(new.units)}  # how simulated units are numbered"
    )


def _behaviour_values(new: NewProfile, speech: Speech) -> dict[str, str]:
    gestures = ", ".join(quoted(gesture) for gesture in new.gestures)
    values = {
        "gestures": f"[{gestures}]",
        "press_to_frame_s": "0.5",
        "cancel_source": '"native"' if speech.has_cancel else '"operator"',
    }
    if speech.has_report:
        values["report_s"] = str(new.report_s)
    return values


def _behaviour(new: NewProfile, speech: Speech) -> str:
    return _table("behaviour", _behaviour_values(new, speech))


def _link_values(new: NewProfile) -> dict[str, str]:
    loss, delay = _LINKS[new.network]
    return {"loss": loss, "delay_s": delay}


def _link(new: NewProfile) -> str:
    return _table("link", {"network": quoted(new.network), **_link_values(new)})


def _provenance(new: NewProfile, speech: Speech) -> str:
    said = {
        "behaviour": _behaviour_values(new, speech),
        "battery": _BATTERY,
        "link": _link_values(new),
    }
    return "\n\n".join(
        _table(f"provenance.{part}", dict.fromkeys(values, quoted(_ASSUMED)))
        for part, values in said.items()
    )


def _usual_speech(new: NewProfile) -> Speech:
    """Return an invented binary layout that the network has room for."""
    is_stream = new.network in _STREAMS
    start = '  { constant = "a5" },\n' if is_stream else ""
    serial = '  { name = "serial", as = "digits", bytes = 4 },\n' if is_stream else ""
    framing = 'framing = { kind = "start" }  # each message begins with a5\n' if is_stream else ""
    words = ", ".join(f"{quoted(word)} = {code}" for code, word in enumerate(new.gestures, 1))
    end = (
        '  { name = "battery_percent", bytes = 1, maximum = 100 },\n'
        '  { checksum = "crc8/smbus", bytes = 1 },\n]\n'
    )
    layout = (
        "# The frames, field by field, from the first byte on. This layout is INVENTED: write\n"
        "# yours in its place. Fields: name or constant, length, checksum, spare; bits or bytes;\n"
        "# as, signed, scale, offset, minimum, maximum, enum, order.\n"
        f'[layout]\nform = "binary"\norder = "big"\n{framing}\n'
        f'[layout.messages.alarm]\nfields = [\n{start}  {{ constant = "01" }},\n{serial}'
        f'  {{ name = "button", bytes = 1, enum = {{ {words} }} }},\n{end}\n'
        f'[layout.messages.status]\nfields = [\n{start}  {{ constant = "02" }},\n{serial}{end}'
    )
    return Speech(layout, _usual_frames(is_stream), _USUAL_MEANING)


def _usual_frames(is_stream: bool) -> str:
    serial = 'serial = "$serial", ' if is_stream else ""
    battery = 'battery_percent = "$battery_percent"'
    return (
        "# What the device says and when; a $ names a fact of the moment.\n[frames.press]\n"
        f'values = {{ message = "alarm", {serial}button = "$gesture", {battery} }}\n\n'
        f'[frames.battery]\nvalues = {{ message = "status", {serial}{battery} }}'
    )


_USUAL_MEANING = """\
# What a frame means to AURA; all rules that hold are told.
[[meaning]]
kind = "press"
when = { message = "alarm" }

[[meaning]]
kind = "battery"
when = { message = "status" }
"""
