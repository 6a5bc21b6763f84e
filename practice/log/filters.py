"""What the log can be narrowed to: the address of a page says what it shows."""

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from uuid import UUID

from django import forms

from access.acting import Actor
from access.fields import DayField
from access.forms import PlainForm
from access.roles import STAFF_ROLES, Role
from access.services.people import all_staff
from audit.acts import Act, Outcome
from audit.services import Filters
from clients.services.finding import clients_of_log

_ANYTHING = ("", "Anything")
_ANYBODY = ("", "Anybody")
_ANY_ROLE = ("", "Any role")
_NO_SUCH_CODE = (
    "No client has this code. Names cannot be searched here, because the log knows clients by code alone: look the "
    "code up on the client’s page."
)
# One wrong letter of six leaves 0.83; two leave 0.67, and hardly a hint.
_ALIKE = 0.8

# By the first word of an act, so that a new act of a known kind is found without being added here.
GROUPS: Mapping[str, tuple[str, frozenset[str]]] = {
    "clients": ("Clients and care", frozenset({"client", "unit", "care", "cover", "invitation"})),
    "supervision": ("Supervision of therapists in training", frozenset({"supervision"})),
    "custody": ("Custodians", frozenset({"custody"})),
    "notes": ("Notes", frozenset({"note", "draft", "format", "override"})),
    "consent": ("Limits of confidentiality", frozenset({"consent"})),
    "measures": ("Questionnaires", frozenset({"measure"})),
    "plans": ("Treatment plans", frozenset({"plan"})),
    "attachments": ("Files in records", frozenset({"attachment"})),
    "files": ("Exports and printed records", frozenset({"export"})),
    "signing-in": ("Signing in and out", frozenset({"auth"})),
    "refused": ("Pages that were refused", frozenset({"access"})),
    "people": ("People and settings", frozenset({"staff", "setting", "practice"})),
    "keys": ("Keys and recovery", frozenset({"vault", "key", "recovery"})),
    "keeping": ("How long records are kept", frozenset({"keeping", "hold", "destruction"})),
    "backups": ("Backups", frozenset({"backup"})),
    "log": ("The access log itself", frozenset({"log"})),
}
ROLE_WORDS: Mapping[str, str] = {
    **{role.value: role.value for role in (*STAFF_ROLES, Role.CLIENT)},
    Role.ENROLLING: "setting up an account",
    Role.WAITING: "waiting to be confirmed",
    Role.RETURNING: "coming back",
    "nobody": "not signed in",
    "system": "the system",
}
_OUTCOMES = [
    (Outcome.OK, "Done"),
    (Outcome.DENIED, "Refused"),
    (Outcome.ERROR, "Failed"),
    (Outcome.PARTIAL, "Done in part"),
]


class LogForm(PlainForm):
    """Validates what was chosen, or stands in the address, and turns it into `audit.services.Filters`."""

    who = forms.ChoiceField(label="Who", required=False)
    role = forms.ChoiceField(label="Role", required=False)
    # No longest length: a browser would cut a pasted name down to what looks like a code. Nor is one to keep it.
    client = forms.CharField(
        label="Client code",
        required=False,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )
    what = forms.ChoiceField(label="What happened", required=False)
    outcome = forms.ChoiceField(label="How it ended", required=False, choices=[_ANYTHING, *_OUTCOMES])
    since = DayField(label="Since")
    until = DayField(label="Until")
    about = forms.UUIDField(required=False, widget=forms.HiddenInput)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def __init__(self, *args: object, by: Actor, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # whatever the parent takes
        self.by = by
        staff = [(f"u_{user.pk}", user.display_name) for user in all_staff()]
        choices = {
            "who": [_ANYBODY, *staff],
            "role": [_ANY_ROLE, *((role, word.capitalize()) for role, word in ROLE_WORDS.items())],
            "what": [_ANYTHING, *((key, label) for key, (label, _) in GROUPS.items())],
        }
        for name, pairs in choices.items():
            self.fields[name].choices = pairs  # type: ignore[attr-defined] # a choice field's

    def clean_client(self) -> bytes | None:
        """Turn a code into the client's log handle; of hidden clients nobody is told that they exist."""
        code = self.cleaned_data["client"].strip().upper()
        if not code:
            return None
        known = dict(clients_of_log(self.by).values_list("code", "log_handle"))
        if code not in known:
            alike = get_close_matches(code, known, n=1, cutoff=_ALIKE)
            raise forms.ValidationError(
                f"No client has this code. Did you mean {alike[0]}?" if alike else _NO_SUCH_CODE
            )
        return bytes(known[code])

    def clean_until(self) -> date | None:
        """Take no day before the first one: nothing could ever be found there."""
        until: date | None = self.cleaned_data["until"]
        since: date | None = self.cleaned_data.get("since")
        if since and until and until < since:
            raise forms.ValidationError("Until is before Since. Choose a later day, or swap the two.")
        return until

    def filters(self) -> Filters:
        """Say what to show; only for a valid form."""
        chosen = self.cleaned_data
        about: UUID | None = chosen["about"]
        return Filters(
            acts=acts_of(chosen["what"]),
            actor_id=chosen["who"] or None,
            role=chosen["role"],
            outcome=Outcome(chosen["outcome"]) if chosen["outcome"] else None,
            subject=chosen["client"],
            target_uuid=about,
            first_date=chosen["since"],
            last_date=chosen["until"],
        )


def acts_of(group: str) -> frozenset[Act]:
    """List the acts of one group; none for no group, which narrows nothing."""
    _, kinds = GROUPS.get(group, ("", frozenset()))
    return frozenset(act for act in Act if act.partition(":")[0] in kinds)
