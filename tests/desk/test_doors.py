from django.test import Client, TestCase

from kb.comments.models import Comment
from kb.desk.moderation import moderate
from tests.makers import make_article, make_comment, make_user

STAFF = ("Agents", "Editors", "Admins", "superuser")
OTHERS = ("Customers", "")


def browser_of(group=None):
    """A browser of somebody in this group; of a stranger for None."""
    browser = Client(enforce_csrf_checks=True)
    if group is not None:
        browser.force_login(make_user(group))
    return browser


def send(browser, address, data):
    """As the form on the page does, with its token; the comments as they are now, unless told otherwise."""
    browser.get("/desk/comments/")
    data = {"_edit_row": [f"{one.pk}:{one.mark}" for one in Comment.objects.all()], **data}
    token = browser.cookies["csrftoken"].value if "csrftoken" in browser.cookies else ""
    return browser.post(address, {**data, "csrfmiddlewaretoken": token})


class TheDoors(TestCase):
    """Each address × who asks × what may come of it."""

    @classmethod
    def setUpTestData(cls):
        cls.comment = make_comment(make_article(), state="pending")
        cls.pages = ("/desk/", "/desk/comments/", "/desk/comments/?show=reported&page=2")
        cls.acts = (
            ("/desk/comments/", {"one": f"publish:{cls.comment.pk}"}),
            ("/desk/comments/undo/", {"action": "1"}),
        )

    def test_open_to_our_staff(self):
        for group in STAFF:
            browser = browser_of(group)
            for address in self.pages:
                with self.subTest(group=group, address=address):
                    page = browser.get(address)
                    self.assertContains(page, 'href="/desk/"')
                    self.assertIn("no-store", page["Cache-Control"])
                    self.assertEqual(page["X-Robots-Tag"], "noindex")

    def test_send_strangers_to_sign_in(self):
        for address in self.pages:
            page = browser_of().get(address)
            self.assertEqual(page.status_code, 302)
            self.assertTrue(page["Location"].startswith("/account/login/?next=/desk/"))

    def test_tell_others_what_right_is_missing(self):
        for group in OTHERS:
            browser = browser_of(group)
            for address in self.pages:
                self.assertContains(browser.get(address), "for our support staff", status_code=403)

    def test_take_nothing_from_others(self):
        for address, data in self.acts:
            for group in (None, *OTHERS):
                browser = Client()  # even with a right token
                if group is not None:
                    browser.force_login(make_user(group))
                self.assertEqual(browser.post(address, data).status_code, 403)
        self.comment.refresh_from_db()
        self.assertEqual(self.comment.state, "pending")

    def test_ask_for_a_token(self):
        for address, data in self.acts:
            self.assertEqual(browser_of("Agents").post(address, data).status_code, 403)
        self.comment.refresh_from_db()
        self.assertEqual(self.comment.state, "pending")

    def test_refuse_other_methods(self):
        browser = Client()
        browser.force_login(make_user("Agents"))
        for address, methods in (
            ("/desk/", ("post", "put", "delete")),
            ("/desk/comments/", ("put", "delete", "patch")),
            ("/desk/comments/undo/", ("get", "head", "put")),
        ):
            for method in methods:
                with self.subTest(address=address, method=method):
                    self.assertEqual(getattr(browser, method)(address).status_code, 405)

    def test_are_shown_in_the_bar_to_our_staff_alone(self):
        for group in (*STAFF, *OTHERS, None):
            self.assertEqual('href="/desk/"' in browser_of(group).get("/").content.decode(), group in STAFF)


class Home(TestCase):
    def test_counts_what_waits_and_leads_there(self):
        article = make_article()
        for number in range(3):
            make_comment(article, f"Comment {number}", state="pending")
        page = browser_of("Agents").get("/desk/")
        self.assertContains(page, '<a href="/desk/comments/">Comments to approve</a>')
        self.assertContains(page, '<p class="figure">3</p>')
        self.assertNotContains(page, "Mails not sent")
        self.assertContains(browser_of("Admins").get("/desk/"), "Mails not sent")

    def test_stays_quick_however_much_waits(self):
        article, agent = make_article(), make_user("Agents")
        browser = Client()
        browser.force_login(agent)
        for number in range(3):
            make_comment(article, f"Comment {number}", state="pending")
        with self.assertNumQueries(6):  # session, person, groups, three counts
            browser.get("/desk/")
        self.assertEqual(moderate("spam", Comment.objects.all(), by=agent).before[0]["state"], "pending")
