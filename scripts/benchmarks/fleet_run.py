"""A day of whole devices through the whole pipeline: `fleet_run.py DEVICES WORKERS GEAR`.

Every device is of the typical template and reports every six hours; every tenth is a tracker that
moves every five minutes while it walks. Native frames are encoded and decoded, device events built
and answered by the embedded AURA, the journal is written as columns and accounted for.
"""

import json
import resource
import sys
import tempfile
from pathlib import Path

from simulator.clock import monotonic_s
from simulator.device import People
from simulator.journal import JournalForm, open_journal
from simulator.profile import load
from simulator.report import account
from simulator.run import Run, RunSettings, run_shared

DAY_S = 86_400.0
TRACKER = "aura-tracker"


def tracker(folder: Path) -> str:
    """Write the profile of the trackers; return its path."""
    text = Path(str(load("aura-structured").path)).read_text()
    text = text.replace('name = "aura-structured"', f'name = "{TRACKER}"')
    text = text.replace("device_type_id = 5\n", "device_type_id = 905\n")
    text = text.replace('units = "AB{:08d}"', 'units = "AC{:08d}"').replace('"AB\\\\d', '"AC\\\\d')
    text = text.replace("roam_m = 1000\n", "roam_m = 1800\n")  # on the way for six hours a day
    text = text.replace("report_jitter = 0.1\n", "report_jitter = 0.1\nposition_moving_s = 300\n")
    text = text.replace(
        'report_jitter = "assumed: spread of a fleet"\n',
        'report_jitter = "assumed: spread of a fleet"\nposition_moving_s = "assumed: a day"\n',
    )
    path = folder / f"{TRACKER}.toml"
    path.write_text(text)
    return str(path)


def peak_mib(who: int) -> float:
    """Return the most memory that this process held, or the largest of those that it waited for."""
    return resource.getrusage(who).ru_maxrss / 1024


def once(devices: int, workers: int, gear: str) -> dict[str, float]:
    """Run the day once; the memory is at most that of all processes together."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        moving = max(1, devices // 10)
        settings = RunSettings(
            mix={"aura-structured": devices - moving, tracker(Path(folder)): moving},
            people=People(presses=1e-3),
            journal=JournalForm.COLUMNS,
            out=out,
        )
        began = monotonic_s()
        if workers > 1:
            run_shared(settings, workers)
        else:
            least = 10**9 if gear == "full" else 1
            with open_journal(out, settings.journal) as journal:
                Run(settings, journal, crowd_from=least).execute()
        ran = monotonic_s()
        running = peak_mib(resource.RUSAGE_SELF) + workers * peak_mib(resource.RUSAGE_CHILDREN)
        told = account(out)
        done = monotonic_s()
        assert str(told.verdict) == "passed", told.verdict
        size = sum(file.stat().st_size for file in out.rglob("*.parquet"))
    return {
        "run_s": ran - began,
        "account_s": done - ran,
        "frames": told.counts.frames,
        "presses": len(told.entries),
        "mib": max(running, peak_mib(resource.RUSAGE_SELF)),
        "journal_mb": size / 1e6,
    }


if __name__ == "__main__":
    print(json.dumps(once(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])))
