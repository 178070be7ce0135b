"""What the guest with bluetoothd is made of, and what is said where it cannot run."""

import gzip
import stat
from pathlib import Path

import pytest

from simulator.bench.emulate import EmulatorMissingError, guest, initrd
from simulator.bench.emulate.air import Air
from simulator.bench.emulate.child import EmulatorDiedError
from simulator.bench.emulate.guest import bluetoothd_in
from simulator.bench.emulate.initrd import archive, kernel, module_files


def test_archive_is_as_the_kernel_reads_it() -> None:
    """Field by field as in the kernel's documentation of the format newc."""
    made = archive([("init", stat.S_IFREG | 0o755, b"hello")])

    assert made[:6] == b"070701"
    assert made[6:14] == b"00000001"  # inode
    assert made[14:22] == b"000081ED"  # mode
    assert made[54:62] == b"00000005"  # size of the content
    assert made[94:102] == b"00000005"  # size of the name
    assert made[110:116] == b"init\0\0"  # padded to four bytes
    assert made[116:124] == b"hello\0\0\0"
    assert made[124:130] == b"070701"
    assert made[234:245] == b"TRAILER!!!\0"
    assert len(made) % 4 == 0


def test_modules_stand_behind_what_they_need(tmp_path: Path) -> None:
    home = tmp_path / "lib" / "modules" / "6.1"
    home.mkdir(parents=True)
    (home / "modules.dep").write_text(
        "kernel/hci_vhci.ko: kernel/bluetooth.ko kernel/crc16.ko\n"
        "kernel/bluetooth.ko: kernel/crc16.ko\n"
        "kernel/crc16.ko:\n"
        "kernel/sound.ko:\n"
        "kernel/virtio-pci.ko:\n"
    )

    found = [path.name for path in module_files(tmp_path)]

    assert found == ["virtio-pci.ko", "crc16.ko", "bluetooth.ko", "hci_vhci.ko"]


async def test_file_system_of_the_guest_is_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_relay(*_: object) -> Path:
        return tmp_path / "relay"

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(initrd, "_PROGRAMS", ("/bin/sh",))
    monkeypatch.setattr(initrd, "_BUSYBOX", "/bin/sh")
    monkeypatch.setattr(initrd, "built", no_relay)
    (tmp_path / "relay").write_bytes(b"relay")
    home = tmp_path / "aurasim" / "kernel" / "lib" / "modules" / "6.1"
    home.mkdir(parents=True)
    (home / "modules.dep").write_text("hci_vhci.ko:\n")
    (home / "hci_vhci.ko").write_bytes(b"module")

    made = await initrd.initrd()
    again = await initrd.initrd()
    content = gzip.decompress(made.read_bytes())
    (tmp_path / "relay").write_bytes(b"another relay")
    changed = await initrd.initrd()

    assert made == again != changed
    for name in (b"init", b"etc/modules", b"bin/sh", b"bin/guest_relay", b"libc.so"):
        assert name in content
    assert b"/lib/modules/hci_vhci.ko\n" in content


def test_kernel_that_was_not_fetched_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    with pytest.raises(EmulatorMissingError, match=r"Run scripts/install-bench bluetoothd\."):
        kernel()


def test_kernel_that_was_fetched_in_part_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    boot = tmp_path / "aurasim" / "kernel" / "boot"
    boot.mkdir(parents=True)
    (boot / "vmlinuz-6.1").touch()

    with pytest.raises(EmulatorMissingError):
        kernel()


async def test_guest_that_does_not_boot_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_system() -> Path:
        return Path("/nothing")

    monkeypatch.setattr(guest, "require", lambda *parts: None)
    monkeypatch.setattr(guest, "kernel", lambda: Path("/nothing"))
    monkeypatch.setattr(guest, "initrd", no_system)
    monkeypatch.setattr(guest, "_command", lambda *_: ["sh", "-c", "echo kernel panic; exit 1"])

    with pytest.raises(EmulatorDiedError, match="ended with status 1") as caught:
        async with bluetoothd_in(Air()):
            pass
    assert "kernel panic" in str(caught.value)


async def test_port_that_was_taken_meanwhile_is_chosen_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int, int]] = []

    async def no_system() -> Path:
        return Path("/nothing")

    def command(image: Path, system: Path, hci_port: int, bus_port: int) -> list[str]:
        asked.append((hci_port, bus_port))
        return ["sh", "-c", "echo Could not set up host forwarding rule; exit 1"]

    monkeypatch.setattr(guest, "require", lambda *parts: None)
    monkeypatch.setattr(guest, "kernel", lambda: Path("/nothing"))
    monkeypatch.setattr(guest, "initrd", no_system)
    monkeypatch.setattr(guest, "_command", command)

    with pytest.raises(EmulatorDiedError, match="host forwarding"):
        async with bluetoothd_in(Air()):
            pass
    assert len(asked) == 3
