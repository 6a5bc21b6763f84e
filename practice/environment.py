"""The secrets of an installation: written once, by `setup` and `demo` only, never overwritten."""

import os
import secrets
import sys
from base64 import b64encode
from pathlib import Path

_FILE = Path(__file__).resolve().parent.parent / ".env"
_MAKERS = {"setup": "0", "demo": "1"}
NEED_NONE = {"help", "version", "--help", "--version"}


def prepare(arguments: list[str]) -> None:
    """Write a fresh `.env` for `setup` and `demo` where there is none; stop every other command with a sentence."""
    command = arguments[0] if arguments else "help"
    if "SECRET_KEY" in os.environ or _FILE.exists() or command in NEED_NONE:
        return
    if command not in _MAKERS:
        sys.exit(
            "This installation has no secrets yet. Run `python manage.py setup` for a real practice, "
            "or `make run` for a demo."
        )
    write_secrets(_FILE, demo=_MAKERS[command])


def write_secrets(file: Path, *, demo: str) -> None:
    """Write fresh secrets, readable by this user alone.

    :raises FileExistsError: there is such a file; it is never overwritten
    """
    lines = [
        f"SECRET_KEY={secrets.token_urlsafe(48)}",
        f"PEPPER={_fresh()}",
        f"SERVICE_KEY={_fresh()}",
        f"DEMO={demo}",
    ]
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write("\n".join(lines) + "\n")


def _fresh() -> str:
    return b64encode(secrets.token_bytes(32)).decode("ascii")
