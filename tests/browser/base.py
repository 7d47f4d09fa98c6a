"""A real Chromium in front of a real server; the database is put back after each test."""

import os
import sqlite3

from django.contrib.staticfiles.testing import StaticLiveServerTestCase
from django.db import connection
from django.test import tag
from playwright.sync_api import sync_playwright

from tests.makers import make_user

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
    "true"  # Playwright’s loop runs in this thread; the ORM is used outside it
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@tag("browser")
class BrowserTestCase(StaticLiveServerTestCase):
    script = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.playwright = sync_playwright().start()
        cls.addClassCleanup(cls.playwright.stop)
        chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        cls.browser = cls.playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        connection.ensure_connection()
        self.before = sqlite3.connect(":memory:")
        connection.connection.backup(self.before)
        self.page = self.browser.new_page(
            java_script_enabled=self.script, viewport={"width": 1280, "height": 800}
        )
        self.page.set_default_timeout(10_000)
        self.addCleanup(self.page.close)
        self.complaints = []
        self.page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type == "error" else None,
        )
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self.note_foreign)

    def _fixture_teardown(self):
        """Instead of emptying the tables: back to what stood there before the test."""
        self.before.backup(connection.connection)
        self.before.close()

    def tearDown(self):
        self.assertEqual(self.complaints, [])

    def note_foreign(self, request):
        if not request.url.startswith((self.live_server_url, "data:", "about:")):
            self.complaints.append(f"asked another host: {request.url}")

    def open(self, path):
        self.page.goto(self.live_server_url + path)

    def sign_in(self, group="Editors"):
        user = make_user(group)
        self.open("/account/login/")
        self.page.locator("[name=username]").fill(user.username)
        self.page.locator("[name=password]").fill("right horse")
        self.page.locator("main").get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(self.live_server_url + "/")
        return user
