"""The smallest Django settings under which NEMO (or NEMO-CE) serves its REST interface.

What changes between starts comes from the environment, set by serve.py: NEMO_HOME, and NEMO_TZ, the site's zone.
"""

import importlib.util
import os
import secrets
from pathlib import Path

HOME = Path(os.environ["NEMO_HOME"])
SECRET_KEY = secrets.token_hex(32)
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
SERVER_DOMAIN = "http://127.0.0.1"
TIME_ZONE = os.environ["NEMO_TZ"]
USE_TZ = True
USE_I18N = False
DATETIME_FORMAT = "m/d/Y @ g:i A"
DATE_FORMAT = "m/d/Y"
TIME_FORMAT = "g:i A"
ROOT_URLCONF = "NEMO.urls"
WSGI_APPLICATION = "NEMO.wsgi.application"
AUTH_USER_MODEL = "NEMO.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "landing"
LOGOUT_REDIRECT_URL = None
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME / "nemo.sqlite3",
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
MEDIA_ROOT, MEDIA_URL = str(HOME / "media"), "/media/"  # text: NEMO adds "/rates.json" to it
STATIC_ROOT, STATIC_URL = HOME / "static", "/static/"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = "nobody@example.invalid"
IDENTITY_SERVICE = {"available": False, "url": "", "domains": []}
INTERLOCKS_ENABLED = False
ALLOW_CONDITIONAL_URLS = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class _NoMigrations:
    """Makes every table straight from its model: in seconds, where NEMO's hundred migrations take a minute and a half.

    The REST interface answers the same, since no migration of data brings what it shows.
    """

    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


MIGRATION_MODULES = _NoMigrations()
_CE = ["NEMO.apps.nemo_ce"] if importlib.util.find_spec("NEMO.apps.nemo_ce") else []
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    *_CE,
    "NEMO",
    "NEMO.apps.kiosk",
    "NEMO.apps.area_access",
    "django.contrib.admin",
    "django.contrib.humanize",
    "rest_framework",
    "rest_framework.authtoken",
    "rest_flex_fields",
    "django_filters",
    "mptt",
    "auditlog",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "NEMO.context_processors.show_logout_button",
                "NEMO.context_processors.base_context",
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["NEMO.permissions.DjangoModelPermissions"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_FILTER_BACKENDS": ["NEMO.rest_filter_backend.NEMOFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "NEMO.rest_pagination.NEMOPageNumberPagination",
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "ERROR"},
}
