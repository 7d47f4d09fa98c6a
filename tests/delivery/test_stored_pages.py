from datetime import timedelta
from unittest import mock

from django.conf import settings
from django.db import OperationalError
from django.test import Client, TestCase
from django.utils import timezone

from kb import delivery
from kb.articles import publishing
from kb.articles.models import Article
from kb.codes.models import Advice, Provider
from kb.comments.models import Comment
from kb.delivery.counting import Counts
from kb.delivery.layer import GRACE, PAUSE
from kb.delivery.models import Change, Views
from kb.delivery.tasks import write_views
from kb.desk.models import Action
from kb.desk.moderation import moderate
from kb.guard.headers import HEADERS
from kb.jobs.stated import stated
from tests.delivery.poisons import POISONS, unmoved
from tests.delivery.strangers import Stranger, connections_left_open
from tests.delivery.walking import addresses
from tests.makers import OwnMedia, code, make_article, make_comment, make_draft, make_user, smtp
from tests.portal.people import visitor_cookie

PAGE = "/kb/mailbox-full/"
HOUR = 3600


def is_for_one(answer):
    """As caches understand it."""
    says = answer["cache-control"]
    return "public" not in says and ("no-store" in says or "Cookie" in answer["vary"])


class AChangedPage(TestCase):
    """What the door does with it: the first who asks has it made aside and waits no more than the others."""

    def setUp(self):
        self.one = Stranger(grace=60)
        self.one.get(PAGE)
        publishing.publish(
            article := Article.objects.get(slug="mailbox-full"),
            revision=article.revisions.create(title="Anew"),
        )
        self.one.listen()
        self.layer = self.one.layer
        self.key = next(iter(self.one.store.dropped))

    def test_is_shown_for_a_moment_while_it_is_made(self):
        old = self.layer.look_up(self.key)
        self.assertNotIn(b"Anew", old.body(""))
        self.assertEqual([self.layer.is_due(old), self.layer.is_due(old)], [True, False])
        with connections_left_open():
            self.layer.maker.make(self.key)
        self.assertIn(b"Anew", self.layer.look_up(self.key).body(""))

    def test_is_not_shown_after_it(self):
        self.layer.grace = 0
        self.assertIsNone(self.layer.look_up(self.key))
        self.assertIn("Anew", self.one.get(PAGE).text)

    def test_is_seen_by_everybody_within_a_second(self):
        self.assertLess(PAUSE + GRACE, 0.8)


