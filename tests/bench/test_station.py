"""The station: inventory, locks, discovery and the doctor."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import simpy

from simulator.aura.access import Access
from simulator.bench.being import PtyPort
from simulator.bench.being.ble_button import BlePeripheral
from simulator.bench.discovery import adverts, serial_ports
from simulator.bench.doctor import State, aura_checks, ble_check, machine_checks, port_checks
from simulator.bench.doctor.machine import dbus_check
from simulator.bench.doctor.ports import port_check
from simulator.bench.inventory import (
    InventoryError,
    UnitEntry,
    UnitLockedError,
    address_of,
    lock_of,
    locked,
    read_inventory,
    states,
    unit_named,
)
from simulator.bench.links import LinkError, LinkReason, Radio
from simulator.errors import InputError
from simulator.profile import Wire, load
from simulator.sandbox import Sandbox, serve
from tests.bench.conftest import Air


@dataclass
class Listed:
    """A port as pyserial lists it."""

    device: str
    description: str = "CP2102 panic dongle"
    vid: int | None = 0x10C4
    pid: int | None = 0xEA60
    serial_number: str | None = "0001"


def test_a_port_that_fits_a_profile_comes_first_with_its_command() -> None:
    """VID:PID of [wire] says so."""
    known = msgspec.structs.replace(load("serial-pendant-base"), wire=Wire(usb=["10C4:EA60"]))
    listed = [Listed("/dev/ttyACM9", vid=None, pid=None), Listed("/dev/ttyUSB9")]

    first, second = serial_ports(lambda: listed, [known])

    assert (first.device, first.usb, first.usb_serial) == ("/dev/ttyUSB9", "10C4:EA60", "0001")
    assert first.command == "aurasim bench check serial-pendant-base --port /dev/ttyUSB9"
    assert second.profiles == ()
    assert "listen" in second.command


async def test_a_button_on_the_air_is_known_by_what_it_says(air: Air) -> None:
    """A plain BTHome button is not the encrypted one, and another device fits no profile."""
    wire = Wire(service_data="fcd2")
    button = BlePeripheral(air.device("F0:00:00:00:00:01"), wire, name="SBBT-002C")
    other = BlePeripheral(air.device("F0:00:00:00:00:02"), Wire(service="180f"), name="lamp")
    await button.start()
    await other.start()
    await button.say(bytes.fromhex("4400010164"))

    seen = await adverts(air.radio, 0.3)
    await button.stop()
    await other.stop()

    assert seen[0].profiles == {"shelly-blu-button1"}
    assert "bench check shelly-blu-button1 --ble F0:00:00:00:00:01" in seen[0].command
    assert seen[1].profiles == set()


async def test_discovery_without_an_adapter_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Genuine bleak, no D-Bus."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")

    with pytest.raises(LinkError) as refused:
        await adverts(Radio(), 0.1)

    assert refused.value.reason is LinkReason.ADAPTER_OFF


BENCH = """
[units.desk]
profile = "serial-pendant-base"
serial = "00000017"
usb = "10C4:EA60"
usb_serial = "0002"

[units.belt]
profile = "shelly-blu-button1"
ble = "SBBT-002C"
"""


def test_a_unit_is_found_by_what_stays_the_same(tmp_path: Path) -> None:
    """The adapter's serial number chooses between two alike; the path may be any."""
    (tmp_path / "bench.toml").write_text(BENCH)
    units = read_inventory(tmp_path / "bench.toml")
    listed = [Listed("/dev/ttyUSB0"), Listed("/dev/ttyUSB7", serial_number="0002")]

    assert address_of(unit_named(units, "desk"), lambda: listed).port == "/dev/ttyUSB7"
    assert address_of(units["belt"]).ble == "SBBT-002C"
    with pytest.raises(LinkError) as missing:
        address_of(units["desk"], lambda: listed[:1])
    assert missing.value.reason is LinkReason.MISSING


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[units.a]\nprofile = 'x'\n", "how is it reached"),
        ("[units.a]\nprofile = 'x'\nport = 'y'\nsped = 3\n", "sped"),
        ("[units.a]\nport = 'y'\n", "profile"),
        ("[units.a]\nprofile = 'x'\nusb = '1:2'\n", "usb"),
        ("[units.a]\nprofile = 'x'\nport = 'y'\ncustomer = 3\n", "belong together"),
        (
            "[units.a]\nprofile = 'x'\nport = 'y'\ncustomer = 3\ndevice_id = 'D'\n",
            "needs its target",
        ),
        ("[units", "TOML"),
    ],
)
def test_a_bench_file_that_is_wrong_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    """A typo cannot pass in silence."""
    path = tmp_path / "bench.toml"
    path.write_text(text)

    with pytest.raises(InventoryError, match=reason):
        read_inventory(path)


