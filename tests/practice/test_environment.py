"""Where the settings come from: an environment that is listed, secrets that exist once, defaults that are safe."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.http import HttpResponse

from access.middleware import set_unlock_cookie
from practice.environment import write_secrets

PROJECT = Path(__file__).resolve().parents[2]
READ = re.compile(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"|_secret\("([A-Z_]+)"\)')
SHOWN = [
    "DEBUG",
    "DEMO",
    "TLS",
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "UNLOCK_COOKIE_NAME",
    "DEVICE_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY",
    "CSRF_COOKIE_HTTPONLY",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS",
    "SECURE_PROXY_SSL_HEADER",
    "EMAIL_BACKEND",
]
SHOW = f"""
import json
from django.conf import settings
print(json.dumps({{name: getattr(settings, name) for name in {SHOWN!r}}}))
"""
SECRETS = {
    "SECRET_KEY": "a-key-for-this-test-alone-0123456789-abcdefghijklmnopqrstuvwxyz",
    "PEPPER": "dGhlLXBlcHBlci1vZi10aGUtc3VpdGUtMzItYnl0ZXM=",
    "SERVICE_KEY": "dGhlLXNlcnZpY2Uta2V5LW9mLXRoZS1zdWl0ZS0zMmI=",
}
IN_PRODUCTION = {
    "TLS": "1",
    "BEHIND_PROXY": "1",
    "BASE_URL": "https://practice.example",
    "ALLOWED_HOSTS": "practice.example",
    "HSTS_SECONDS": "31536000",
}


# A fresh clone has a database of its own, a file.
pytestmark = pytest.mark.once


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A fresh clone: the same program, no `.env`."""
    apps = ("access", "attachments", "audit", "clients", "consent", "keys", "measures", "notes", "plans")
    for name in (*apps, "content", "static", "templates"):
        (tmp_path / name).symlink_to(PROJECT / name)
    shutil.copytree(PROJECT / "practice", tmp_path / "practice", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "manage.py", tmp_path)
    return tmp_path


def manage(folder: Path, *arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with nothing in the environment but what is given here."""
    bare = {"PATH": os.environ["PATH"], "HOME": str(folder), "DJANGO_SETTINGS_MODULE": "practice.settings"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=folder,
        env={**bare, **environment},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def settings_with(folder: Path, **environment: str) -> dict[str, object]:
    done = manage(folder, "shell", "--no-imports", "-c", SHOW, **SECRETS, **environment)
    assert done.returncode == 0, done.stderr
    shown: dict[str, object] = json.loads(done.stdout)
    return shown


class TestEnvExample:
    def test_lists_exactly_what_the_settings_read(self):
        source = (PROJECT / "practice/settings.py").read_text()
        read = {name for groups in READ.findall(source) for name in groups if name}
        listed = re.findall(r"^(?:# )?([A-Z_]+)=", (PROJECT / ".env.example").read_text(), re.MULTILINE)
        assert sorted(listed) == sorted(read)

    def test_holds_no_secret(self):
        values = dict(
            line.split("=", 1) for line in (PROJECT / ".env.example").read_text().splitlines() if line[:1].isupper()
        )
        assert values == {"SECRET_KEY": "", "PEPPER": "", "SERVICE_KEY": ""}


class TestWithoutSecrets:
    @pytest.mark.parametrize("command", ["serve", "migrate", "doctor", "check", "access_matrix"])
    def test_every_other_command_stops_with_a_sentence(self, copy, command):
        done = manage(copy, command)
        assert done.returncode == 1
        assert done.stderr.startswith("This installation has no secrets yet. Run `python manage.py setup`")
        assert not (copy / ".env").exists()

    def test_setup_makes_them_once(self, copy):
        first = manage(copy, "setup", "--from-stdin", given="{")
        assert "not a JSON object" in first.stderr
        file = copy / ".env"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        written = file.read_text()
        assert "DEMO=0" in written
        manage(copy, "setup", "--from-stdin", given="{")
        assert file.read_text() == written

    def test_they_are_never_overwritten(self, tmp_path):
        write_secrets(tmp_path / ".env", demo="0")
        with pytest.raises(FileExistsError):
            write_secrets(tmp_path / ".env", demo="0")

    @pytest.mark.parametrize("missing", sorted(SECRETS))
    def test_no_secret_has_a_default(self, copy, missing):
        given = {name: value for name, value in SECRETS.items() if name != missing}
        # A half-filled file of one's own: nothing is made up for what it lacks.
        (copy / ".env").write_text("".join(f"{name}={value}\n" for name, value in given.items()))
        done = manage(copy, "check")
        assert done.returncode != 0
        assert f"Set the {missing} environment variable" in done.stderr

    def test_a_short_pepper_is_refused(self, copy):
        done = manage(copy, "check", **{**SECRETS, "PEPPER": "c2hvcnQ="})
        assert "PEPPER must be 32 bytes in base64" in done.stderr


class TestDefaults:
    def test_are_safe(self, copy):
        shown = settings_with(copy)
        assert shown["DEBUG"] is False
        assert shown["DEMO"] is False
        assert shown["SESSION_COOKIE_HTTPONLY"] is True
        assert shown["CSRF_COOKIE_HTTPONLY"] is True
        assert shown["EMAIL_BACKEND"] == "django.core.mail.backends.dummy.EmailBackend"
        # Without TLS a browser would drop Secure cookies, and a promise of TLS would lock everybody out.
        assert shown["SESSION_COOKIE_SECURE"] is False
        assert shown["SECURE_HSTS_SECONDS"] == 0
        assert shown["SECURE_PROXY_SSL_HEADER"] is None


class TestTransport:
    def test_makes_cookies_secure_and_bound_to_the_host(self, copy):
        shown = settings_with(copy, **IN_PRODUCTION)
        assert {name for key, name in shown.items() if key.endswith("COOKIE_NAME")} == {
            "__Host-session",
            "__Host-csrf",
            "__Host-unlock_key",
            "__Host-device_key",
        }
        assert shown["SESSION_COOKIE_SECURE"] is shown["CSRF_COOKIE_SECURE"] is True
        assert shown["SECURE_SSL_REDIRECT"] is True
        assert shown["SECURE_HSTS_SECONDS"] == 31536000
        assert shown["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is True
        assert shown["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]

    def test_makes_the_unlock_cookie_secure(self, settings):
        settings.TLS, settings.UNLOCK_COOKIE_NAME = True, "__Host-unlock_key"
        response = HttpResponse()
        set_unlock_cookie(response, "half-a-key")
        written = response.cookies["__Host-unlock_key"].OutputString()
        assert written == "__Host-unlock_key=half-a-key; HttpOnly; Path=/; SameSite=Strict; Secure"

    def test_takes_the_unlock_cookie_away_as_securely(self, settings):
        settings.TLS, settings.UNLOCK_COOKIE_NAME = True, "__Host-unlock_key"
        response = HttpResponse()
        set_unlock_cookie(response, "")
        cookie = response.cookies["__Host-unlock_key"]
        assert (cookie["max-age"], cookie["secure"], cookie["path"]) == (0, True, "/")

    def test_passes_the_deployment_check(self, copy):
        done = manage(copy, "check", "--deploy", "--fail-level", "WARNING", **SECRETS, **IN_PRODUCTION)
        assert done.returncode == 0, done.stderr

    def test_is_demanded_of_a_real_practice(self, copy):
        done = manage(copy, "serve", "--port", "1", **SECRETS, **(IN_PRODUCTION | {"TLS": "0"}))
        assert done.returncode == 1
        assert "https://practice.example would be served without encryption." in done.stderr
