from unittest import mock

from django.db import DatabaseError
from django.test import Client, TestCase
from django.utils import timezone
from django.utils.html import escape

from kb.comments.models import Comment, Report
from kb.desk.models import Action
from kb.desk.views import COMMENTS_A_PAGE
from tests.desk.test_doors import browser_of, send
from tests.forms import opened
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
        again = self.send(f"{PAGE}undo/", action=action.pk)
        self.assertEqual(again["Location"], answer["Location"])
        self.assertEqual(self.states(), ["pending"] * 3)

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


class TwoAtTheDesk(TestCase):
    """One has an older list than the other."""

    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()
        cls.some = [make_comment(cls.article, f"Words {number}", state="pending") for number in range(3)]

    def setUp(self):
        self.anna, self.ben = (make_user("Agents", first_name=name) for name in ("Anna", "Ben"))
        self.annas, self.bens = Client(), Client()
        self.annas.force_login(self.anna)
        self.bens.force_login(self.ben)

    def states(self):
        return [Comment.objects.get(pk=comment.pk).state for comment in self.some]

    def both_open(self, address=PAGE):
        return opened(self.annas, address), opened(self.bens, address)

    def test_leave_what_the_other_decided_and_are_told_of_it(self):
        for late in ("delete", "spam", "publish", "dismiss"):
            with self.subTest(late=late):
                Comment.objects.update(state="pending")
                Action.objects.all().delete()
                annas, bens = self.both_open()
                early = "spam" if late == "publish" else "publish"
                self.annas.post(PAGE, {**annas, "one": f"{early}:{self.some[0].pk}"})
                before = self.states()
                page = self.bens.post(PAGE, {**bens, "one": f"{late}:{self.some[0].pk}"})
                self.assertContains(page, "Nothing was done", status_code=409)
                self.assertRegex(page.content.decode(), r"Anna\s+decided")
                self.assertEqual(self.states(), before)

    def test_do_the_others_of_those_chosen_which_can_be_undone(self):
        annas, bens = self.both_open()
        self.annas.post(PAGE, {**annas, "one": f"publish:{self.some[0].pk}"})
        answer = self.bens.post(PAGE, {**bens, "do": "spam", "comment": [one.pk for one in self.some]})
        page = self.bens.get(answer["Location"])
        self.assertContains(page, "Marked as spam: 2 comments.")
        self.assertContains(page, "One of those you chose stayed as it is")
        self.assertContains(page, "Anna decided")
        self.assertEqual(self.states(), ["published", "spam", "spam"])
        undone = Action.objects.get(made_by=self.ben)
        self.bens.post(f"{PAGE}undo/", {"action": undone.pk})
        self.assertEqual(self.states(), ["published", "pending", "pending"])

    def test_publish_no_words_that_were_edited_since(self):
        _, bens = self.both_open()
        Comment.objects.filter(pk=self.some[0].pk).update(text="Buy now", edited_at=timezone.now())
        page = self.bens.post(PAGE, {**bens, "one": f"publish:{self.some[0].pk}"})
        self.assertContains(page, "its author edited it", status_code=409)
        self.assertEqual(self.states()[0], "pending")

    def test_settle_no_report_that_came_since(self):
        Comment.objects.update(state="published")
        Report.objects.create(comment=self.some[0], visitor="v1", reason="rude")
        bens = opened(self.bens, f"{PAGE}?show=reported")
        Report.objects.create(comment=self.some[0], visitor="v2", reason="wrong")
        page = self.bens.post(PAGE, {**bens, "one": f"dismiss:{self.some[0].pk}"})
        self.assertContains(page, "changed or reported since", status_code=409)
        self.assertEqual(Report.objects.filter(settled_at=None).count(), 2)

    def test_are_told_so_from_the_page_of_the_comment_too(self):
        address = self.article.get_absolute_url()
        mark = f"{self.some[0].pk}:{self.some[0].mark}"
        self.assertContains(self.bens.get(address), f'name="_edit_row" value="{mark}"')
        annas, _ = self.both_open()
        self.annas.post(PAGE, {**annas, "one": f"publish:{self.some[0].pk}"})
        data = {"one": f"spam:{self.some[0].pk}", "back": self.some[0].pk, "_edit_row": mark}
        self.assertContains(self.bens.post(PAGE, data), "Nothing was done", status_code=409)
        self.assertEqual(self.states()[0], "published")

    def test_do_nothing_from_a_page_that_does_not_say_what_it_showed(self):
        page = self.bens.post(PAGE, {"one": f"publish:{self.some[0].pk}"})
        self.assertContains(page, "Nothing was done", status_code=409)
        self.assertEqual(self.states()[0], "pending")

    def test_get_the_first_answer_for_a_form_sent_twice(self):
        _, bens = self.both_open()
        for data in ({"one": f"publish:{self.some[0].pk}"}, {"do": "delete", "comment": [self.some[1].pk]}):
            first, second = (self.bens.post(PAGE, {**bens, **data}) for _ in range(2))
            self.assertEqual((first.status_code, first["Location"]), (second.status_code, second["Location"]))
        self.assertEqual(Action.objects.count(), 2)


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
