"""Each step of a set-up: what it asks for, and what must be right before the next one."""

from dataclasses import replace
from datetime import datetime

from access.acting import Refusal
from access.services.first_run import Ceremony, keep_progress, open_set_up, use_up
from access.services.passphrases import Chosen, check_passphrase_strength
from keys.errors import CodesRefused
from keys.services import open_identity, open_with_recovery_code, open_with_recovery_codes, read_code
from practice.cast import Foundation, found_prepared
from practice.first_run.progress import Progress
from practice.setting_up import Sheet, all_or_nothing, write_sheet


class NotTheAppsCode(Refusal):
    """The app and this page do not share a seed, or its clock is wrong."""

    message = "That is not what the app shows now. Codes change every 30 seconds: please type the newest one."


class NotTheRecoveryCode(Refusal):
    """A whole code, and another one."""

    message = "That is not the code that was shown. Please compare it with what you wrote down."


class Step:
    """One request of the browser that the set-up belongs to."""

    def __init__(self, *, cookie: str, at: datetime) -> None:
        """Open what the set-up has come to.

        :raises NotYours: see :func:`open_set_up`
        """
        self.ceremony: Ceremony = open_set_up(cookie=cookie, at=at)
        self.progress = Progress.from_bytes(self.ceremony.progress)
        self.at = at

    def keep(self, progress: Progress) -> None:
        """Seal what it has come to now."""
        keep_progress(self.ceremony, progress.to_bytes())
        self.progress = progress


def choose_passphrase(step: Step, passphrase: str) -> None:
    """Derive the keys of a passphrase and keep these; the passphrase itself is forgotten with this request.

    :raises PassphraseTooWeak: see :func:`check_passphrase_strength`
    """
    progress = step.progress
    check_passphrase_strength(passphrase, about=(progress.practice_name, progress.name, progress.address))
    step.keep(progress.with_passphrase(Chosen.derive(passphrase)))


def confirm_app(step: Step, code: str) -> None:
    """Take the first code of the authenticator app.

    :raises NotTheAppsCode: it is not
    """
    used = step.progress.app.find_step(code.strip(), after=step.progress.app_step)
    if used is None:
        raise NotTheAppsCode
    step.keep(replace(step.progress, app_step=used))


def retype_recovery_code(step: Step, typed: str) -> None:
    """Take the recovery code back from paper.

    :raises NotTheRecoveryCode: it is not the one that was shown
    """
    if read_code(typed) != read_code(step.progress.recovery_code):
        raise NotTheRecoveryCode
    step.keep(replace(step.progress, recovery_code_typed=True))


def finish(step: Step, typed: dict[int, str]) -> Sheet:
    """Found the practice, if the typed codes open it. Before this nothing of it is in any table.

    :param typed: codes of sheets, by their numbers
    :raises CodesRefused: they do not open what was sealed under them; nothing was kept
    :raises CannotSetUp: see :func:`all_or_nothing`
    :raises NotYours: it was finished or ended meanwhile
    """
    progress = step.progress
    with all_or_nothing():
        use_up(step.ceremony)
        foundation = found_prepared(
            practice_name=progress.practice_name,
            person=progress.person,
            codes=list(progress.codes),
            needed=progress.needed,
            at=step.at,
        )
        _require_all_opens(foundation, progress, typed)
        return write_sheet(progress.practice_name, foundation)


def _require_all_opens(foundation: Foundation, progress: Progress, typed: dict[int, str]) -> None:
    """Open the new keys in each of the three ways: what does not open now never will."""
    holder, keys = foundation.first.user.pk, foundation.first.keys
    if open_with_recovery_codes(typed).root_id != keys.root_id:
        raise CodesRefused("These codes open something else. Please look at the sheets once more.")
    open_with_recovery_code(holder=holder, code=progress.recovery_code)
    open_identity(holder=holder, kek=progress.person.chosen.kek)
