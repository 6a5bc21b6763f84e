"""One settings file; the environment decides. `.env.example` lists every variable."""

from base64 import b64decode
from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")


def _secret(name: str) -> bytes:
    try:
        raw = b64decode(env.str(name), validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise ImproperlyConfigured(f"{name} must be 32 bytes in base64; `manage.py setup` writes one")
    return raw


# Secrets: no defaults. Neither opens a note, alone or together (see docs/threat-model.md).
SECRET_KEY = env.str("SECRET_KEY")
PEPPER = _secret("PEPPER")
SERVICE_KEY = _secret("SERVICE_KEY")

# Where things are.
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
KEY_DIR = Path(env.str("KEY_DIR", default=str(VAR_DIR / "keys")))
RUN_DIR = VAR_DIR / "run"
RUN_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
BACKUP_DIR = env.str("BACKUP_DIR", default="")
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'subrosa.sqlite3'}")}
if "ENGINE" not in DATABASES["default"]:
    raise ImproperlyConfigured("DATABASE_URL is no address of a database, such as postgres://user@host/name")

# How it is served.
DEMO = env.bool("DEMO", default=False)
TLS = env.bool("TLS", default=False)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
BASE_URL = env.str("BASE_URL", default="http://127.0.0.1:8000")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
DEBUG = env.bool("DEBUG", default=False)

# Time-outs in seconds.
IDLE_STAFF = env.int("IDLE_STAFF", default=15 * 60)
IDLE_CLIENT = env.int("IDLE_CLIENT", default=15 * 60)
ABSOLUTE_SESSION = 12 * 60 * 60
FRESH_SECONDS = 10 * 60
INVITATION_DAYS = 7
NEUTRAL_PAGE = env.str("NEUTRAL_PAGE", default="https://www.wikipedia.org/")

KEYS_DERIVE = "keys.kdf.argon2id"

INSTALLED_APPS = [
    "practice.apps.PracticeConfig",
    "notes.apps.NotesConfig",
    "plans.apps.PlansConfig",
    "measures.apps.MeasuresConfig",
    "attachments.apps.AttachmentsConfig",
    "consent.apps.ConsentConfig",
    "clients.apps.ClientsConfig",
    "access.apps.AccessConfig",
    "audit.apps.AuditConfig",
    "keys.apps.KeysConfig",
    "django_otp",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.forms",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "practice.middleware.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "access.middleware.SecondFactorMiddleware",
    "access.middleware.UnlockMiddleware",
    "practice.gate.GateMiddleware",
    "practice.errors.FailuresMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Inside the messages, so that what it has to say reaches the next page.
    "practice.rotation.going_on.RotationMiddleware",
    "practice.custody.returning.ReturnMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "practice.urls"
WSGI_APPLICATION = "practice.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "practice.context.page",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 5,
        # DEFERRED answers "database is locked" under two writers; FULL, because a signed consent survives a power cut.
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; "
            "PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
        ),
    }
    # Keeps connections open, and empties the write-ahead log after each request all the same.
    DATABASES["default"]["ENGINE"] = "practice.sqlite3"
    DATABASES["default"]["CONN_MAX_AGE"] = 600
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 600
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["ATOMIC_REQUESTS"] = False  # a refusal's log entry must outlive the refusal

# People.
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["access.backend.PassphraseBackend"]
LOGIN_URL = "access:sign_in"
PASSWORD_HASHERS = ["access.hasher.SplitHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 14}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "access.sessions"
# Longer than the keys stay open: a browser that still knows who it was asks for less.
SESSION_COOKIE_AGE = 2 * ABSOLUTE_SESSION
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "practice.errors.csrf_failed"

# Security headers; the cookie prefix and Secure follow TLS.
_COOKIE = "__Host-" if TLS else ""
SESSION_COOKIE_NAME = _COOKIE + "session"
CSRF_COOKIE_NAME = _COOKIE + "csrf"
UNLOCK_COOKIE_NAME = _COOKIE + "unlock_key"
DEVICE_COOKIE_NAME = _COOKIE + "device_key"
SET_UP_COOKIE_NAME = _COOKIE + "set_up_key"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = TLS
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=3600) if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": [NONE],
    }
}

# What people send: text, on a few pages a file, and nothing of it in clear into a temporary file.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# How many each page takes stands in the policy.
DATA_UPLOAD_MAX_NUMBER_FILES = 400
FILE_UPLOAD_HANDLERS = ["practice.uploads.RefuseOrHold"]

# Static files.
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "practice.static.HashedStaticFiles"},
}

# Mail: fixed texts only. The demo writes it into a private folder.
EMAIL_CONFIGURED = "EMAIL_URL" in env
vars().update(env.email("EMAIL_URL", default="consolemail://") if EMAIL_CONFIGURED else {})
if DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "demo" / "mail"
elif not EMAIL_CONFIGURED:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="messages@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
ADMINS = [("operator", address) for address in env.list("ADMINS", default=[])]

# Errors and logs never carry what somebody typed.
DEFAULT_EXCEPTION_REPORTER = "practice.reporting.SilentReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "practice.reporting.SilentFilter"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "practice.reporting.PlainFormatter", "format": "{levelname} {name} {message}", "style": "{"}
    },
    "filters": {
        "view_names": {"()": "practice.reporting.ViewNames"},
        "quiet_refusals": {"()": "practice.reporting.QuietRefusals"},
        "strange_hosts": {"()": "practice.reporting.StrangeHosts"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["view_names", "quiet_refusals"],
        },
        "mail": {"class": "django.utils.log.AdminEmailHandler", "level": "ERROR", "filters": ["view_names"]},
    },
    "root": {"handlers": ["console", "mail"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console", "mail"], "level": "WARNING", "propagate": False},
        # What any visitor can cause as often as they like fills no mailbox.
        "django.security": {"handlers": ["console"], "propagate": False},
        "django.security.DisallowedHost": {"filters": ["strange_hosts"]},
    },
}

# How long a confirmed release to a custodian waits. Three days outlast a weekend, a flight, a night in hospital: time
# for a therapist who can act to read the mail and stop it. Who was signed in within that time is not taken for gone
# where the sheets pass on what managers are not shown. Never below one day, whoever edits the environment.
CUSTODY_WAIT = timedelta(hours=max(24, env.int("CUSTODY_WAIT_HOURS", default=72)))

LANGUAGE_CODE = "en-us"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True
USE_I18N = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# HSTS preloading binds a domain for years and cannot be taken back: the owner's decision, not a default.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
