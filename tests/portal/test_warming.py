from unittest import mock

from django.template import engines
from django.test import SimpleTestCase, TestCase, override_settings

from kb.diagnosis import book
from kb.diagnosis.diagnosing import diagnose
from kb.portal import warming
from tests.delivery.strangers import Stranger, connections_left_open


@override_settings(SITE_URL="http://127.0.0.1")
class TheFirstPages(TestCase):
    def test_are_there_before_anybody_asks(self):
        one = Stranger()
        with connections_left_open():
            warming.warm(one.layer)
        with self.assertNumQueries(0):
            self.assertEqual([one.get(path).status for path in warming.FIRST], [200] * len(warming.FIRST))

    def test_come_with_the_book_that_bounces_are_read_by(self):
        one = Stranger()
        with mock.patch.object(book, "_kept", None), connections_left_open():
            warming.warm(one.layer)
            with mock.patch.object(book, "open_book", side_effect=AssertionError):
                self.assertEqual(diagnose("550 5.1.1 User unknown").best.code.value, "5.1.1")

    def test_are_made_for_no_host_that_is_not_ours(self):
        one = Stranger()
        elsewhere = override_settings(SITE_URL="http://elsewhere.example", ALLOWED_HOSTS=["127.0.0.1"])
        with elsewhere, connections_left_open():
            warming.warm(one.layer)
        self.assertEqual(one.store.pages, {})


class AllTemplates(SimpleTestCase):
    def test_are_there_before_an_upgrade_puts_others_in_their_place(self):
        [cached] = engines["django"].engine.template_loaders
        cached.reset()
        warming._load_templates()
        with mock.patch.object(type(cached.loaders[0]), "get_contents", side_effect=AssertionError):
            for name in ("portal/answer.html", "portal/503.html", "comments/_sent.html", "desk/_done.html"):
                engines["django"].get_template(name)


class AStart(SimpleTestCase):
    def test_goes_on_without_them(self):
        with (
            mock.patch.object(warming, "warm", side_effect=OSError),
            self.assertLogs("kb.portal.warming") as logs,
        ):
            warming._quietly(None)
        self.assertIn("OSError", logs.output[0])
