"""What the package offers, and that it says so in order."""

import subprocess
import sys

import simulator.aura
from simulator.aura import calls


def test_names_are_sorted_and_there() -> None:
    for module in (simulator.aura, calls):
        names = list(module.__all__)
        assert set(names) <= set(dir(module))
        assert len(names) == len(set(names))
    assert list(calls.__all__) == sorted(calls.__all__)


def test_http_library_is_loaded_only_when_it_is_needed() -> None:
    """A run in virtual time starts without it."""
    code = "import sys, simulator.aura.calls; sys.exit('aiohttp' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
