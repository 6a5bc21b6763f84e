"""One short sentence per act, for the access log; `audit.client_words` has those for the client's own page.

Each is a predicate in the past tense, so that it follows a name as well as "You".
"""

from collections.abc import Collection, Mapping

from audit.acts import Act, Outcome

NOTE = "notes.note"
PROCESS_NOTE = "notes.process_note"
ADDENDUM = "notes.addendum"
PROCESS_ADDENDUM = "notes.process_addendum"
# Past notes that were brought in together.
IMPORT = "notes.import"
# Among the parts that an entry names: signed long after the session.
LATE_ENTRY = "late_entry"
# What nobody but its author is shown.
OWN_NOTES = frozenset({PROCESS_NOTE, PROCESS_ADDENDUM})

_FOR_STAFF: Mapping[str, str] = {
    Act.SIGNED_IN: "signed in",
    Act.SIGNED_OUT: "signed out",
    Act.SIGN_IN_FAILED: "tried to sign in, with a wrong passphrase or code",
    Act.SIGN_IN_THROTTLED: "was told to wait after too many tries to sign in",
    Act.REOPENED: "came back with the passphrase",
    Act.REAUTHENTICATED: "gave the passphrase again",
    Act.ENROLLED: "finished setting up an account",
    Act.FACTOR_SET: "set up a second factor",
    Act.CODE_SENT: "asked for a code by e-mail",
    Act.RECOVERY_CODE_SET: "made a personal recovery code",
    Act.RECOVERY_CODE_PROVEN: "typed the personal recovery code, to show that it is still there",
    Act.RECOVERED: "came back with the personal recovery code and chose a new passphrase",
    Act.PASSPHRASE_CHANGED: "changed their passphrase",
    Act.PASSPHRASE_REFUSED: "was asked to choose another passphrase",
    Act.FACTOR_REMOVED: "removed a lost second factor",
    Act.BACKUP_CODES_SET: "made new backup codes",
    Act.ACCESS_REFUSED: "was refused a page",
    Act.PRACTICE_SET_UP: "set up the practice",
    Act.SETTING_CHANGED: "changed a setting of the practice",
    Act.STAFF_INVITED: "invited a colleague",
    Act.STAFF_CONFIRMED: "confirmed a colleague's identity",
    Act.STAFF_LEFT: "ended a colleague's account",
    Act.CLIENT_INVITED: "invited a client",
    Act.CLIENT_BROUGHT: "brought a client in from an earlier list",
    Act.CLIENT_LISTED: "looked through a list of clients",
    Act.CLIENT_READ: "opened a client's page",
    Act.CLIENT_CHANGED: "changed a client's contact details",
    Act.CLIENT_ENROLLED: "set up a client account",
    Act.CLIENT_INVITED_AGAIN: "invited a client to set up their account anew",
    Act.CLIENT_RETURNED: "set up a client account anew, with new keys",
    Act.CLIENT_IDENTITY_CONFIRMED: "confirmed who the client is",
    Act.CLIENT_RESTRICTED: "kept a client from managers",
    Act.CLIENT_UNRESTRICTED: "let managers know of a client again",
    Act.INVITATION_TRIED: "tried the short code of an invitation",
    Act.INVITATION_REFUSED: "was refused an invitation",
    Act.INVITATION_WITHDRAWN: "withdrew an invitation",
    Act.UNIT_MADE: "made a record for a couple, a family or a group",
    Act.UNIT_JOINED: "noted that somebody more comes to a couple, a family or a group",
    Act.UNIT_LEFT: "noted that somebody no longer comes to a couple, a family or a group",
    Act.CARE_STARTED: "put a client in the care of {therapist}",
    Act.CARE_ENDED: "ended a client's care by {therapist}",
    Act.CARE_HANDED_OVER: "handed a client over to {therapist}",
    Act.CARE_RECOVERED: "gave {therapist} the keys of a record, with the practice's printed codes",
    Act.THERAPY_ENDED: "ended a therapy with {therapist}, who keeps the record",
    Act.CARE_RESUMED: "took a client back into the care of {therapist}",
    Act.CARE_LETTER_READ: "read the practice's letters to them",
    Act.COVER_ARRANGED: "named {therapist} to cover for a client",
    Act.COVER_ENDED: "ended the cover by {therapist} for a client",
    Act.COVER_OPENED: "opened a record under cover, with a reason",
    Act.COVER_REASON_READ: "read why a record was opened under cover",
    Act.COVER_REVIEWED: "looked into the opening of a record under cover",
    Act.CUSTODY_NAMED: "named a custodian, for the day they cannot act",
    Act.CUSTODY_CHANGED: "changed what their custodian is to do",
    Act.CUSTODY_WITHDRAWN: "withdrew what they had laid down for the day they cannot act",
    Act.CUSTODY_ACCEPTED: "agreed to be a colleague's custodian",
    Act.CUSTODY_DECLINED: "would rather not be a colleague's custodian",
    Act.CUSTODY_LAPSED: "ended a custody, because one of the two left",
    Act.CUSTODY_WISHES_READ: "read what a therapist wants done on the day they cannot act",
    Act.CUSTODY_ASKED: "said that a therapist cannot act, and asked for a release to the custodian",
    Act.CUSTODY_REASON_READ: "read why a release to a custodian was asked for",
    Act.CUSTODY_CONFIRMED: "confirmed a release to a custodian, which began the waiting time",
    Act.CUSTODY_BEGUN: "began to give a custodian keys, with the practice's printed codes",
    Act.CUSTODY_CONTACTS_GIVEN: "gave a custodian the contact list, with the practice's printed codes",
    Act.CUSTODY_NOTES_GIVEN: "gave a custodian the keys of the notes, with the practice's printed codes",
    Act.CUSTODY_CONTACTS_READ: "read the contact list as custodian",
    Act.CUSTODY_STOPPED: "stopped a release to a custodian, and what was given was taken back",
    Act.SUPERVISION_NAMED: "named who supervises a therapist in training",
    Act.SUPERVISION_GIVEN: "let {therapist}, their supervisor, read a client's record",
    Act.SUPERVISION_TAKEN_BACK: "took the keys of a client's record back from a supervisor",
    Act.SUPERVISION_ENDED: "ended the supervision of a therapist, and the supervisor's keys were taken back",
    Act.KEEPING_REVIEWED: "looked through how long records are kept",
    Act.KEEPING_EXTENDED: "decided to keep a record longer",
    Act.HOLD_SET: "put a legal hold on a record",
    Act.HOLD_LIFTED: "lifted a legal hold from a record",
    Act.DESTRUCTION_DECIDED: "decided to destroy a record",
    Act.DESTRUCTION_UNDONE: "undid the decision to destroy a record",
    Act.DESTRUCTION_DONE: "destroyed a record",
    Act.VAULT_MADE: "made a sealed vault",
    Act.VAULT_ROTATED: "replaced the key of a sealed vault",
    Act.KEY_ACCEPTED: "met the next key of a vault, which a colleague had made",
    Act.KEY_REPLACED: "replaced their own pair of keys",
    Act.KEY_SHARED: "shared the key of a record with {therapist}",
    Act.KEY_EXPIRED: "removed keys whose time was over",
    Act.KEY_READERS_LISTED: "looked up who can open a record",
    Act.KEY_RECOVERY_CHOSEN: "chose whether the printed codes open their own process notes",
    Act.KEY_REFUSED: "met a key that nobody vouches for",
    Act.DRAFT_BEGUN: "began a draft of {note}",
    Act.DRAFT_OPENED: "opened a draft of {note}",
    Act.DRAFT_REDATED: "changed the date of a draft of {note}",
    Act.DRAFT_REFORMATTED: "changed the sections of a draft of {note}",
    Act.DRAFT_DISCARDED: "threw away a draft of {note}",
    Act.DRAFT_CARRIED: "took a draft of {note} to the right client",
    Act.FORMAT_WRITTEN: "wrote a format for notes",
    Act.FORMAT_WITHDRAWN: "withdrew a format for notes",
    Act.FORMAT_REFUSED: "was not allowed to change a format for notes",
    Act.DRAFT_LOOKED_BACK: "looked at earlier versions of a draft of {note}",
    Act.DRAFT_BROUGHT_BACK: "brought back an earlier version of a draft of {note}",
    Act.DRAFT_VERSIONS_EXPIRED: "removed versions of drafts whose time was over",
    Act.NOTE_LISTED: "looked through the dates of notes",
    Act.NOTE_WRITTEN: "signed {note}",
    Act.NOTE_AMENDED: "signed {note}",
    Act.NOTE_WITHDRAWN: "withdrew {note} that was written for the wrong client",
    Act.NOTE_PROVEN: "put {note} into a file with what proves its signature",
    Act.NOTE_CARRIED: "took the text of {note} that they had withdrawn, for the right client",
    Act.NOTE_READ: "read {note}",
    Act.NOTE_COSIGNED: "co-signed {note} of a therapist in training",
    Act.NOTE_CHANGES_ASKED: "asked a therapist in training for changes to {note}",
    Act.NOTE_SEARCHED: "searched the notes of clients",
    Act.NOTE_PRINTED: "put {note} on a page to print",
    Act.NOTE_COMPARED: "compared past notes with a file, to bring in none of it twice",
    Act.NOTE_IMPORTED: "brought in past notes that were written elsewhere",
    Act.NOTE_REFUSED: "was not allowed to write {note}",
    Act.OVERRIDE_OPENED: "gave an emergency reason to write before a signature",
    Act.OVERRIDE_READ: "read an emergency reason",
    Act.CONSENT_PUBLISHED: "published a version of the limits of confidentiality",
    Act.CONSENT_OPENED: "opened the limits of confidentiality",
    Act.CONSENT_SECTION_DONE: "finished one part of the limits of confidentiality",
    Act.CONSENT_ASKED: "asked a question about the limits of confidentiality",
    Act.CONSENT_ANSWERED: "answered a question about the limits of confidentiality",
    Act.CONSENT_SIGNED: "signed the limits of confidentiality",
    Act.CONSENT_DECLINED: "declined to sign the limits of confidentiality",
    Act.CONSENT_WITHDRAWN: "withdrew a consent",
    Act.CONSENT_REFUSED: "was refused a step of a consent",
    Act.CONSENT_DISCUSSED: "talked about what had stayed unclear",
    Act.CONSENT_READ: "read a signed consent",
    Act.CONSENT_ANSWERS_READ: "looked up what a client asked, or wants to talk about, if anything",
    Act.CONSENT_PAPER_ASKED: "asked for the limits of confidentiality on paper",
    Act.CONSENT_PAPER_DROPPED: "went back to the form on screen",
    Act.CONSENT_ELSEWHERE: "noted that a client had signed before, elsewhere",
    Act.CONSENT_TOGETHER: "found that everybody who comes together had signed the limits of confidentiality",
    Act.CONSENT_PRINTED: "put a signed consent on pages to print",
    Act.CONSENT_FORM_PRINTED: "put an empty form of the limits of confidentiality on pages to print",
    Act.MEASURE_ASKED: "asked a client to fill in a questionnaire",
    Act.MEASURE_TAKEN_BACK: "took a questionnaire back that a client had not begun",
    Act.MEASURE_OPENED: "went on with a questionnaire",
    Act.MEASURE_FINISHED: "finished a questionnaire",
    Act.MEASURE_CHECKED: "looked through new answers to questionnaires",
    Act.MEASURE_READ: "read the answers to a questionnaire",
    Act.MEASURE_CLOSED: "closed a questionnaire, with what was done about it",
    Act.MEASURE_REFUSED: "was refused a step with a questionnaire",
    Act.ATTACHMENT_LISTED: "looked through the names of the files in a record",
    Act.ATTACHMENT_ADDED: "attached a file to a record",
    Act.ATTACHMENT_READ: "opened a file in a record",
    Act.ATTACHMENT_REMOVED: "took a file out of a record that was attached in error",
    Act.ATTACHMENT_REFUSED: "was refused a step with a file in a record",
    Act.PLAN_WRITTEN: "wrote a treatment plan",
    Act.PLAN_READ: "read a treatment plan",
    Act.PLAN_LOOKED_BACK: "looked at what a treatment plan said before",
    Act.PLAN_REFUSED: "was refused a change of a treatment plan",
    Act.EXPORT_BEGUN: "began to put a client's record into a file",
    Act.EXPORT_DONE: "put a client's record into a file to hand out",
    Act.OWN_EXPORT_BEGUN: "began to put their own process notes about a client into a file",
    Act.OWN_EXPORT_DONE: "put their own process notes about a client into a file to hand out",
    Act.RECORD_PRINTED: "put a client's record on pages to print",
    Act.BACKUP_MADE: "made a backup",
    Act.BACKUP_RESTORED: "restored the practice from a backup",
    Act.BACKUP_DRILLED: "rehearsed a restore from a backup",
    Act.BACKUP_CONFIRMED: "let a key open again that a restore had brought back",
    Act.RECOVERY_DRILLED: "rehearsed the recovery with printed codes",
    Act.RECOVERY_INVITED: "sent a colleague the way to new keys",
    Act.RECOVERY_REFUSED: "tried to renew keys, with printed codes that were not right",
    Act.RECOVERY_BEGUN: "began to renew a colleague's keys with the practice's printed codes",
    Act.RECORDS_RECOVERY_BEGUN: "began to pass on the keys of records with the practice's printed codes",
    Act.RECOVERY_REPRINTED: "printed new recovery codes of the practice, which ended the old ones",
    Act.RECOVERY_DONE: "renewed a colleague's keys with the practice's printed codes",
    Act.LOG_VIEWED: "looked at the access log",
    Act.LOG_VIEWED_OWN: "looked up who opened their own record",
}

