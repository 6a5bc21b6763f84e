"""What can be wrong with an installation, in one sentence that says what to do: at the terminal, no traceback helps."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from warnings import catch_warnings, filterwarnings

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, ProgrammingError

_DATABASE = (
    "Either DATABASE_URL in .env is not right, or the tables are not made yet: `python manage.py setup` makes a new "
    "practice, `make run` a demo, and `python manage.py migrate` brings tables up to date."
)


@contextmanager
def said_plainly() -> Iterator[None]:
    """Put what the person at the terminal can mend into a sentence, and end with exit code 1.

    Anything else stays a traceback; so does this with ``--traceback``, as Django's own commands have it.
    """
    try:
        yield
    except (ImproperlyConfigured, OSError, OperationalError, ProgrammingError) as error:
        sentence = sentence_for(error)
        if sentence is None or "--traceback" in sys.argv:
            raise
        sys.exit(sentence)


def sentence_for(error: Exception) -> str | None:
    """Say what is wrong and what to do; none for a failure that no operator can mend."""
    if isinstance(error, ImproperlyConfigured):
        return f"{error}. Settings come from the file .env; .env.example says what each of them is."
    if not isinstance(error, OSError):
        return f"The database does not answer as it should ({str(error).partition(chr(10))[0]}). {_DATABASE}"
    if error.filename is None:
        return None
    what = f"{error.filename} cannot be used ({error.strerror})"
    return f"{what}. Let this user read and write it, or choose other folders in .env (VAR_DIR, KEY_DIR)."


def read_settings() -> None:
    """Read the settings before anything else does, so that a value of the wrong kind is told as what it is.

    :raises ImproperlyConfigured: a value is missing or cannot be read
    """
    try:
        with catch_warnings():
            # The settings say the same in a sentence, and without the whole address.
            filterwarnings("ignore", "Engine not recognized")
            import_module(os.environ["DJANGO_SETTINGS_MODULE"])
    except ValueError as error:
        raise ImproperlyConfigured(f"A value is of the wrong kind: {error}") from error
