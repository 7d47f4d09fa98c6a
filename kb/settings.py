"""Codebook's settings: one file, fed by the environment or a `.env` file beside `manage.py`.

Every variable has a default that works on a laptop; docs/reference/settings.md explains each.
"""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from kb.environment import (
    BASE_DIR,
    LOOPBACK,
    contact,
    database,
    env,
    folder,
    host,
    is_loopback,
    kept_secret,
    language,
    limit,
    mail_address,
    mail_server,
    media_storage,
    misspelt,
    named,
    networks,
    no_patience,
    one_of,
    port,
    shared_cache,
    time_zone,
    web_address,
    whole_number,
    yes_or_no,
)

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
MEDIA_STORAGE = media_storage(
    bucket=env.str("MEDIA_BUCKET", default=""),
    endpoint=env.str("MEDIA_ENDPOINT", default=""),
    region=env.str("MEDIA_REGION", default=""),
    access_key=env.str("MEDIA_ACCESS_KEY", default=""),
    secret_key=env.str("MEDIA_SECRET_KEY", default=""),
)
PAGE_STORE_MB = whole_number("PAGE_STORE_MB", default=40)
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
SITE_NAME = named("SITE_NAME", default="Codebook")
PORTAL_NAME = named("PORTAL_NAME", default="Support Portal")
OPERATOR = env.str("OPERATOR", default="")
SUPPORT_EMAIL = mail_address("SUPPORT_EMAIL", default="support@example.com")

SECURITY_CONTACT = contact("SECURITY_CONTACT", default=f"mailto:{SUPPORT_EMAIL}")

# Mail

globals().update(mail_server("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = mail_address("DEFAULT_FROM_EMAIL", default=SUPPORT_EMAIL)
EMAIL_TIMEOUT = 10  # seconds for each step; the server's word on a whole mail may take longer (kb.jobs.smtp)
MAILS_KEPT_DAYS = whole_number("MAILS_KEPT_DAYS", default=14)

# Safety

DEBUG = yes_or_no("DEBUG", default="no")
SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret(DATA_DIR / "secret-key")
HAS_SECRET_KEY = bool(SECRET_KEY)  # Django refuses to say so of an empty one
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[*LOOPBACK, SITE_HOST])
TRUSTED_PROXY = networks("TRUSTED_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # guard drops it from all but TRUSTED_PROXY
HSTS_SUBDOMAINS = yes_or_no("HSTS_SUBDOMAINS", default="no")
SILENCED_SYSTEM_CHECKS = []
if not HAS_SECRET_KEY:
    SILENCED_SYSTEM_CHECKS += ["security.W009"]  # `upgrade` makes a long one
if not HSTS_SUBDOMAINS:
    # Whether every other host below ours speaks HTTPS is the operator's to know; a browser that was told so
    # keeps to it for a year. So the checks that ask for subdomains (W005) and for preloading (W021) stay quiet.
    SILENCED_SYSTEM_CHECKS += ["security.W005", "security.W021"]
if not SITE_URL.startswith("https://"):
    # What follows from that address is told by kb.guard.checks in one sentence: HSTS, redirects and secure cookies.
    SILENCED_SYSTEM_CHECKS += [f"security.{number}" for number in ("W004", "W008", "W012", "W016")]
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
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "report-uri": "/csp/",  # what most browsers know
    "report-to": "csp",  # what follows it; guard's headers say where that is
}
LIMITING = yes_or_no("LIMITS", default="on")
if OPEN_TO_OTHERS and not LIMITING:
    raise ImproperlyConfigured(
        "LIMITS is off, and HOST opens Codebook to others. Without limits it may listen on 127.0.0.1 only."
    )
LIMITS = {
    "ask": limit("LIMIT_ASK", default="30/minute;300/hour"),
    "search": limit("LIMIT_SEARCH", default="60/minute;600/hour"),
    "missing": limit("LIMIT_MISSING", default="2/second;60/minute"),
    "suggest": limit("LIMIT_SUGGEST", default="300/minute"),
    "comment": limit("LIMIT_COMMENT", default="10/hour;30/day"),
    "comment_page": limit("LIMIT_COMMENT_PAGE", default="60/hour"),
    "comment_gap": limit("LIMIT_COMMENT_GAP", default="1/10 seconds"),
    "comment_edit": limit("LIMIT_COMMENT_EDIT", default="20/hour"),
    "vote": limit("LIMIT_VOTE", default="20/minute;200/day"),
    "report": limit("LIMIT_REPORT", default="10/hour"),
    "login": limit("LIMIT_LOGIN", default="10/minute;60/hour"),
    "login_name": limit("LIMIT_LOGIN_NAME", default="5/minute;20/hour;40/day"),
    "login_failures": limit("LIMIT_LOGIN_FAILURES", default="20/hour"),
    "login_attacked": limit("LIMIT_LOGIN_ATTACKED", default="2/minute;5/hour;10/day"),
    "password_reset": limit("LIMIT_PASSWORD_RESET", default="5/hour;20/day"),
    "contact": limit("LIMIT_CONTACT", default="5/hour;20/day"),
    "refused": limit("LIMIT_REFUSED", default="30/minute;300/hour"),
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
PASSWORD_RESET_TIMEOUT = 24 * 3600  # seconds
SIGNED_IN_COOKIE_NAME = "codebook_signed_in"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "home"

# Talking back

COMMENT_APPROVAL = one_of("COMMENT_APPROVAL", ("all", "first", "none"), default="first")

# What is remembered

ASKS_KEPT_DAYS = whole_number("ASKS_KEPT_DAYS", default=90, least=0)

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
    "kb.edits",
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
    "kb.text.language.LanguageMiddleware",
    "kb.guard.tracing.TracingMiddleware",
    "kb.api.metrics.MetricsMiddleware",
    "kb.guard.proxy.TrustedProxyMiddleware",
    "kb.guard.headers.HeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "kb.delivery.compressing.Middleware",
    "django.middleware.common.CommonMiddleware",  # refuses foreign hosts, also for static files
    "kb.delivery.statics.Middleware",
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
    "default": MEDIA_STORAGE,
    "staticfiles": {"BACKEND": "kb.delivery.statics.Storage"},
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

# Read last: by now every setting has been asked for.
MISSPELT = misspelt()
