"""Whom somebody reaches now, as two views of the database: lock 2 in one place, and to be read with any SQL client.

Every page asks this, most of them several times. Nothing is written here; the views follow the tables below them.
"""

from typing import Final

from django.db import models

from clients.kinds import Cause

CLOSED: Final = """
CREATE VIEW clients_closed AS
SELECT client_id FROM clients_destruction WHERE undone_at IS NULL
UNION SELECT client_id FROM clients_tombstone
"""

# A cover lets somebody in only while whoever gave it cares for the client. A record whose therapy is over stays its
# keeper's to read, and nothing else.
REACH: Final = """
CREATE VIEW clients_reach AS
SELECT care.id, care.client_id, care.therapist_id, 'care' AS cause, care.started_at AS since, NULL AS until
FROM clients_care AS care
WHERE care.ended_at IS NULL AND care.client_id NOT IN (SELECT client_id FROM clients_closed)
UNION ALL
SELECT opening.id, cover.client_id, cover.colleague_id, 'cover',
  CASE WHEN opening.opened_at < cover.starts_at THEN cover.starts_at ELSE opening.opened_at END,
  CASE WHEN opening.until < cover.ends_at THEN opening.until ELSE cover.ends_at END
FROM clients_opening AS opening JOIN clients_cover AS cover ON cover.id = opening.cover_id
WHERE cover.ended_at IS NULL AND cover.client_id NOT IN (SELECT client_id FROM clients_closed)
  AND EXISTS (
    SELECT 1 FROM clients_care AS giver
    WHERE giver.client_id = cover.client_id AND giver.therapist_id = cover.given_by_id AND giver.ended_at IS NULL
  )
UNION ALL
SELECT past.id, past.client_id, past.therapist_id, 'kept', past.ended_at, NULL
FROM clients_care AS past
WHERE past.keeps_record AND past.client_id NOT IN (SELECT client_id FROM clients_closed)
"""


class Closed(models.Model):
    """A client whose record is closed: it will be destroyed, or a restore brought back what was."""

    client = models.OneToOneField("clients.Client", models.DO_NOTHING, primary_key=True, related_name="+")

    class Meta:
        managed = False
        db_table = "clients_closed"

    def __str__(self) -> str:
        return str(self.client_id)


class Reach(models.Model):
    """A client in a therapist's care, a record opened under cover, or one that is kept since its therapy ended.

    From `since` on, until `until` if there is one. The id is the care's or the opening's.
    """

    id = models.UUIDField(primary_key=True)
    client = models.ForeignKey("clients.Client", models.DO_NOTHING, related_name="+")
    therapist = models.ForeignKey("access.User", models.DO_NOTHING, related_name="+")
    cause = models.CharField(max_length=5, choices=[(cause.value, cause.name) for cause in Cause])
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "clients_reach"

    def __str__(self) -> str:
        return str(self.id)
