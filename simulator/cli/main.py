"""The command `aurasim`: its groups, and how it ends when something goes wrong."""

import os
import sys
import traceback

import click

from simulator import __version__
from simulator.cli.decode import decode
from simulator.cli.encode import encode
from simulator.cli.ledger import ledger
from simulator.cli.profiles import profiles
from simulator.cli.report import report
from simulator.cli.run import run
from simulator.cli.sandbox import sandbox
from simulator.errors import ExitCode, SimulatorError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="aurasim")
def cli() -> None:
    """Simulate panic buttons, wearables and trackers, and find out what AURA makes of them.

    \b
    A first look:   aurasim run --profile milesight-ws101 --devices 50 --for 24h
    What there is:  aurasim profiles list
    """


for command in (run, sandbox, profiles, decode, encode, ledger, report):
    cli.add_command(command)


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
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # whoever read our output has gone; nothing is left to say, not even at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.PASS)
    except Exception as error:
        traceback.print_exc()
        click.echo(f"Error: {error!r}. This is a bug of aurasim; please report it.", err=True)
        sys.exit(ExitCode.BUG)
