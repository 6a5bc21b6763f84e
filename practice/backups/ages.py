"""How long ago the last good backup and the last rehearsals were, as the log has them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.acts import Act
from audit.services import last_time
from keys.services import count_held

# One night may fail; two are a fault. A year is how long a rehearsal is remembered.
_BACKUP_AGES_AFTER = timedelta(hours=48)
_DRILL_AGES_AFTER = timedelta(days=365)


@dataclass(frozen=True)
class Ages:
    """When each was done last, and whether that is too long ago; `held` is what a restore put out of reach.

    `drill_at` is of a restore, `recovery_at` of the recovery with printed codes.
    """

    at: datetime
    backup_at: datetime | None
    drill_at: datetime | None
    recovery_at: datetime | None
    held: int

    @property
    def backup_is_old(self) -> bool:
        return self.backup_at is None or self.at - self.backup_at > _BACKUP_AGES_AFTER

    @property
    def drill_is_old(self) -> bool:
        return self._is_forgotten(self.drill_at)

    @property
    def recovery_is_old(self) -> bool:
        return self._is_forgotten(self.recovery_at)

    def _is_forgotten(self, when: datetime | None) -> bool:
        return when is None or self.at - when > _DRILL_AGES_AFTER


def ages_at(at: datetime) -> Ages:
    """Look all up."""
    return Ages(
        at, last_time(Act.BACKUP_MADE), last_time(Act.BACKUP_DRILLED), last_time(Act.RECOVERY_DRILLED), count_held()
    )
