"""What can happen, as the log names it: `thing:done`. The list is closed."""

from enum import StrEnum


class Act(StrEnum):
    """Everything that leaves an entry."""

    SIGNED_IN = "auth:signed_in"
    SIGNED_OUT = "auth:signed_out"
    SIGN_IN_FAILED = "auth:failed"
    SIGN_IN_THROTTLED = "auth:throttled"
    REOPENED = "auth:reopened"
    REAUTHENTICATED = "auth:reauthenticated"
    ENROLLED = "auth:enrolled"
    FACTOR_SET = "auth:factor_set"
    CODE_SENT = "auth:code_sent"
    RECOVERY_CODE_SET = "auth:recovery_code_set"
    RECOVERY_CODE_PROVEN = "auth:recovery_code_proven"
    RECOVERED = "auth:recovered"
    PASSPHRASE_CHANGED = "auth:passphrase_changed"  # noqa: S105 (the name of an act)
    PASSPHRASE_REFUSED = "auth:passphrase_refused"  # noqa: S105 (the name of an act)
    FACTOR_REMOVED = "auth:factor_removed"
    BACKUP_CODES_SET = "auth:backup_codes_set"

    ACCESS_REFUSED = "access:refused"

    PRACTICE_SET_UP = "practice:set_up"
    SETTING_CHANGED = "setting:changed"
    STAFF_INVITED = "staff:invited"
    STAFF_CONFIRMED = "staff:confirmed"
    STAFF_LEFT = "staff:left"

    CLIENT_INVITED = "client:invited"
    CLIENT_LISTED = "client:listed"
    CLIENT_READ = "client:read"
    CLIENT_CHANGED = "client:changed"
    CLIENT_ENROLLED = "client:enrolled"
    CLIENT_INVITED_AGAIN = "client:invited_again"
    CLIENT_RETURNED = "client:returned"
    CLIENT_IDENTITY_CONFIRMED = "client:identity_confirmed"
    CLIENT_RESTRICTED = "client:restricted"
    CLIENT_UNRESTRICTED = "client:unrestricted"
    INVITATION_TRIED = "invitation:tried"
    INVITATION_REFUSED = "invitation:refused"
    INVITATION_WITHDRAWN = "invitation:withdrawn"
    CARE_STARTED = "care:started"
    CARE_ENDED = "care:ended"
    CARE_HANDED_OVER = "care:handed_over"
    CARE_RECOVERED = "care:recovered"
    CARE_LETTER_READ = "care:letter_read"

    COVER_ARRANGED = "cover:arranged"
    COVER_ENDED = "cover:ended"
    COVER_OPENED = "cover:opened"
    COVER_REASON_READ = "cover:reason_read"
    COVER_REVIEWED = "cover:reviewed"

    KEEPING_REVIEWED = "keeping:reviewed"
    KEEPING_EXTENDED = "keeping:extended"
    HOLD_SET = "hold:set"
    HOLD_LIFTED = "hold:lifted"
    DESTRUCTION_DECIDED = "destruction:decided"
    DESTRUCTION_UNDONE = "destruction:undone"
    DESTRUCTION_DONE = "destruction:done"

    VAULT_MADE = "vault:made"
    VAULT_ROTATED = "vault:rotated"
    KEY_ACCEPTED = "key:accepted"
    KEY_REPLACED = "key:replaced"
    KEY_SHARED = "key:shared"
    KEY_EXPIRED = "key:expired"
    KEY_READERS_LISTED = "key:readers_listed"
    KEY_RECOVERY_CHOSEN = "key:recovery_chosen"
    KEY_REFUSED = "key:refused"

    DRAFT_BEGUN = "draft:begun"
    DRAFT_OPENED = "draft:opened"
    DRAFT_REDATED = "draft:redated"
    DRAFT_DISCARDED = "draft:discarded"
    NOTE_LISTED = "note:listed"
    NOTE_WRITTEN = "note:written"
    NOTE_READ = "note:read"
    NOTE_REFUSED = "note:refused"
    OVERRIDE_OPENED = "override:opened"
    OVERRIDE_READ = "override:read"

    CONSENT_PUBLISHED = "consent:published"
    CONSENT_OPENED = "consent:opened"
    CONSENT_SECTION_DONE = "consent:section_done"
    CONSENT_ASKED = "consent:asked"
    CONSENT_ANSWERED = "consent:answered"
    CONSENT_SIGNED = "consent:signed"
    CONSENT_DECLINED = "consent:declined"
    CONSENT_WITHDRAWN = "consent:withdrawn"
    CONSENT_REFUSED = "consent:refused"
    CONSENT_DISCUSSED = "consent:discussed"
    CONSENT_READ = "consent:read"
    CONSENT_ANSWERS_READ = "consent:answers_read"
    CONSENT_PAPER_ASKED = "consent:paper_asked"
    CONSENT_PAPER_DROPPED = "consent:paper_dropped"

    BACKUP_MADE = "backup:made"
    BACKUP_RESTORED = "backup:restored"
    BACKUP_DRILLED = "backup:drilled"
    BACKUP_CONFIRMED = "backup:confirmed"

    RECOVERY_DRILLED = "recovery:drilled"
    RECOVERY_INVITED = "recovery:invited"
    RECOVERY_REFUSED = "recovery:refused"
    RECOVERY_BEGUN = "recovery:begun"
    RECOVERY_DONE = "recovery:done"
    RECORDS_RECOVERY_BEGUN = "recovery:records_begun"
    RECOVERY_REPRINTED = "recovery:reprinted"

    LOG_VIEWED = "log:viewed"
    LOG_VIEWED_OWN = "log:viewed_own"


class Outcome(StrEnum):
    """How the act ended."""

    OK = "ok"
    DENIED = "denied"
    ERROR = "error"
    PARTIAL = "partial"


class Purpose(StrEnum):
    """Why health information was used: codes of HL7's PurposeOfUse value set."""

    TREATMENT = "TREAT"
    EMERGENCY_TREATMENT = "ETREAT"
    OPERATIONS = "HOPERAT"
    ADMINISTRATION = "HSYSADMIN"
    CLIENT_REQUEST = "PATRQT"


class Ground(StrEnum):
    """What allowed the act, as the gate saw it at the time."""

    CARE = "care"
    OWN_RECORD = "own_record"
    ROLE = "role"
    INVITATION = "invitation"
    CONSENT = "consent"
    OVERRIDE = "override"
    COVER = "cover"
