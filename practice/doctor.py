"""What an installation is missing, in words for somebody who has never run a server, and what to do about it."""

import ctypes
import shutil
import stat
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from access.roles import Role
from access.services.people import all_staff, is_set_up, staff_with
from audit.checks import installed_guards_problems
from consent.services.choosing import OwnText, own_text
from consent.services.publishing import TextAltered
from keys.checks import WHAT_TO_DO, retired_suites_problems
from keys.errors import KeyRefused
from keys.services import count_held, count_unsigned, recovery_plan, sign_as_practice
from practice.backups.ages import ages_at
from practice.checks import is_loopback
from practice.findings import Finding, Verdict, missing, ok
from practice.handshake import HYBRID_SERVERS, judge_handshake
from practice.paper.examining import examine_paper

_UNTIDY_AFTER = timedelta(days=2)
_ENOUGH_BYTES = 2 * 1024**3
_TIME_ERROR = 5  # what adjtimex(2) answers for a clock that nothing keeps right
_TIMEX_BYTES = 256  # struct timex has 208


def examine(*, at: datetime) -> list[Finding]:
    """Look at everything. What needs a practice is looked at once there is one."""
    found = [exam(at) for exam in _EXAMS]
    try:
        found += [_guards(), *(_practice(at) if is_set_up() else [_no_practice()])]
    except DatabaseError:
        found.append(missing("database", "The database does not answer, or its tables are not made yet.", _MIGRATE))
    return found


_MIGRATE = "For a new practice run `python manage.py setup`; after an update run `python manage.py migrate`."


def _debug(_: datetime) -> Finding:
    if settings.DEBUG:
        return missing("debug", "DEBUG is on: pages that fail show the inside.", "Remove DEBUG from the file .env.")
    return ok("debug", "Pages that fail show nothing of the inside.")


def _encryption(_: datetime) -> Finding:
    if settings.TLS:
        return ok("encryption", f"Pages are sent encrypted, at {settings.BASE_URL}.")
    says = "Pages are not encrypted on their way (TLS=0), so only this machine may open them."
    if not is_loopback(settings.BASE_URL):
        says = f"{settings.BASE_URL} leads to the network without encryption: the practice refuses to start."
    do = "Put a web server with a certificate in front, then set TLS=1, BEHIND_PROXY=1 and BASE_URL in .env."
    return missing("encryption", says, f"{do} Steps: docs/first-day.md, part 2.")


def _handshake(_: datetime) -> Finding:
    is_hybrid, says = judge_handshake()
    return ok("handshake", says) if is_hybrid else Finding("handshake", Verdict.NOTE, says, HYBRID_SERVERS)


def _address(_: datetime) -> Finding:
    host = urlsplit(settings.BASE_URL).hostname or ""
    if host in settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS or is_loopback(settings.BASE_URL):
        return ok("address", f"Links in invitations lead to {settings.BASE_URL}.")
    do = f"Add {host} to ALLOWED_HOSTS in .env."
    return missing("address", f"The practice does not answer at its own address {host}.", do)


def _mail(_: datetime) -> Finding:
    if settings.DEMO:
        says = f"The demo's mails lie as files in {settings.VAR_DIR}/demo/mail and go nowhere else."
        return Finding("mail", Verdict.NOTE, says, "Open them there, if you want to see what people would be sent.")
    if not settings.EMAIL_CONFIGURED:
        do = "Set EMAIL_URL and MAIL_FROM in .env. Until then show each invitation's link yourself: that works as well."
        return missing("mail", "No mail can be sent: no invitations, no codes.", do)
    if not settings.ADMINS:
        return missing("mail", "Mail works, but nobody is told when a page fails.", "Set ADMINS in .env to an address.")
    return ok("mail", "Mail is set up, and somebody is told when a page fails.")


