"""One short sentence per act, for the client's own page; `audit.words` has those for the access log.

A sentence that is absent means that the act is not shown on the client's page: it is either not about the client, or
the client's own key press on the way to something that is shown.
"""

from collections.abc import Mapping

from audit.acts import Act
from audit.words import called

_FOR_CLIENT: Mapping[str, str] = {
    Act.CLIENT_INVITED: "sent your invitation",
    Act.CLIENT_BROUGHT: "entered you from the practice's earlier list",
    Act.CLIENT_LISTED: "saw your name in a list of clients",
    Act.CLIENT_READ: "opened your page",
    Act.CLIENT_CHANGED: "changed your contact details",
    Act.CLIENT_ENROLLED: "set up your account",
    Act.CLIENT_INVITED_AGAIN: "sent you a link to set up your account anew",
    Act.CLIENT_RETURNED: "set up your account anew",
    Act.CLIENT_IDENTITY_CONFIRMED: "confirmed that this account is yours",
    Act.CLIENT_RESTRICTED: "kept your record from the managers of the practice",
    Act.CLIENT_UNRESTRICTED: "let the managers of the practice know of your record again",
    Act.INVITATION_WITHDRAWN: "withdrew your invitation",
    Act.UNIT_MADE: "began this record for all of you together",
    Act.UNIT_JOINED: "noted that somebody more comes",
    Act.UNIT_LEFT: "noted that somebody no longer comes",
    Act.CARE_STARTED: "arranged that {therapist} looks after you",
    Act.CARE_ENDED: "noted that {therapist} no longer looks after you",
    Act.CARE_RECOVERED: "gave {therapist} a key to your record, with the practice's printed codes",
    Act.CARE_HANDED_OVER: "passed your care on to {therapist}",
    Act.THERAPY_ENDED: "noted that your therapy with {therapist} is over, who keeps your record",
    Act.CARE_RESUMED: "noted that {therapist} looks after you again",
    Act.COVER_ARRANGED: "arranged that {therapist} may open your record in an emergency, for a time",
    Act.COVER_ENDED: "arranged that {therapist} can no longer open your record in an emergency",
    Act.COVER_OPENED: "opened your record, with a reason",
    Act.COVER_REASON_READ: "read why your record was opened",
    Act.COVER_REVIEWED: "looked into the opening of your record",
    Act.CUSTODY_CONTACTS_GIVEN: "let the colleague whom your therapist chose for this see how to reach you",
    Act.CUSTODY_NOTES_GIVEN: "let the colleague whom your therapist chose for this read your notes",
    Act.CUSTODY_CONTACTS_READ: "looked up how to reach you",
    Act.CUSTODY_STOPPED: "took back what the colleague whom your therapist chose could open",
    Act.SUPERVISION_GIVEN: "let {therapist}, their supervisor, read your notes",
    Act.SUPERVISION_TAKEN_BACK: "took the keys of your record back from your therapist's supervisor",
    Act.SUPERVISION_ENDED: "arranged that your therapist's supervisor can no longer read your notes",
    Act.KEEPING_REVIEWED: "looked up how long your record is kept",
    Act.KEEPING_EXTENDED: "decided to keep your record longer",
    Act.HOLD_SET: "noted a legal reason to keep your record",
    Act.HOLD_LIFTED: "noted that a legal reason to keep your record is over",
    Act.DESTRUCTION_DECIDED: "decided that your record will be destroyed, because its time is over",
    Act.DESTRUCTION_UNDONE: "decided that your record will not be destroyed after all",
    Act.VAULT_MADE: "set up the locked place where your record is kept",
    Act.VAULT_ROTATED: "put a new lock on a part of your record",
    Act.KEY_SHARED: "passed on a key to your record, for {therapist}",
    Act.KEY_READERS_LISTED: "looked up who can open your record",
    Act.KEY_REFUSED: "was stopped by a key to your record that nobody vouches for",
    Act.DRAFT_BEGUN: "began to write {note}",
    Act.DRAFT_OPENED: "went on writing {note}",
    Act.DRAFT_REDATED: "changed the date of a draft of {note}",
    Act.DRAFT_REFORMATTED: "changed the sections of an unfinished draft of {note}",
    Act.DRAFT_DISCARDED: "threw away an unfinished draft of {note}",
    Act.DRAFT_CARRIED: "took away a draft of {note}, because it had been begun for somebody else",
    Act.DRAFT_LOOKED_BACK: "looked at what an unfinished draft of {note} said before",
    Act.DRAFT_BROUGHT_BACK: "brought back what an unfinished draft of {note} said before",
    Act.NOTE_LISTED: "looked through the dates of your notes",
    Act.NOTE_WRITTEN: "signed {note}",
    Act.NOTE_AMENDED: "signed {note}",
    Act.NOTE_WITHDRAWN: "withdrew {note}, because it had been written for somebody else",
    Act.NOTE_PROVEN: "put {note} into a file with what proves its signature",
    Act.NOTE_CARRIED: "opened {note} once more, which had been written for somebody else",
    Act.NOTE_READ: "read {note}",
    Act.NOTE_PRINTED: "put {note} on a page to print",
    Act.NOTE_COSIGNED: "co-signed {note}",
    Act.NOTE_CHANGES_ASKED: "asked your therapist for changes to {note}",
    Act.NOTE_SEARCHED: "searched the notes of clients, yours among them",
    Act.NOTE_COMPARED: "compared past notes about you with a file, to bring in none of it twice",
    Act.NOTE_IMPORTED: "brought in past notes about you that were written elsewhere",
    Act.OVERRIDE_OPENED: "gave an emergency reason to write before you had signed",
    Act.OVERRIDE_READ: "read why writing could not wait for your signature",
    Act.CONSENT_OPENED: "opened the limits of confidentiality",
    Act.CONSENT_ASKED: "asked a question about the limits of confidentiality",
    Act.CONSENT_ANSWERED: "answered your question about the limits of confidentiality",
    Act.CONSENT_SIGNED: "signed the limits of confidentiality",
    Act.CONSENT_DECLINED: "declined to sign the limits of confidentiality",
    Act.CONSENT_WITHDRAWN: "withdrew a consent",
    Act.CONSENT_DISCUSSED: "noted that you talked about what had stayed unclear",
    Act.CONSENT_READ: "read your signed consent",
    Act.CONSENT_ANSWERS_READ: "looked up what you asked, or want to talk about, if anything",
    Act.CONSENT_PAPER_ASKED: "asked for the limits of confidentiality on paper",
    Act.CONSENT_PAPER_DROPPED: "went back to the form on screen",
    Act.CONSENT_ELSEWHERE: "noted that you had signed before, elsewhere",
    Act.CONSENT_TOGETHER: "found that all of you had signed the limits of confidentiality",
    Act.CONSENT_PRINTED: "put your signed consent on pages to print",
    Act.CONSENT_FORM_PRINTED: "put an empty form of the limits of confidentiality on pages to print",
    Act.MEASURE_ASKED: "asked you to fill in a questionnaire",
    Act.MEASURE_TAKEN_BACK: "took a questionnaire back that you had not begun",
    Act.MEASURE_FINISHED: "finished one of your questionnaires",
    Act.MEASURE_CHECKED: "looked through your new answers to questionnaires",
    Act.MEASURE_READ: "read your answers to a questionnaire",
    Act.MEASURE_CLOSED: "noted what was done about one of your questionnaires",
    Act.ATTACHMENT_LISTED: "looked through the names of the files in your record",
    Act.ATTACHMENT_ADDED: "attached a file to your record",
    Act.ATTACHMENT_READ: "opened a file in your record",
    Act.ATTACHMENT_REMOVED: "took a file out of your record that was attached in error",
    Act.PLAN_WRITTEN: "wrote down the plan for your treatment",
    Act.PLAN_READ: "read the plan for your treatment",
    Act.PLAN_LOOKED_BACK: "looked at what the plan for your treatment said before",
    Act.EXPORT_BEGUN: "began to put your record into a file",
    Act.EXPORT_DONE: "put your record into a file to hand out",
    Act.OWN_EXPORT_BEGUN: "began to put notes of their own, which are not part of your record, into a file",
    Act.OWN_EXPORT_DONE: "put notes of their own, which are not part of your record, into a file to hand out",
    Act.RECORD_PRINTED: "put your record on pages to print",
    Act.RECOVERY_DONE: "gave new keys to your record to somebody who had lost theirs",
    Act.LOG_VIEWED_OWN: "looked up who opened your record",
}

SHOWN_TO_CLIENT = frozenset(_FOR_CLIENT)


def client_sentence(action: str, target_type: str = "", *, therapist: str = "a therapist") -> str:
    """Say what happened, for the client whom it is about.

    :param therapist: whose care or key it was about, by name where the page can look it up
    :raises KeyError: the act is not one that clients are shown
    """
    return _FOR_CLIENT[action].format(note=_clients_note(target_type), therapist=therapist)


def client_writing(target_type: str) -> str:
    """Say for the client that a note was written, whatever steps it took."""
    return f"wrote {_clients_note(target_type)}"


def _clients_note(target_type: str) -> str:
    # A process note is its author's own, kept apart from the record (45 CFR 164.501, psychotherapy notes).
    return called(target_type, "one of your notes", own="a note for themselves, which is not part of your record")
