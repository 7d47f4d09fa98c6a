from datetime import timedelta
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client, TestCase
from django.utils import timezone

from kb.articles import picturing, publishing
from kb.articles.models import Picture
from kb.delivery.media import MediaAway
from kb.portal.views.pictures import MOST_STORED
from tests.delivery.strangers import Stranger
from tests.makers import OwnMedia, make_article, make_draft, make_picture, make_user
from tests.portal.people import visitor_cookie


class WhoSeesAPicture(OwnMedia, TestCase):
    def setUp(self):
        super().setUp()
        self.people = {
            "stranger": AnonymousUser(),
            "customer": make_user("Customers"),
            "agent": make_user("Agents"),
            "editor": make_user("Editors"),
        }
        self.picture = make_picture()

    def seen_by(self, picture=None):
        picture = picture or self.picture
        found = {name for name, user in self.people.items() if self.status(user, picture) == 200}
        asked = {
            name
            for name, user in self.people.items()
            if Picture.objects.visible_to(user).filter(pk=picture.pk).exists()
        }
        self.assertEqual(found, asked)
        return found

    def status(self, user, picture):
        self.client.logout()
        if user.is_authenticated:
            self.client.force_login(user)
        return self.client.get(picture.get_absolute_url()).status_code

    STAFF = {"agent", "editor"}
    EVERYBODY = {"stranger", "customer", "agent", "editor"}

    def test_is_staff_alone_while_no_article_shows_it(self):
        self.assertEqual(self.seen_by(), self.STAFF)
        make_draft(body=self.picture.markdown)
        self.assertEqual(self.seen_by(), self.STAFF)

    def test_is_whoever_may_read_an_article_that_shows_it(self):
        make_article(body=self.picture.markdown, audience="agents")
        self.assertEqual(self.seen_by(), self.STAFF)
        make_article(body=self.picture.markdown, audience="customers")
        self.assertEqual(self.seen_by(), self.STAFF | {"customer"})
        article = make_article(body=self.picture.markdown)
        self.assertEqual(self.seen_by(), self.EVERYBODY)
        publishing.take_back(article)
        self.assertEqual(self.seen_by(), self.STAFF | {"customer"})

    def test_is_not_who_could_read_older_words(self):
        article = make_article(body=self.picture.markdown)
        publishing.publish(article, revision=publishing.revise(article, words={"body": "Without."}))
        self.assertEqual(self.seen_by(), self.STAFF)

    def test_hidden_is_refused_as_missing_is_whatever_is_asked(self):
        browser, hidden = Client(enforce_csrf_checks=True), self.picture.get_absolute_url()
        for method in ("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE"):
            with self.subTest(method=method):
                there, nowhere = (
                    browser.generic(method, path) for path in (hidden, hidden.replace(".png", ".gif"))
                )
                self.assertEqual(there.status_code, nowhere.status_code)

    def test_is_staff_until_the_moment_has_come(self):
        make_article(body=self.picture.markdown, at=timezone.now() + timedelta(hours=1))
        self.assertEqual(self.seen_by(), self.STAFF)


