"""What a supervisor answers to the notes of a therapist in training: a co-signature, or a wish for changes."""

from django.db import models

from clients.targets import AboutClient


class Cosignature(models.Model):
    """A supervisor's signature beside a note or an addendum. It keeps the id of the text that it co-signs."""

    text_id = models.UUIDField(primary_key=True)
    # The note itself, or the one that the text was added to.
    note = models.ForeignKey("notes.Note", on_delete=models.PROTECT, related_name="cosignatures")
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="+")
    cosigner = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    cosigned_at = models.DateTimeField()
    # The supervisor's, over everything above, the hash of the sealed text, and its author's signature.
    signature = models.BinaryField()
    signed_with = models.BinaryField(max_length=16)

    def __str__(self) -> str:
        return str(self.text_id)


class Wish(AboutClient):
    """That a supervisor asked the author of a note for changes; an addendum of theirs answers it."""

    note = models.ForeignKey("notes.Note", on_delete=models.PROTECT, related_name="wishes")
    asked_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    sealed_text = models.BinaryField()
