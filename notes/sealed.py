"""The sealed columns of this app."""

from keys.columns import register_sealed

DRAFT = "notes-draft/v1"
NOTE = "notes-note/v1"


def register() -> None:
    """Declare them."""
    # Which of the two depends on the kind: process notes and their drafts lie in their author's own vault.
    register_sealed("notes.Draft", "sealed_body", purpose=DRAFT, opened_by=("record", "process"))
    register_sealed("notes.Note", "sealed_body", purpose=NOTE, opened_by=("record", "process"))
