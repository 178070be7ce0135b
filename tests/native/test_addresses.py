"""Names of devices: from a serial to what a network says, and back to what AURA knows."""

import pytest

from simulator.native.addresses import address_of, identity_in, key_of, unit_of
from simulator.profile import Profile, load, profiles


@pytest.mark.parametrize("profile", profiles(), ids=lambda profile: profile.name)
@pytest.mark.parametrize("number", [1, 42, 999])
def test_every_unit_is_found_by_what_its_network_calls_it(profile: Profile, number: int) -> None:
    """Serial, device id and key are those of the unit."""
    serial = profile.identity.serial_of(number)
    unit = unit_of(profile, address_of(profile, serial))

    assert unit is not None
    assert unit.device_id == profile.identity.device_id.derive(serial)
    assert unit.key == profile.identity.key_of(number)


def test_networks_have_addresses_of_their_own() -> None:
    """Eight hex digits, a DevEUI, an IMEI."""
    assert address_of(load("simplepack-plus"), "SP0000002A") == "0000002A"
    assert address_of(load("milesight-ws101"), "65380000002a") == "000065380000002a"
    assert address_of(load("eview-ev07b"), "862221080000424") == "862221080000424"


def test_case_does_not_matter_to_a_network() -> None:
    """Sigfox writes capitals, ChirpStack does not."""
    small = unit_of(load("simplepack-plus"), "00000abc")
    assert small is not None
    assert small.device_id == "00000ABC"


def test_a_tracker_may_say_the_very_part_that_aura_knows() -> None:
    """The ten digits of a watch lead to its IMEI where it is one of ours, and to AURA anyway."""
    watch = load("watch-3g")
    ours = watch.identity.serial_of(42)

    found = unit_of(watch, watch.identity.device_id.derive(ours))
    assert found is not None
    assert found.name == ours
    stranger = unit_of(watch, "9988776655")
    assert stranger is not None
    assert stranger.device_id == "9988776655"


@pytest.mark.parametrize("address", ["", "x", "no such device", "12345678901234567890"])
def test_a_stranger_is_nobody(address: str) -> None:
    """An address that no serial of the model fits."""
    assert unit_of(load("eview-ev07b"), address) is None


def test_a_real_unit_has_no_made_up_key() -> None:
    """Keys are known of simulated units only."""
    profile = load("sia-dc09-panel-aes")
    assert key_of(profile, profile.identity.serial_of(3)) == profile.identity.key_of(3)
    assert key_of(load("eview-ev07b"), "862221080000424") is None
    assert key_of(profile, "nobody") is None


@pytest.mark.parametrize(
    ("values", "identity"),
    [
        ({"imei": "356", "device_id": "1"}, "356"),
        ({"device_id": 7}, "7"),
        ({"account": "1234"}, "1234"),
        ({"imei": None, "battery_percent": 5}, None),
    ],
)
def test_frames_say_whose_they_are(values: dict[str, object], identity: str | None) -> None:
    """By one of the names that codecs use."""
    assert identity_in(values) == identity  # type: ignore[arg-type]
