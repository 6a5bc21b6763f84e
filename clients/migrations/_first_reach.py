"""What the view of lock 2 was before therapies ended with somebody who keeps the record."""

from typing import Final

FIRST_REACH: Final = """
CREATE VIEW clients_reach AS
SELECT care.id, care.client_id, care.therapist_id, FALSE AS under_cover, care.started_at AS since, NULL AS until
FROM clients_care AS care
WHERE care.ended_at IS NULL AND care.client_id NOT IN (SELECT client_id FROM clients_closed)
UNION ALL
SELECT opening.id, cover.client_id, cover.colleague_id, TRUE,
  CASE WHEN opening.opened_at < cover.starts_at THEN cover.starts_at ELSE opening.opened_at END,
  CASE WHEN opening.until < cover.ends_at THEN opening.until ELSE cover.ends_at END
FROM clients_opening AS opening JOIN clients_cover AS cover ON cover.id = opening.cover_id
WHERE cover.ended_at IS NULL AND cover.client_id NOT IN (SELECT client_id FROM clients_closed)
  AND EXISTS (
    SELECT 1 FROM clients_care AS giver
    WHERE giver.client_id = cover.client_id AND giver.therapist_id = cover.given_by_id AND giver.ended_at IS NULL
  )
"""
