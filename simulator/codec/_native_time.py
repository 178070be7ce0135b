"""Calendar fields as devices write them, to and from ISO 8601 in UTC."""

import re
from datetime import UTC, datetime

from simulator.codec._columns import Column, Found
from simulator.codec._fields import Fields

CENTURY = 2000
"""What two digits of a year count from."""

_DAY_FIRST = re.compile(r"(\d\d)(\d\d)(\d\d),(\d\d)(\d\d)(\d\d)", re.ASCII)
_LOOSE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{1,2}),(\d{1,2}):(\d{1,2}):(\d{1,2})", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)


def iso(date: tuple[int, int, int], clock: tuple[int, int, int]) -> str | None:
    """Return year, month, day and hour, minute, second as ISO 8601; None where there is no such.

    Devices without a fix send zeros. Years are those that two digits can say again.

    >>> iso((2021, 11, 22), (8, 55, 15))
    '2021-11-22T08:55:15Z'
    """
    if not CENTURY <= date[0] < CENTURY + 100:
        return None
    try:
        return f"{datetime(*date, *clock, tzinfo=UTC).isoformat()[:19]}Z"
    except ValueError:
        return None


def moment(fields: Fields, name: str) -> datetime:
    """Return a time of a year that two digits can say."""
    found = datetime.fromtimestamp(fields.epoch(name), UTC)
    if not CENTURY <= found.year < CENTURY + 100:
        fields.refuse(name, f"must be of the years 2000 to 2099, not {found.year}")
    return found


def _time_column(name: str, shape: re.Pattern[str], format_: str, width: int) -> Column:
    is_day_first = shape is not _COMPACT

    def read(text: str) -> Found | None:
        parts = shape.fullmatch(text)
        if parts is None:
            return None if text.strip(",") else {}
        one, two, three, *clock = map(int, parts.groups())
        date = (CENTURY + three, two, one) if is_day_first else (one, two, three)
        time = iso(date, (clock[0], clock[1], clock[2]))
        return {} if time is None else {name: time}

    def write(fields: Fields) -> str:
        return moment(fields, name).strftime(format_) if name in fields else ""

    return Column((name,), read, write, width)


def day_first() -> Column:
    """Return the two columns `ddmmyy,hhmmss`."""
    return _time_column("time", _DAY_FIRST, "%d%m%y,%H%M%S", 2)


def slashed() -> Column:
    """Return the two columns `dd/mm/yy,hh:mm:ss`."""
    return _time_column("time", _LOOSE, "%d/%m/%y,%H:%M:%S", 2)


def compact(name: str) -> Column:
    """Return the column `yyyymmddhhmmss`."""
    return _time_column(name, _COMPACT, "%Y%m%d%H%M%S", 1)
