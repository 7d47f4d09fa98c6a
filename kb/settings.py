"""Codebook's settings: one file, fed by the environment or a `.env` file beside `manage.py`.

Every variable has a default that works on a laptop; docs/reference/settings.md explains each.
"""

import secrets
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import EmailValidator

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def yes_or_no(name, default):
    value = env.str(name, default=default).lower()
    if value not in {"yes", "no", "true", "false", "1", "0", "on", "off"}:
        raise ImproperlyConfigured(f"{name} is “{value}”. Write yes or no.")
    return value in {"yes", "true", "1", "on"}


def web_address(name, default):
    value = env.str(name, default=default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(
            f"{name} is “{value}”. Write a scheme and a host and no path, such as https://help.example.org."
        )
    return value


def mail_address(name, default):
    value = env.str(name, default=default)
    try:
        EmailValidator()(value)
    except ValidationError:
        raise ImproperlyConfigured(
            f"{name} is “{value}”. Write one mail address, such as support@example.org."
        ) from None
    return value


def port(name, default):
    try:
        return env.int(name, default=default)
    except ValueError:
        raise ImproperlyConfigured(
            f"{name} is “{env.str(name)}”. Write a port number, such as 8000."
        ) from None


def networks(name):
    try:
        return [ip_network(part) for part in env.list(name, default=[])]
    except ValueError as problem:
        raise ImproperlyConfigured(
            f"{name}: {problem}. Write addresses or networks with commas between them, such as 127.0.0.1,10.0.0.0/8."
        ) from None


def database(name, default):
    value = env.str(name, default=default)
    if not value.startswith("sqlite:///"):
        raise ImproperlyConfigured(
            f"{name} must begin with sqlite:/// and name a file, such as sqlite:////srv/codebook/codebook.sqlite3: "
            "this version keeps its data in SQLite."
        )
    return env.db_url_config(value)


def kept_secret(path):
    """The key made on the first start and kept beside the data, readable by its owner only."""
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(50))
        return path.read_text().strip()
    except OSError as problem:
        raise ImproperlyConfigured(
            f"DATA_DIR: {problem}. Codebook keeps its database and secret key there and must be able to write."
        ) from None


# Where things are kept

DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
DATABASES = {"default": database("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'codebook.sqlite3'}")}
DATABASES["default"]["OPTIONS"] = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIR = BASE_DIR / "fixtures"
STATIC_ROOT = DATA_DIR / "static"
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]

# Who we are

SITE_URL = web_address("SITE_URL", default=f"http://127.0.0.1:{port('PORT', default=8000)}")
if env.str("HOST", default="127.0.0.1") not in LOOPBACK and not {"SITE_URL", "ALLOWED_HOSTS"} & {
    *env.ENVIRON
}:
    raise ImproperlyConfigured(
        "HOST opens Codebook to others. Say under which address they reach it: SITE_URL=https://help.example.org."
    )
SITE_HOST = urlsplit(SITE_URL).hostname
SITE_NAME = env.str("SITE_NAME", default="Codebook")
PORTAL_NAME = env.str("PORTAL_NAME", default="Support Portal")
OPERATOR = env.str("OPERATOR", default="")
SUPPORT_EMAIL = mail_address("SUPPORT_EMAIL", default="support@example.com")

# Safety

DEBUG = yes_or_no("DEBUG", default="no")
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret-key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[*LOOPBACK, SITE_HOST])
TRUSTED_PROXY = networks("TRUSTED_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # guard drops it from all but TRUSTED_PROXY
if SITE_URL.startswith("https://"):
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "codebook_session"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "home"

# The house

INSTALLED_APPS = [
    "kb.accounts.administration.CodebookAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "simple_history",
    "kb.delivery",
    "kb.guard",
    "kb.text",
    "kb.jobs",
    "kb.accounts",
    "kb.codes",
    "kb.articles",
    "kb.diagnosis",
    "kb.search",
    "kb.transfer",
    "kb.portal",
]
MIDDLEWARE = [
    "kb.guard.proxy.TrustedProxyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "kb.guard.headers.HeadersMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
ROOT_URLCONF = "kb.urls"
WSGI_APPLICATION = "kb.wsgi.application"
TEST_RUNNER = "tests.runner.Runner"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kb.portal.context.site",
            ],
        },
    },
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Language and time

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en-gb")
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_I18N = USE_TZ = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
