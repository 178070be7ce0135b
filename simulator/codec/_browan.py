"""Browan TBPB100 push button (port 147) and TBOL100 object locator (port 136), lowest bit first."""

from collections.abc import Sequence

from simulator.codec._button_models import NAME, Model
from simulator.codec._contract import Values
from simulator.codec._fields import Fields
from simulator.codec._layout import Layout, Part, flag, number, spare, steps
from simulator.frame import Value

_BUTTON_PORT, _LOCATOR_PORT = 147, 136


def _layout(*parts: Part) -> Layout:
    return Layout(NAME, *parts, order="little")


_TEMPERATURE = (number("temperature_c", 7, offset=-32), spare(1, "temperature_reserved"))
_BUTTON = _layout(
    flag("button_1"),
    flag("button_2"),
    spare(6, "status_reserved"),
    number("battery_mv", 4, step=100, offset=2500),
    spare(4, "battery_reserved", usual=0x0F),
    *_TEMPERATURE,
    number("minutes_since_event", 16, default=0),
    number("press_count", 24),
)


def _read_battery(raw: int, values: dict[str, Value]) -> None:
    if raw == 0:
        values["charging"] = True
    else:
        values["battery_mv"] = 2500 + 100 * raw


def _write_battery(fields: Fields) -> int:
    if fields.flag("charging", False):
        return 0
    return steps(fields, "battery_mv", 1, 0x0F, step=100, offset=2500)


def _read_accuracy(raw: int, values: dict[str, Value]) -> None:
    values["accuracy_m"] = 1 << raw + 2


def _write_accuracy(fields: Fields) -> int:
    metres = fields.number("accuracy_m", 0, 1 << 32)
    return next((code for code in range(7) if metres <= 1 << code + 2), 7)


_LOCATOR = _layout(
    flag("button_1"),
    flag("motion"),
    spare(1, "status_reserved"),
    flag("no_fix"),
    flag("gnss_error"),
    spare(3, "status_reserved_high"),
    Part(4, _read_battery, _write_battery),
    spare(4, "battery_reserved"),
    *_TEMPERATURE,
    number("latitude", 28, step=1e-6, digits=6, signed=True),
    spare(4, "latitude_reserved"),
    number("longitude", 29, step=1e-6, digits=6, signed=True),
    Part(3, _read_accuracy, _write_accuracy),
)


def _model(mark: str, port: int, layout: Layout) -> Model:
    def fits(_frame: bytes, on: int | None) -> bool:
        return on == port

    def write(fields: Fields, _values: Values) -> bytes:
        return layout.write(fields)

    return Model(mark, fits, layout.read_whole, write)


MODELS: Sequence[Model] = (
    _model("press_count", _BUTTON_PORT, _BUTTON),
    _model("no_fix", _LOCATOR_PORT, _LOCATOR),
)
