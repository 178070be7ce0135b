"""Records that the tests of both forms write."""

from simulator.journal import FrameSent, Pressed, RunStarted

START = RunStarted(
    t=0.0,
    format=1,
    version="0",
    seed=7,
    clock="virtual",
    target="sandbox",
    tier="sandbox",
    started="2026-06-01T00:00:00.000Z",
    for_s=60.0,
    mix={"milesight-ws101": 1},
)
PRESS = Pressed(t=1.5, press="d/1#1", device="d/1", gesture="long")
FRAME = FrameSent(t=1.8, device="d/1", seq=0, kind="press", hex="ff2e02", press="d/1#1")