def _clock(_: datetime) -> Finding:
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except AttributeError:
        return Finding("clock", Verdict.NOTE, "Whether the clock is kept right cannot be told here.", "Compare it.")
    if state == _TIME_ERROR:
        do = "Switch time synchronisation on: `timedatectl set-ntp true`."
        return missing("clock", "Nothing keeps the clock right. Six-digit codes fail when it drifts by a minute.", do)
    return ok("clock", "The clock is kept right.")


def _files(_: datetime) -> Finding:
    private = [settings.BASE_DIR / ".env", Path(settings.KEY_DIR), *Path(settings.KEY_DIR).glob("*")]
    open_to_others = [str(file) for file in private if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077]
    if open_to_others:
        do = f"Run `chmod go= {' '.join(open_to_others)}`."
        return missing("files", "Other users of this machine can read the secrets.", do)
    return ok("files", "The files with secrets are readable by their owner alone.")


def _space(_: datetime) -> Finding:
    free = shutil.disk_usage(settings.VAR_DIR).free
    if free < _ENOUGH_BYTES:
        do = "Make room on the disk. When it is full, nothing can be saved, and the log refuses to open records."
        return missing("disk", f"Only {free // 1024**2} MB are free.", do)
    return ok("disk", f"{free // 1024**3} GB are free.")


def _secrets(_: datetime) -> Finding:
    says = "PEPPER and SERVICE_KEY exist only in .env. Without them nobody signs in again, whatever a backup holds."
    do = (
        f"Copy .env and the folder {settings.KEY_DIR} onto a stick, and lock it away apart from the backups of the "
        "database."
    )
    return Finding("secrets", Verdict.NOTE, says, do)


_EXAMS: tuple[Callable[[datetime], Finding], ...] = (
    _debug,
    _encryption,
    _handshake,
    _address,
    _mail,
    _clock,
    _files,
    _space,
    examine_paper,
    _secrets,
)