class ThePictureItself(OwnMedia, TestCase):
    def setUp(self):
        super().setUp()
        self.one = Stranger()
        self.picture = make_picture()
        self.path = self.picture.get_absolute_url()
        self.article = make_article(body=self.picture.markdown)
        self.one.listen()

    def test_is_sent_as_what_it_is_and_never_guessed_at(self):
        answer = self.one.get(self.path, accept_encoding="br, gzip")
        self.assertEqual((answer.status, answer.body), (200, picturing.read(self.picture)))
        self.assertEqual(answer["content-type"], "image/png")
        self.assertEqual(answer["x-content-type-options"], "nosniff")
        self.assertEqual(answer["cache-control"], "public, max-age=0, must-revalidate")
        self.assertNotIn("content-encoding", answer.headers)
        self.assertEqual(len(answer.cookies), 0)

    def test_of_each_format_has_its_type(self):
        self.client.force_login(make_user("Agents"))
        for kind, content_type in (("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")):
            answer = self.client.get(make_picture(kind=kind).get_absolute_url())
            self.assertEqual(answer["Content-Type"], content_type)

    def test_comes_from_memory_the_second_time(self):
        self.one.get(self.path)
        with mock.patch.object(picturing, "read", side_effect=AssertionError), self.assertNumQueries(0):
            self.assertEqual(self.one.get(self.path).status, 200)

    def test_is_not_sent_to_who_has_it(self):
        tag = self.one.get(self.path)["etag"]
        again = self.one.get(self.path, if_none_match=tag)
        self.assertEqual((again.status, again.body), (304, b""))

    def test_is_not_read_for_one_we_know_who_has_it(self):
        self.client.force_login(make_user("Customers"))
        first = self.client.get(self.path, headers={"accept-encoding": "gzip"})
        self.assertEqual(first["Cache-Control"], "private, no-cache")
        self.assertIn("Cookie", first["Vary"])
        self.assertFalse(first.has_header("Content-Encoding"))
        with mock.patch.object(picturing, "read", side_effect=AssertionError):
            again = self.client.get(self.path, headers={"if-none-match": first["ETag"]})
        self.assertEqual((again.status_code, again.content), (304, b""))
        self.assertEqual(again["Cache-Control"], "private, no-cache")

    def test_has_one_tag_for_strangers_and_for_those_we_know(self):
        self.client.force_login(make_user("Customers"))
        self.assertEqual(self.one.get(self.path)["etag"], self.client.get(self.path)["ETag"])

    def test_goes_with_its_article_within_a_second(self):
        for hide in (
            publishing.take_back,
            publishing.archive,
            lambda article: publishing.publish(
                article, revision=publishing.revise(article, words={"body": "Without."})
            ),
        ):
            with self.subTest(hide=hide):
                publishing.publish(self.article, revision=self.article.newest)
                self.one.listen()
                self.assertEqual(self.one.get(self.path).status, 200)
                hide(self.article)
                self.one.listen()
                self.assertEqual(self.one.get(self.path).status, 404)
                self.article = make_article(body=self.picture.markdown)

    def test_stays_while_another_article_shows_it(self):
        make_article(body=self.picture.markdown)
        self.one.get(self.path)
        publishing.archive(self.article)
        self.one.listen()
        self.assertEqual(self.one.get(self.path).status, 200)

    def test_comes_with_its_article(self):
        other = make_picture()
        draft = make_draft(body=other.markdown)
        self.assertEqual(self.one.get(other.get_absolute_url()).status, 404)
        publishing.publish(draft, revision=draft.newest)
        self.one.listen()
        self.assertEqual(self.one.get(other.get_absolute_url()).status, 200)

    def test_that_is_hidden_is_like_one_that_is_not_there(self):
        hidden = make_picture()
        missing = f"/pictures/{'0' * 32}.png"
        for cookie in ("", f"{settings.VISITOR_COOKIE_NAME}={visitor_cookie('anna')}"):
            answers = [
                self.one.get(path, **({"cookie": cookie} if cookie else {}))
                for path in (hidden.get_absolute_url(), missing, hidden.get_absolute_url())
            ]
            self.assertEqual([answer.status for answer in answers], [404] * 3)
            own = answers[0].text.replace(Path(hidden.name).stem, Path(missing).stem)
            self.assertEqual(own, answers[1].text)
            self.assertEqual({*answers[0].headers}, {*answers[1].headers})

    def test_that_is_large_is_sent_and_not_kept(self):
        Picture.objects.update(bytes=MOST_STORED + 1)
        for _ in range(2):
            self.assertEqual(self.one.get(self.path).body, picturing.read(self.picture))
        self.assertEqual([*self.one.store.pages], [])

    def test_takes_no_other_method_and_no_other_name(self):
        self.assertEqual(self.client.post(self.path).status_code, 405)
        self.assertEqual(self.client.head(self.path).status_code, 200)
        for name in ("form.png", f"{'0' * 32}.svg", f"{'0' * 32}.png/", f"{'g' * 32}.png"):
            self.assertEqual(self.client.get(f"/pictures/{name}").status_code, 404)

    def test_whose_place_is_away_is_said_to_be_while_its_article_is_read(self):
        with mock.patch.object(picturing.default_storage, "open", side_effect=MediaAway):
            with self.assertLogs("kb.portal", "ERROR"):
                answer = self.one.get(self.path)
            self.assertEqual(answer.status, 503)
            self.assertIn("Try again in a minute", answer.text)
            self.assertEqual(answer["cache-control"], "no-store")
            self.assertEqual(self.one.get(self.article.get_absolute_url()).status, 200)
        self.assertEqual(self.one.get(self.path).status, 200)

    def test_whose_file_is_lost_is_said_to_be_away(self):
        Path(settings.MEDIA_ROOT, self.picture.file_name).unlink()
        with self.assertLogs("kb.portal", "ERROR"):
            self.assertEqual(self.one.get(self.path).status, 503)

    def test_whose_file_is_another_is_said_to_be_away_rather_than_sent(self):
        Path(settings.MEDIA_ROOT, self.picture.file_name).write_bytes(b"<html>")
        with self.assertLogs("kb.portal", "ERROR") as logged:
            self.assertEqual(self.one.get(self.path).status, 503)
        self.assertIn("not what was written there", logged.output[0])

    def test_costs_a_stranger_few_queries(self):
        with self.assertNumQueries(2):
            self.client.get(self.path)


class AnArticle(OwnMedia, TestCase):
    def test_shows_it_with_its_place_kept_free(self):
        picture = make_picture(size=(320, 200))
        page = self.client.get(make_article(body=picture.markdown).get_absolute_url())
        self.assertContains(page, f'src="{picture.get_absolute_url()}"')
        self.assertContains(page, 'width="320"')