class AStranger(TestCase):
    def setUp(self):
        self.one = Stranger()

    def test_is_answered_without_a_query_the_second_time(self):
        first = self.one.get(PAGE)
        with self.assertNumQueries(0):
            second = self.one.get(PAGE)
        self.assertEqual((first.status, second.status, first.body), (200, 200, second.body))
        self.assertEqual(self.one.django_asked, 0)

    def test_gets_pages_moves_and_what_is_missing_from_the_store(self):
        for path, status in (("/", 200), ("/codes/smtp/550/", 200), ("/codes/550/", 301), ("/nothing/", 404)):
            self.assertEqual(self.one.get(path).status, status)
            with self.assertNumQueries(0):
                again = self.one.get(path)
            self.assertEqual(again.status, status)
            self.assertIn("public", again["cache-control"])

    def test_gets_every_header_that_a_made_page_has(self):
        made = self.client.get(PAGE)
        self.one.get(PAGE)
        stored = self.one.get(PAGE)
        for name in (
            "Content-Security-Policy",
            "X-Frame-Options",
            "X-Content-Type-Options",
            "Referrer-Policy",
            *HEADERS,
        ):
            self.assertEqual(stored[name.lower()], made[name])

    def test_has_its_copy_confirmed_without_a_body(self):
        tag = self.one.get(PAGE)["etag"]
        with self.assertNumQueries(0):
            answer = self.one.get(PAGE, if_none_match=tag)
        self.assertEqual((answer.status, answer.body, answer["etag"]), (304, b"", tag))

    def test_may_ask_for_the_headers_alone(self):
        length = len(self.one.get(PAGE).body)
        answer = self.one.get(PAGE, method="HEAD")
        self.assertEqual((answer.status, answer.body, answer["content-length"]), (200, b"", str(length)))

    def test_who_asks_for_a_part_gets_the_whole(self):
        answer = self.one.get(PAGE, range="bytes=0-9")
        self.assertEqual(answer.status, 200)
        self.assertGreater(len(answer.body), 1000)

    def test_is_refused_a_trace(self):
        self.assertEqual(self.one.get(PAGE, method="TRACE").status, 405)

    def test_is_counted_when_reading_and_the_total_is_written_later(self):
        number = Article.objects.get(slug="mailbox-full").pk
        for _ in range(3):
            self.one.get(PAGE)
        self.one.get(PAGE, method="HEAD")
        self.assertFalse(Views.objects.exists())
        self.one.layer.counts.write()
        self.one.get(PAGE)
        self.one.layer.counts.write()
        self.assertEqual(Views.objects.get().count, 4)
        self.assertEqual(Views.objects.most_read("article", timezone.localdate(), 5), [f"article:{number}"])

    def test_is_counted_also_where_it_could_not_be_written_at_once(self):
        self.one.get(PAGE)
        with mock.patch.object(Views.objects, "add", side_effect=OSError), self.assertRaises(OSError):
            self.one.layer.counts.write()
        self.one.get(PAGE)
        self.one.layer.counts.write()
        self.assertEqual(Views.objects.get().count, 2)

    def test_is_counted_once_where_only_some_could_be_written(self):
        counts, add = Counts(), Views.objects.add
        for number in range(250):
            counts.add(f"article:{number:03}")
        with (
            mock.patch.object(Views.objects, "add", side_effect=[None, OSError]) as tried,
            self.assertRaises(OSError),
        ):
            counts.write()
        add(*tried.call_args_list[0].args)  # the first batch was kept
        counts.write()
        self.assertEqual(Views.objects.filter(count=1).count(), 250)

    def test_is_written_down_by_the_process_itself(self):
        self.one.get(PAGE)
        self.assertIn(write_views, stated().own)
        with mock.patch("kb.delivery.tasks.running", [self.one.layer]):
            write_views()
        self.assertEqual(Views.objects.get().count, 1)

    def test_gets_an_old_page_made_anew_once(self):
        self.one.get(PAGE)
        [page] = self.one.store.pages.values()
        page.made -= 301
        self.one.get(PAGE)
        [renewed] = self.one.store.pages.values()
        self.assertIsNot(page, renewed)
        renewed.made -= 1000
        with self.assertRaises(AssertionError), self.assertNumQueries(0):
            self.one.get(PAGE)


class WithoutADatabase(TestCase):
    def setUp(self):
        self.one = Stranger()
        self.one.get(PAGE)
        [self.page] = self.one.store.pages.values()
        self.page.made -= 20 * HOUR

    def look(self, problem=None):
        with (
            mock.patch.object(self.one.layer.listener, "read", side_effect=problem, __qualname__="read"),
            mock.patch("kb.delivery.layer.connections"),
        ):
            self.one.layer.look_at_changes()

    def test_a_stored_page_is_shown_for_a_day_and_not_made_anew(self):
        with self.assertLogs("kb.delivery", "ERROR"):
            self.look(OperationalError())
        with self.assertNumQueries(0):
            self.assertEqual(self.one.get(PAGE).status, 200)
        self.page.made -= 5 * HOUR
        self.one.get(PAGE)
        self.assertNotIn(self.page, self.one.store.pages.values())

    def test_a_fault_of_our_own_is_not_taken_for_it(self):
        with self.assertLogs("kb.delivery", "ERROR"):
            self.look(ValueError())
        self.one.get(PAGE)
        self.assertNotIn(self.page, self.one.store.pages.values())

    def test_is_logged_once(self):
        with self.assertLogs("kb.delivery", "ERROR") as logged:
            self.look(OperationalError())
            self.look(OperationalError())
        self.assertEqual(len(logged.output), 1)

    def test_it_is_made_anew_once_the_database_is_back(self):
        with self.assertLogs("kb.delivery", "ERROR"):
            self.look(OperationalError())
        self.look()
        self.one.get(PAGE)
        [made] = self.one.store.pages.values()
        self.assertIsNot(made, self.page)


