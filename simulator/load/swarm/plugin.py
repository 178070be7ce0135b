"""Ties the fleet to Locust's events: options, start and stop, workers, exit code."""

import logging
import shlex
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import gevent
from locust import LoadTestShape, User, events, task
from locust.runners import LocalRunner, MasterRunner, WorkerRunner

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
        campaign = _plugin.campaign
        if campaign is not None and campaign.is_over:
            return None
        return _plugin.shards, 100.0


class _Plugin:
    """What is known of this process. There is one: Locust's events are module-level too."""

    def __init__(self) -> None:
        self.campaign: Campaign | None = None
        self.member: Member | None = None
        self.shards = 1
        self._number = 0

    def join(self, environment: "Environment", runner: "Runner", web_ui: "WebUI | None") -> None:
        """Take our part in a process of Locust's: master, worker, or both in one."""
        if isinstance(runner, WorkerRunner | LocalRunner):
            self.member = Member(environment)
            runner.register_message(DOWN, self.member.hear)
        if not isinstance(runner, WorkerRunner):
            runner.register_message(UP, self._hear)
        if web_ui is not None:
            add_pages(web_ui, lambda: self.campaign.out if self.campaign else None)

    def begin(self, environment: "Environment") -> None:
        """Begin a load test over the workers that are ready."""
        runner = environment.runner
        if isinstance(runner, WorkerRunner) or runner is None:
            return
        if self.campaign:
            self.campaign.close()
        clients: list[str | None] = [None]
        if isinstance(runner, MasterRunner):
            ready = runner.clients.ready + runner.clients.spawning + runner.clients.running
            clients = [*sorted((node.id for node in ready), key=runner.get_worker_index)]
        self.shards = len(clients)
        self._number += 1
        options = environment.parsed_options or Namespace()
        out = Path(options.aura_out)
        command = command_of(options, environment.host)
        self.campaign = Campaign(environment, self._number, clients, command, out)

    def stop(self, environment: "Environment") -> None:
        """End the load test, if it has not ended by itself, and keep its exit code."""
        if self.member and isinstance(environment.runner, WorkerRunner):
            self.member.stop()
        if self.campaign:
            self.campaign.stop()
            environment.process_exit_code = self.campaign.exit_code

    def _hear(self, environment: "Environment", msg: "Message") -> None:
        del environment
        if self.campaign:
            self.campaign.hear(msg.data)


_plugin = _Plugin()


def command_of(options: Namespace, host: str | None) -> list[str]:
    """Return the flags of `aurasim load` that Locust's options stand for; later ones win."""
    flags = shlex.split(options.aura_load or "")
    if host:
        flags += ["--target", host]
    if options.aura_rate:
        flags += ["--rate", f"{options.aura_rate:g}"]
    if options.aura_for:
        flags += ["--for", options.aura_for]
    if options.aura_seed is not None:
        flags += ["--seed", str(options.aura_seed)]
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
    parser.add_argument("--aura-rate", type=float, env_var="AURA_RATE", help="Messages a second.")
    parser.add_argument("--aura-for", env_var="AURA_FOR", default="", help="How long, such as 60s.")
    parser.add_argument("--aura-seed", type=int, env_var="AURA_SEED", help="Same seed, same test.")
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
