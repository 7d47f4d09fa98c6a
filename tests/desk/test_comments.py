from unittest import mock

from django.db import DatabaseError
from django.test import TestCase
from django.utils.html import escape

from kb.comments.models import Comment, Report
from kb.desk.models import Action
from kb.desk.views import COMMENTS_A_PAGE
from tests.desk.test_doors import browser_of, send
from tests.makers import code, make_article, make_comment, make_user

PAGE = "/desk/comments/"


class TheScreen(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article("Ports")
        cls.pending = make_comment(cls.article, "Waiting words", state="pending", visitor="new")
        cls.published = make_comment(code("550"), "Published words")
        cls.spam = make_comment(cls.article, "Spam words", state="spam", visitor="spammer")
        cls.reported = make_comment(cls.article, "Reported words")
        for visitor in ("ben", "cora"):
            Report.objects.create(comment=cls.reported, visitor=visitor, reason="rude")

    def setUp(self):
        self.browser = browser_of("Agents")

    def show(self, name, **query):
        return self.browser.get(PAGE, {"show": name, **query})

    def test_has_a_list_for_each_state_with_its_number(self):
        for name, words in (
            ("pending", {"Waiting words"}),
            ("reported", {"Reported words"}),
            ("published", {"Reported words", "Published words"}),
            ("spam", {"Spam words"}),
            ("nonsense", {"Waiting words"}),
        ):
            page = self.show(name)
            for comment in (self.pending, self.published, self.spam, self.reported):
                self.assertEqual(comment.text in page.content.decode(), comment.text in words)
        self.assertContains(page, "<title>(2) Comments")
        self.assertContains(page, 'Published <span class="count">2</span>')

    def test_tells_what_somebody_needs_to_decide(self):
        page = self.show("reported")
        self.assertContains(page, "<strong>It is rude</strong> (2 readers)")
        self.assertContains(page, "1 other published")  # the same browser
        self.assertContains(page, f'href="{self.article.get_absolute_url()}">Ports</a>')
        self.assertContains(page, self.reported.get_absolute_url())
        self.assertContains(self.show("pending"), "Nothing else published")

    def test_tells_of_links_and_of_accounts(self):
        person = make_user("Customers")
        make_comment(
            self.article, "See http://a.example and http://b.example", author=person, state="pending"
        )
        page = self.show("pending")
        self.assertContains(page, "2 links")
        self.assertContains(page, f"Signed in as <bdi>{person.username}</bdi>")

    def test_shows_nobody_an_address_or_markup(self):
        make_comment(
            self.article, "<script>x</script>", name="<b>Eve", email="eve@example.org", state="pending"
        )
        page = self.show("pending")
        self.assertNotContains(page, "eve@example.org")
        self.assertNotContains(page, "<script>x")
        self.assertContains(page, escape("<b>Eve"))

    def test_costs_the_same_queries_however_many_wait(self):
        self.show("pending")
        with self.assertNumQueries(12):
            self.show("pending")
        for number in range(20):
            make_comment(make_article(f"Title {number}"), f"Words {number}", state="pending")
        with self.assertNumQueries(12):
            self.show("pending")

    def test_has_pages(self):
        for number in range(COMMENTS_A_PAGE):
            make_comment(self.article, f"Words {number}", state="pending")
        self.assertContains(self.show("pending"), f"Showing 1–{COMMENTS_A_PAGE} of {COMMENTS_A_PAGE + 1}")
        self.assertContains(self.show("pending", page=2), f"Words {COMMENTS_A_PAGE - 1}")

    def test_says_so_where_nothing_is_left(self):
        Comment.objects.update(state="spam")
        Report.objects.all().delete()
        self.assertContains(self.show("pending"), "Nothing waits for approval.")
        self.assertContains(self.show("reported"), "Nothing reported is left")
        self.assertContains(self.show("published"), "There are none.")


class Acting(TestCase):
    @classmethod
    def setUpTestData(cls):
        article = make_article()
        cls.some = [make_comment(article, f"Words {number}", state="pending") for number in range(3)]

    def setUp(self):
        self.browser = browser_of("Agents")

    def send(self, address=PAGE, **data):
        return send(self.browser, address, {"show": "pending", **data})

    def states(self):
        return [Comment.objects.get(pk=comment.pk).state for comment in self.some]

    def test_is_about_those_chosen(self):
        answer = self.send(do="publish", comment=[self.some[0].pk, self.some[2].pk])
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self.states(), ["published", "pending", "published"])
        page = self.browser.get(answer["Location"])
        self.assertContains(page, "Published: 2 comments.")

    def test_is_about_one_row_whatever_is_chosen(self):
        self.send(one=f"spam:{self.some[1].pk}", comment=[self.some[0].pk])
        self.assertEqual(self.states(), ["pending", "spam", "pending"])

    def test_can_be_undone_from_the_next_page(self):
        page = self.browser.get(self.send(do="delete", comment=[one.pk for one in self.some])["Location"])
        self.assertContains(page, "Undo")
        action = Action.objects.get()
        answer = self.send(f"{PAGE}undo/", action=action.pk)
        self.assertEqual(self.states(), ["pending"] * 3)
        self.assertContains(self.browser.get(answer["Location"]), "Undone.")
        self.assertContains(self.send(f"{PAGE}undo/", action=action.pk), "can no longer", status_code=422)

    def test_is_undone_by_who_did_it_alone(self):
        self.send(one=f"spam:{self.some[0].pk}")
        action = Action.objects.get()
        other = browser_of("Agents")
        self.assertNotContains(other.get(PAGE, {"done": action.pk}), "data-undo")
        answer = send(other, f"{PAGE}undo/", {"action": action.pk})
        self.assertEqual((answer.status_code, self.states()[0]), (422, "spam"))

    def test_says_what_was_missing(self):
        for data, words in (
            ({}, "Choose one or more"),
            ({"do": "publish"}, "Choose one or more"),
            ({"do": "publish", "comment": "x"}, "Choose one or more"),
            ({"do": "publish", "comment": "9" * 40}, "Choose one or more"),
            ({"do": "explode", "comment": "1"}, "Choose one or more"),
            ({"one": "publish:"}, "Choose one or more"),
            ({"one": "publish:99999999"}, "Nothing was changed"),
            ({"one": f"dismiss:{self.some[0].pk}"}, "Nothing was changed"),
        ):
            with self.subTest(data=data):
                self.assertContains(self.send(**data), words, status_code=422)
        for action in ("", "x", "9" * 40, "²"):
            self.assertEqual(self.send(f"{PAGE}undo/", action=action).status_code, 422)
        self.assertEqual(self.browser.get(PAGE, {"done": "9" * 40}).status_code, 200)

    def test_leads_back_to_the_list_it_came_from(self):
        answer = self.send(show="reported", page="2", one=f"publish:{self.some[0].pk}")
        self.assertRegex(answer["Location"], r"^/desk/comments/\?show=reported&page=2&done=\d+$")


