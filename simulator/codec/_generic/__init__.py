"""Codecs that need no Python: a profile states its frames field by field.

`tables` is what is written, `build` makes a codec of it, `cases` makes its tests. In between, one
module a form: `cells`, `plan` and `binary`; `columns` and `textual`; and `framing` for streams.
"""

from simulator.codec._generic.build import LayoutCodec, layout_codec
from simulator.codec._generic.cases import Case, boundary_cases, fault, faults
from simulator.codec._generic.message import Row
from simulator.codec._generic.sums import Sum, sums
from simulator.codec._generic.tables import LayoutError, LayoutTable

__all__ = [
    "Case",
    "LayoutCodec",
    "LayoutError",
    "LayoutTable",
    "Row",
    "Sum",
    "boundary_cases",
    "fault",
    "faults",
    "layout_codec",
    "sums",
]
