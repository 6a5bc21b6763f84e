"""The one table of who may open what: view, roles, record, freshness. No row, no page.

`record` names the kind of thing in the address that the asker must hold; the services behind the view enforce it
(lock 2), and the access matrix tries every such row as somebody who does not hold it.
"""

from dataclasses import dataclass
from enum import StrEnum

from access.roles import Role
from attachments.kinds import LARGEST as LARGEST_FILE

# In bytes: some thousand rows, far more than are taken at a time. It comes back with the preview as a form's text.
LARGEST_LIST = 262_144
# In bytes, of all files together: a thousand notes with their letterheads, in a ZIP.
LARGEST_PAST = 8_388_608
# As many files as a browser sends at once from a folder; of more, a ZIP is made.
MOST_FILES = 400


class Record(StrEnum):
    """What an address may name."""

    CLIENT = "client"  # in my care, or mine to manage, or myself
    NOTE = "note"  # of a client in my care
    DRAFT = "draft"  # my own
    PERSON = "person"  # somebody on the staff
    ENTRY = "entry"  # of the log
    TOMBSTONE = "tombstone"  # of a record that was destroyed
    WILL = "will"  # that names me as custodian


@dataclass(frozen=True)
class Row:
    """One line of the table. An asker who holds several of the roles acts in the first one listed."""

    roles: tuple[Role, ...]
    record: Record | None = None
    fresh: bool = False
    # Open to everybody who comes with the code, but only while this installation has no practice; then to nobody.
    first_run: bool = False
    # The bytes that the page takes in files, and how many of them; most take none, see `practice.uploads`.
    upload: int = 0
    files: int = 1
    # Sealed while it comes in, and kept in no memory whole.
    seals_upload: bool = False

    @property
    def is_public(self) -> bool:
        return not self.roles


PUBLIC = Row(())
_FIRST_RUN = Row((), first_run=True)
_THERAPIST = Role.THERAPIST
_MANAGER = Role.MANAGER
_AUDITOR = Role.AUDITOR
_CLIENT = Role.CLIENT
_EVERYBODY = (_THERAPIST, _MANAGER, _AUDITOR, _CLIENT, Role.WAITING, Role.ENROLLING, Role.RETURNING)
_STAFF = (_THERAPIST, _MANAGER, _AUDITOR)

