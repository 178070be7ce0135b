"""Ways that devices are carried along: given routes, street grids, and how files tell of them."""

from simulator.device.ways.reading import WayFileError, read_area, read_way
from simulator.device.ways.route import By, Route, Streets, mover_of
from simulator.device.ways.streets import StreetWalk
from simulator.device.ways.timetable import Timetable

__all__ = [
    "By",
    "Route",
    "StreetWalk",
    "Streets",
    "Timetable",
    "WayFileError",
    "mover_of",
    "read_area",
    "read_way",
]
