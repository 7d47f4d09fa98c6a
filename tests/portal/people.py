"""Those who ask: a browser each, with the headers that a page of ours sends."""

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from kb.guard.visitor import remember

PEOPLE = {
    "stranger": None,
    "pending author": None,
    "customer": "Customers",
    "agent": "Agents",
    "editor": "Editors",
}
OURS = {"sec_fetch_site": "same-origin"}
NOWHERE = {"sec_fetch_site": "", "origin": ""}
CROSS = (
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
    {"sec_fetch_site": "", "origin": "https://evil.example"},
    {"sec_fetch_site": "", "origin": "null"},
)


def visitor_cookie(visitor):
    return remember(visitor, HttpResponse()).cookies[settings.VISITOR_COOKIE_NAME].value


def who(name, users=None):
    """The pending author is told by the cookie alone, everybody else by their account."""
    browser = Client(enforce_csrf_checks=True, headers=OURS)
    if name == "pending author":
        browser.cookies[settings.VISITOR_COOKIE_NAME] = visitor_cookie("pending-author")
    if PEOPLE[name]:
        browser.force_login(users[name])
    return browser
