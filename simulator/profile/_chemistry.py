"""What kind of cell a battery is: how its voltage falls, and what the cold leaves of it.

The curves are typical ones of data sheets, coarse on purpose: a firmware that tells millivolts says
little about the charge of a cell, and that is what a gateway has to live with.
"""

from bisect import bisect_right

from simulator.profile._model import Battery, Chemistry

_Curve = tuple[tuple[float, float], ...]
_VOLTAGE: dict[Chemistry, _Curve] = {  # percent of charge to share of the span of voltage
    Chemistry.LINEAR: ((0.0, 0.0), (100.0, 1.0)),
    Chemistry.LI_ION: ((0, 0), (5, 0.35), (10, 0.48), (20, 0.55), (50, 0.66), (80, 0.84), (100, 1)),
    Chemistry.LI_SOCL2: ((0, 0), (3, 0.5), (8, 0.85), (20, 0.94), (90, 0.98), (100, 1)),
    Chemistry.LI_MNO2: ((0, 0), (5, 0.35), (10, 0.55), (30, 0.78), (60, 0.9), (100, 1)),
    Chemistry.ALKALINE: ((0, 0), (10, 0.25), (50, 0.52), (80, 0.72), (100, 1)),
}
_WARMTH: dict[Chemistry, _Curve] = {  # degrees Celsius to the share of the capacity that is left
    Chemistry.LINEAR: ((0.0, 1.0), (1.0, 1.0)),
    Chemistry.LI_ION: ((-30, 0.35), (-20, 0.6), (0, 0.85), (20, 1), (60, 1)),
    Chemistry.LI_SOCL2: ((-40, 0.6), (-20, 0.8), (0, 0.95), (20, 1), (60, 1)),
    Chemistry.LI_MNO2: ((-30, 0.3), (-20, 0.5), (0, 0.8), (20, 1), (60, 1)),
    Chemistry.ALKALINE: ((-30, 0.05), (-20, 0.25), (0, 0.6), (20, 1), (50, 1)),
}
_LOSS_A_YEAR = {  # share of the charge that a cell loses by itself
    Chemistry.LINEAR: 0.0,
    Chemistry.LI_ION: 0.2,
    Chemistry.LI_SOCL2: 0.01,
    Chemistry.LI_MNO2: 0.01,
    Chemistry.ALKALINE: 0.03,
}


def mv_at(battery: Battery, level_pct: float) -> int:
    """Return the voltage at a charge."""
    share = _along(_VOLTAGE[battery.chemistry], level_pct)
    return round(battery.empty_mv + (battery.full_mv - battery.empty_mv) * share)


def percent_at(battery: Battery, millivolts: float) -> float:
    """Return the charge that a voltage stands for, 0 to 100."""
    share = (millivolts - battery.empty_mv) / (battery.full_mv - battery.empty_mv)
    turned = tuple((volts, charge) for charge, volts in _VOLTAGE[battery.chemistry])
    return _along(turned, share)


def warm_share(battery: Battery, celsius: float) -> float:
    """Return the share of the capacity that can be had at a temperature."""
    return _along(_WARMTH[battery.chemistry], celsius)


def self_discharge_ma(battery: Battery) -> float:
    """Return the current that the cell loses by itself, in the mean of a year."""
    return battery.capacity_mah * _LOSS_A_YEAR[battery.chemistry] / 8766.0


def _along(curve: _Curve, x: float) -> float:
    """Return where a curve is, straight between its points; beyond its ends it stays."""
    after = bisect_right(curve, x, key=lambda point: point[0])
    if after in (0, len(curve)):
        return float(curve[max(0, after - 1)][1])
    (x1, y1), (x2, y2) = curve[after - 1 : after + 1]
    return y1 + (y2 - y1) * (x - x1) / (x2 - x1)
