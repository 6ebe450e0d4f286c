"""The smallest Django settings under which core_main_app (NIST's CDCS) serves its REST interface and its pages.

What changes between starts comes from the environment, set by serve.py: CDCS_HOME, CDCS_URL, CDCS_AUTH, CDCS_ANONYMOUS,
CDCS_SEARCH_PAGES, and PGHOST and PGUSER where the database is a PostgreSQL.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from celery import Celery

HOME = Path(os.environ["CDCS_HOME"])
SERVER_URI = os.environ["CDCS_URL"]


def _secret_key() -> str:
    """Return the key that signs logins, made at the first start."""
    kept = HOME / "secret_key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_hex(32))
    return kept.read_text()


SECRET_KEY = _secret_key()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", str(urlsplit(SERVER_URI).hostname)]
ROOT_URLCONF = "urls"
USE_TZ = True
TIME_ZONE = "UTC"
# Hashing a password a million times at each Basic request costs 0.3 s; this server only sees passwords for trying out.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_URL = "/static/"
MEDIA_ROOT = HOME / "media"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "core_main_app_login"
SITE_ID = 1

_POSTGRESQL = {
    # core_main_app compares this old name literally to choose its full-text search
    "ENGINE": "django.db.backends.postgresql_psycopg2",
    "HOST": os.environ.get("PGHOST", ""),
    "USER": os.environ.get("PGUSER", ""),
    "NAME": "postgres",
}
_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": HOME / "cdcs.sqlite3",
    "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL"},
}
DATABASES = {"default": _POSTGRESQL if "PGHOST" in os.environ else _SQLITE}

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sites",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "django_celery_beat",
    "menu",
    "fontawesomefree",
    "core_main_app",
]
SEARCH_PAGES = os.environ.get("CDCS_SEARCH_PAGES") == "1"
if SEARCH_PAGES:
    INSTALLED_APPS += [
        "core_explore_common_app",
        "core_explore_keyword_app",
        "core_dashboard_common_app",  # the search pages name one of its routes
        "core_dashboard_app",
    ]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core_main_app.utils.custom_context_processors.domain_context_processor",
            ]
        },
    }
]
REST_FRAMEWORK = {
    # the first class decides between 401 and 403
    "DEFAULT_AUTHENTICATION_CLASSES": [
        f"rest_framework.authentication.{name.capitalize()}Authentication"
        for name in os.environ.get("CDCS_AUTH", "basic,session,token").split(",")
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}

# Celery: no broker and no worker, every task runs inside the request
CELERYBEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"  # core_main_app insists on it
celery_app = Celery("cdcs")
celery_app.conf.update(task_always_eager=True, broker_url="memory://", result_backend="cache+memory://")
celery_app.set_default()

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "ERROR"},
}

# CDCS
CUSTOM_NAME = "CDCS"
WEBSITE_SHORT_TITLE = "CDCS"
ENABLE_SAML2_SSO_AUTH = False
ENABLE_ALLAUTH = False
MONGODB_INDEXING = False
CHECKSUM_ALGORITHM = "SHA256"
DATA_SORTING_FIELDS = ["-last_modification_date"]
CAN_ANONYMOUS_ACCESS_PUBLIC_DOCUMENT = os.environ.get("CDCS_ANONYMOUS", "1") == "1"
CAN_SET_PUBLIC_DATA_TO_PRIVATE = True
CAN_SET_WORKSPACE_PUBLIC = True
DISPLAY_NIST_HEADERS = False
BOOTSTRAP_VERSION = "5.1.3"
ENABLE_OBTAIN_API_TOKEN_ENDPOINT = True
