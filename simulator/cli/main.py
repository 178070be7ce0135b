"""The command `aurasim`: its commands, and how it ends when something goes wrong."""

import os
import sys
import traceback
from collections.abc import Iterator
from importlib import import_module
from typing import NoReturn

import click

from simulator import __version__
from simulator.errors import ExitCode, SimulatorError

SECTIONS = {
    "Fleets": ("run", "control", "resume"),
    "Load": ("load", "watch", "compare"),
    "Gherkin": ("steps", "mutate", "explore"),
    "The bench": ("bench", "doctor"),
    "AURA and what stands around it": ("sandbox", "gateway", "webhooks", "drift", "cleanup"),
    "Devices": ("profiles", "decode", "encode"),
    "What a run was": (
        *("ledger", "check", "report", "journal"),
        *("replay", "export", "shrink"),
    ),
}
"""Each name is a module of this package with a command of the same name, in the help's order."""

COMMANDS = tuple(name for names in SECTIONS.values() for name in names)


class Commands(click.Group):
    """Loads a command when it is called, so that a small one starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command by name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"simulator.cli.{cmd_name}"), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section, each with its whole first sentence."""
        for title, names in SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl(
                    [
                        (name, command.get_short_help_str(200))
                        for name, command in commands
                        if command
                    ]
                )


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="aurasim")
def cli() -> None:
    """Simulate panic buttons, wearables and trackers, and find out what AURA makes of them.

    \b
    A first look:   aurasim run --profile milesight-ws101 --devices 50 --for 24h
    What there is:  aurasim profiles list
    """


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """Yield what a group holds: bugs first, for they must not hide behind our own errors."""
    flat = [
        leaf
        for one in group.exceptions
        for leaf in (_leaves(one) if isinstance(one, BaseExceptionGroup) else (one,))
    ]
    yield from sorted(flat, key=lambda leaf: isinstance(leaf, SimulatorError))


def _end_by(error: BaseException) -> NoReturn:
    """Say what went wrong, and exit with its code."""
    if isinstance(error, SimulatorError):
        from simulator.cli.show import plain  # brings rich, which --help needs not

        click.echo(plain(f"Error: {error}"), err=True)
        sys.exit(error.exit_code)
    if isinstance(error, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(ExitCode.VOID)
    traceback.print_exception(error)
    click.echo(f"Error: {error!r}. This is a bug of aurasim; please report it.", err=True)
    sys.exit(ExitCode.BUG)


def main() -> None:
    """Run the command line and exit with the documented code."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(ExitCode.VOID)
    except SimulatorError as error:
        _end_by(error)
    except BaseExceptionGroup as group:  # of tasks that ended together: the first says why
        _end_by(next(_leaves(group)))
    except BrokenPipeError:
        # whoever read our output has gone; nothing is left to say, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.PASS)
    except Exception as error:  # the command boundary: record and stop
        _end_by(error)
