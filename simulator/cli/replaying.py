"""A journal played on a terminal: keys, a line of the time, and what happens."""

import select
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.text import Text

from simulator.cli.show import console, plain
from simulator.clock import monotonic_s
from simulator.journal import Record
from simulator.report.breach import line
from simulator.rerun.player import Player

_FRAME_S = 0.1
_SHOWN = 18
_SUMS_S = 1.0
_HELP = "space pause · ←/→ 1 min · [/] 1 h · -/+ rate · n next · 0 start · q quit"
_SEEKS = {"\x1b[D": -60.0, "\x1b[C": 60.0, "[": -3600.0, "]": 3600.0}


class Screen:
    """What a person sees and presses while a journal is played."""

    def __init__(self, player: Player, for_s: float) -> None:
        self._player = player
        self._for_s = max(for_s, 0.001)
        self._lines: deque[str] = deque(maxlen=_SHOWN)
        self._sums = ""
        self._summed_s = -_SUMS_S

    def play(self) -> None:
        """Play until the person has seen enough; at the end of the journal it waits."""
        with keys() as pressed, Live(console=console(), auto_refresh=False) as live:
            then_s = monotonic_s()
            while True:
                key = pressed(_FRAME_S)
                if key in ("q", "\x03", "\x04"):
                    return
                self.obey(key)
                now_s = monotonic_s()
                for record in self._player.pass_time(now_s - then_s):
                    self.note(record)
                then_s = now_s
                live.update(self.picture(now_s), refresh=True)

    def note(self, record: Record) -> None:
        """Remember what happened last."""
        self._lines.append(plain(line(record))[:200])

    def obey(self, key: str) -> None:
        """Do what a key asks for; unknown keys do nothing."""
        player = self._player
        if key == " ":
            player.is_paused = not player.is_paused
        elif key in _SEEKS:
            self._go(player.now_s + _SEEKS[key])
        elif key == "0":
            self._go(0.0)
        elif key in ("+", "="):
            player.faster(2.0)
        elif key == "-":
            player.faster(0.5)
        elif key == "n":
            player.is_paused = True
            if record := player.play_next():
                self.note(record)

    def _go(self, at_s: float) -> None:
        self._lines.clear()
        self._player.seek(at_s)
        self._summed_s = -_SUMS_S

    def picture(self, now_s: float) -> Group:
        """Return what is shown now; the sums of a long run are made anew once a second."""
        player = self._player
        if now_s - self._summed_s >= _SUMS_S:
            self._summed_s = now_s
            totals = player.ledger.so_far()
            self._sums = ", ".join(f"{n} {outcome}" for outcome, n in totals.items() if n)
        state = "over" if player.is_over else "paused" if player.is_paused else f"x{player.rate:g}"
        clock = f"{player.now_s:10.1f} s of {self._for_s:g} s  {state}"
        bar = ProgressBar(total=self._for_s, completed=min(player.now_s, self._for_s), width=60)
        return Group(
            Text(clock),
            bar,
            Text(self._sums or "no presses yet"),
            *map(Text, self._lines),
            Text(_HELP),
        )


@contextmanager
def keys() -> Iterator["KeyReader"]:
    """Yield what waits for a key, with the terminal as it has to be for that."""
    import termios
    import tty

    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        yield KeyReader(descriptor)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


class KeyReader:
    """Waits for a key for so long; returns its characters, or nothing."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __call__(self, wait_s: float) -> str:
        import os

        if not select.select([self._descriptor], [], [], wait_s)[0]:
            return ""
        read = os.read(self._descriptor, 8)
        return read.decode("utf-8", "replace") or "q"  # the end of the input ends the show
