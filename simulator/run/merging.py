"""Puts the journals of shards together: the journal that one process would have written.

Each shard's journal is in order already, so that this is a merge, and holds one record of each
shard at a time. Facts of the whole run are in all of them, and are taken from the first.
"""

import os
from collections.abc import Iterator, Sequence
from heapq import merge
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from simulator.journal import FILE_NAME, JournalUnwritableError, RunEnded
from simulator.run.instants import WHOLE_RUN, Ranks

if TYPE_CHECKING:
    import pyarrow as pa

_LINES = 8192  # a write
_COLUMNS = "journal"
_OTHER = "other.parquet"
_LAST_ROW = (1 << 63) - 1


class _Head(Struct):
    """What decides the place of a record."""

    t: float
    device: str | None = None
    callout: int | None = None


def merge_lines(shards: Sequence[Path], out: Path, ranks: Ranks, end: RunEnded) -> None:
    """Write the journal of a run from the lines of its shards (their folders), and its end."""
    files = [shard / FILE_NAME for shard in shards if _has_lines(shard / FILE_NAME)]
    streams = [_lines(file, number, ranks) for number, file in enumerate(files)]
    path = out / FILE_NAME
    try:
        with path.open("wb") as file:
            few: list[bytes] = []
            for *_, line in merge(*streams):
                few.append(line)
                if len(few) == _LINES:
                    file.writelines(few)
                    few.clear()
            file.writelines([*few, msgspec.json.encode(end), b"\n"])
    except OSError as error:
        message = (
            f"The journal {path} cannot be written: {error.strerror}. Free the disk; what the "
            f"workers wrote is in {shards[0].parent}."
        )
        raise JournalUnwritableError(message) from error


def _has_lines(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _lines(path: Path, shard: int, ranks: Ranks) -> Iterator[tuple[float, int, int, bytes]]:
    """Yield the whole lines of a shard with what they are sorted by."""
    read = msgspec.json.Decoder(_Head).decode
    with path.open("rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                return
            head = read(line)
            rank = ranks.of(head.device, head.callout)
            if rank != WHOLE_RUN or not shard:
                yield head.t, rank, shard, line


def merge_columns(shards: Sequence[Path], out: Path, end: RunEnded) -> None:
    """Make one journal of the parts of the shards, in the order of their beginning, and its end."""
    import pyarrow.parquet as pq

    from simulator.journal.parts import earliest_s

    parts = []
    for number, shard in enumerate(shards):
        for part in sorted((shard / _COLUMNS).glob("part-*")):
            other = part / _OTHER
            if number and other.exists():
                pq.write_table(_own(pq.read_table(other)), other, compression="zstd")
            begins_s = min(map(earliest_s, part.glob("*.parquet")), default=0.0)
            parts.append((begins_s, number, part))
    (out / _COLUMNS).mkdir(exist_ok=True)
    for place, (_, _, part) in enumerate(sorted(parts)):
        os.rename(part, out / _COLUMNS / f"part-{place:05}")
    last = out / _COLUMNS / f"part-{len(parts):05}"
    last.mkdir()
    pq.write_table(_ending(end), last / _OTHER)


def _own(table: "pa.Table") -> "pa.Table":
    """Return the rarer records of a shard without those that are facts of the whole run."""
    import pyarrow.compute as pc

    texts = table["json"]
    is_own = pc.or_(pc.match_substring(texts, '"device":'), pc.match_substring(texts, '"callout":'))
    return table.filter(is_own)


def _ending(end: RunEnded) -> "pa.Table":
    import pyarrow as pa

    text = msgspec.json.encode(end).decode()
    return pa.table({"t": [float(end.t)], "row": [_LAST_ROW], "json": [text]})
