"""Readers of Codebook's settings: what stands in the environment or in `.env`, checked, or a sentence that says what to write."""

import difflib
import os
import re
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
SETTINGS_FILE = BASE_DIR / ".env"
ELSEWHERE = Path("/etc/codebook.env")  # where docs/deploy had it once; systemd alone read it
LINE = re.compile(r"(?:export )?([A-Za-z_0-9]+)=.*")
# Read by ./run, ./check and commands.
NOT_OURS = {"DEMO_PASSWORD", "DJANGO_SETTINGS_MODULE", "POSTGRES", "PREPARED", "PYTHON"}


class Env(environ.Env):
    """Knows which names were asked for: what else stands in the file is misspelt."""

    def __init__(self):
        super().__init__()
        self.asked = set()

    def get_value(self, var, *arguments, **options):
        self.asked.add(var)
        return super().get_value(var, *arguments, **options)


def read_settings_file(path, elsewhere=ELSEWHERE):
    """The names in it; its values go into the environment, which has the last word."""
    if not path.exists():
        if elsewhere.exists() and not {"DATA_DIR", "DATABASE_URL"} & {*os.environ}:
            raise ImproperlyConfigured(
                f"{elsewhere} holds the settings of a service, and Codebook reads {path}, which is not there. "
                f"If they are this copy’s: ln -s {elsewhere} {path}. If not, make an empty file {path}."
            )
        return []
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8"
        raise ImproperlyConfigured(
            f"{path} cannot be read: {reason}. Whoever runs Codebook must be able to: "
            f"chown root:codebook {path}; chmod 640 {path}."
        ) from None
    names = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not (found := LINE.fullmatch(line)):
            raise ImproperlyConfigured(
                f"Line {number} of {path} is no setting. Write NAME=value, without spaces around “=”."
            )
        names.append(found[1])
    environ.Env.read_env(path)
    return names


names_in_file = read_settings_file(SETTINGS_FILE)
env = Env()

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
SQLITE = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    "must_exist": True,  # kb.guard.sqlite
}
# A new connection reads and understands the whole schema: longer than most pages take. Those kept go with their thread.
KEPT_OPEN = 60  # seconds
POOL = {
    "min_size": 1,
    "timeout": 3,  # seconds until a page says that the database is away: longer than a restart takes
    # A pool that has tried for long tries ever more seldom; given up, the next who asks has it try at once.
    "reconnect_timeout": 2,
}
POSTGRES = {
    "connect_timeout": 2,
    "application_name": "codebook",
    # A statement that takes a minute, or a lock that is not given in twenty seconds, is an error and not a hanging page.
    # What is compiled for a query of a few milliseconds takes sixty.
    "options": "-c jit=off -c statement_timeout=60s -c lock_timeout=20s -c idle_in_transaction_session_timeout=60s",
}
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
HOST_AND_PORT = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


def misspelt():
    """What stands in the file and is no setting, and what in the environment is nearly one, with the name that was meant."""
    known = env.asked | NOT_OURS
    near = {name: difflib.get_close_matches(name, known, 1, cutoff=0.85) for name in {*os.environ} - known}
    found = {name: matches[0] for name, matches in near.items() if matches}
    return {name: "" for name in names_in_file if name not in known} | found


def named(name, default):
    value = env.str(name, default=default)
    if not value.strip():
        raise ImproperlyConfigured(f"{name} is empty. Write a name, or leave it out to have “{default}”.")
    return value


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
    return _web_address(name, env.str(name, default=default))


def _web_address(name, value):
    value = value.rstrip("/").lower()
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


