"""What is fine on a laptop and wrong where others can reach it; Django tells of it at each start."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from kb.guard.proxy import read_address

SEE = "See docs/deploy/one-machine.md."


def is_open() -> bool:
    """Others come in by HOST, or by a proxy that speaks for SITE_URL."""
    return settings.OPEN_TO_OTHERS or not _is_here(settings.SITE_URL)


@register
def check_open(app_configs, **options) -> list[CheckMessage]:
    if not is_open():
        return []
    return [message for is_wrong, message in _rules() if is_wrong]


@register(deploy=True)
def check_before_opening(app_configs, **options) -> list[CheckMessage]:
    """With --deploy, a copy that nobody else reaches yet is asked what an open one is."""
    if is_open():
        return []
    not_yet = Warning(
        f"Only this machine reaches this copy: SITE_URL is {settings.SITE_URL}. Was another meant?",
        hint=f"Its settings are those of the environment and of {settings.BASE_DIR / '.env'}; its data are in "
        f"{settings.DATA_DIR}. To open it, set SITE_URL=https://help.example.org. {SEE}",
        id="kb.W008",
    )
    about_itself = ("kb.E002", "kb.W004")
    return [
        not_yet,
        *(message for is_wrong, message in _rules() if is_wrong and message.id not in about_itself),
    ]


@register
def check_names(app_configs, **options) -> list[CheckMessage]:
    return [
        Warning(
            f"{name} is no setting of Codebook, and has no effect.",
            hint=f"Did you mean {meant}?" if meant else "All settings stand in docs/reference/settings.md.",
            id="kb.W007",
        )
        for name, meant in settings.MISSPELT.items()
    ]


def _rules():
    secure = settings.SITE_URL.startswith("https://")
    return [
        (
            settings.DEBUG,
            Error(
                "DEBUG is on while others can reach this copy.",
                hint="It shows settings and code: DEBUG=no.",
                id="kb.E001",
            ),
        ),
        (
            _is_here(settings.SITE_URL),
            Error(
                f"SITE_URL is still {settings.SITE_URL} while others can reach this copy.",
                hint="Links in mails, feeds and printed pages need it; set it to https://help.example.org.",
                id="kb.E002",
            ),
        ),
        (
            secure and not settings.TRUSTED_PROXY,
            Error(
                "SITE_URL is https, and TRUSTED_PROXY names no proxy that could say so: every page would redirect to itself.",
                hint=f"Name the proxy that ends HTTPS: TRUSTED_PROXY=127.0.0.1. {SEE}",
                id="kb.E003",
            ),
        ),
        (
            not secure,
            Warning(
                f"SITE_URL is {settings.SITE_URL}: passwords cross the network in the clear.",
                hint=f"Put a proxy with HTTPS in front. {SEE}",
                id="kb.W004",
            ),
        ),
        (
            settings.EMAIL_BACKEND.endswith("console.EmailBackend"),
            Warning(
                "Mails are only shown where the server runs, and reach nobody.",
                hint="EMAIL_URL=smtp+tls://user:password@mail.example.org:587",
                id="kb.W005",
            ),
        ),
        (
            settings.SUPPORT_EMAIL.endswith("@example.com"),
            Warning(
                f"SUPPORT_EMAIL is still {settings.SUPPORT_EMAIL}, where nobody reads.",
                hint="Set it to the address your customers write to.",
                id="kb.W006",
            ),
        ),
    ]


def _is_here(url):
    host = urlsplit(url).hostname or ""
    address = read_address(f"[{host}]")
    return address.is_loopback if address else host == "localhost"
