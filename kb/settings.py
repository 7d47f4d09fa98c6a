"""Codebook's settings: one file, fed by the environment or a `.env` file beside `manage.py`.

Every variable has a default that works on a laptop; docs/reference/settings.md explains each.
"""

import fcntl
import os
import re
import secrets
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import environ
from django.conf.global_settings import LANGUAGES as KNOWN_LANGUAGES
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import EmailValidator
from limits import parse_many

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
SQLITE = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}
# A new connection reads and understands the whole schema: longer than most pages take. Those kept go with their thread.
KEPT_OPEN = 60  # seconds
POSTGRES = {
    "connect_timeout": 5,
    "application_name": "codebook",
    # A statement that takes a minute, or a lock that is not given in twenty seconds, is an error and not a hanging page.
    # What is compiled for a query of a few milliseconds takes sixty.
    "options": "-c jit=off -c statement_timeout=60s -c lock_timeout=20s -c idle_in_transaction_session_timeout=60s",
}
HOST_AND_PORT = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


def contact(name, default):
    value = env.str(name, default=default)
    if not re.fullmatch(r"(https://|mailto:|tel:)[!-~]+", value):
        raise ImproperlyConfigured(
            f"{name} is “{value}”. Write mailto: and an address, or the https:// address of a page."
        )
    return value


def yes_or_no(name, default):
    value = env.str(name, default=default).lower()
    if value not in {"yes", "no", "true", "false", "1", "0", "on", "off"}:
        raise ImproperlyConfigured(f"{name} is “{value}”. Write yes or no.")
    return value in {"yes", "true", "1", "on"}


def one_of(name, choices, default):
    value = env.str(name, default=default).lower()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is “{value}”. Write one of: {', '.join(choices)}.")
    return value


