"""What forms say about what was typed: plain words in the place of the framework's own, for every form at once."""

from collections.abc import Mapping

from django import forms

_NOT_WHOLE = "This page came back incomplete. Please open it again and try once more."
_NOT_OFFERED = "Please choose one of the answers that are offered here."
_UNSEEN = "This holds a character that nobody can see and that cannot be stored. Please type it again."
# By the codes that fields and validators give their errors; %(limit_value)s and %(show_value)d are filled in by them.
_ANY_FIELD: Mapping[str, str] = {
    "invalid": "Please check what you typed here.",
    "invalid_choice": _NOT_OFFERED,
    "invalid_list": _NOT_OFFERED,
    "max_length": "Please keep this to at most %(limit_value)d characters; it has %(show_value)d.",
    "min_length": "Please type at least %(limit_value)d characters; so far it has %(show_value)d.",
    "max_value": "Please give no more than %(limit_value)s.",
    "min_value": "Please give at least %(limit_value)s.",
    "null_characters_not_allowed": _UNSEEN,
}
_BY_FIELD: Mapping[type[forms.Field], Mapping[str, str]] = {
    forms.EmailField: {"invalid": "Please type a whole e-mail address, such as name@example.org."},
    forms.IntegerField: {"invalid": "Please give a whole number, in digits."},
    forms.DateField: {
        "invalid": "Please give a day, such as 2026-11-18.",
        "max_value": "Please give a day before %(limit_value)s.",
        "min_value": "Please give a day after %(limit_value)s.",
    },
    forms.DateTimeField: {"invalid": "Please give a day and a time, such as 2026-11-18 10:00."},
}


def speak_plainly(field: forms.Field) -> None:
    """Give a field plain words for whatever can be wrong; what its form says in words of its own stays."""
    frameworks = _of_the_framework(field)
    own = {code: words for code, words in field.error_messages.items() if words != frameworks.get(code)}
    field.error_messages = {**_words_for(field), **own}


def _words_for(field: forms.Field) -> dict[str, str]:
    if field.widget.is_hidden:
        # Nobody typed it, so nobody can put it right.
        return dict.fromkeys((*_ANY_FIELD, "required"), _NOT_WHOLE)
    by_field = (words for kind, words in _BY_FIELD.items() if isinstance(field, kind))
    words = {"required": _missing(field), **_ANY_FIELD}
    for more in by_field:
        words |= more
    return words


def _missing(field: forms.Field) -> str:
    if isinstance(field, forms.BooleanField):
        return "Please tick the box to go on."
    if isinstance(field, forms.ChoiceField):
        return f"Please choose: {field.label}"
    return f"Please fill in “{field.label}”."


def _of_the_framework(field: forms.Field) -> dict[str, object]:
    messages: dict[str, object] = {}
    for kind in reversed(type(field).__mro__):
        messages |= getattr(kind, "default_error_messages", {})
    return messages
