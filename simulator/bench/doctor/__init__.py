"""`aurasim doctor`: what this machine can do, and one line for what it cannot."""

from simulator.bench.doctor.aura_checks import aura_checks
from simulator.bench.doctor.checks import Finding, State
from simulator.bench.doctor.machine import machine_checks
from simulator.bench.doctor.ports import ble_check, port_checks

__all__ = ["Finding", "State", "aura_checks", "ble_check", "machine_checks", "port_checks"]