def tables_are_old() -> bool:
    """Say whether the database lacks tables or columns that this version of the program needs."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _guards() -> Finding:
    if tables_are_old():
        return missing("database", "The tables are older than the program.", _MIGRATE)
    if problems := installed_guards_problems(connection):
        do = "Stop the practice, keep the newest backup aside, and ask somebody who knows the database."
        return missing("log guards", "The access log is not protected: " + " ".join(problems), do)
    return ok("log guards", "The database refuses to change or remove an entry of the access log.")


def _no_practice() -> Finding:
    return missing("practice", "There is no practice here yet.", "Run `python manage.py setup`.")


def _practice(at: datetime) -> Iterator[Finding]:
    yield _demo()
    yield _recovery()
    yield _practice_keys()
    yield _suites()
    yield _managers()
    yield from _readers()
    yield from _limits()
    yield _timer(at)
    yield _backup(at)
    yield _drill(at)
    yield _recovery_drill(at)
    if held := count_held():
        do = "Let a manager confirm what is right: `python manage.py confirm_restore`. Steps: docs/runbook.md."
        yield missing("restore", f"A restore brought back {held} accounts or grants that nobody has confirmed.", do)


def _suites() -> Finding:
    if problems := retired_suites_problems():
        return missing("methods", " ".join(problems), WHAT_TO_DO)
    return ok("methods", "Everything that was sealed opens with this version.")


def _demo() -> Finding:
    if settings.DEMO:
        return missing(
            "real practice",
            "This is the demo, with invented people.",
            "Never type anything about real people. See docs/first-day.md.",
        )
    return ok("real practice", "This is a real practice, not the demo.")


def _recovery() -> Finding:
    plan = recovery_plan()
    if plan is None or plan == (1, 1):
        do = "Set a practice up with `python manage.py setup`: it prints recovery codes for several people."
        says = "There is one recovery code at most: whoever has it opens everything, and nobody can once it is lost."
        return missing("recovery", says, do)
    count, needed = plan
    says = f"{needed} of {count} printed recovery codes open the records if all passphrases are lost."
    return Finding("recovery", Verdict.NOTE, says, "Look once a year that each sheet is still where you think it is.")


def _practice_keys() -> Finding:
    try:
        for name in ("record", "log"):
            sign_as_practice(name, b"doctor")
    except KeyRefused:
        do = f"Restore the folder {settings.KEY_DIR} and the .env of the same day from where you keep them."
        return missing("practice keys", "The practice's signing keys are missing or not its own.", do)
    return ok("practice keys", "The practice's signing keys are in place.")


def _readers() -> Iterator[Finding]:
    if unsigned := count_unsigned():
        says = f"Rows alone make somebody a reader ({unsigned} in all): nobody who could give that key signed it."
        do = "Somebody may have written into the database. The log of refusals names them once the keys are replaced."
        yield missing("readers", says, f"{do} `python manage.py who_can_read` shows them for one client.")


def _managers() -> Finding:
    if len(staff_with(Role.MANAGER)) > 1:
        return ok("managers", "More than one person can manage the practice.")
    says = "There is only one manager. If they are away or forget, nobody can invite or confirm anybody."
    verdict = Verdict.NOTE if len(all_staff()) == 1 else Verdict.MISSING
    return Finding("managers", verdict, says, "Invite somebody you trust as a second manager: they read no records.")


def _limits() -> Iterator[Finding]:
    try:
        yield _limits_of(own_text())
    except KeyRefused:
        # Nothing can be said of a text without the keys it was signed with; that they are missing is said already.
        return
    except TextAltered:
        do = "Restore the practice from a backup made before that. Steps: docs/runbook.md."
        yield missing("limits", "The published text of the limits was altered, so it opens for nobody.", do)


def _limits_of(text: OwnText) -> Finding:
    do = "Sign in as a manager, then People, Limits of confidentiality, Change your choices."
    if not text.is_chosen:
        says = "Clients read the text as it was shipped, which names no state."
        return Finding("limits", Verdict.NOTE, says, do)
    if text.review is None:
        says = "No lawyer has looked at your text of the limits; your staff see that beside each consent."
        return Finding("limits", Verdict.NOTE, says, do)
    return ok("limits", f"Your text of the limits was reviewed by {text.review.by}.")


def _timer(at: datetime) -> Finding:
    if Session.objects.filter(expire_date__lt=at - _UNTIDY_AFTER).exists():
        do = "Let a daily timer run `python manage.py clearsessions`. Steps: docs/first-day.md, part 3."
        return missing("timer", "Sessions that ended days ago still lie in the database: no timer tidies up.", do)
    return ok("timer", "Nothing is left over from sessions that ended.")


def _backup(at: datetime) -> Finding:
    ages = ages_at(at)
    if ages.backup_is_old:
        do = (
            "Set BACKUP_DIR in .env to a folder on another disk, and start the practice again: it makes one each night."
        )
        if settings.BACKUP_DIR:
            do = f"Run `python manage.py backup` and see what it says about {settings.BACKUP_DIR}."
        return missing("backup", _last("backup", ages.backup_at), f"{do} Steps: docs/runbook.md.")
    return ok("backup", "A backup was made within the last two days.")


def _drill(at: datetime) -> Finding:
    ages = ages_at(at)
    if ages.drill_is_old:
        do = "Run `python manage.py restore --drill`. Steps: docs/runbook.md."
        return Finding("drill", Verdict.NOTE, _last("restore drill", ages.drill_at), do)
    return ok("drill", "A restore was rehearsed within the last year.")


def _recovery_drill(at: datetime) -> Finding:
    ages = ages_at(at)
    if ages.recovery_is_old:
        do = "Bring the sheets together and run `python manage.py keys_drill`. Steps: docs/runbook.md."
        return Finding("recovery drill", Verdict.NOTE, _last("rehearsal with printed codes", ages.recovery_at), do)
    return ok("recovery drill", "The printed recovery codes were tried within the last year.")


def _last(thing: str, when: datetime | None) -> str:
    return (
        f"The last {thing} was on {when:%Y-%m-%d}." if when else f"There was never a {thing}, as far as the log knows."
    )
