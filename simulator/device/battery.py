"""A battery that drains by what the device does: by sleeping, sending and finding its position.

The cold keeps part of the charge back for as long as it lasts; a charger gives some.
"""

from collections.abc import Callable

from simulator.device.power import Charger
from simulator.profile import Battery, mv_at, self_discharge_ma, warm_share

_MAS_PER_MAH = 3600.0


class BatteryState:
    """The charge of one unit. Slotted and mutable: a fleet has one for each device."""

    __slots__ = ("_celsius", "_full_mas", "_idle_ma", "_left_mas", "_model", "_since_s", "charger")

    def __init__(self, model: Battery, percent: float, now: float) -> None:
        self._model = model
        self._idle_ma = model.idle_ua / 1000.0 + self_discharge_ma(model)
        self._full_mas = model.capacity_mah * _MAS_PER_MAH
        self._left_mas = self._full_mas * percent / 100.0
        self._since_s = now
        self._celsius: Callable[[float], float] | None = None
        self.charger: Charger | None = None

    def weather(self, celsius: Callable[[float], float]) -> None:
        """Be as cold as this says, by the time of the run."""
        self._celsius = celsius

    def rest_until(self, now: float) -> None:
        """Spend what sleeping until `now` costs, and take what a charger gives."""
        self._left_mas -= (now - self._since_s) * self._idle_ma
        if self.charger and self._model.charge_ma:
            charged_s = self.charger.seconds(self._since_s, now)
            charged_mas = max(0.0, self._left_mas) + charged_s * self._model.charge_ma
            if charged_s:
                self._left_mas = min(self._full_mas, charged_mas)
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

    def spend_signal(self) -> None:
        """Spend what light, buzzer and vibration after a press cost."""
        self._left_mas -= self._model.signal_mas

    def drain_to(self, percent: float) -> None:
        """Set the charge, as a scenario or a fault may."""
        self._left_mas = self._full_mas * percent / 100.0

    @property
    def full_mas(self) -> float:
        """Return what a full one holds, in mA·s."""
        return self._full_mas

    @property
    def idle_ma(self) -> float:
        """Return what it loses while the unit sleeps."""
        return self._idle_ma

    @property
    def level_pct(self) -> float:
        """Return the charge that can be had, 0 to 100: the cold keeps some of it back."""
        share = self._usable_mas / self._full_mas
        return min(100.0, max(0.0, share * 100.0))

    @property
    def level_mv(self) -> int:
        """Return the voltage, as the kind of cell has it."""
        return self.mv_at(self.level_pct)

    def mv_at(self, level_pct: float) -> int:
        """Return the voltage at a level."""
        return mv_at(self._model, level_pct)

    @property
    def is_low(self) -> bool:
        """Return whether the charge is under the level of which the firmware warns."""
        return self.is_low_at(self.level_pct)

    def is_low_at(self, level_pct: float) -> bool:
        """Return whether the firmware would warn of a level."""
        return level_pct < self._model.low_percent

    @property
    def is_charging(self) -> bool:
        """Return whether the unit is on its charger."""
        return self.charger is not None and self.charger.is_on(self._since_s)

    @property
    def is_empty(self) -> bool:
        """Return whether the device is dead."""
        return self._usable_mas <= 0.0

    @property
    def _usable_mas(self) -> float:
        if self._celsius is None:
            return self._left_mas
        kept_back = 1.0 - warm_share(self._model, self._celsius(self._since_s))
        return self._left_mas - kept_back * self._full_mas
