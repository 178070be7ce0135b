"""The trials, by kind. Each returns what happened, or raises NotSurvivedError."""

from collections.abc import Callable, Mapping
from functools import partial

from proxy import Break, Proxy
from stage import NotSurvivedError, Stage, control

from simulator.clock import monotonic_s

_ENDED = (0, 1)  # passed, or failed by a promise that the weather broke; never a bug or a hang
_UNREACHABLE = 3


def sandbox_killed(stage: Stage) -> str:
    """kill -9 of the durable sandbox at a random point, and a restart some time later."""
    stage.serve()
    run = stage.run()
    stage.until_pressed(run, 1)
    after_s = stage.wait_up_to(4.0)
    stage.kill_sandbox()
    stage.wait_up_to(1.0)
    stage.serve()
    stage.finish(run, *_ENDED)
    known = stage.check_acknowledged()
    return f"after {after_s:.1f} s; {known} callouts still known; {_closed(stage)}"


def harness_killed(stage: Stage) -> str:
    """kill -9 of the run at a random point; the next command ends what it left open."""
    stage.serve()
    run = stage.run()
    stage.until_pressed(run, stage.whole(1, 10))
    stage.wait_up_to(1.0)
    run.kill()
    run.wait()
    code, said = stage.aurasim("cleanup")
    if code:
        raise NotSurvivedError(f"cleanup ended with {code}: {said}")
    return _closed(stage)


def harness_stopped(stage: Stage) -> str:
    """SIGTERM, as CI stops a job, at a random point: nothing is left to clean up."""
    stage.serve()
    run = stage.run()
    stage.until_pressed(run, stage.whole(1, 10))
    run.terminate()
    stage.finish(run, 4, *_ENDED)
    return _closed(stage)


def virtual_run_killed(stage: Stage) -> str:
    """kill -9 of a run in virtual time; resumed, its journal is that of one that was not killed."""
    whole = stage.folder / "whole"
    began_s = monotonic_s()
    stage.finish(stage.run_virtually(whole), *_ENDED)
    took_s = monotonic_s() - began_s
    run = stage.run_virtually(stage.run_folder)
    stage.until_pressed(run, 1)
    after_s = stage.wait_up_to(took_s / 2)
    run.kill()
    run.wait()
    code, said = stage.aurasim("resume", str(stage.run_folder))
    journals = [(at / "journal.ndjson").read_bytes() for at in (whole, stage.run_folder)]
    if journals[0] != journals[1]:
        raise NotSurvivedError(
            f"the resumed journal is another one; resume ended with {code}: {said}"
        )
    return f"after {after_s:.1f} s of {took_s:.1f} s; {stage.check_ledger()}"


def run_disk_full(stage: Stage) -> str:
    """The files of the run may not grow past a random size: journal, report and open list."""
    stage.serve()
    most_bytes = stage.whole(4_000, 60_000)
    run = stage.run(most_bytes=most_bytes)
    stage.finish(run, _UNREACHABLE)
    stage.aurasim("cleanup")
    return f"at {most_bytes:,} bytes; {_closed(stage)}"


def sandbox_disk_full(stage: Stage) -> str:
    """The database may not grow past a random size; later there is room again."""
    stage.serve(most_bytes=stage.whole(300_000, 700_000))
    run = stage.run()
    stage.until_pressed(run, 3)
    stage.wait_up_to(4.0)
    stage.kill_sandbox()
    stage.serve()
    stage.finish(run, *_ENDED, _UNREACHABLE)
    known = stage.check_acknowledged()
    stage.aurasim("cleanup")
    return f"{known} callouts still known; {_closed(stage)}"


def broken(how: Break, stage: Stage) -> str:
    """A share of what passes between run and sandbox is dropped, reset or stalled."""
    stage.serve()
    share = stage.chance.uniform(0.01, 0.15)
    proxy = Proxy(stage.port, how, share, stage.seed)
    try:
        run = stage.run(port=proxy.port)
        stage.until_pressed(run, 1)
        proxy.is_on = True
        stage.finish(run, *_ENDED, _UNREACHABLE)
        stage.aurasim("cleanup")
    finally:
        proxy.close()
    if not proxy.broken:
        raise NotSurvivedError("nothing was broken")
    return f"{proxy.broken} times; {_closed(stage)}"


def clock_jumped(stage: Stage) -> str:
    """The clock of the machine jumps by up to a day, there and back, under run and sandbox."""
    stage.serve(jumps=True)
    run = stage.run(jumps=True)
    stage.until_pressed(run, 2)
    offsets = []
    for _ in range(2):
        offsets.append(stage.chance.uniform(-86_400.0, 86_400.0))
        stage.offset.write_text(f"{offsets[-1]:.3f}")
        stage.wait_up_to(2.0)
    stage.finish(run, *_ENDED)
    return f"by {', '.join(f'{offset:+.0f} s' for offset in offsets)}; {_closed(stage)}"


def token_rotated(stage: Stage) -> str:
    """From a random point on every token is refused a moment after it was issued."""
    stage.serve()
    run = stage.run()
    stage.until_pressed(run, 2)
    seconds = stage.chance.uniform(1.0, 2.0)
    stage.ask(control("/faults", {"kind": "early-expiry", "seconds": seconds, "times": 200}))
    stage.finish(run, *_ENDED)
    stage.ask(control("/faults", None, method="DELETE"))
    stage.aurasim("cleanup")
    return f"every {seconds:.2f} s; {_closed(stage)}"


def _closed(stage: Stage) -> str:
    """Check what holds for all: the ledger explains, and nothing is open."""
    said = stage.check_ledger()
    stage.check_closed()
    return said


TRIALS: Mapping[str, Callable[[Stage], str]] = {
    "sandbox-killed": sandbox_killed,
    "harness-killed": harness_killed,
    "harness-stopped": harness_stopped,
    "virtual-run-killed": virtual_run_killed,
    "run-disk-full": run_disk_full,
    "sandbox-disk-full": sandbox_disk_full,
    "connections-dropped": partial(broken, Break.DROP),
    "connections-reset": partial(broken, Break.RESET),
    "connections-stalled": partial(broken, Break.STALL),
    "clock-jumped": clock_jumped,
    "token-rotated": token_rotated,
}