class InPlace(TestCase):
    """Where the comment stands, below its page."""

    def setUp(self):
        self.article = make_article()
        self.comment = make_comment(self.article, "Waiting words", state="pending")
        self.page = self.article.get_absolute_url()

    def test_has_the_buttons_for_our_staff_alone(self):
        make_comment(self.article, "Seen by all")
        for group, sees in (("Agents", True), ("Customers", False), (None, False)):
            page = browser_of(group).get(self.page)
            self.assertContains(page, "Seen by all")
            self.assertEqual("Publish</button>" in page.content.decode(), sees)
            self.assertEqual("csrfmiddlewaretoken" in page.content.decode(), group is not None)

    def test_leads_back_to_the_comment(self):
        browser = browser_of("Agents")
        for what, state in (("spam", "Taken for spam"), ("publish", "Workaround</button>")):
            answer = send(browser, PAGE, {"one": f"{what}:{self.comment.pk}", "back": str(self.comment.pk)})
            self.assertEqual((answer.status_code, answer["Location"]), (303, f"/c/{self.comment.pk}/"))
            self.assertContains(browser.get(self.page), state)

    def test_leads_nowhere_else(self):
        for back in ("https://evil.example/", "//evil.example", "999"):
            Comment.objects.update(state="pending")
            answer = send(browser_of("Agents"), PAGE, {"one": f"publish:{self.comment.pk}", "back": back})
            self.assertTrue(answer["Location"].startswith(PAGE))


class Workarounds(TestCase):
    def test_stand_with_the_text_of_the_page_and_name_their_author(self):
        for target, address in ((make_article(), None), (code("550"), "/codes/smtp/550/")):
            address = address or target.get_absolute_url()
            comment = make_comment(target, "Restart the queue", name="Maria")
            stranger, agent = browser_of(), browser_of("Agents")
            self.assertNotContains(stranger.get(address), "What helped others")
            send(agent, PAGE, {"one": f"accept:{comment.pk}"})
            page = stranger.get(address).content.decode()
            self.assertIn("<bdi>Maria</bdi>", page)
            self.assertLess(page.index("What helped others"), page.index('id="comments"'))
            send(agent, PAGE, {"one": f"take-back:{comment.pk}"})
            self.assertNotContains(stranger.get(address), "What helped others")

    def test_are_gone_where_the_comments_cannot_be_read(self):
        article = make_article()
        accepted = make_comment(article, "Restart the queue")
        send(browser_of("Agents"), PAGE, {"one": f"accept:{accepted.pk}"})
        broken = mock.patch("kb.comments.reading._facts", side_effect=DatabaseError)
        with broken, self.assertLogs("kb.comments", "ERROR"):
            page = browser_of().get(article.get_absolute_url())
        self.assertContains(page, "There was a problem loading the comments.")
        self.assertNotContains(page, "What helped others")


class TheAdmin(TestCase):
    def test_never_shows_an_address(self):
        comment = make_comment(make_article(), email="anna@example.org")
        for group in ("Editors", "Admins"):
            page = browser_of(group).get(f"/admin/comments/comment/{comment.pk}/change/")
            self.assertContains(page, comment.text)
            self.assertNotContains(page, "anna@example.org")
