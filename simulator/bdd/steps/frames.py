"""Native frames: sent by hand, and what devices sent of their own accord."""

from simulator.bdd.cast import Device
from simulator.bdd.declare import action, expectation
from simulator.bdd.desk import need_virtual
from simulator.bdd.expectation import Finding, one_of
from simulator.bdd.mistakes import StepUseError
from simulator.bdd.paths import Table, compared, rows_of
from simulator.bdd.scene import Scene
from simulator.codec import Context, FrameError
from simulator.faults import Mutation, Mutator
from simulator.frame import Frame, Kind, Value
from simulator.journal import FrameSent, Received, Replied
from simulator.profile import codec_of

_OWN = 1_000_000  # frames made by hand are numbered from here, apart from the firmware's


def transmit(scene: Scene, device: Device, payload: bytes, port: int | None) -> None:
    """Let a device's radio send bytes as a frame of its own."""
    need_virtual(device.unit, "say what its firmware does not")
    lines = device.profile.frames.values()
    usual = next((line.port for line in lines if line.port is not None), None)
    device.own_frames += 1
    frame = Frame(
        device.unit.name,
        _OWN + device.own_frames,
        Kind.OTHER,
        payload,
        scene.env.now,
        port=usual if port is None else port,
    )
    scene.world.fleet.transmit(device.unit, frame)
    scene.run_for(0.0)


@action("{device} sends the frame {hex}[ on port {port:count}]")
def sends_bytes(scene: Scene, device: str, hex: bytes, port: int | None = None) -> None:
    """Send bytes by the device's radio, whatever its firmware thinks of them."""
    for one in scene.devices.many(device):
        transmit(scene, one, hex, port)


@action("{device} sends a frame with:")
def sends_fields(scene: Scene, device: str, datatable: Table) -> None:
    """Send a frame that the device's codec makes of fields: a table with field and value."""
    values: dict[str, Value] = {
        field: _value(text) for field, text in rows_of(datatable, "field", "value")
    }
    for one in scene.devices.many(device):
        port = next((line.port for line in one.profile.frames.values()), None)
        try:
            payload = codec_of(one.profile).encode(values, Context(port=port))
        except FrameError as error:
            message = f"{one.profile.title} cannot say that: {error}"
            raise StepUseError(message) from error
        transmit(scene, one, payload, port)


@action("{device} sends its last frame again, {mutation}")
def sends_mutant(scene: Scene, device: str, mutation: Mutation) -> None:
    """Send the last frame of the device once more, mutated in the grammar of its protocol."""
    for one in scene.devices.many(device):
        sent = [f for f in frames_of(scene, device) if f.device == one.unit.name]
        if not sent:
            message = f"{one.unit.name} has sent no frame yet. Let somebody press it first."
            raise StepUseError(message)
        transmit(scene, one, mutated(scene, one, sent[-1], mutation), sent[-1].port)


def mutated(scene: Scene, device: Device, sent: FrameSent, mutation: Mutation) -> bytes:
    """Return the bytes of a frame that was sent, mutated; a replay is the very same bytes."""
    firmware = device.unit.firmware
    payload = bytes.fromhex(sent.hex)
    frame = Frame(sent.device, sent.seq, Kind(sent.kind), payload, sent.t, port=sent.port)
    stream = scene.world.rng.stream(firmware.key, f"mutation {scene.env.now}")
    mutant = Mutator(device.profile).mutate(frame, stream, mutation)
    if mutant is None:
        message = f"A {sent.kind} frame of {device.profile.title} has nothing to be {mutation}."
        raise StepUseError(message)
    return mutant.frame.payload


@expectation("{device} has sent {count} {kind} frame[s]")
def has_sent(scene: Scene, device: str, count: int, kind: str) -> Finding:
    """Count the frames of a kind that left the device; a frame sent again counts again."""
    sent = [f for f in frames_of(scene, device) if f.kind == kind]
    others = ", ".join(f"#{f.seq} {f.kind}" for f in frames_of(scene, device)[-8:])
    seen = f"{len(sent)} {kind} frames of {others or 'none at all'}"
    return Finding(len(sent) == count, seen, f"{count} {kind} frames")


@expectation("{device} has sent the frame {hex}")
def has_sent_bytes(scene: Scene, device: str, hex: bytes) -> Finding:
    """Look for a frame with exactly these bytes."""
    return one_of(hex.hex(), [f.hex for f in frames_of(scene, device)], "frame")


@expectation("the last {kind} frame of {device} has:")
def last_frame_has(scene: Scene, kind: str, device: str, datatable: Table) -> Finding:
    """Decode the last frame of a kind and compare its fields: a table with field and value."""
    rows = rows_of(datatable, "field", "value")
    sent = [f for f in frames_of(scene, device) if f.kind == kind]
    if not sent:
        return Finding(False, f"no {kind} frame", f"a {kind} frame")
    reader = codec_of(scene.devices.one(device).profile)
    values = reader.decode(bytes.fromhex(sent[-1].hex), Context(port=sent[-1].port))
    return compared(values, rows)


@expectation("the gateway drops {count} frame[s] of {device}")
def drops(scene: Scene, count: int, device: str) -> Finding:
    """Count the frames that the gateway read and told nobody of: repetitions, unreadable ones."""
    names = {one.unit.name for one in scene.devices.many(device)}
    dropped = [
        f"#{r.seq} {r.dropped}"
        for r in scene.journal.records
        if isinstance(r, Received) and r.dropped and r.device in names
    ]
    seen = f"{len(dropped)} dropped frames: {', '.join(dropped) or 'none'}"
    return Finding(len(dropped) == count, seen, f"{count} dropped frames")


@expectation("{device} is sent {count} reply/replies")
def is_answered(scene: Scene, device: str, count: int) -> Finding:
    """Count the native replies of the server, whether they arrive or not."""
    names = {one.unit.name for one in scene.devices.many(device)}
    replies = [r for r in scene.journal.records if isinstance(r, Replied) and r.device in names]
    return Finding(len(replies) == count, f"{len(replies)} replies", f"{count} replies")


def frames_of(scene: Scene, reference: str) -> list[FrameSent]:
    """Return the frames that devices sent, in order."""
    names = {one.unit.name for one in scene.devices.many(reference)}
    sent = (record for record in scene.journal.records if isinstance(record, FrameSent))
    return [record for record in sent if record.device in names]


def _value(text: str) -> Value:
    for literal in (int, float):
        try:
            return literal(text)
        except ValueError:
            continue
    if text in ("true", "false"):
        return text == "true"
    return [part.strip() for part in text[1:-1].split(",")] if text.startswith("[") else text