def web_address(name, default):
    value = env.str(name, default=default).rstrip("/").lower()
    try:
        parts = urlsplit(value)
        fits = parts.scheme in {"http", "https"} and value == f"{parts.scheme}://{parts.netloc}"
        fits = fits and HOST_AND_PORT.fullmatch(parts.netloc) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ImproperlyConfigured(
            f"{name} is “{value}”. Write a scheme and a host, with a port where one is needed, and no path, "
            "user name or fragment, such as https://help.example.org."
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


MAIL_PORTS = {"consolemail": 0, "smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


def mail_server(name, default):
    """Django's e-mail settings from one address; what is wrong in it is told without the password."""
    try:
        address = urlsplit(env.str(name, default=default))
        smtp = address.scheme.startswith("smtp")
        fits = address.scheme in MAIL_PORTS and address.port != 0 and bool(address.hostname) == smtp
        fits = fits and address.path in {"", "/"} and not address.query and not address.fragment
    except ValueError:
        fits = False
    if not fits:
        raise ImproperlyConfigured(
            f"{name} names no way to send mail. Write smtp+tls://user:password@mail.example.org:587, with smtp+ssl or "
            "smtp in front where the server wants that and %23, %2F, %3A, %40 for # / : @ in the password, "
            "or consolemail:// to see mails where the server runs."
        )
    return {
        "EMAIL_BACKEND": "kb.jobs.smtp.EmailBackend"
        if smtp
        else "django.core.mail.backends.console.EmailBackend",
        "EMAIL_HOST": address.hostname or "",
        "EMAIL_PORT": address.port or MAIL_PORTS[address.scheme],
        "EMAIL_HOST_USER": unquote(address.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(address.password or ""),
        "EMAIL_USE_TLS": address.scheme == "smtp+tls",
        "EMAIL_USE_SSL": address.scheme == "smtp+ssl",
    }


def host(name, default):
    """A name or an address to listen on; IPv6 may stand in brackets as in a URL, and loses them here."""
    value = env.str(name, default=default).strip().lower()
    bare = value[1:-1] if value.startswith("[") and value.endswith("]") else value
    if not re.fullmatch(r"[a-z0-9._-]+", bare) and not _address(bare):
        raise ImproperlyConfigured(
            f"{name} is “{value}”. Write an address of this machine without scheme and port, such as 127.0.0.1 or ::1."
        )
    return bare


def is_loopback(host):
    address = _address(host)
    return address.is_loopback if address else host == "localhost"


def _address(host):
    try:
        return ip_address(host)
    except ValueError:
        return None


def port(name, default):
    value = env.str(name, default=str(default))
    if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= 65535:
        raise ImproperlyConfigured(f"{name} is “{value}”. Write a port number from 1 to 65535, such as 8000.")
    return int(value)


def days(name, default, fewest=1):
    value = env.str(name, default=str(default))
    if not re.fullmatch(r"[0-9]{1,4}", value) or int(value) < fewest:
        raise ImproperlyConfigured(
            f"{name} is “{value}”. Write a number of days from {fewest} to 9999, such as {default}."
        )
    return int(value)


def whole_number(name, default, least):
    value = env.str(name, default=str(default))
    if not re.fullmatch(r"[0-9]{1,6}", value) or int(value) < least:
        raise ImproperlyConfigured(
            f"{name} is “{value}”. Write a whole number from {least} on, such as {default}."
        )
    return int(value)


def networks(name, default=()):
    try:
        return [ip_network(part) for part in env.list(name, default=list(default))]
    except ValueError as problem:
        raise ImproperlyConfigured(
            f"{name}: {problem}. Write addresses or networks with commas between them, such as 127.0.0.1,10.0.0.0/8."
        ) from None


def folder(name, default):
    """Made where it is missing, open to its owner only."""
    value = env.str(name, default=default)
    if not value.strip():
        raise ImproperlyConfigured(f"{name} is empty. Name a folder, such as /srv/codebook, or leave it out.")
    path = Path(value).absolute()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise _cannot_write(problem) from None
    return path


def database(name, default):
    """The file or the server that a URL names; the default is a path and taken as it stands, whatever signs are in it."""
    value = env.str(name, default="")
    scheme = value.partition("://")[0]
    if scheme in {"postgres", "postgresql"}:
        return postgres(name, value)
    if not value:
        found = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default)}
    else:
        found = env.db_url_config(value) if value.startswith("sqlite:///") else {"NAME": ""}
    if not found["NAME"] or ":memory:" in found["NAME"] or found["NAME"].startswith("file:"):
        raise ImproperlyConfigured(
            f"{name} must begin with sqlite:/// and name a file, such as sqlite:////srv/codebook/codebook.sqlite3, "
            "or name a database of PostgreSQL, such as postgres://codebook:secret@db.example.org/codebook. "
            "A database in memory would be gone at the next start."
        )
    return found | {"OPTIONS": SQLITE, "CONN_MAX_AGE": KEPT_OPEN}


def postgres(name, value):
    """A pool of connections, each tried before it is lent: a restarted server is met with a new one, not with an error."""
    try:
        found = {"OPTIONS": {}, **env.db_url_config(value)}
    except ValueError:
        found = {"NAME": ""}
    if not found["NAME"]:
        raise ImproperlyConfigured(  # without the value, which may hold a password
            f"{name} must name a database, such as postgres://codebook:secret@db.example.org:5432/codebook; "
            "signs such as @, : and / in the password are written %40, %3A and %2F."
        )
    if not find_spec("psycopg") or not find_spec("psycopg_pool"):
        raise ImproperlyConfigured(
            f"{name} names PostgreSQL, and its driver is not installed: "
            ".venv/bin/python -m pip install --require-hashes -r requirements-postgres.txt"
        )
    options = {"pool_size": 8, **found["OPTIONS"]}
    options["pool"] = {"min_size": 1, "max_size": options.pop("pool_size"), "timeout": 10}
    return found | {"CONN_HEALTH_CHECKS": True, "OPTIONS": POSTGRES | options}


def shared_cache(name):
    """The address of a Redis or Valkey, or nothing."""
    value = env.str(name, default="")
    if value and not re.fullmatch(r"rediss?://[^\s/]+(/[0-9]*)?", value):
        raise ImproperlyConfigured(
            f"{name} must begin with redis:// (or rediss:// for TLS) and name a host, such as redis://127.0.0.1:6379/0."
        )
    if value and not find_spec("redis"):
        raise ImproperlyConfigured(
            f"{name} needs the Redis client: .venv/bin/pip install --require-hashes -r requirements-redis.txt"
        )
    return value


def no_patience():
    """A cache that does not answer at once is taken to be down: what waits for it is a page."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {"socket_timeout": 0.3, "socket_connect_timeout": 0.3, "retry": Retry(NoBackoff(), 0)}


def limit(name, default):
    value = env.str(name, default=default)
    try:
        parts = parse_many(value)
    except ValueError:
        parts = []
    if not parts or any(part.amount < 1 or part.multiples < 1 for part in parts):
        raise ImproperlyConfigured(
            f"{name} is “{value}”. Write how many in what time, such as 10/minute or 30/minute;200/hour."
        )
    return parts


def kept_secret(path):
    """The key made on the first start and kept beside the data, readable by its owner only.

    Two first starts agree on one key, and a start that breaks off leaves none: it is written beside and moved.
    """
    try:
        with open(path.with_name("lock"), "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists() or not path.read_text().strip():
                draft = path.with_name("secret-key.new")
                draft.unlink(missing_ok=True)
                draft.touch(mode=0o600)
                draft.write_text(secrets.token_urlsafe(50))
                os.replace(draft, path)
        return path.read_text().strip()
    except OSError as problem:
        raise _cannot_write(problem) from None


def _cannot_write(problem):
    return ImproperlyConfigured(
        f"DATA_DIR: {problem}. Codebook keeps its database and secret key there and must be able to write."
    )


def time_zone(name, default):
    value = env.str(name, default=default)
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ImproperlyConfigured(
            f"{name} is “{value}”. Write a place as the time zone database names it, such as Europe/Berlin or UTC."
        ) from None
    return value


def language(name, default):
    value = env.str(name, default=default).lower()
    known = {tag for tag, _ in KNOWN_LANGUAGES}
    if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", value) or not {value, value.partition("-")[0]} & known:
        raise ImproperlyConfigured(
            f"{name} is “{value}”. Write a language that Django knows, such as en-gb, de or pt-br."
        )
    return value


# Where things are kept

DATA_DIR = folder("DATA_DIR", default=str(BASE_DIR / "var"))
DATABASES = {"default": database("DATABASE_URL", default=DATA_DIR / "codebook.sqlite3")}
CACHE_URL = shared_cache("CACHE_URL")
CACHE_PATIENCE = no_patience() if CACHE_URL else {}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if CACHE_URL:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "OPTIONS": CACHE_PATIENCE,
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIR = BASE_DIR / "fixtures"
MEDIA_ROOT = DATA_DIR / "media"
PAGE_STORE_MB = whole_number("PAGE_STORE_MB", default=48, least=1)
STATIC_ROOT = DATA_DIR / "static"
STATIC_URL = "/static/"
WHITENOISE_KEEP_ONLY_HASHED_FILES = (
    True  # nothing asks for the others, and compressing them takes as long again
)
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATICFILES_DIRS = [BASE_DIR / "static"]

# Who we are

HOST = host("HOST", default="127.0.0.1")
PORT = port("PORT", default=8000)
OPEN_TO_OTHERS = not is_loopback(HOST)
SITE_URL = web_address("SITE_URL", default=f"http://127.0.0.1:{PORT}")
if OPEN_TO_OTHERS and not {"SITE_URL", "ALLOWED_HOSTS"} & {*env.ENVIRON}:
    raise ImproperlyConfigured(
        "HOST opens Codebook to others. Say under which address they reach it: SITE_URL=https://help.example.org."
    )
SITE_HOST = re.sub(r":[0-9]+$", "", urlsplit(SITE_URL).netloc)  # IPv6 keeps its brackets, as Django wants
SITE_NAME = env.str("SITE_NAME", default="Codebook")
PORTAL_NAME = env.str("PORTAL_NAME", default="Support Portal")
OPERATOR = env.str("OPERATOR", default="")
SUPPORT_EMAIL = mail_address("SUPPORT_EMAIL", default="support@example.com")

SECURITY_CONTACT = contact("SECURITY_CONTACT", default=f"mailto:{SUPPORT_EMAIL}")

# Mail

globals().update(mail_server("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = mail_address("DEFAULT_FROM_EMAIL", default=SUPPORT_EMAIL)
EMAIL_TIMEOUT = 10  # seconds for each step; the server's word on a whole mail may take longer (kb.jobs.smtp)
MAILS_KEPT_DAYS = days("MAILS_KEPT_DAYS", default=14)

# Safety

DEBUG = yes_or_no("DEBUG", default="no")
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret-key")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[*LOOPBACK, SITE_HOST])
TRUSTED_PROXY = networks("TRUSTED_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # guard drops it from all but TRUSTED_PROXY
HSTS_SUBDOMAINS = yes_or_no("HSTS_SUBDOMAINS", default="no")
if not HSTS_SUBDOMAINS:
    # Whether every other host below ours speaks HTTPS is the operator's to know; a browser that was told so
    # keeps to it for a year. So the checks that ask for subdomains (W005) and for preloading (W021) stay quiet.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if SITE_URL.startswith("https://") or TRUSTED_PROXY:
    SECURE_HSTS_SECONDS = 365 * 24 * 3600  # said to those alone who came by HTTPS
if SITE_URL.startswith("https://"):
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HSTS_SUBDOMAINS
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "kb.portal.errors.csrf_failure"
SESSION_COOKIE_NAME = "codebook_session"
VISITOR_COOKIE_NAME = "codebook_visitor"
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
        "report-uri": ["/csp/"],  # what most browsers know
        "report-to": ["csp"],  # what follows it; guard's headers say where that is
    }
}
LIMITING = yes_or_no("LIMITS", default="on")
if OPEN_TO_OTHERS and not LIMITING:
    raise ImproperlyConfigured(
        "LIMITS is off, and HOST opens Codebook to others. Without limits it may listen on 127.0.0.1 only."
    )
LIMITS = {
    "ask": limit("LIMIT_ASK", default="30/minute;300/hour"),
    "search": limit("LIMIT_SEARCH", default="60/minute;600/hour"),
    "suggest": limit("LIMIT_SUGGEST", default="300/minute"),
    "comment": limit("LIMIT_COMMENT", default="10/hour;30/day"),
    "comment_page": limit("LIMIT_COMMENT_PAGE", default="60/hour"),
    "comment_gap": limit("LIMIT_COMMENT_GAP", default="1/10 seconds"),
    "comment_edit": limit("LIMIT_COMMENT_EDIT", default="20/hour"),
    "vote": limit("LIMIT_VOTE", default="20/minute;200/day"),
    "report": limit("LIMIT_REPORT", default="10/hour"),
    "login": limit("LIMIT_LOGIN", default="10/minute;60/hour"),
    "contact": limit("LIMIT_CONTACT", default="5/hour;20/day"),
    "csp": limit("LIMIT_CSP", default="60/minute"),
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

# Talking back

COMMENT_APPROVAL = one_of("COMMENT_APPROVAL", ("all", "first", "none"), default="first")

# What is remembered

ASKS_KEPT_DAYS = days("ASKS_KEPT_DAYS", default=90, fewest=0)

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
    "kb.comments",
    "kb.feedback",
    "kb.search",
    "kb.transfer",
    "kb.portal",
    "kb.api",
    "kb.desk",
]
MIDDLEWARE = [
    "kb.guard.tracing.TracingMiddleware",
    "kb.api.metrics.MetricsMiddleware",
    "kb.guard.proxy.TrustedProxyMiddleware",
    "kb.guard.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.common.CommonMiddleware",  # refuses foreign hosts, also for static files
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "kb.portal.errors.InWordsMiddleware",
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

LANGUAGE_CODE = language("LANGUAGE_CODE", default="en-gb")
TIME_ZONE = time_zone("TIME_ZONE", default="UTC")
USE_I18N = USE_TZ = True

# What the operator is told

METRICS_FOR = networks("METRICS_FOR", default=["127.0.0.0/8", "::1"])
LOG_FORMAT = one_of("LOG_FORMAT", ("line", "json"), default="line")
ACCESS_LOG = yes_or_no("ACCESS_LOG", default="no")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"ours": {"()": f"kb.guard.logs.{LOG_FORMAT.capitalize()}Formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "ours"}},
    "loggers": {
        "kb.access": {"level": "INFO"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # scanners knock by address all day
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
}
