"""The file system of the guest: what it runs, with the libraries and kernel modules these need."""

import asyncio
import gzip
import hashlib
import stat
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from simulator.bench.emulate.contract import EmulatorMissingError
from simulator.bench.emulate.workshop import FIRMWARE, BuildError, built, cache

KERNEL = "kernel"
"""The folder of the cache that scripts/install-bench puts the kernel of the guest in."""
_BUSYBOX = "/bin/busybox"
_PROGRAMS = ("/usr/bin/dbus-daemon", "/usr/libexec/bluetooth/bluetoothd")
_MODULES = (
    *("virtio_pci", "virtio_net"),
    *("ctr", "sha3_generic", "jitterentropy_rng", "sha512_generic", "hmac", "drbg"),
    *("cmac", "ecb", "ccm", "gcm", "aes_generic", "algif_hash", "algif_skcipher", "hci_vhci"),
)
"""The random numbers stand before Bluetooth, or it starts without Secure Connections."""
_DBUS_CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path=/run/dbus/system_bus_socket</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"""
_FOLDERS = (
    *("bin", "dev", "proc", "sys", "tmp", "etc", "run", "run/dbus", "lib", "lib64", "lib/modules"),
    *("usr", "usr/lib", "var", "var/lib", "var/lib/bluetooth"),
)


def kernel() -> Path:
    """Return the kernel of the guest; raise EmulatorMissingError where it was not fetched."""
    found = sorted((cache() / KERNEL).glob("boot/vmlinuz-*"))
    if not found or not (cache() / KERNEL / "complete").exists():
        remedy = "Run scripts/install-bench bluetoothd."
        raise EmulatorMissingError("bluetoothd", f"a kernel in {cache() / KERNEL}", remedy)
    return found[-1]


async def initrd() -> Path:
    """Return the compressed file system of the guest, made now if anything in it is new."""
    relay = await built("guest_relay.c", ("gcc", "-O2", "-Wall", "-static"))
    modules = module_files(cache() / KERNEL)
    files: dict[str, Path] = {"bin/busybox": Path(_BUSYBOX), "bin/guest_relay": relay}
    for program in _PROGRAMS:
        files[f"bin/{Path(program).name}"] = Path(program)
        files |= {library.lstrip("/"): Path(library) for library in await _libraries(program)}
    files |= {f"lib/modules/{module.name}": module for module in modules}
    texts = {
        "init": (FIRMWARE / "guest_init.sh").read_text(encoding="ascii"),
        "etc/modules": "".join(f"/lib/modules/{module.name}\n" for module in modules),
        "etc/dbus.conf": _DBUS_CONFIGURATION,
        "etc/passwd": "root:x:0:0:root:/:/bin/sh\n",
        "etc/group": "root:x:0:\n",
        "etc/machine-id": "0" * 31 + "1\n",
    }
    return await asyncio.to_thread(_packed, files, texts)


def module_files(folder: Path) -> list[Path]:
    """Return the modules of the guest and all that they need, in the order to load them."""
    (home,) = (folder / "lib" / "modules").iterdir()
    known: dict[str, tuple[Path, list[str]]] = {}
    for line in (home / "modules.dep").read_text(encoding="utf-8").splitlines():
        path, _, needed = line.partition(":")
        known[_name(path)] = home / path, [_name(one) for one in needed.split()]
    ordered: dict[str, Path] = {}
    for module in _MODULES:
        _add(module, known, ordered)
    return list(ordered.values())


def _add(
    module: str, known: Mapping[str, tuple[Path, list[str]]], ordered: dict[str, Path]
) -> None:
    if module in ordered or module not in known:  # not known: it is built into the kernel
        return
    path, needed = known[module]
    for one in needed:
        _add(one, known, ordered)
    ordered[module] = path


def _name(path: str) -> str:
    return Path(path).name.removesuffix(".ko").replace("-", "_")


async def _libraries(program: str) -> list[str]:
    """Return the paths of the shared libraries that a program loads."""
    process = await asyncio.create_subprocess_exec(
        "ldd", program, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    if process.returncode:
        raise BuildError(program, said.decode(errors="replace").strip())
    words = said.decode().split()
    return [word for word in words if word.startswith("/")]


def _packed(files: Mapping[str, Path], texts: Mapping[str, str]) -> Path:
    digest = hashlib.sha256(repr(sorted(texts.items())).encode())
    for name, path in sorted(files.items()):
        facts = path.stat()
        digest.update(f"{name} {path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    made = cache() / f"guest-{digest.hexdigest()[:16]}.cpio.gz"
    if not made.exists():
        entries = [(name, stat.S_IFDIR | 0o755, b"") for name in _FOLDERS]
        entries += [(name, stat.S_IFDIR | 0o755, b"") for name in _parents(files)]
        entries += [(name, stat.S_IFREG | 0o755, path.read_bytes()) for name, path in files.items()]
        entries += [(name, stat.S_IFREG | 0o755, text.encode()) for name, text in texts.items()]
        with tempfile.TemporaryDirectory(dir=made.parent) as folder:
            new = Path(folder) / made.name
            new.write_bytes(gzip.compress(archive(entries), compresslevel=1, mtime=0))
            new.replace(made)
    return made


def _parents(files: Iterable[str]) -> list[str]:
    found = {str(parent) for name in files for parent in Path(name).parents} - {"."}
    return sorted(found - set(_FOLDERS))


def archive(entries: Iterable[tuple[str, int, bytes]]) -> bytes:
    """Return a cpio archive as the kernel reads it (newc): names, modes and contents."""
    made = bytearray()
    for number, (name, mode, data) in enumerate([*entries, ("TRAILER!!!", 0, b"")], start=1):
        numbers = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        made += b"070701" + b"".join(b"%08X" % one for one in numbers) + name.encode() + b"\0"
        made += bytes(-len(made) % 4)
        made += data
        made += bytes(-len(made) % 4)
    return bytes(made)
