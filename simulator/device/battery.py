"""A battery that drains by what the device does: by sleeping, sending and finding its position."""

from simulator.profile import Battery

_MAS_PER_MAH = 3600.0


class BatteryState:
    """The charge of one unit. Slotted and mutable: a fleet has one for each device."""

    __slots__ = ("_idle_ma", "_left_mas", "_model", "_since_s")

    def __init__(self, model: Battery, percent: float, now: float) -> None:
        self._model = model
        self._idle_ma = model.idle_ua / 1000.0
        self._left_mas = model.capacity_mah * _MAS_PER_MAH * percent / 100.0
        self._since_s = now

    def rest_until(self, now: float) -> None:
        """Spend what sleeping until `now` costs."""
        self._left_mas -= (now - self._since_s) * self._idle_ma
        self._since_s = now

    def spend_frame(self) -> None:
        """Spend what one transmission costs."""
        self._left_mas -= self._model.frame_mas

    def spend_air(self, seconds: float) -> None:
        """Spend what the radio draws while it is on air."""
        self._left_mas -= self._model.air_ma * seconds

    def spend_fix(self) -> None:
        """Spend what one position fix costs."""
        self._left_mas -= self._model.fix_mas

    def drain_to(self, percent: float) -> None:
        """Set the charge, as a scenario or a fault may."""
        self._left_mas = self._model.capacity_mah * _MAS_PER_MAH * percent / 100.0

    @property
    def level_pct(self) -> float:
        """Return the charge left, 0 to 100."""
        share = self._left_mas / (self._model.capacity_mah * _MAS_PER_MAH)
        return min(100.0, max(0.0, share * 100.0))

    @property
    def level_mv(self) -> int:
        """Return the voltage, taken to fall evenly with the charge."""
        return self.mv_at(self.level_pct)

    def mv_at(self, level_pct: float) -> int:
        """Return the voltage at a level."""
        model = self._model
        return round(model.empty_mv + (model.full_mv - model.empty_mv) * level_pct / 100.0)

    @property
    def is_low(self) -> bool:
        """Return whether the charge is under the level of which the firmware warns."""
        return self.is_low_at(self.level_pct)

    def is_low_at(self, level_pct: float) -> bool:
        """Return whether the firmware would warn of a level."""
        return level_pct < self._model.low_percent

    @property
    def is_empty(self) -> bool:
        """Return whether the device is dead."""
        return self._left_mas <= 0.0
