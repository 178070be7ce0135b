"""Being a device: on a pseudo terminal, over TCP, or as a BLE peripheral."""

from simulator.bench.being.pty_port import PtyPort

__all__ = ["PtyPort"]
