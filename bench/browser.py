"""A browser as far as a server sees one: cookies, forms with their token, one connection that is kept alive."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    seconds: float
    size: int


@dataclass
class Browser:
    """One person's browser at a server on this machine."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    connection: HTTPConnection | None = None
    used_at: float = 0.0

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._send("GET", path, None, {})

    def post(self, path: str, form: Mapping[str, object]) -> Answer:
        """Send a form."""
        # The token also holds as a header; unmasked, as the cookie has it.
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": self.cookies.get("csrf", "")}
        return self._send("POST", path, urlencode(form).encode(), headers)

    def time_to(self, words: bytes, path: str, form: Mapping[str, object]) -> tuple[float, float]:
        """Send a form, and say after how many seconds these words came, and the end of the answer.

        :raises AssertionError: they never came
        """
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": self.cookies.get("csrf", "")}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection, body, came = self._connect(), urlencode(form).encode(), None
        start = time.perf_counter()
        connection.request("POST", path, body, headers)
        response, read = connection.getresponse(), b""
        while chunk := response.read1():
            read += chunk
            if came is None and words in read:
                came = time.perf_counter() - start
        whole = time.perf_counter() - start
        self.used_at = time.monotonic()
        assert came is not None, read[-2000:]
        return came, whole

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = self._connect()
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        start = time.perf_counter()
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        size = len(response.read())
        seconds = time.perf_counter() - start
        self.used_at = time.monotonic()
        self._keep_cookies(response.headers.get_all("Set-Cookie", []))
        return Answer(response.status, seconds, size)

    def _connect(self) -> HTTPConnection:
        """Return the connection of the request before, unless the server may be about to close it."""
        if self.connection is None or time.monotonic() - self.used_at > 1:
            self.connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
            self.connection.connect()
        return self.connection

    def _keep_cookies(self, lines: list[str]) -> None:
        for line in lines:
            self.cookies.update((name, morsel.value) for name, morsel in SimpleCookie(line).items())
