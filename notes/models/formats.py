"""The formats that therapists and the practice made for themselves."""

from django.db import models


class OwnFormat(models.Model):
    """One version of a format that a therapist or the practice made. Nothing about a client stands in it."""

    # "own/" and the SHA-256 (hex) of everything below but the maker, so that a note's seal holds its sections fast.
    name = models.CharField(max_length=72, primary_key=True)
    # The same for all versions of one format.
    family = models.UUIDField()
    number = models.PositiveSmallIntegerField()
    # Nobody where it is the whole practice's.
    owner = models.ForeignKey("access.User", on_delete=models.PROTECT, null=True, related_name="+")
    label = models.CharField(max_length=60)
    # Of each section: name, label, hint and whether it may stay empty.
    sections = models.JSONField()
    # The last version of a format that is withdrawn is not offered; notes go on being read by it.
    is_offered = models.BooleanField(default=True)
    made_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["family", "number"], name="notes_ownformat_number_once")]

    def __str__(self) -> str:
        return self.name
