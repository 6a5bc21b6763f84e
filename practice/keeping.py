"""What somebody typed into a form that could not be taken, so that it can be shown and sent once more."""

from dataclasses import dataclass

from django.http import QueryDict

# Fields of the page that asks for the passphrase in between; the form that is kept knows nothing of them.
PREFIX = "again"
# A passphrase, a recovery code or the link of an invitation is typed anew each time, whatever form asked for it.
_NEVER_ECHOED = ("csrfmiddlewaretoken", "passphrase", "current_passphrase", "current_code", "again", "typed", "link")
# Printed codes, each from a sheet of its own.
_PRINTED = "typed_"
# So are the digits of an app, or of an invitation; only here the word means a reason that was chosen from a list.
_CODE, _CODE_IS_A_REASON = "code", "consent:override"


@dataclass(frozen=True)
class Kept:
    """One field of the form."""

    name: str
    value: str

    @property
    def label(self) -> str:
        return self.name.replace("_", " ").replace("-", " ").capitalize()

    @property
    def is_prose(self) -> bool:
        """Tell what a person wrote from what a page put there."""
        return " " in self.value.strip() or "\n" in self.value


def kept_fields(data: QueryDict, *, view_name: str) -> list[Kept]:
    """Return the fields of a form in their order, without what is never shown again.

    :param view_name: the page that the form belongs to
    """
    return [Kept(name, value) for name in data if _may_be_shown(name, view_name) for value in data.getlist(name)]


def _may_be_shown(name: str, view_name: str) -> bool:
    is_secret = name in _NEVER_ECHOED or (name == _CODE and view_name != _CODE_IS_A_REASON)
    return not is_secret and not name.startswith((f"{PREFIX}-", _PRINTED))
