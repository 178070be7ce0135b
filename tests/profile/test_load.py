"""Profiles are read as they are, and refused with file, line, key and reason."""

from pathlib import Path

import pytest

from simulator.profile import ProfileError, load, profile_names, read

SHIPPED = Path(__file__).parents[2] / "profiles"
GOOD = (SHIPPED / "milesight-ws101.toml").read_text()


def broken(tmp_path: Path, old: str, new: str) -> ProfileError:
    """Return the error of a good profile with one thing changed."""
    assert old in GOOD
    path = tmp_path / "broken.toml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ProfileError) as caught:
        read(path)
    return caught.value


def line_with(text: str) -> int:
    """Return the line of the good profile that begins with a text."""
    lines = GOOD.splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(text))


@pytest.mark.parametrize("name", profile_names())
def test_every_shipped_profile_is_sound(name: str) -> None:
    """It loads, names a codec that exists, and numbers units that match its own serial rule."""
    profile = load(name)

    assert profile.name == name
    for number in (1, 17, 99_999):
        serial = profile.identity.serial_of(number)
        assert profile.matches(serial)
        assert profile.identity.device_id.derive(serial)


@pytest.mark.parametrize("name", profile_names())
def test_units_of_a_model_have_serials_and_device_ids_of_their_own(name: str) -> None:
    """A thousand units share neither."""
    identity = load(name).identity
    serials = [identity.serial_of(number) for number in range(1, 1001)]

    assert len(set(serials)) == 1000
    assert len({identity.device_id.derive(serial) for serial in serials}) == 1000


def test_a_misspelt_key_is_refused_with_its_line(tmp_path: Path) -> None:
    """A typo cannot pass in silence."""
    error = broken(tmp_path, "report_s = 64800", "reports_s = 64800")

    assert error.key.startswith("behaviour")
    assert error.line is not None
    assert "reports_s" in str(error)
    assert str(error).startswith(str(tmp_path / "broken.toml"))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("loss = 0.02", "loss = 2", "link.loss"),
        ("spreading_factor = 9", "spreading_factor = 6", "link.spreading_factor"),
        ("capacity_mah = 1650", 'capacity_mah = "big"', "battery.capacity_mah"),
        ("press_to_frame_s = 0.3", "press_to_frame_s = -1", "behaviour.press_to_frame_s"),
        ('network = "lorawan"', 'network = "pigeon"', "link.network"),
        ("full_mv = 3000", "full_mv = 100", "battery.full_mv"),
        ('units = "6538{:08x}"', 'units = "6538"', "identity.units"),
        ('units = "6538{:08x}"', 'units = "9999{:08x}"', "identity.units"),
        ("delay_s = [0.08, 0.4]", "delay_s = [4, 0.4]", "link.delay_s"),
        ('codec = "lorawan_milesight_ws101"', 'codec = "morse"', "codec"),
        ('cancel_source = "operator"', 'cancel_source = "native"', "behaviour.cancel_source"),
        ('gestures = ["long", "short", "double"]', "gestures = []", "behaviour.gestures"),
        (
            "report_s = 64800",
            "report_s = 64800\nposition_s = 60",
            "behaviour.position_s",
        ),
    ],
)
def test_an_impossible_value_is_refused_at_its_line(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    """The error names the key and points to where it is written."""
    error = broken(tmp_path, old, new)

    assert error.key == key
    assert error.line is not None
    shown = GOOD.replace(old, new, 1).splitlines()[error.line - 1]
    assert key.rsplit(".", maxsplit=1)[-1] in shown


def test_a_number_without_origin_is_refused(tmp_path: Path) -> None:
    """Every behaviour says whether it is documented, captured or assumed."""
    error = broken(tmp_path, 'loss = "assumed: indoor coverage of one gateway"\n', "")

    assert error.key == "link.loss"
    assert "provenance" in error.reason


def test_an_origin_is_one_of_three_words(tmp_path: Path) -> None:
    """What is guessed is called assumed."""
    error = broken(tmp_path, 'loss = "assumed: indoor', 'loss = "guessed: indoor')

    assert error.key == "provenance.link.loss"
    assert "documented, captured, assumed" in error.reason


def test_a_fact_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """A frame template can only say what a device knows."""
    error = broken(tmp_path, 'press = "$gesture"', 'press = "$mood"')

    assert error.key == "frames.press.values"
    assert "$mood" in error.reason


def test_broken_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    """The parser's own line is passed on."""
    error = broken(tmp_path, "report_s = 64800", "report_s = = 64800")

    assert error.line == line_with("report_s")
    assert "not valid TOML" in error.reason


def test_missing_and_unreadable_files_are_refused(tmp_path: Path) -> None:
    """A name lists what is known; a path says what is wrong with the file."""
    with pytest.raises(ProfileError, match=r"Nearest: milesight-ws101.*profiles list"):
        load("milesight-ws10")
    with pytest.raises(ProfileError, match="cannot be read"):
        load(str(tmp_path / "absent.toml"))
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ProfileError, match="cannot be read"):
        load(str(binary))


