"""The safe code of a customer: what shows AURA that it is they who cancel."""

from simulator.device import Code


def safe_code_of(mobile: str, code: Code | None) -> str | None:
    """Return the code that a person enters; None where nobody is asked for one.

    The right one is the last four digits of the mobile; the wrong one differs in every digit.
    """
    if code is None:
        return None
    digits = mobile[-4:]
    if code is Code.RIGHT:
        return digits
    return "".join(str((int(digit) + 1) % 10) for digit in digits)
