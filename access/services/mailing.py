"""Mail: fixed texts, a neutral sender and subject, no practice name, nothing about anybody."""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse

_SUBJECT = "You have a new document"
_INVITATION = """Hello,

there is a document for you. You can open it here, together with the short code you were given:

{link}

The link works once and for seven days. If you did not expect this, you can ignore it.
"""
_CODE = """Hello,

your code is {code}. It works once, for ten minutes.

If you did not ask for it, you can ignore this.
"""


def can_mail() -> bool:
    """Say whether a mail server is set up (the demo writes mail into a private folder)."""
    return bool(settings.DEMO or settings.EMAIL_CONFIGURED)


def invitation_link(token: str) -> str:
    """Write the address that an invitation opens at."""
    return str(settings.BASE_URL).rstrip("/") + reverse("access:open_invitation", args=[token])


def mail_invitation(address: str, token: str) -> bool:
    """Mail a link; the code never travels with it. Says whether it was sent."""
    return _send(address, _INVITATION.format(link=invitation_link(token)))


def mail_code(address: str, code: str) -> bool:
    """Mail a sign-in code. Says whether it was sent."""
    return _send(address, _CODE.format(code=code))


def _send(address: str, text: str) -> bool:
    if not can_mail():
        return False
    try:
        return bool(send_mail(_SUBJECT, text, None, [address]))
    except (SMTPException, OSError):
        # A practice without mail works: the inviter shows the link, and the page says that nothing was mailed.
        return False
