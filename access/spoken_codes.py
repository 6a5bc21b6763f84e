"""Codes of ten characters, for paper or to be said by phone."""

import secrets

_OF_A_SHEET = 8
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def draw_backup_codes() -> list[str]:
    """Draw the eight codes of a sheet of backup codes."""
    return [draw_spoken_code() for _ in range(_OF_A_SHEET)]


def draw_spoken_code() -> str:
    """Draw ten characters that can be said by phone (49 bits)."""
    code = "".join(secrets.choice(_ALPHABET) for _ in range(10))
    return f"{code[:5]}-{code[5:]}"


def plain_code(typed: str) -> str:
    """Return a code as it was drawn: case, dashes and spaces do not matter."""
    return "".join(typed.lower().replace("-", " ").split())
