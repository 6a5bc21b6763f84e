"""Error mails and logs that never carry what somebody typed."""

import logging
import traceback
from collections.abc import ItemsView
from itertools import count
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter


class SilentFilter(SafeExceptionReporterFilter):
    """Empties every posted field, cookie and setting of a report."""

    def is_active(self, request: HttpRequest | None) -> bool:
        """Stay on, whatever DEBUG says."""
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> ItemsView[str, Any]:
        no_values: dict[str, Any] = {}
        return no_values.items()


class SilentReporter(ExceptionReporter):
    """Tells where something failed, never with what: no values, no message of the exception, no page."""

    def get_traceback_data(self) -> dict[str, Any]:
        where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(self.tb)]
        return {"where": where, "exception_type": getattr(self.exc_type, "__name__", "")}

    def get_traceback_text(self) -> SafeString:
        data = self.get_traceback_data()
        lines = [f"{data['exception_type']} in {_view_name(self.request)}", *data["where"]]
        return mark_safe("\n".join(lines))  # noqa: S308 (plain text of ours)

    def get_traceback_html(self) -> SafeString:
        return SafeString()


class PlainFormatter(logging.Formatter):
    """Writes an exception as its type and the places it passed, without its message or any value."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 (the name is logging's)
        kind, _, trace = ei
        frames = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        return "\n".join([getattr(kind, "__name__", ""), *frames])


class QuietRefusals(logging.Filter):
    """Leaves out where a warning came from: a page that was refused is no crash, and should not look like one."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.ERROR:
            record.exc_info = None
        return True


class ViewNames(logging.Filter):
    """Names the view in place of the address, which may hold an invitation's token or whatever a person typed there."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if request is not None and isinstance(record.args, tuple) and record.args:
            # Django's messages about a request all end with its address.
            record.args = (*record.args[:-1], _view_name(request))
        return True


class StrangeHosts(logging.Filter):
    """Counts requests for another host, which any scanner sends by the thousand: a line at 1, 2, 4, 8 and so on."""

    def __init__(self) -> None:
        super().__init__()
        self._numbers = count(1)

    def filter(self, record: logging.LogRecord) -> bool:
        number = next(self._numbers)
        # Without the host: whoever sends the request chose it.
        record.msg, record.args = f"{number} requests so far for a host that is not in ALLOWED_HOSTS", ()
        return number & (number - 1) == 0


def _view_name(request: HttpRequest | None) -> str:
    match = getattr(request, "resolver_match", None)
    return match.view_name if match else "no page of ours"