def whole_number(name, default, least=1):
    value = env.str(name, default=str(default))
    if not re.fullmatch(r"[0-9]{1,4}", value) or int(value) < least:
        raise ImproperlyConfigured(
            f"{name} is “{value}”. Write a whole number from {least} to 9999, such as {default}."
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
    """One that need not be there: `upgrade` makes it. The same wherever a command is called from."""
    value = env.str(name, default=default)
    if not value.strip():
        raise ImproperlyConfigured(f"{name} is empty. Name a folder, such as /srv/codebook, or leave it out.")
    path = BASE_DIR / value
    if path.exists() and not path.is_dir():
        raise ImproperlyConfigured(f"{name} is “{value}”, which is a file. Name a folder.")
    return path


def database(name, default):
    """The file or the server that a URL names; the default is a path and taken as it stands, whatever signs are in it."""
    value = env.str(name, default="")
    scheme = value.partition("://")[0]
    if scheme in {"postgres", "postgresql"}:
        return postgres(name, value)
    if not value:
        found = {"NAME": str(default)}
    else:
        found = env.db_url_config(value) if value.startswith("sqlite:///") else {"NAME": ""}
    if not found["NAME"] or ":memory:" in found["NAME"] or found["NAME"].startswith("file:"):
        raise ImproperlyConfigured(
            f"{name} must begin with sqlite:/// and name a file, such as sqlite:////srv/codebook/codebook.sqlite3, "
            "or name a database of PostgreSQL, such as postgres://codebook:secret@db.example.org/codebook. "
            "A database in memory would be gone at the next start."
        )
    file = {"ENGINE": "kb.guard.sqlite", "NAME": str(BASE_DIR / found["NAME"])}
    return found | file | {"OPTIONS": SQLITE, "CONN_MAX_AGE": KEPT_OPEN}


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
    options = {"pool_size": 16, **found["OPTIONS"]}
    options["pool"] = POOL | {"max_size": options.pop("pool_size")}
    engine = {"ENGINE": "kb.guard.postgres", "CONN_HEALTH_CHECKS": True}
    return found | engine | {"OPTIONS": POSTGRES | options}


def shared_cache(name):
    """The address of a Redis or Valkey, or nothing."""
    value = env.str(name, default="")
    if value and not re.fullmatch(r"rediss?://[^\s/]+(/[0-9]*)?", value):
        raise ImproperlyConfigured(
            f"{name} must begin with redis:// (or rediss:// for TLS) and name a host, such as redis://127.0.0.1:6379/0."
        )
    if value and not find_spec("redis"):
        raise ImproperlyConfigured(
            f"{name} needs the Redis client: .venv/bin/python -m pip install --require-hashes -r requirements-redis.txt"
        )
    return value


def no_patience():
    """A cache that does not answer at once is taken to be down: what waits for it is a page."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return {"socket_timeout": 0.3, "socket_connect_timeout": 0.3, "retry": Retry(NoBackoff(), 0)}


def media_storage(*, bucket, endpoint, region, access_key, secret_key):
    """What people upload: in DATA_DIR, or in the bucket that all of these name together."""
    others = {
        "MEDIA_ENDPOINT": endpoint,
        "MEDIA_REGION": region,
        "MEDIA_ACCESS_KEY": access_key,
        "MEDIA_SECRET_KEY": secret_key,
    }
    if not bucket:
        for name in filter(others.get, others):
            raise ImproperlyConfigured(
                f"{name} is set, and MEDIA_BUCKET is not. Name the bucket, or leave both out to keep pictures in DATA_DIR."
            )
        return {"BACKEND": "kb.delivery.media.Disk"}
    if not BUCKET.fullmatch(bucket):
        raise ImproperlyConfigured(
            f"MEDIA_BUCKET is “{bucket}”. Write the name of a bucket, such as codebook-media, without an address."
        )
    if not endpoint and not region:
        raise ImproperlyConfigured(
            "MEDIA_BUCKET needs MEDIA_ENDPOINT, such as https://s3.example.org, or MEDIA_REGION for one of Amazon’s, "
            "such as eu-central-1."
        )
    for name in ("MEDIA_ACCESS_KEY", "MEDIA_SECRET_KEY"):
        if not others[name]:
            raise ImproperlyConfigured(
                f"MEDIA_BUCKET needs {name}: one that may list, read, write and delete there."
            )
    if not find_spec("storages") or not find_spec("boto3"):
        raise ImproperlyConfigured(
            "MEDIA_BUCKET needs the S3 client: .venv/bin/python -m pip install --require-hashes -r requirements-s3.txt"
        )
    options = {"bucket_name": bucket, "region_name": region or "us-east-1"}
    options |= {"access_key": access_key, "secret_key": secret_key}
    if endpoint:
        options["endpoint_url"] = _web_address("MEDIA_ENDPOINT", endpoint)
    return {"BACKEND": "kb.delivery.bucket.Bucket", "OPTIONS": options}


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
    """The key that `upgrade` keeps beside the data; nothing before that."""
    try:
        return path.read_text().strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as problem:
        raise ImproperlyConfigured(
            f"{path}: {problem.strerror}. Run this as the owner of that file, or as root."
        ) from None


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