class AnEdit(TestCase):
    """Seen by strangers in every process once they have listened; each Stranger here is a process."""

    def setUp(self):
        self.here, self.there = Stranger(), Stranger()

    def both_listen(self, now=None):
        self.here.listen(now)
        self.there.listen(now)

    def assertSeenOn(self, path, words):
        for process in (self.here, self.there):
            self.assertNotIn(words, process.get(path).text)
        yield
        self.both_listen()
        for process in (self.here, self.there):
            self.assertIn(words, process.get(path).text, path)

    def check(self, edit, words, *paths):
        watches = [self.assertSeenOn(path, words) for path in paths]
        for watch in watches:
            next(watch)
        edit()
        for watch in watches:
            next(watch, None)

    def test_of_an_article_is_seen_on_its_page_and_on_lists(self):
        article = Article.objects.get(slug="mailbox-full")

        def edit():
            revision = publishing.revise(article, words={"title": "Quite another title"})
            publishing.publish(article, revision=revision)

        near = article.related_links.first().other
        self.check(
            edit, "Quite another title", PAGE, "/kb/", article.topic.get_absolute_url(), "/codes/smtp/552/"
        )
        self.assertIsNotNone(near)

    def test_of_a_code_is_seen_on_its_page_in_tables_and_in_articles(self):
        def edit():
            row = code("552")
            row.label = "Storage is full up"
            row.save()

        self.check(
            edit,
            "Storage is full up",
            "/codes/smtp/552/",
            "/codes/smtp/5xx/",
            "/codes/smtp/",
            "/kb/email-error-messages-explained/",
        )

    def test_of_advice_is_seen_on_the_code_and_on_what_shares_its_cause(self):
        def edit():
            row = Advice.objects.filter(cause__slug="mailbox-full", role="sender").first()
            row.text = "Wait for a blue moon."
            row.save()

        self.check(edit, "blue moon", "/codes/smtp/5.2.2/", "/codes/smtp/4.2.2/", "/causes/mailbox-full/")

    def test_that_lets_a_comment_in_is_seen_below_its_page(self):
        article, staff = Article.objects.get(slug="mailbox-full"), make_user("Agents")
        make_comment(article, "Emptying the bin was enough.", state="pending")
        self.check(
            lambda: moderate(Action.What.PUBLISH, Comment.objects.all(), by=staff),
            "Emptying the bin was enough.",
            PAGE,
            f"{PAGE}comments/",
        )

    def test_of_the_frame_is_seen_everywhere(self):
        def edit():
            row = Provider.objects.get(slug="gmail")
            row.name = "Gee Mail"
            row.save()

        self.check(edit, "Gee Mail", "/providers/gmail/", "/codes/smtp/")

    def test_of_many_at_once_is_seen(self):
        self.check(
            lambda: type(smtp()).objects.filter(slug="smtp").update(name="Mail codes of old"),
            "Mail codes of old",
            "/codes/",
            "/codes/smtp/",
        )

    def test_puts_a_page_where_there_was_none(self):
        self.assertEqual(self.there.get("/kb/brand-new/").status, 404)
        make_article("Brand new", slug="brand-new")
        self.both_listen()
        self.assertEqual(self.there.get("/kb/brand-new/").status, 200)

    def test_takes_a_page_away(self):
        self.assertEqual(self.there.get(PAGE).status, 200)
        publishing.archive(Article.objects.get(slug="mailbox-full"))
        self.both_listen()
        self.assertEqual(self.there.get(PAGE).status, 404)

    def test_leaves_other_pages_where_they_are(self):
        self.here.get("/kb/mail-is-delayed-greylisting/")
        self.here.get("/codes/smtp/421/")
        Advice.objects.filter(code__value="550").first().save()
        self.here.listen()
        self.assertEqual(len(self.here.store.pages), 2)

    def test_for_a_moment_to_come_is_seen_when_it_has_come(self):
        draft, now = make_draft("Later", slug="later"), timezone.now()
        publishing.publish(draft, revision=draft.newest, at=now + timedelta(minutes=5))
        self.both_listen()
        self.assertEqual(self.there.get("/kb/later/").status, 404)
        type(draft.newest).objects.filter(article=draft).update(publish_at=now - timedelta(seconds=1))
        Change.objects.filter(target="*").delete()  # only the moment tells it, as only the clock would
        self.there.listen(now + timedelta(minutes=4))
        self.assertEqual(self.there.get("/kb/later/").status, 404)
        self.there.listen(now + timedelta(minutes=5, seconds=1))
        self.assertEqual(self.there.get("/kb/later/").status, 200)

    def test_for_a_moment_to_come_is_known_to_a_process_that_starts_later(self):
        draft, now = make_draft("Later", slug="later"), timezone.now()
        publishing.publish(draft, revision=draft.newest, at=now + timedelta(minutes=5))
        late = Stranger()
        self.assertIn(f"article:{draft.pk}", {target for _, target in late.layer.listener.coming})

    def test_is_seen_at_once_by_the_person_who_made_it(self):
        self.here.get(PAGE)
        editor = make_user("Editors")
        self.client.force_login(editor)
        article = Article.objects.get(slug="mailbox-full")
        revision = publishing.revise(article, words={"title": "Mine"})
        publishing.publish(article, revision=revision, by=editor)
        cookie = f"{settings.SESSION_COOKIE_NAME}={self.client.session.session_key}"
        self.assertIn("Mine", self.here.get(PAGE, cookie=cookie).text)

    def test_costs_a_hit_no_query_and_a_look_one(self):
        self.here.get(PAGE)
        with self.assertNumQueries(1):
            self.here.listen()
        with self.assertNumQueries(0):
            self.here.get(PAGE)

    def test_is_not_missed_where_the_log_is_another_one(self):
        delivery.changed("codes")
        self.here.listen()
        self.here.get(PAGE)
        Change.objects.all().delete()
        self.here.listen()
        self.assertEqual(self.here.store.pages, {})

    def test_is_not_missed_where_a_restored_log_gives_a_number_again(self):
        delivery.changed("codes")
        self.here.listen()
        self.here.get(PAGE)
        Change.objects.filter(pk=Change.objects.last().pk).update(made_at=timezone.now(), target="*")
        self.here.listen()
        self.assertEqual(self.here.store.pages, {})


