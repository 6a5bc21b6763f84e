"""What people type to get in. Forms validate and never save."""

from uuid import uuid4

from django import forms

from access.bounds import ELSEWHERE_DAYS, KEEP_YEARS
from access.fields import PhoneField, VisibleField
from access.plain_words import speak_plainly
from access.roles import STAFF_CHOICES
from keys.codes import is_whole_code

_MISTYPED = (
    "There is a slip in this code: it has nine groups of four, and the last group has to fit the others. Please "
    "compare group by group; 0, 1 and 8 are never in it."
)


class PlainForm(forms.Form):
    """The base of every form here: what is wrong is said in plain words, see :mod:`access.plain_words`."""

    def full_clean(self) -> None:
        """Give every field its words, those too that a form added by itself, then clean."""
        for field in self.fields.values():
            speak_plainly(field)
        super().full_clean()


class OnceForm(PlainForm):
    """A form that makes something once. `form` is drawn with the page, so that a form sent twice is known."""

    form = forms.UUIDField(initial=uuid4, widget=forms.HiddenInput)


def _passphrase(label: str, autocomplete: str, help_text: str = "") -> forms.CharField:
    # What matters once the page shows what is typed: no dictionary is asked about it, in the browser or elsewhere.
    plain = {"autocomplete": autocomplete, "spellcheck": "false", "autocapitalize": "none", "autocorrect": "off"}
    widget = forms.PasswordInput(attrs={**plain})
    return forms.CharField(label=label, help_text=help_text, max_length=500, strip=False, widget=widget)


# A printed code with its dashes; the other codes are shorter.
_LONGEST_CODE = 60


def _code(label: str, help_text: str) -> forms.CharField:
    attributes = {"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "none", "class": "code"}
    return forms.CharField(
        label=label, help_text=help_text, max_length=_LONGEST_CODE, widget=forms.TextInput(attrs={**attributes})
    )


class PassphraseForm(PlainForm):
    """The passphrase alone: after the idle lock, and before acts that want it fresh."""

    passphrase = _passphrase("Passphrase", "current-password")


class ReturnForm(PassphraseForm):
    """Passphrase and code: after twelve hours, on a device that knows who it was."""

    code = _code(
        "Six-digit code",
        "From your authenticator app, from the mail we sent, or a backup code.",
    )


class SignInForm(ReturnForm):
    """Everything: on a device that knows nobody."""

    address = forms.EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    field_order = ("address", "passphrase", "code")


class SendCodeForm(PlainForm):
    address = forms.EmailField(
        label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "username", "id": "id_mail_address"})
    )


class ShortCodeForm(PlainForm):
    code = _code("Short code", "The six characters you were given in person or by phone.")


class NewPassphraseForm(PlainForm):
    """A passphrase that is to become somebody's, typed twice."""

    passphrase = _passphrase("Your new passphrase", "new-password", "At least 14 characters. Spaces count.")
    again = _passphrase("The same passphrase again", "new-password")

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or self.cleaned_data
        if "again" in cleaned and cleaned.get("passphrase") != cleaned["again"]:
            self.add_error("again", "The two passphrases are not the same. Please type the same one twice.")
        return cleaned


class BeginForm(NewPassphraseForm):
    """The passphrase of a new account, with the short code of the page before. `anew` only chooses the page's words."""

    code = forms.CharField(widget=forms.HiddenInput)
    anew = forms.BooleanField(required=False, widget=forms.HiddenInput)


class ChangeForm(NewPassphraseForm):
    """Another passphrase in the place of the one somebody has."""

    current_passphrase = _passphrase("Your passphrase until now", "current-password")
    field_order = ("current_passphrase", "passphrase", "again")


class FactorForm(PlainForm):
    code = _code("Six-digit code", "The newest code that the app or the mail shows.")


class RecoveryForm(PlainForm):
    """The recovery code, typed back from paper. A slip of the pen or the hand is named before anything is tried."""

    typed = forms.CharField(
        label="Your recovery code",
        help_text="All nine groups, as you wrote them down. Capital or small letters, with or without dashes.",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_typed(self) -> str:
        """Check the four characters at the end, which are computed from the others."""
        typed = str(self.cleaned_data["typed"])
        if not is_whole_code(typed):
            raise forms.ValidationError(_MISTYPED)
        return typed


class RecoverForm(RecoveryForm, NewPassphraseForm):
    """All that brings somebody back who forgot their passphrase."""

    address = forms.EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    code = _code("Second-factor code", "The six digits of your app, or a backup code.")
    field_order = ("address", "typed", "code", "passphrase", "again")


class NewAppForm(PlainForm):
    """What shows that the old second factor, or its stand-in, and the new one are in the same hands."""

    current_code = _code(
        "A code you can sign in with now", "From the old app, a backup code, or the code you were given."
    )
    code = _code("Six-digit code of the new app", "The newest one it shows.")


class InviteStaffForm(OnceForm):
    name = VisibleField(label="Name", max_length=100, help_text="As colleagues and clients will see it.")
    address = forms.EmailField(label="E-mail address")
    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=STAFF_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        help_text="One person may hold several.",
    )


class FingerprintForm(PlainForm):
    """The full hash behind the six words that were on the page."""

    fingerprint = forms.RegexField(r"^([0-9a-f]{2}){1,40}$", widget=forms.HiddenInput)

    def clean_fingerprint(self) -> bytes:
        """Return its bytes."""
        return bytes.fromhex(self.cleaned_data["fingerprint"])


class SettingsForm(PlainForm):
    """What a manager may set for the whole practice."""

    therapists_invite = forms.BooleanField(
        label="Therapists may invite their own clients",
        help_text="Otherwise only managers invite.",
        required=False,
    )
    hidden_clients = forms.BooleanField(
        label="Therapists may keep a client from managers",
        help_text="For colleagues, neighbours, the well-known. Managers then cannot help if the therapist is away.",
        required=False,
    )
    keep_years = forms.IntegerField(
        label="Years that a record is kept",
        help_text="Counted from the end of care or the last note, whichever is later. Counsel knows your law’s number.",
        min_value=KEEP_YEARS[0],
        max_value=KEEP_YEARS[1],
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    elsewhere_days = forms.IntegerField(
        label="Days that a signature given elsewhere counts",
        help_text="For clients you bring in from a list. Until then they sign your own text, at one of their sessions.",
        min_value=ELSEWHERE_DAYS[0],
        max_value=ELSEWHERE_DAYS[1],
        widget=forms.NumberInput(attrs={"class": "short"}),
    )
    phone = PhoneField(label="The practice’s phone", required=False)
    emergency_number = PhoneField(label="Emergency number", help_text="Shown on every form.")
    crisis_line = VisibleField(
        label="Somebody to talk to", max_length=80, help_text="A number and its hours, as clients will read it."
    )
