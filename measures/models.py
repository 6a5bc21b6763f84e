"""Questionnaires that wait, and what was answered. In the clear stands that there is one; no answer, and no sum."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from clients.targets import AboutClient
from measures.instruments import Instrument, instruments
from measures.kinds import Way


class Measure(AboutClient):
    """What a questionnaire is, from the asking on."""

    is_sent: ClassVar[bool]

    instrument = models.CharField(max_length=20)
    asked_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        abstract = True

    @property
    def questionnaire(self) -> Instrument:
        return instruments()[self.instrument]

    @property
    def audit_type(self) -> str:
        # One name for a sheet and for the result that it becomes: what happened to it is found by one id.
        return "measures.measure"


class Sheet(Measure):
    """A questionnaire that waits for its client, or was begun."""

    is_sent = False

    class Meta:
        constraints: ClassVar = [
            # A form sent twice asks once.
            models.UniqueConstraint(fields=["client", "instrument"], name="measures_sheet_once"),
        ]


class Answer(models.Model):
    """What was answered to one question of a sheet. Left out on purpose looks the same from here."""

    sheet = models.ForeignKey("measures.Sheet", on_delete=models.PROTECT, related_name="answers")
    number = models.PositiveSmallIntegerField()
    sealed_answer = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sheet", "number"], name="measures_answer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id}/{self.number}"


class Result(Measure):
    """A questionnaire as it was sent. It keeps the id of its sheet, and nobody changes it: triggers see to that."""

    is_sent = True

    finished_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    finished_at = models.DateTimeField()
    way = models.CharField(max_length=20)
    sealed_answers = models.BinaryField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["client", "finished_at"], name="measures_result_by_client")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(way__in=sorted(way.value for way in Way)), name="measures_result_way_known"
            ),
        ]


class Closing(models.Model):
    """A therapist has read a result and noted what was done; every result gets one, so that its being there is mute."""

    result = models.OneToOneField("measures.Result", on_delete=models.PROTECT, primary_key=True, related_name="closing")
    closed_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()
    sealed_words = models.BinaryField()

    def __str__(self) -> str:
        return str(self.result_id)
