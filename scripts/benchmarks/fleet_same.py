"""Thirty days of ten thousand devices in so many processes: `fleet_same.py WORKERS DEVICES DAYS`.

Prints how long it took and a number that stands for the bytes of the journal.
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

from simulator.clock import monotonic_s
from simulator.device import People
from simulator.run import RunSettings, run_shared

SHARES = {"milesight-ws101": 5, "aura-structured": 3, "swisscom-multisense": 2}  # of ten


def once(workers: int, devices: int, days: float) -> dict[str, float]:
    """Run once; a digest of 52 bits has room in a JSON number."""
    with tempfile.TemporaryDirectory() as folder:
        settings = RunSettings(
            mix={name: devices * share // 10 for name, share in SHARES.items()},
            for_s=days * 86_400.0,
            people=People(presses=0.01 * days),
            out=Path(folder),
        )
        began = monotonic_s()
        run_shared(settings, workers)
        took = monotonic_s() - began
        journal = settings.out / "journal.ndjson"
        with journal.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = journal.stat().st_size
    return {"run_s": took, "digest": int(digest[:13], 16), "mb": size / 1e6}


if __name__ == "__main__":
    print(json.dumps(once(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))))
