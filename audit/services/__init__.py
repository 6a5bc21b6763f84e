"""The log, as the rest of the house uses it."""

from audit.services.browsing import Filters, LogEntry, Page, Unseen, browse_log, count_entries, looks_at, read_entry
from audit.services.latest import count_since_look, handles_named, last_time
from audit.services.recording import (
    AuditUnavailable,
    NoReceipt,
    NotInTransaction,
    Receipt,
    record,
    record_look,
    record_refusal,
)

__all__ = [
    "AuditUnavailable",
    "Filters",
    "LogEntry",
    "NoReceipt",
    "NotInTransaction",
    "Page",
    "Receipt",
    "Unseen",
    "browse_log",
    "count_entries",
    "count_since_look",
    "handles_named",
    "last_time",
    "looks_at",
    "read_entry",
    "record",
    "record_look",
    "record_refusal",
]
