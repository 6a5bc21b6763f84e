"""Printed recovery codes as they come in at the terminal: typed from the sheets, or as JSON from a program."""

from typing import Any

from practice.recovery.errors import CannotRecover


def ask_codes() -> dict[str, Any]:
    """Ask which sheets are at hand and have their codes typed."""
    numbers = input("The numbers of the sheets you have, such as 1 3: ").split()
    return {"codes": {number: input(f"Code {number}: ") for number in numbers}}


def codes_of(given: dict[str, Any]) -> dict[int, str]:
    """Read codes by their numbers, as `{"codes": {"1": "…", "3": "…"}}`.

    :raises CannotRecover: there are none in it
    """
    try:
        return {int(number): str(code) for number, code in given["codes"].items()}
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CannotRecover("Codes come by their numbers: 1, 2, 3.") from error