POLICY: dict[str, Row] = {
    # Getting in and out
    "practice:home": Row(_EVERYBODY),
    "practice:healthz": PUBLIC,
    "practice:favicon": PUBLIC,
    "practice:again": PUBLIC,
    "access:sign_in": PUBLIC,
    "access:send_code": PUBLIC,
    "access:signed_out": PUBLIC,
    "access:leave": PUBLIC,
    "access:find_help": PUBLIC,
    "access:find_way_back": PUBLIC,
    "access:recover": PUBLIC,
    "access:sign_out": PUBLIC,
    "access:status": Row(_EVERYBODY),
    "access:stay": Row(_EVERYBODY),
    # Setting a new practice up
    "practice:begin_set_up": _FIRST_RUN,
    "practice:set_up_names": _FIRST_RUN,
    "practice:set_up_passphrase": _FIRST_RUN,
    "practice:set_up_app": _FIRST_RUN,
    "practice:set_up_code": _FIRST_RUN,
    "practice:retype_set_up_code": _FIRST_RUN,
    "practice:set_up_sheets": _FIRST_RUN,
    "practice:print_set_up_sheets": _FIRST_RUN,
    "practice:finish_set_up": _FIRST_RUN,
    "practice:stop_set_up": _FIRST_RUN,
    # Enrolling
    "access:open_invitation": PUBLIC,
    "access:choose_passphrase": PUBLIC,
    "access:make_keys": PUBLIC,
    "access:prove_keys": PUBLIC,
    "access:set_factor": Row((Role.ENROLLING,)),
    "access:keep_recovery_code": Row((Role.ENROLLING,)),
    # Who is a step further already, by a form sent twice, is led on.
    "access:retype_recovery_code": Row((Role.ENROLLING, Role.WAITING)),
    "clients:set_factor": Row((Role.ENROLLING, _CLIENT)),
    "clients:mail_code": Row((Role.ENROLLING,)),
    "access:wait": Row((Role.WAITING,)),
    # People
    "access:browse_staff": Row((_MANAGER,)),
    "access:set_practice": Row((_MANAGER,), fresh=True),
    "access:invite_staff": Row((_MANAGER,), fresh=True),
    "access:withdraw_invitation": Row((_MANAGER,), record=Record.PERSON),
    "access:read_account": Row((_THERAPIST, _MANAGER, _AUDITOR, _CLIENT)),
    "access:change_passphrase": Row((_THERAPIST, _MANAGER, _AUDITOR, _CLIENT)),
    "access:replace_keys": Row((*_STAFF, _CLIENT)),
    # Setting up anew what was lost: the codes, and the second factor. Who has come back can do nothing else first.
    "access:prove_recovery_code": Row((*_STAFF, Role.RETURNING)),
    "access:renew_recovery_code": Row((*_STAFF, Role.RETURNING), fresh=True),
    "access:begin_app": Row((*_STAFF, _CLIENT, Role.RETURNING), fresh=True),
    "access:change_app": Row((*_STAFF, _CLIENT, Role.RETURNING), fresh=True),
    "access:print_backup_codes": Row(_STAFF, fresh=True),
    "access:remove_factor": Row((_MANAGER,), record=Record.PERSON, fresh=True),
    "access:sign_out_elsewhere": Row((_THERAPIST, _MANAGER, _AUDITOR, _CLIENT)),
    "practice:recover": Row((_MANAGER,), record=Record.PERSON, fresh=True),
    "practice:recover_care": Row((_MANAGER,), fresh=True),
    "practice:recover_restricted": Row((_MANAGER,), record=Record.PERSON, fresh=True),
    "practice:invite_back": Row((_MANAGER,), record=Record.PERSON, fresh=True),
    "clients:confirm_staff": Row((_MANAGER,), record=Record.PERSON, fresh=True),
    "clients:end_account": Row((_MANAGER,), record=Record.PERSON, fresh=True),
    # Clients: who they are and whose care they are in
    "clients:browse": Row((_MANAGER, _THERAPIST)),
    "clients:invite": Row((_MANAGER, _THERAPIST)),
    "clients:read": Row((_MANAGER, _THERAPIST), record=Record.CLIENT),
    "clients:correct": Row((_MANAGER, _THERAPIST), record=Record.CLIENT),
    "clients:withdraw_invitation": Row((_MANAGER, _THERAPIST), record=Record.CLIENT),
    "clients:renew_invitation": Row((_MANAGER, _THERAPIST), record=Record.CLIENT),
    "clients:invite_again": Row((_MANAGER, _THERAPIST), record=Record.CLIENT, fresh=True),
    "clients:start_care": Row((_MANAGER,), record=Record.CLIENT),
    "clients:end_care": Row((_MANAGER, _THERAPIST), record=Record.CLIENT, fresh=True),
    # Once a therapy is over, its last therapist keeps the record, and nobody else comes to it.
    "notes:end_therapy": Row((_THERAPIST,), record=Record.CLIENT, fresh=True),
    "clients:browse_ended": Row((_THERAPIST,)),
    "notes:browse_ended": Row((_THERAPIST,), record=Record.CLIENT),
    "clients:resume_care": Row((_THERAPIST,), record=Record.CLIENT),
    "clients:browse_readers": Row((_MANAGER, _THERAPIST), record=Record.CLIENT),
    # Only who holds a key passes it on, and managers hold none of a record by their role.
    "clients:share": Row((_THERAPIST,), record=Record.CLIENT, fresh=True),
    "clients:choose_recovery": Row((_THERAPIST,), record=Record.CLIENT, fresh=True),
    "clients:hand_over": Row((_THERAPIST,), record=Record.CLIENT, fresh=True),
    "clients:hand_over_caseload": Row((_THERAPIST,), fresh=True),
    "clients:move_caseload": Row((_MANAGER,), record=Record.PERSON, fresh=True),
    "clients:confirm_identity": Row((_THERAPIST,), record=Record.CLIENT),
    "clients:confirm_new_keys": Row((_THERAPIST,), record=Record.CLIENT),
    # Kept from managers, so not theirs; and a log of what managers and auditors are not shown
    "clients:restrict": Row((_THERAPIST,), record=Record.CLIENT, fresh=True),
    "clients:lift_restriction": Row((_THERAPIST,), record=Record.CLIENT, fresh=True),
    "practice:browse_record_log": Row((_THERAPIST,), record=Record.CLIENT),
    # Couples, families and groups, of one's own clients
    "clients:make_unit": Row((_THERAPIST,)),
    "clients:add_member": Row((_THERAPIST,), record=Record.CLIENT),
    "clients:remove_member": Row((_THERAPIST,), record=Record.CLIENT),
    "consent:browse_members": Row((_THERAPIST,), record=Record.CLIENT),
    # Cover: who may open a record while its therapist is away, and each time that somebody does
    "clients:arrange_cover": Row((_THERAPIST,), fresh=True),
    "clients:end_cover": Row((_THERAPIST,), record=Record.CLIENT),
    "clients:browse_cover": Row((_THERAPIST,)),
    "clients:open_cover": Row((_THERAPIST,), record=Record.CLIENT, fresh=True),
    "clients:review_cover": Row((_MANAGER,)),
    # Custodians: who is named, and the release of what they are named for. Nobody has a part in their own.
    "clients:name_custodian": Row((_THERAPIST,), fresh=True),
    "clients:withdraw_will": Row((_THERAPIST,), fresh=True),
    "clients:stop_own_release": Row((_THERAPIST,)),
    "clients:browse_custody": Row((_THERAPIST,)),
    "clients:answer_will": Row((_THERAPIST,)),
    "clients:read_custody": Row((_THERAPIST,), record=Record.WILL),
    "practice:release": Row((_MANAGER, _THERAPIST), record=Record.PERSON, fresh=True),
    "practice:stop_release": Row((_MANAGER, _THERAPIST), record=Record.PERSON),
    "notes:browse_handed": Row((_THERAPIST,), record=Record.CLIENT),
    "notes:read_handed": Row((_THERAPIST,), record=Record.NOTE),
    # Supervision of a therapist in training: a manager names the colleague, and only the therapist gives keys
    "clients:name_supervisor": Row((_MANAGER,), record=Record.PERSON, fresh=True),
    "clients:end_supervision": Row((_MANAGER,), record=Record.PERSON, fresh=True),
    "clients:give_to_supervisor": Row((_THERAPIST,), fresh=True),
    "notes:browse_supervised": Row((_THERAPIST,), record=Record.CLIENT),
    "notes:read_supervised": Row((_THERAPIST,), record=Record.NOTE),
    "notes:cosign": Row((_THERAPIST,), record=Record.NOTE, fresh=True),
    "notes:ask_for_changes": Row((_THERAPIST,), record=Record.NOTE),
    "measures:read_supervised": Row((_THERAPIST,), record=Record.CLIENT),
    # How long records are kept, and their end
    "clients:review_keeping": Row((_MANAGER, _THERAPIST)),
    "clients:keep": Row((_MANAGER, _THERAPIST), record=Record.CLIENT),
    "clients:hold": Row((_MANAGER, _THERAPIST), record=Record.CLIENT),
    "clients:lift_hold": Row((_MANAGER, _THERAPIST), record=Record.CLIENT, fresh=True),
    "clients:keep_longer": Row((_MANAGER, _THERAPIST), record=Record.CLIENT),
    "clients:destroy": Row((_MANAGER, _THERAPIST), record=Record.CLIENT, fresh=True),
    "clients:undo_destruction": Row((_MANAGER, _THERAPIST), record=Record.CLIENT),
    "clients:carry_out": Row((_MANAGER, _THERAPIST), fresh=True),
    "clients:certificate": Row((_MANAGER, _THERAPIST), record=Record.TOMBSTONE),
    "clients:download_certificate": Row((_MANAGER, _THERAPIST), record=Record.TOMBSTONE),
    # A client's own pages
    "practice:my_page": Row((_CLIENT,)),
    "clients:my_looks": Row((_CLIENT,), record=Record.CLIENT),
    "clients:my_readers": Row((_CLIENT,), record=Record.CLIENT),
    "clients:my_letters": Row((_CLIENT,), record=Record.CLIENT),
    "clients:join": Row((_CLIENT,)),
    # The limits of confidentiality
    "consent:begin": Row((_CLIENT,), record=Record.CLIENT),
    "consent:section": Row((_CLIENT,), record=Record.CLIENT),
    "consent:ask": Row((_CLIENT,), record=Record.CLIENT),
    "consent:check": Row((_CLIENT,), record=Record.CLIENT),
    "consent:sign": Row((_CLIENT,), record=Record.CLIENT),
    "consent:decline": Row((_CLIENT,), record=Record.CLIENT),
    "consent:paper": Row((_CLIENT,), record=Record.CLIENT),
    "consent:browse_questions": Row((_CLIENT,), record=Record.CLIENT),
    "consent:receipt": Row((_CLIENT,), record=Record.CLIENT),
    "consent:signed_text": Row((_CLIENT,), record=Record.CLIENT),
    "consent:download": Row((_CLIENT,), record=Record.CLIENT),
    "consent:withdraw": Row((_CLIENT,), record=Record.CLIENT),
    "consent:read_record": Row((_THERAPIST,), record=Record.CLIENT),
    "consent:mark_discussed": Row((_THERAPIST,), record=Record.CLIENT),
    "consent:answer_questions": Row((_THERAPIST,), record=Record.CLIENT),
    "consent:override": Row((_THERAPIST,), record=Record.CLIENT, fresh=True),
    "consent:browse_overrides": Row((_MANAGER,)),
    "consent:read_text": Row((_MANAGER,)),
    "consent:download_text": Row((_MANAGER,)),
    "consent:choose": Row((_MANAGER,)),
    "consent:publish": Row((_MANAGER,), fresh=True),
    # Notes
    "notes:today": Row((_THERAPIST,)),
    "notes:search": Row((_THERAPIST,)),
    "notes:overview": Row((_THERAPIST,), record=Record.CLIENT),
    "notes:begin": Row((_THERAPIST,), record=Record.CLIENT),
    "notes:begin_together": Row((_THERAPIST,), record=Record.CLIENT),
    "notes:browse_parts": Row((_THERAPIST,), record=Record.DRAFT),
    "notes:read": Row((_THERAPIST,), record=Record.NOTE),
    "notes:amend": Row((_THERAPIST,), record=Record.NOTE),
    "notes:prove": Row((_THERAPIST,), record=Record.NOTE, fresh=True),
    "notes:withdraw": Row((_THERAPIST,), record=Record.NOTE, fresh=True),
    "notes:carry": Row((_THERAPIST,), record=Record.NOTE),
    "notes:carry_from_draft": Row((_THERAPIST,), record=Record.DRAFT),
    "notes:write": Row((_THERAPIST,), record=Record.DRAFT),
    "notes:redate": Row((_THERAPIST,), record=Record.DRAFT),
    "notes:browse_formats": Row((_THERAPIST, _MANAGER)),
    "notes:write_format": Row((_THERAPIST, _MANAGER)),
    "notes:withdraw_format": Row((_THERAPIST, _MANAGER)),
    "notes:read_beside": Row((_THERAPIST,), record=Record.DRAFT),
    "notes:read_goals": Row((_THERAPIST,), record=Record.DRAFT),
    "notes:save": Row((_THERAPIST,), record=Record.DRAFT),
    "notes:review": Row((_THERAPIST,), record=Record.DRAFT),
    "notes:review_all": Row((_THERAPIST,)),
    "notes:sign_all": Row((_THERAPIST,), fresh=True),
    "notes:sign": Row((_THERAPIST,), record=Record.DRAFT, fresh=True),
    "notes:discard": Row((_THERAPIST,), record=Record.DRAFT),
    "notes:look_back": Row((_THERAPIST,), record=Record.DRAFT),
    "notes:bring_back": Row((_THERAPIST,), record=Record.DRAFT),
    "notes:browse_thrown_away": Row((_THERAPIST,)),
    # Questionnaires: a client's answers, for the client and the care team
    "measures:my_measures": Row((_CLIENT,), record=Record.CLIENT),
    "measures:begin": Row((_CLIENT,), record=Record.CLIENT),
    "measures:answer": Row((_CLIENT,), record=Record.CLIENT),
    "measures:check": Row((_CLIENT,), record=Record.CLIENT),
    "measures:sent": Row((_CLIENT,), record=Record.CLIENT),
    "measures:browse": Row((_THERAPIST,), record=Record.CLIENT),
    "measures:ask": Row((_THERAPIST,), record=Record.CLIENT),
    "measures:take_back": Row((_THERAPIST,), record=Record.CLIENT),
    "measures:fill_in": Row((_THERAPIST,), record=Record.CLIENT),
    "measures:review": Row((_THERAPIST,), record=Record.CLIENT),
    # Files in a record: for whoever reads its notes, attached by whoever has the client in care
    "attachments:browse": Row((_THERAPIST,), record=Record.CLIENT),
    "attachments:add": Row((_THERAPIST,), record=Record.CLIENT, upload=LARGEST_FILE, seals_upload=True),
    "attachments:read": Row((_THERAPIST,), record=Record.CLIENT),
    "attachments:show": Row((_THERAPIST,), record=Record.CLIENT),
    "attachments:fetch": Row((_THERAPIST,), record=Record.CLIENT),
    "attachments:remove": Row((_THERAPIST,), record=Record.CLIENT, fresh=True),
    # Treatment plans
    "plans:read": Row((_THERAPIST,), record=Record.CLIENT),
    "plans:write": Row((_THERAPIST,), record=Record.CLIENT),
    "plans:tick": Row((_THERAPIST,), record=Record.CLIENT),
    "plans:look_back": Row((_THERAPIST,), record=Record.CLIENT),
    # Moving in: whoever may invite brings a list
    "practice:choose_list": Row((_MANAGER, _THERAPIST), upload=LARGEST_LIST),
    "practice:bring_list": Row((_MANAGER, _THERAPIST)),
    # Notes are brought, and signed for, only by who will hold their key.
    "practice:choose_notes": Row((_THERAPIST,), upload=LARGEST_PAST, files=MOST_FILES),
    "practice:bring_notes": Row((_THERAPIST,), fresh=True),
    # Moving out: whoever answers for a record puts it into a file. Managers never, and no colleague under cover.
    "practice:export_record": Row((_THERAPIST,), record=Record.CLIENT, fresh=True),
    "practice:export_own_notes": Row((_THERAPIST,), record=Record.CLIENT, fresh=True),
    "practice:export_caseload": Row((_THERAPIST,), fresh=True),
    "practice:follow_exports": Row((_THERAPIST,)),
    # On paper, for the same people
    "practice:print_note": Row((_THERAPIST,), record=Record.NOTE),
    "practice:print_record": Row((_THERAPIST,), record=Record.CLIENT, fresh=True),
    "practice:print_form": Row((_THERAPIST,), record=Record.CLIENT),
    "practice:print_consent": Row((_THERAPIST,), record=Record.CLIENT),
    # Keys that are being replaced
    "practice:follow_rotation": Row((_MANAGER, _THERAPIST)),
    # The access log
    "practice:browse_log": Row((_MANAGER, _AUDITOR)),
    "practice:read_entry": Row((_MANAGER, _AUDITOR), record=Record.ENTRY),
}
