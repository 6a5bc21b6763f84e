"""What somebody typed into a form that could not be taken, so that it can be shown and sent once more."""

from dataclasses import dataclass

from django.http import QueryDict

# Fields of the page that asks for the passphrase in between; the form that is kept knows nothing of them.
PREFIX = "again"
# A passphrase or a recovery code is typed anew each time, whatever form asked for it.
_NEVER_ECHOED = ("csrfmiddlewaretoken", "passphrase", "typed")


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


def kept_fields(data: QueryDict) -> list[Kept]:
    """Return the fields of a form in their order, without what is never shown again."""
    names = [name for name in data if name not in _NEVER_ECHOED and not name.startswith(f"{PREFIX}-")]
    return [Kept(name, value) for name in names for value in data.getlist(name)]
