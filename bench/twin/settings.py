"""The house's settings, with Django's own parts alone."""

from practice.settings import *  # noqa: F403
from practice.settings import BASE_DIR, INSTALLED_APPS, MIDDLEWARE

_PLAIN = ("django.", "whitenoise.")
_AROUND = ["django.template.context_processors.request", "django.contrib.messages.context_processors.messages"]
INSTALLED_APPS = ["bench.twin", *(app for app in INSTALLED_APPS if app.startswith(_PLAIN))]
MIDDLEWARE = [part for part in MIDDLEWARE if part.startswith(_PLAIN)]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": [*_AROUND, "bench.twin.views.page"]},
    }
]
ROOT_URLCONF = "bench.twin.urls"
AUTH_USER_MODEL = "twin.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["bench.hasher.Argon2idHasher"]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
