"""Run files of a fleet's life: what they say is done, and what cannot be is refused where it is."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from simulator.device.area import Area
from simulator.errors import InputError
from simulator.faults import Loss
from simulator.run import RunFileError, RunSettings, read_run_file
from simulator.run.reference import reference
from simulator.run.tables import shipped_personas

FILE = """\
for = "6h"

[mix]
milesight-ws101 = 4
eview-ev07b = 4

[[faults]]
kind = "loss"
strength = 0.5

[[faults]]
kind = "stuck-button"
devices = ["milesight-ws101"]
from = "1h"
to = "2h"
area = { latitude = -26.2, longitude = 28.0, radius_m = 900 }

[[personas]]
like = "panicker"
share = 0.5

[[personas]]
name = "mine"
share = 0.25
presses_a_day = 3

[[incidents]]
name = "fire"
at = "3h"

[[routes]]
name = "patrol"
waypoints = [[-26.2, 28.0], [-26.21, 28.01]]

[coverage]
areas = [{ polygon = [[-26.0, 28.0], [-26.0, 28.3], [-26.4, 28.2]] }]

[gnss]
lost_share = 0.1

[climate]
mean_c = 12

[charging]
hours = "21-5"
"""


def read(path: Path, text: str) -> RunSettings:
    """Return the settings of a run file with this text."""
    path.write_text(text)
    return RunSettings(**read_run_file(path))  # type: ignore[arg-type]


def test_a_run_file_says_what_happens_to_a_fleet(tmp_path: Path) -> None:
    """All of its tables, and personas that ship with what is said beside them."""
    life = read(tmp_path / "run.toml", FILE).life

    assert isinstance(life.faults[0], Loss)
    assert (life.faults[1].from_s, life.faults[1].to_s) == (3600.0, 7200.0)
    assert [(one.name, one.share) for one in life.personas] == [("panicker", 0.5), ("mine", 0.25)]
    assert life.personas[0].again_share == 0.9
    assert life.incidents[0].at_s == 10_800.0
    assert life.routes[0].waypoints[1] == (-26.21, 28.01)
    assert life.coverage is not None
    assert life.gnss is not None
    assert life.climate is not None
    assert life.charging is not None


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ("strength = 0.5", "strength = 5", 9, "faults[0].strength", "<= 1.0"),
        ('kind = "loss"', 'kind = "lost"', 8, "faults[0].kind", "Invalid value 'lost'"),
        ('from = "1h"', 'from = "3h"', 11, "faults[1]", "never there"),
        ('from = "1h"', 'from = "noon"', 14, "faults[1].from", "no duration"),
        ('to = "2h"', "until = 2", 11, "faults[1]", "unknown field"),
        ("radius_m = 900", "radius_m = -900", 16, "faults[1].area.radius_m", "> 0"),
        ("latitude = -26.2", "latitude = -126.2", 16, "faults[1].area.latitude", ">= -90"),
        ('["milesight-ws101"]', '["milesite-ws101"]', 13, "faults[1].devices", "Nearest"),
        ('kind = "stuck-button"', 'kind = "loss"', 12, "faults[1].kind", "overlap"),
        ('like = "panicker"', 'like = "panicer"', 19, "personas[0].like", "nearest is panicker"),
        ("share = 0.25", "share = 0.75", 24, "personas[1].share", "more than all"),
        ("presses_a_day = 3", "presses_a_day = -3", 25, "personas[1].presses_a_day", ">= 0"),
        ('at = "3h"', 'at = "30h"', 29, "incidents[0].at", "when the run is over"),
        ("-26.21, 28.01", "-26.21, 280.1", 33, "routes[0].waypoints[1][1]", "<= 180"),
        ("lost_share = 0.1", "lost_share = -1", 39, "gnss.lost_share", ">= 0"),
        ("mean_c = 12", "mean_c = 1200", 42, "climate.mean_c", "<= 80"),
        ('hours = "21-5"', 'hours = "at night"', 45, "charging.hours", "regex"),
        ("eview-ev07b = 4", "eview-ev7b = 4", 5, "mix.eview-ev7b", "Nearest: eview-ev07b"),
        ("milesight-ws101 = 4", "milesight-ws101 = -4", 4, "mix.milesight-ws101", ">= 1"),
        ("eview-ev07b = 4\n", "", 43, "charging", "can be charged"),
    ],
)
def test_what_cannot_be_is_refused_where_it_is_written(  # noqa: PLR0917 - a table
    tmp_path: Path, old: str, new: str, line: int, key: str, says: str
) -> None:
    """With the file, the line, the key and the reason, before anything begins."""
    assert old in FILE

    with pytest.raises(RunFileError, match=says) as caught:
        read(tmp_path / "run.toml", FILE.replace(old, new, 1))

    assert caught.value.key == key or caught.value.key.startswith(key)
    assert caught.value.line == line
    assert str(caught.value).startswith(f"{tmp_path / 'run.toml'}:{line}: ")


def test_files_of_ways_and_areas_are_beside_the_run_file(tmp_path: Path) -> None:
    """A GPX track as a route, a GeoJSON polygon as an area."""
    ring = [[28.0, -26.0], [28.1, -26.0], [28.1, -26.1], [28.0, -26.0]]
    (tmp_path / "a.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    gpx = '<gpx><trkpt lat="1" lon="2"/><trkpt lat="1" lon="3"/></gpx>'
    (tmp_path / "a.gpx").write_text(gpx)
    life = read(
        tmp_path / "run.toml",
        '[mix]\ngt06 = 1\n[[routes]]\nname = "r"\nfile = "a.gpx"\n'
        '[coverage]\nareas = [{ file = "a.geojson" }]\n',
    ).life

    assert life.routes[0].waypoints == ((1.0, 2.0), (1.0, 3.0))
    assert life.coverage is not None
    assert life.coverage.areas == (Area(polygon=((-26.0, 28.0), (-26.0, 28.1), (-26.1, 28.1))),)


@pytest.mark.parametrize(
    ("table", "line", "key"),
    [
        ('[[routes]]\nname = "r"\nfile = "no.gpx"\n', 5, "routes[0].file"),
        ('[[faults]]\nkind = "loss"\narea = { file = "no.json" }\n', 5, "faults[0].area"),
    ],
)
def test_a_file_that_is_not_there_is_refused(
    tmp_path: Path, table: str, line: int, key: str
) -> None:
    """Where the run file names it."""
    with pytest.raises(RunFileError, match="cannot be read") as caught:
        read(tmp_path / "run.toml", f"[mix]\ngt06 = 1\n{table}")

    assert (caught.value.line, caught.value.key) == (line, key)


def test_a_fleet_is_scaled() -> None:
    """At least one of each model is left."""
    settings = RunSettings(mix={"gt06": 100, "milesight-ws101": 2})

    assert settings.scaled(0.1).mix == {"gt06": 10, "milesight-ws101": 1}
    assert settings.scaled(3.0).mix == {"gt06": 300, "milesight-ws101": 6}
    with pytest.raises(InputError, match="cannot be scaled"):
        RunSettings(mix={"gt06": 2}, units={"gt06": (1, 2)}).scaled(2.0)


@pytest.mark.parametrize("name", shipped_personas())
def test_every_persona_that_ships_can_be_named(tmp_path: Path, name: str) -> None:
    """With nothing beside its name."""
    text = f'[mix]\ngt06 = 1\n[[personas]]\nlike = "{name}"\n'

    assert read(tmp_path / "run.toml", text).life.personas[0].name == name


def test_the_page_is_the_reference() -> None:
    """After a change of the types: aurasim run --reference > simulator/run/shapes/README.md."""
    page = Path(__file__).parents[2] / "simulator" / "run" / "shapes" / "README.md"

    assert page.read_text("utf-8") == reference()


def test_every_key_of_a_run_file_has_a_meaning() -> None:
    """No empty cell where a reader looks for words."""
    rows = [line for line in reference().splitlines() if line.startswith("| `")]

    assert [row for row in rows if row.endswith("|  |")] == ["| `nobody` |  |"]


VALUES = st.recursive(
    st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "area", "name", "file", "polygon"]), inner)
    ),
    max_leaves=5,
)
KEYS = st.sampled_from(
    ["kind", "name", "devices", "share", "area", "from", "to", "every", "strength", "like", "at"]
)
NAMES = [
    "faults",
    "personas",
    "incidents",
    "routes",
    "coverage",
    "gnss",
    "climate",
    "charging",
    "mix",
]
TABLES = st.dictionaries(
    st.sampled_from(
        [
            "faults",
            "personas",
            "incidents",
            "routes",
            "coverage",
            "gnss",
            "climate",
            "charging",
            "mix",
        ]
    ),
    st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=2)
    | st.dictionaries(KEYS, VALUES, max_size=4),
    max_size=3,
)


@given(TABLES)
def test_whatever_a_run_file_says_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, table: dict[str, object]
) -> None:
    """Never an error of another kind."""
    path = tmp_path_factory.getbasetemp() / "fuzz.toml"
    path.write_text(tomli_w.dumps(table), "utf-8")

    with suppress(RunFileError):
        read_run_file(path)
