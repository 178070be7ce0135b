"""Ties the fleet to Locust's events: options, start and stop, workers, exit code."""

import logging
import shlex
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import gevent
from locust import LoadTestShape, User, events, task
from locust.runners import LocalRunner, MasterRunner, WorkerRunner

from simulator.errors import ExitCode
from simulator.load.swarm.campaign import Campaign
from simulator.load.swarm.member import DOWN, UP, Member
from simulator.load.swarm.pages import add_pages

if TYPE_CHECKING:
    from locust.argument_parser import LocustArgumentParser
    from locust.env import Environment
    from locust.rpc import Message
    from locust.runners import Runner
    from locust.web import WebUI

log = logging.getLogger(__name__)


class AuraFleet(User):
    """Stands for one shard of the fleet: the engine sends, this only waits."""

    @task
    def run_a_shard(self) -> None:
        """Wait; messages are sent by the engine, when the fleet's schedule says."""
        gevent.sleep(1)


class FleetShape(LoadTestShape):
    """One user a worker, from the beginning to the end of the load test."""

    def tick(self) -> tuple[int, float] | None:
        """Return how many users there are; none when the test has ended."""
        if _plugin.is_over:
            return None
        return max(1, len(_ready(self.runner))), 100.0

    def reset_time(self) -> None:
        """Forget the test before, when another begins."""
        super().reset_time()
        _plugin.forget()


class _Plugin:
    """What is known of this process. There is one: Locust's events are module-level too."""

    def __init__(self) -> None:
        self.campaign: Campaign | None = None
        self.member: Member | None = None
        self.out: Path | None = None
        self._number = 0
        self._is_broken = False

    @property
    def is_over(self) -> bool:
        """Return whether the test of the moment has ended, or could not begin."""
        return self._is_broken or (self.campaign is not None and self.campaign.is_over)

    def forget(self) -> None:
        """Forget a test that has ended."""
        if self.is_over:
            self.campaign = None
            self._is_broken = False

    def join(self, environment: "Environment", runner: "Runner", web_ui: "WebUI | None") -> None:
        """Take our part in a process of Locust's: master, worker, or both in one."""
        if isinstance(runner, WorkerRunner | LocalRunner):
            self.member = Member(environment)
            runner.register_message(DOWN, self.member.hear)
        if self.member and isinstance(runner, WorkerRunner):
            gevent.spawn(self.member.watch)
        if not isinstance(runner, WorkerRunner):
            runner.register_message(UP, self._hear)
        if web_ui is not None:
            add_pages(web_ui, lambda: self.out)

    def begin(self, environment: "Environment") -> None:
        """Begin a load test over the workers that are ready."""
        runner = environment.runner
        if isinstance(runner, WorkerRunner) or runner is None:
            return
        if self.campaign:
            self.campaign.close()
        self._number += 1
        options = environment.parsed_options or Namespace()
        try:
            out = self.out = Path(options.aura_out)
            command = command_of(options, environment.host)
            self.campaign = Campaign(environment, self._number, _ready(runner), command, out)
        except (OSError, ValueError):  # no process, or flags that cannot be read
            self._is_broken = True  # or Locust would wait for a test that never ends
            environment.process_exit_code = ExitCode.USAGE
            raise

    def stop(self, environment: "Environment") -> None:
        """End the load test, if it has not ended by itself, and keep its exit code."""
        if self.member and isinstance(environment.runner, WorkerRunner):
            self.member.stop()
        if self.campaign:
            self.campaign.stop()
            code = self.campaign.exit_code
            environment.process_exit_code = ExitCode.VOID if code is None else code

    def _hear(self, environment: "Environment", msg: "Message") -> None:
        del environment
        if self.campaign:
            self.campaign.hear(msg.data)


_plugin = _Plugin()


def _ready(runner: "Runner | None") -> list[str | None]:
    """Return the workers that take part, in the order of their indexes; None is this process."""
    if not isinstance(runner, MasterRunner):
        return [None]
    nodes = runner.clients.ready + runner.clients.spawning + runner.clients.running
    return [*sorted((node.id for node in nodes), key=runner.get_worker_index)]


def command_of(options: Namespace, host: str | None) -> list[str]:
    """Return the flags of `aurasim load` that Locust's options stand for; later ones win."""
    flags = shlex.split(options.aura_load or "")
    if host:
        flags += ["--target", host]
    for flag, value in (
        ("--rate", options.aura_rate),
        ("--for", options.aura_for),
        ("--seed", options.aura_seed),
    ):
        if value:
            flags += [flag, value]
    return flags


@events.init_command_line_parser.add_listener
def _add_options(parser: "LocustArgumentParser") -> None:
    parser.add_argument(
        "--aura-load",
        metavar="ARGUMENTS",
        env_var="AURA_LOAD",
        default="--profile aura-structured=200 --rate 500",
        include_in_web_ui=False,
        help="What aurasim load is told: a load file, and flags that win over it.",
    )
    for name, told in (
        ("rate", "Messages a second, of the whole fleet."),
        ("for", "How long, such as 60s."),
        ("seed", "Same seed, same schedule."),
    ):
        parser.add_argument(f"--aura-{name}", env_var=f"AURA_{name.upper()}", default="", help=told)
    parser.add_argument(
        "--aura-out",
        metavar="FOLDER",
        env_var="AURA_OUT",
        default="runs/locust",
        include_in_web_ui=False,
        help="Where the master writes result.json, report.html and the journal.",
    )


@events.init.add_listener
def _init(
    environment: "Environment", runner: "Runner", web_ui: "WebUI | None" = None, **_: object
) -> None:
    _plugin.join(environment, runner, web_ui)


@events.test_start.add_listener
def _start(environment: "Environment", **_: object) -> None:
    _plugin.begin(environment)


@events.test_stopping.add_listener
def _stopping(environment: "Environment", **_: object) -> None:
    _plugin.stop(environment)


@events.quitting.add_listener
def _quitting(environment: "Environment", **_: object) -> None:
    _plugin.stop(environment)
