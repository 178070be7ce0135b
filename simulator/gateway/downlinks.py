"""What the gateway has to say to a device beyond the reply of its protocol.

A device is reached when it has just spoken. It is told to stop when its callout is over and it goes
on signalling the emergency, and it is given its settings when it asks for a downlink.
"""

from collections.abc import Mapping

from simulator.codec import Context
from simulator.frame import Direction, Frame, Value
from simulator.profile import Command, Profile, codec_of


def downlink(
    profile: Profile, frame: Frame, values: Mapping[str, Value], *, is_over: bool
) -> bytes | None:
    """Return the command to give now; `is_over` says that the device's callout has ended."""
    stop = profile.commands.get(Command.STOP_SOS)
    if is_over and stop and _goes_on(stop.while_said, values):
        return command_bytes(profile, Command.STOP_SOS)
    if frame.asks_reply and Command.CONFIGURE in profile.commands:
        return command_bytes(profile, Command.CONFIGURE)
    return None


def command_bytes(profile: Profile, command: Command) -> bytes:
    """Return a command as the profile's codec writes it."""
    template = profile.commands[command]
    context = Context(direction=Direction.DOWNLINK, port=template.port)
    return codec_of(profile).encode(template.values, context)


def _goes_on(while_said: Mapping[str, Value], values: Mapping[str, Value]) -> bool:
    said = (values.get(key) == wanted for key, wanted in while_said.items())
    return bool(while_said) and all(said)
