"""Safe codes: what shows AURA that it is the customer who cancels, or that they are made to."""

from hypothesis import given
from hypothesis import strategies as st

from simulator.device import Code
from simulator.gateway import safe_code_of


def test_the_safe_code_is_the_end_of_the_mobile() -> None:
    """As AURA has it; an operator needs none."""
    assert safe_code_of("+27821234567", Code.RIGHT) == "4567"
    assert safe_code_of("+27821234567", None) is None


@given(st.from_regex(r"\+27[0-9]{9}", fullmatch=True))
def test_a_wrong_code_is_wrong_in_every_digit(mobile: str) -> None:
    """So that no slip of a finger could have made it."""
    right, wrong = safe_code_of(mobile, Code.RIGHT), safe_code_of(mobile, Code.WRONG)

    assert right is not None
    assert wrong is not None
    assert len(wrong) == len(right) == 4
    assert all(one != other for one, other in zip(right, wrong, strict=True))