_OUTCOMES: Mapping[str, str] = {
    Outcome.OK: "",
    Outcome.DENIED: "refused",
    Outcome.ERROR: "failed",
    Outcome.PARTIAL: "done in part",
}


def staff_sentence(action: str, target_type: str = "", *, therapist: str = "a therapist") -> str:
    """Say what happened, for the access log; an act this version does not know is named as such.

    :param therapist: whose care or key it was about, by name where the page can look it up
    """
    if action not in _FOR_STAFF:
        return f"did something this version does not know ({action})"
    note = called(target_type, "a progress note", own="a process note")
    return _FOR_STAFF[action].format(note=note, therapist=therapist)


def with_lateness(sentence: str, fields: Collection[str]) -> str:
    """Go on with a sentence to say that it was done late, where the entry names that."""
    return f"{sentence}, as a late entry" if LATE_ENTRY in fields else sentence


def called(target_type: str, note: str, *, own: str) -> str:
    """Name what an entry is about: a note, one of its author's own, or an addendum to either.

    :param note: how a progress note is called
    :param own: how a process note is called
    """
    called = own if target_type in OWN_NOTES else note
    return f"an addendum to {called}" if target_type in (ADDENDUM, PROCESS_ADDENDUM) else called


def outcome_word(outcome: str) -> str:
    """Give the word beside an act that did not simply succeed, and nothing for one that did.

    An outcome this version does not know, as an altered row may have, is its own word.
    """
    return _OUTCOMES.get(outcome, outcome)
