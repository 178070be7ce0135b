"""All the way: an emulated finger, real firmware or a radio, the profile, AURA, and back."""

from pathlib import Path

import pytest

from simulator.bench.acceptance import BenchRecord, CheckSettings, Grade, Session, Verdict
from simulator.bench.being.ble_button import BlePeripheral
from simulator.bench.emulate import EmulatorMissingError, emulated
from simulator.bench.environment import environment
from simulator.bench.links import Address, AdvertLink, Aim, GattLink, link_to
from simulator.bench.operators import Act, Answer, EmulatedHands, Prompt, Said
from simulator.clock import monotonic_s
from simulator.profile import Wire, codec_of, load
from tests.bench.conftest import Air
from tests.bench.device import SERIAL, Pendant, pendant

_BUTTON = "A4:C1:38:00:00:01"


class Hand:
    """A finger on a BLE button that says a frame for each act."""

    def __init__(self, button: BlePeripheral, frames: dict[Act, list[bytes]]) -> None:
        self._button = button
        self._frames = frames

    async def ask(self, prompt: Prompt) -> Answer:
        """Say the next frame."""
        down_s = monotonic_s()
        await self._button.say(self._frames[prompt.act].pop(0))
        return Answer(Said.DONE, down_s)


async def test_an_advertising_button_is_judged(air: Air, tmp_path: Path) -> None:
    """Advertisements only: copies are counted, the callout is one, the operator cancels."""
    profile = load("shelly-blu-button1")
    button = BlePeripheral(air.device(_BUTTON), profile.wire, name="SBBT-002C")
    await button.start()
    presses = [bytes.fromhex(f"4400{number:02x}01643a04") for number in range(1, 9)]
    hand = Hand(button, {Act.PRESS: presses[:4], Act.HOLD: presses[4:]})
    session = Session(
        profile=profile,
        link=AdvertLink(Aim(_BUTTON, profile.wire), air.radio),
        operator=hand,
        out=tmp_path,
        settings=CheckSettings(serial="A4C138000001", presses=2),
    )

    record = await session.hold()
    await button.stop()

    assert (record.verdict, record.reasons) == (Verdict.PASSED, [])
    assert len({stage.callout for stage in record.stages}) == 3
    assert record.frames[0].values["buttons"] == ["long"]


async def test_a_button_behind_notifications_is_judged(air: Air, tmp_path: Path) -> None:
    """Frames in pieces of 20 bytes are put together before they are read."""
    profile = pendant(wait_s=5.0)
    wire = Wire(service="ffe0", notify=["ffe1"])
    button = BlePeripheral(air.device(_BUTTON), wire, name="HMSoft")
    await button.start()
    model = Pendant(port=None, profile=profile)  # type: ignore[arg-type]  # has no port: a codec
    status = codec_of(profile).encode(
        {
            "message": "status",
            "serial": SERIAL,
            "sequence": 1,
            "battery_percent": 88,
            "battery_mv": 3700,
            "firmware": "1.4.2-longer",
        }
    )

    def frame(message: str) -> bytes:
        model.sequence += 1
        return status + model.frame(message)

    acts = {Act.PRESS: "alarm", Act.HOLD: "alarm", Act.CANCEL: "reset"}
    frames = {act: [frame(message) for _ in range(4)] for act, message in acts.items()}
    session = Session(
        profile=profile,
        link=GattLink(Aim("HMSoft", wire), air.radio),
        operator=Hand(button, frames),
        out=tmp_path,
        settings=CheckSettings(serial=SERIAL),
    )

    record = await session.hold()
    await button.stop()

    assert (record.verdict, record.reasons) == (Verdict.PASSED, [])
    assert record.identity.firmware == "1.4.2-longer"
    assert record.counts.garbage_bytes == 0


async def checked(kind: str, out: Path) -> BenchRecord:
    """Check an emulated unit; skip where this machine cannot run it."""
    try:
        async with emulated(kind) as unit:
            profile = load(unit.profile)
            with environment(unit.environment):
                session = Session(
                    profile=profile,
                    link=link_to(Address(port=unit.port, ble=unit.ble), profile),
                    operator=EmulatedHands(unit),
                    out=out,
                    settings=CheckSettings(serial=unit.serial, presses=1),
                    unit=unit,
                )
                return await session.hold()
    except EmulatorMissingError as error:
        pytest.skip(str(error))


@pytest.mark.slow
async def test_firmware_calls_for_help_and_takes_it_back(tmp_path: Path) -> None:
    """GPIO, debounce, hold, UART, port, profile, device event, callout, cancel, battery."""
    record = await checked("avr", tmp_path)

    assert (record.verdict, record.reasons) == (Verdict.PASSED, [])
    press, cancel = record.stages[:2]
    assert (press.what, cancel.what) == ("press", "cancel")
    assert press.callout == cancel.callout
    for stage in record.stages:
        times = (
            stage.finger_down_s,
            stage.frame_s,
            stage.event_sent_s,
            stage.answered_s,
            stage.seen_at_aura_s,
        )
        assert None not in times
        assert list(times) == sorted(time for time in times if time is not None)
    grades = {row.name: row.grade for row in record.measurements}
    assert grades["battery_follows"] is Grade.GOOD
    assert grades["battery_mv"] is Grade.GOOD


@pytest.mark.slow
async def test_a_button_in_the_air_calls_for_help(tmp_path: Path) -> None:
    """bleak's own BlueZ code, a private bus, a virtual radio."""
    record = await checked("ble-button", tmp_path)

    assert (record.verdict, record.reasons) == (Verdict.PASSED, [])
    assert record.identity.emulated
    assert all(stage.copies >= 1 for stage in record.stages)
