"""`aurasim bench`: a device on the desk, found, heard, judged, recorded and played."""

from importlib import import_module

import click

_COMMANDS = {
    "ports": "bench_ports",
    "listen": "bench_listen",
    "check": "bench_check",
    "capture": "bench_capture",
    "replay": "bench_replay",
    "twin": "bench_twin",
    "emulate": "bench_emulate",
    "air": "bench_air",
}
"""Each is a module of this package, in the order of the help."""


class _Commands(click.Group):
    """Loads a command when it is called: bleak, pyserial and bumble are not for every one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"simulator.cli.{_COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command


@click.command(cls=_Commands)
def bench() -> None:
    """Try a physical device on USB or BLE, or real firmware in an emulator.

    \b
    What is there:       aurasim bench ports
    Nothing plugged in:  aurasim bench check --emulate avr --auto
    """