def test_no_bench_file_is_an_empty_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It need not be there, unless it is named; an unknown unit says which there are."""
    monkeypatch.chdir(tmp_path)

    assert read_inventory() == {}
    with pytest.raises(InventoryError, match="cannot be read"):
        read_inventory(tmp_path / "other.toml")
    with pytest.raises(InputError, match=r"bench\.toml"):
        unit_named({}, "desk")


def test_two_runs_never_share_a_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is told who has it, and since when; afterwards it is free."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with locked("unit desk", "/dev/ttyUSB0"):
        owner, age_s = lock_of("unit desk") or ("", -1.0)
        with pytest.raises(UnitLockedError, match=str(os.getpid())), locked("/dev/ttyUSB0"):
            pass
        with pytest.raises(UnitLockedError), locked("/dev/ttyUSB1", "unit desk"):
            pass
        assert lock_of("/dev/ttyUSB1") is None

    assert str(os.getpid()) in owner
    assert age_s >= 0
    assert lock_of("unit desk") is None
    assert lock_of("/dev/ttyUSB0") is None


def test_a_port_is_locked_under_all_its_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link of udev's and the device itself are one port."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    alias = tmp_path / "by-id"
    alias.symlink_to("/dev/ttyUSB0")

    with locked(str(alias)), pytest.raises(UnitLockedError), locked("/dev/ttyUSB0"):
        pass


def test_the_bench_shows_who_works_with_what(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A free unit has no holder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    units = {"desk": UnitEntry(profile="gt06", port="/dev/x")}

    with locked("unit desk"):
        (taken,) = states(units)
    (free,) = states(units)

    assert str(os.getpid()) in taken.holder
    assert free.holder == ""


def test_the_doctor_looks_at_python_packages_and_emulators() -> None:
    """What is missing comes with the line that mends it."""
    found = list(machine_checks({"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent"}))

    names = {one.name for one in found}
    assert {"python", "pyserial", "bleak", "bumble", "emulator avr", "d-bus"} <= names
    assert all(one.fix for one in found if one.state is not State.OK)


def test_the_doctor_knows_a_bus_that_takes_calls(tmp_path: Path) -> None:
    """A socket that listens is a bus; one that is not there is told with its path."""
    import socket

    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        bus.listen()
        there = dbus_check({"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path}/bus,guid=1"})
    gone = dbus_check({"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={tmp_path}/none"})

    assert there.state is State.OK
    assert gone.state is State.NOTE
    assert str(tmp_path) in gone.seen


async def test_the_doctor_tells_free_busy_and_missing_ports_apart(port: PtyPort) -> None:
    """Each with its own line."""
    free = port_check(str(port.path))
    missing = port_check("/dev/none")
    network = port_check("socket://127.0.0.1:9")
    no_port = port_check("/etc/hostname")

    assert (missing.state, no_port.state) == (State.PROBLEM, State.PROBLEM)
    assert network.state is State.OK
    assert free.state is State.OK
    assert "plug" in missing.fix


def test_the_doctor_names_the_group_of_a_port_that_may_not_be_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """dialout, and a udev rule where the group itself may not."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    about = os.stat("/dev/null")
    for mode, words in ((0o660, "usermod"), (0o600, "udev")):
        faked = os.stat_result((stat.S_IFCHR | mode, *about[1:4], 0, 0, *about[6:10]))
        monkeypatch.setattr(Path, "stat", lambda _, faked=faked, **__: faked)

        found = port_check("/dev/ttyUSB0")

        assert found.state is State.PROBLEM
        assert words in found.fix


def test_the_doctor_says_that_there_are_no_ports() -> None:
    """A note, with the next step; a port that was asked for is looked at all the same."""
    (none,) = port_checks(list)
    (asked,) = port_checks(list, "/dev/none")

    assert none.state is State.NOTE
    assert asked.state is State.PROBLEM


async def test_the_doctor_says_that_there_is_no_bluetooth(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A note: who has no BLE device needs none."""
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus")

    found = await ble_check()

    assert found.state is State.NOTE
    assert "bumble:usb:0" in found.fix


async def test_the_doctor_looks_at_the_target(tmp_path: Path) -> None:
    """Reachable and accepted; refused hosts, missing credentials and dead ports are told."""

    def access(**said: str) -> Access:
        return Access.read(environment=said, folder=tmp_path)

    mine = {"AURA_CLIENT_ID": "bench", "AURA_CLIENT_SECRET": "bench-secret"}
    async with serve(Sandbox(simpy.Environment(), 0.0)) as server:
        good = [one async for one in aura_checks(server.base_url, access(**mine))]
    dead = [one async for one in aura_checks("http://127.0.0.1:9/x", access(**mine))]
    poor = [one async for one in aura_checks("http://127.0.0.1:9/x", access())]
    production = [one async for one in aura_checks("https://panic.aura.services/x", access(**mine))]

    assert [one.state for one in good] == [State.OK] * 4
    assert "bench-secret" not in str(good)
    assert dead[-1].state is State.PROBLEM
    assert poor[0].name == "credentials"
    assert "armed responders" in production[0].seen