def test_profiles_of_the_users_own_folder_win(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AURASIM_PROFILES comes before what ships."""
    changed = GOOD.replace('title = "Milesight WS101 SOS button"', 'title = "Mine"')
    (tmp_path / "milesight-ws101.toml").write_text(changed)
    monkeypatch.setenv("AURASIM_PROFILES", str(tmp_path))

    assert load("milesight-ws101").title == "Mine"


@pytest.mark.parametrize(
    ("old", "new", "key", "shown"),
    [
        ("maximum = 100 },\n  { name = \"rssi", "maximum = 300 },\n  { name = \"rssi",
         "layout.messages.alarm.fields[8].maximum", "maximum = 300"),
        ('"crc16/modbus"', '"crc16/mobdus"',
         "layout.messages.alarm.fields[10].checksum", "crc16/mobdus"),
        ("scale = 0.5", "scale = 0", "layout.messages.alarm.fields[9].scale", "scale = 0"),
        ('kind = "start"', 'kind = "line"', "layout.framing.kind", "framing = "),
        ("signed = true", "sinned = true", "layout.messages.alarm.fields[9]", "sinned"),
        ('codec = "layout"', 'codec = "gt06"', "codec", "codec = "),
    ],
)  # fmt: skip
def test_a_broken_layout_is_refused_at_its_field(
    tmp_path: Path, old: str, new: str, key: str, shown: str
) -> None:
    """The line is that of the field, not that of the list it stands in."""
    text = (SHIPPED / "serial-pendant-base.toml").read_text()
    assert old in text
    path = tmp_path / "broken.toml"
    path.write_text(text.replace(old, new, 1))

    with pytest.raises(ProfileError) as caught:
        read(path)

    assert caught.value.key == key
    assert caught.value.line is not None
    assert shown in path.read_text().splitlines()[caught.value.line - 1]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("login = true", "join_s = 5.0\nlogin = true", "behaviour.join_s"),
        ("login = true", "login_reply_s = 5.0\nlogin = true", "behaviour.login_reply_s"),
        (
            "login = true",
            "login = true\njoin_s = 5.0\nlogin_reply_s = 5.0\nstore = 2",
            "behaviour.join_s",
        ),
        ("login = true", "login = true\nreconnect_s = [60, 5]", "behaviour.reconnect_s"),
        ("login = true", "login = true\nheartbeat_s = 60", "behaviour.heartbeat_s"),
        ("login = true", 'login = true\nservice_gesture = "hold"', "behaviour.service_gesture"),
    ],
)
def test_waiting_that_cannot_end_well_is_refused(
    tmp_path: Path, old: str, new: str, key: str
) -> None:
    """A press made meanwhile would be lost, or a frame is missing."""
    error = broken(tmp_path, old, new)

    assert error.key == key
    assert error.line is not None


@pytest.mark.parametrize(
    ("table", "key", "reason"),
    [
        ('[words.mark]\nof = "mood"\nsays = {}', "words.mark.of", "no fact"),
        ('[words.mark]\nof = "sequence"\nsays = {}', "words.mark.of", "no fact"),
        ('[words.time]\nof = "gesture"\nsays = {}\notherwise = 1', "words.time", "name of a fact"),
        ('[words.mark]\nof = "gesture"\nsays = { long = 1 }', "words.mark.says", "leaves out"),
        (
            '[commands.report]\nvalues = { command = "dance" }',
            "commands.report.values",
            "cannot be said",
        ),
        (
            '[commands.report]\nvalues = { command = "reboot", vigour = 9 }',
            "commands.report.values",
            "is understood as",
        ),
    ],
)
def test_words_and_commands_that_mean_nothing_are_refused(
    tmp_path: Path, table: str, key: str, reason: str
) -> None:
    """Each with its key and the reason."""
    error = broken(tmp_path, "[aura]", f"{table}\n\n[aura]")

    assert error.key == key
    assert reason in error.reason


def test_keys_of_units_are_their_own() -> None:
    """Made from the number; none where frames are plain."""
    identity = load("sia-dc09-panel-aes").identity
    keys = {identity.key_of(number) for number in range(1, 100)}

    assert len(keys) == 99
    assert load("sia-dc09-panel").identity.key_of(1) is None


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("press_to_frame_s = [3.0, 1.0]", "smaller one first"),
        ("presses = 2", "no origin"),
    ],
)
def test_limits_of_the_bench_are_checked(tmp_path: Path, line: str, reason: str) -> None:
    """A limit is written the right way round, and says where it comes from."""
    text = (Path(str(load("serial-pendant-base").path))).read_text()
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("[wire]", f"[acceptance]\n{line}\n\n[wire]"))

    with pytest.raises(ProfileError, match=reason):
        read(path)
