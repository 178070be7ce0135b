"""`aurasim webhooks`: see what is delivered, and let a script fail when it is not."""

from contextlib import suppress

import click

from simulator.aura.listening import WebhookReceiver
from simulator.aura.receiver import Arrival, Expected, Inbox, MissingWebhookError
from simulator.cli.show import print_json
from simulator.clock import duration_s, iso, monotonic_s
from simulator.errors import ExitCode

_LOOK_S = 0.2  # how long Ctrl-C may have to wait


@click.group()
def webhooks() -> None:
    """Receive what AURA, or a sandbox, delivers."""


@webhooks.command()
@click.option("--port", default=8788, show_default=True, help="TCP port; 0 takes a free one.")
@click.option("--expect", metavar="EVENT,...", help="End as soon as these came, in this order.")
@click.option("--callout", help="Expect them of this callout only.")
@click.option("--any-order", is_flag=True, help="Expect them in any order.")
@click.option("--within", default="30s", show_default=True, help="How long to wait for them.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
def listen(
    *,
    port: int,
    expect: str | None,
    callout: str | None,
    any_order: bool,
    within: str,
    as_json: bool,
) -> None:
    """Print deliveries as they arrive, until Ctrl-C or until the expected ones came.

    With --expect it ends with exit code 0 when all came in time, else with 1. A sandbox delivers
    here when it was started with --allow-http-webhooks and this address is registered.
    """
    expected = [Expected(event.strip(), callout) for event in expect.split(",")] if expect else []
    within_s = duration_s(within)
    stop = () if expected else (KeyboardInterrupt,)  # the ordinary way to stop it
    with suppress(*stop), WebhookReceiver(port) as receiver:
        _say({"listening": receiver.url}, f"Listening at {receiver.url}", as_json)
        if not expected:
            _follow(receiver.inbox, as_json)
        try:
            _await(receiver.inbox, expected, within_s, in_order=not any_order, as_json=as_json)
        except MissingWebhookError as missing:
            _say({"verdict": "failed", "reason": str(missing)}, f"failed: {missing}", as_json)
            raise click.exceptions.Exit(ExitCode.FAILED) from None
        _say({"verdict": "passed"}, "passed: all expected webhooks came", as_json)


def _follow(inbox: Inbox, as_json: bool) -> None:
    number = 0
    while True:
        number = _print_beyond(inbox, number, _LOOK_S, as_json)


def _await(
    inbox: Inbox, expected: list[Expected], within_s: float, *, in_order: bool, as_json: bool
) -> None:
    """Print what arrives until the expected came; raises MissingWebhookError at the end."""
    number = 0
    ends_s = monotonic_s() + within_s
    while True:
        number = _print_beyond(
            inbox, number, min(_LOOK_S, max(0.0, ends_s - monotonic_s())), as_json
        )
        try:
            inbox.expect(*expected, within_s=0.0, in_order=in_order)
        except MissingWebhookError:
            if monotonic_s() >= ends_s:
                raise
        else:
            _print_beyond(inbox, number, 0.0, as_json)  # what came since the last look
            return


def _print_beyond(inbox: Inbox, number: int, within_s: float, as_json: bool) -> int:
    """Print what came after a number, and return the last number printed."""
    for arrival in inbox.wait_beyond(number, within_s):
        _say(_told(arrival), _line(arrival), as_json)
        number = arrival.number
    return number


def _told(arrival: Arrival) -> dict[str, object]:
    return {
        "at": iso(arrival.at_s, digits=3),
        "event": arrival.event,
        "id": arrival.entity_id,
        "repeated": arrival.is_repeated,
        "entity": arrival.delivery.entity.raw,
    }


def _line(arrival: Arrival) -> str:
    repeated = " (again)" if arrival.is_repeated else ""
    return f"{iso(arrival.at_s, digits=3)} {arrival.event} {arrival.entity_id or '-'}{repeated}"


def _say(value: object, sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(value)
    else:
        click.echo(sentence)
