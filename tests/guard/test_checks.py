from ipaddress import ip_network

from django.conf import settings
from django.test import SimpleTestCase, override_settings

from kb.guard.checks import check_before_opening, check_open

RIGHT = {
    "OPEN_TO_OTHERS": False,
    "SITE_URL": "https://help.example.org",
    "DEBUG": False,
    "TRUSTED_PROXY": [ip_network("127.0.0.1")],
    "EMAIL_BACKEND": "kb.jobs.smtp.EmailBackend",
    "SUPPORT_EMAIL": "help@example.org",
}


class AnOpenCopy(SimpleTestCase):
    def told(self, **changed):
        with override_settings(**{**RIGHT, **changed}):
            return check_open(None)

    def test_is_told_what_is_wrong_and_what_to_do(self):
        for changed, numbers in (
            ({}, []),
            ({"DEBUG": True}, ["kb.E001"]),
            ({"SITE_URL": "http://127.0.0.1:8000", "OPEN_TO_OTHERS": True}, ["kb.E002", "kb.W004"]),
            ({"TRUSTED_PROXY": []}, ["kb.E003"]),
            ({"SITE_URL": "http://help.example.org"}, ["kb.W004"]),
            ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, ["kb.W005"]),
            ({"SUPPORT_EMAIL": "support@example.com"}, ["kb.W006"]),
        ):
            found = self.told(**changed)
            self.assertEqual([message.id for message in found], numbers, changed)
            for message in found:
                self.assertTrue(message.hint)

    def test_is_one_that_only_this_machine_reaches_in_peace(self):
        for here in ("http://127.0.0.1:8000", "http://localhost", "http://[::1]:8000"):
            self.assertEqual(self.told(SITE_URL=here, DEBUG=True, SUPPORT_EMAIL="support@example.com"), [])

    def test_is_told_before_it_is_opened_too(self):
        with override_settings(**{**RIGHT, "SITE_URL": "http://127.0.0.1:8000", "DEBUG": True}):
            found = check_before_opening(None)
        self.assertEqual([message.id for message in found], ["kb.W008", "kb.E001"])
        self.assertIn(str(settings.DATA_DIR), found[0].hint)
        with override_settings(**RIGHT):
            self.assertEqual(check_before_opening(None), [])
