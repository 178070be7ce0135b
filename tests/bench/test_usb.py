"""A USB adapter found by VID:PID and serial number, by pyserial's own list of ports."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_FAKE = Path(__file__).with_name("fake_usb.sh")


def _may_fake() -> bool:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    tried = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    return tried.returncode == 0


def test_a_unit_is_found_by_its_adapter(tmp_path: Path) -> None:
    """`bench ports` lists it, and the unit of bench.toml that has it is opened by its identity."""
    if not _may_fake():
        pytest.skip("needs root and unshare, to show the system an adapter that is not there")
    (tmp_path / "bench.toml").write_text(
        '[units.desk]\nprofile = "serial-pendant-base"\nusb = "10C4:EA60"\nusb_serial = "0002"\n'
    )
    name = f"ttyUSB{90 + os.getpid() % 9}{os.getpid() % 10}"
    device, port = os.openpty()
    fake = [str(_FAKE), os.ttyname(port), name, "10c4", "ea60", "0002"]

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [*fake, sys.executable, "-m", "simulator.cli", "bench", *words]
        return subprocess.run(
            command, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
        )

    listed = run("ports", "--no-ble", "--json")
    heard = run("listen", "--unit", "desk", "--for", "300ms")

    os.close(device)
    os.close(port)

    assert listed.returncode == 0, listed.stderr
    seen = {one["device"]: one for one in json.loads(listed.stdout)["ports"]}[f"/dev/{name}"]
    assert (seen["usb"], seen["usb_serial"]) == ("10C4:EA60", "0002")
    assert heard.returncode == 0, heard.stderr
    assert f"listening to serial-pendant-base on /dev/{name}" in heard.stdout
    assert "link is there" in heard.stdout