class WhatMayNotEnter(OwnMedia, TestCase):
    def setUp(self):
        super().setUp()
        self.one = Stranger()

    def test_is_what_was_made_for_a_person(self):
        """Every address for every role: only what says so is stored, and nothing personal says so."""
        comment = make_comment(Article.objects.get(slug="mailbox-full"), visitor="walker")
        visitor = f"{settings.VISITOR_COOKIE_NAME}={visitor_cookie('walker')}"
        paths, statuses, other = list(addresses(comment)), {}, Stranger()
        open_to_all = {path: other.get(path) for path in paths}
        people = ("", "Customers", "Agents", "Editors", "superuser")
        cookies = {
            "visitor": visitor,
            **{group or "person": self.signed_in(group) for group in people},
            "": "",
        }
        for role, cookie in cookies.items():
            self.assertEqual(
                "Signed in as" in self.one.get("/", cookie=cookie).text, role not in {"", "visitor"}
            )
            for path in paths:
                with self.subTest(role=role, path=path):
                    before = dict(self.one.store.pages)
                    answer = self.one.get(path, **({"cookie": cookie} if cookie else {}))
                    statuses.setdefault(path, set()).add(answer.status)
                    if cookie:
                        self.assertEqual(self.one.store.pages, before)
                        self.assertTrue(is_for_one(answer) or answer.body == open_to_all[path].body)
        for path, found in statuses.items():
            if not path.startswith("/admin/") and path != "/nothing/":
                self.assertNotEqual(found, {404}, path)
        self.assertGreater(len(self.one.store.pages), 15)
        for key, page in self.one.store.pages.items():
            self.assertIn("public", dict(page.heads[""])["cache-control"], key)
            self.assertNotIn("set-cookie", dict(page.heads[""]), key)
            self.assertNotIn("Signed in as", page.body("").decode(errors="replace"))
            self.assertNotIn("csrfmiddlewaretoken", page.body("").decode(errors="replace"))

    def signed_in(self, group):
        browser = Client()  # one each: a browser that changes its person ends the session before
        browser.force_login(make_user(group))
        return f"{settings.SESSION_COOKIE_NAME}={browser.session.session_key}"

    def test_is_a_code_without_a_record_and_a_search(self):
        for path in (
            "/codes/smtp/5.7.606/",
            "/search/",
            "/search/?q=full",
            "/account/login/",
            "/kb/mailbox-full/history/",
        ):
            self.one.get(path)
        self.assertEqual(self.one.store.pages, {})

    def test_is_anything_a_client_sends(self):
        """Whatever comes with a request for a page, the next stranger finds the page as it is."""
        clean = Stranger().get(PAGE)
        for poison in (*POISONS, {"scheme": "https"}):
            victim = Stranger()
            for query in (
                "",
                "?utm=<script>",
                "?page=2",
                "?print=1&page=1",
                "?page=1&page=2",
                "?sort=evil%0d%0aX: y",
            ):
                victim.get(PAGE + query, **poison)
            with self.subTest(poison=poison):
                found = victim.get(PAGE)
                self.assertEqual((found.status, unmoved(found.text)), (200, unmoved(clean.text)))
                self.assertEqual({**found.headers, "etag": ""}, {**clean.headers, "etag": ""})

    def test_is_a_head_that_would_empty_the_page(self):
        self.one.get(PAGE, method="HEAD")
        self.assertGreater(len(self.one.get(PAGE).body), 1000)
