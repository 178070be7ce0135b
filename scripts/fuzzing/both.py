"""Fuzzes every codec and framer for so many seconds, and says what it did."""

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from subjects import Subject, subjects, try_frame, try_stream

from simulator.clock import monotonic_s

EXAMPLES = 100  # of one codec before its turn is over
HERE = Path(__file__).parent


def main() -> int:
    """Read the command line; share the time between both fuzzers."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("seconds", nargs="?", type=int, default=60)
    seconds: int = parser.parse_args().seconds
    has_atheris = importlib.util.find_spec("atheris") is not None
    print(f"{len(subjects())} codecs and layouts, {seconds} s")
    generated(seconds / 2 if has_atheris else seconds)
    if has_atheris:
        return guided(seconds // 2)
    print("coverage-guided: left out, atheris is not installed")
    return 0


def generated(seconds: float) -> None:
    """Let hypothesis make frames until the time is over; a failure is shrunk and raised."""
    ends, tried = monotonic_s() + seconds, 0
    for turn in count():
        for subject in subjects():
            if monotonic_s() > ends:
                print(f"hypothesis: up to {tried:,} inputs in {turn} whole turns, nothing broke")
                return
            property_of(subject, turn)()
            tried += EXAMPLES


def property_of(subject: Subject, turn: int) -> Callable[[], None]:
    """Return the property of one codec as hypothesis tries it in a turn."""
    rules = settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    frames = st.one_of(st.binary(max_size=300), st.sampled_from(subject.seeds).flatmap(damaged))
    contexts = st.sampled_from(subject.contexts)

    @seed(turn)
    @rules
    @given(frame=frames, context=contexts, step=st.integers(1, 40))
    def holds(frame: bytes, context: object, step: int) -> None:
        chosen = next(one for one in subject.contexts if one == context)
        try_frame(subject, frame, chosen)
        try_stream(subject, frame, step)

    return holds


@st.composite
def damaged(draw: st.DrawFn, frame: bytes) -> bytes:
    """Draw a frame with pieces of it replaced, doubled or cut off."""
    data = bytearray(frame)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, 4))
        data[at : at + cut] = draw(st.one_of(st.binary(max_size=4), st.just(bytes(data[:at]))))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


def guided(seconds: int) -> int:
    """Run the coverage-guided fuzzer in a process of its own, from our own frames."""
    with tempfile.TemporaryDirectory() as folder:
        for number, subject in enumerate(subjects()):
            for at, frame in enumerate(subject.seeds):
                (Path(folder) / f"{number}-{at}").write_bytes(bytes((number, 0)) + frame)
        command = [sys.executable, str(HERE / "guided.py"), folder, f"-max_total_time={seconds}"]
        limits = ["-max_len=4096", "-timeout=10", "-rss_limit_mb=2048"]
        done = subprocess.run(
            [*command, *limits, f"-artifact_prefix={folder}/broken-"],
            capture_output=True,
            text=True,
            check=False,
        )
        runs = re.search(r"Done (\d+) runs", done.stderr)
        if done.returncode == 0 and runs:
            covered = re.findall(r"cov: (\d+)", done.stderr) or ["0"]
            print(f"coverage-guided: {int(runs[1]):,} inputs, {covered[-1]} edges, nothing broke")
            return 0
        for broken in sorted(Path(folder).glob("broken-*")):
            data = broken.read_bytes()
            subject = subjects()[data[0] % len(subjects())]
            print(f"{subject.name}: context {data[1] % len(subject.contexts)}: {data[2:].hex()}")
        print(done.stderr[-4000:])
        return 1


if __name__ == "__main__":
    sys.exit(main())
