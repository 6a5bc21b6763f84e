"""Mail: fixed texts, a neutral sender and subjects, no practice name, nothing about anybody."""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

# A mailbox shows sender and subject to whoever looks over a shoulder: true, and about nothing in particular.
_INVITATION_SUBJECT = "Your link"
_CODE_SUBJECT = "Your code"
_NOTICE_SUBJECT = "Your page"
_INVITATION = """Hello,

somebody you know made a page for you and gave you, or will give you, a short code of six characters. Open this link
when you have a quiet moment, and type that code:

{link}

The link works once and for seven days. It never asks for a password that you use elsewhere, and without the short
code it opens nothing. If nobody told you to expect this, please ignore it: nothing happens then.
"""
_CODE = """Hello,

your code is {code}.

Type it on the page where you asked for it. It works once, for ten minutes. Nobody will ever ask you for it by phone or
mail. If you did not ask for it, you can ignore this: without your passphrase it opens nothing.
"""
_NOTICE = """Hello,

the way into your page was changed just now: the passphrase, the recovery code, or the second step of signing in. If
that was you, there is nothing to do.

If it was not you, please call whoever gave you this page, today. Use the number you have, not one from a mail.
"""

# No address to click on: who is used to none is not led to a wrong one.
_NEWS = """Hello,

something changed on your page. When you have a quiet moment, open it as you always do and sign in to read it. There is
nothing to sign or to answer.
"""
_CUSTODY = """Hello,

somebody has noted on your page that you cannot act at the moment, so what you laid down for that day is under way.

If you read this and can act, open your page today as you always do, and sign in. That one sign-in stops it, and what
was given by then is taken back.
"""
_PASSED_ON = """Hello,

somebody has noted that you cannot act at the moment, so what only you looked after was put into other hands just now.

If you read this and can act, open your page today as you always do, and sign in to look. If nobody told you to expect
this, please call whoever gave you this page. Use the number you have, not one from a mail.
"""
_ASKED = """Hello,

somebody asks something of you on your page. When you have a quiet moment, open it as you always do and sign in to read
it. You may say no.
"""


def can_mail() -> bool:
    """Say whether a mail server is set up (the demo writes mail into a private folder)."""
    return bool(settings.DEMO or settings.EMAIL_CONFIGURED)


def invitation_link(token: str) -> str:
    """Write the address that an invitation opens at."""
    return str(settings.BASE_URL).rstrip("/") + reverse("access:open_invitation", args=[token])


def mail_invitation(address: str, token: str) -> bool:
    """Mail a link; the code never travels with it. Says whether it was sent."""
    return _send(address, _INVITATION_SUBJECT, _INVITATION.format(link=invitation_link(token)))


def mail_code(address: str, code: str) -> bool:
    """Mail a sign-in code. Says whether it was sent."""
    return _send(address, _CODE_SUBJECT, _CODE.format(code=code))


def mail_notice(address: str) -> bool:
    """Mail that the way into an account was changed, and no more. Says whether it was sent."""
    return _send(address, _NOTICE_SUBJECT, _NOTICE)


def mail_news(address: str) -> bool:
    """Mail that there is something to read behind the sign-in, and not what. Says whether it was sent."""
    return _send(address, _NOTICE_SUBJECT, _NEWS)


def mail_custody(address: str) -> bool:
    """Mail a therapist that others say they cannot act, and how to stop that. Says whether it was sent."""
    return _send(address, _NOTICE_SUBJECT, _CUSTODY)


def mail_passed_on(address: str) -> bool:
    """Mail a therapist that others say they are gone, and took over what was theirs. Says whether it was sent."""
    return _send(address, _NOTICE_SUBJECT, _PASSED_ON)


def mail_asked(address: str) -> bool:
    """Mail that somebody waits for an answer behind the sign-in, and not about what. Says whether it was sent."""
    return _send(address, _NOTICE_SUBJECT, _ASKED)


def _send(address: str, subject: str, text: str) -> bool:
    if not can_mail():
        return False
    try:
        return bool(send_mail(subject, text, None, [address]))
    except (SMTPException, OSError):
        # A practice without mail works: the inviter shows the link, and the page says that nothing was mailed.
        return False
