import re

from django.conf import settings
from django.test import Client, TestCase

from kb.accounts import roles
from kb.accounts.models import User
from kb.articles import publishing
from kb.articles.models import Article
from kb.comments.models import Comment
from kb.comments.voting import vote
from kb.delivery.layer import running
from kb.feedback.models import Vote
from kb.portal.by_role import MARK, RolePage
from tests.comments.failing import comments_unreadable
from tests.delivery.strangers import Stranger
from tests.makers import make_article, make_draft, make_user
from tests.portal.people import visitor_cookie

PAGE = "/kb/mailbox-full/"
PAGES = (
    "/",
    "/kb/",
    "/kb/topics/block-lists/",
    "/kb/topics/block-lists/?sort=title",
    "/kb/email-error-messages-explained/",
    PAGE,
    f"{PAGE}?print=comments",
    "/codes/",
    "/codes/smtp/",
    "/codes/smtp/card/",
    "/codes/smtp/550/",
    "/codes/smtp/5.1.1/",
    "/codes/smtp/5xx/",
    "/causes/blocklist/",
    "/providers/aol/",
)
TOKEN = re.compile(r'csrfmiddlewaretoken" value="\w+')


class KeptPages(TestCase):
    """A process that serves has one layer; here it has no threads."""

    def setUp(self):
        self.layer = Stranger().layer
        running.append(self.layer)
        self.addCleanup(running.remove, self.layer)

    def browser(self, group="Agents", **fields):
        browser = Client()
        browser.force_login(make_user(group, **fields))
        return browser

    def visitor(self, name="visitor-1"):
        browser = Client()
        browser.cookies[settings.VISITOR_COOKIE_NAME] = visitor_cookie(name)
        return browser

    def kept(self):
        return [page for page in self.layer.store.pages.values() if isinstance(page, RolePage)]


class APersonWeKnow(KeptPages):
    def everybody(self):
        for group in ("", "Agents", "Editors", "Admins", "superuser"):
            yield self.browser(group, first_name="Zoë", last_name="Quill")
        yield self.visitor()

    def test_is_named_by_their_own_user_name_to_the_scripts_of_the_page(self):
        for _ in range(3):
            browser = self.browser("Agents", first_name="Zoë")
            name = User.objects.latest("pk").username
            self.assertContains(browser.get("/"), f'<meta name="person" content="{name}">')
        self.assertTrue(self.kept())
        self.assertNotContains(self.visitor().get("/"), 'name="person"')

    def test_gets_the_page_that_would_be_made_for_them_alone(self):
        for browser in self.everybody():
            for path in PAGES:
                with self.subTest(path=path):
                    self.assertEqual(browser.get(path).status_code, 200)
                    kept = browser.get(path)
                    running.remove(self.layer)
                    alone = browser.get(path)
                    running.append(self.layer)
                    self.assertEqual(said(kept), said(alone))
                    self.assertEqual(heads(kept), heads(alone))
        self.assertGreaterEqual(len(self.kept()), 5 * len(PAGES))

    def test_costs_who_they_are_and_what_changed(self):
        browser = self.browser("superuser")
        for path in (PAGE, "/kb/"):
            browser.get(path)
            with self.assertNumQueries(3):
                browser.get(path)

    def test_is_called_by_their_own_name(self):
        anna, bob = self.browser(first_name="Anna"), self.browser(first_name="Bob <b>")
        for _ in range(2):
            self.assertContains(anna.get(PAGE), "Signed in as Anna")
            self.assertContains(bob.get(PAGE), "Signed in as Bob &lt;b&gt;")
        self.assertNotContains(anna.get(PAGE), "Bob")
        self.assertNotContains(anna.get(PAGE), MARK)

    def test_finds_their_name_in_the_form_unless_it_is_an_address(self):
        self.assertContains(self.browser(first_name="Anna").get(PAGE), 'value="Anna"')
        self.assertNotContains(self.browser(first_name="a@b.example").get(PAGE), 'value="a@b')

    def test_can_use_the_forms_on_a_kept_page(self):
        comment = self.comment(state="pending")
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(make_user("Agents"))
        for _ in range(2):
            page = browser.get(PAGE)
            token = re.search(r'csrfmiddlewaretoken" value="(\w+)', page.content.decode())[1]
        marks = re.findall(r'name="_edit_row" value="([^"]+)"', page.content.decode())
        form = {
            "csrfmiddlewaretoken": token,
            "_edit_row": marks,
            "one": f"publish:{comment.pk}",
            "back": comment.pk,
        }
        self.assertEqual(browser.post("/desk/comments/", form).status_code, 303)
        comment.refresh_from_db()
        self.assertEqual(comment.state, "published")

    def test_sees_at_once_what_was_changed(self):
        browser, article = self.browser("Editors"), make_article("Now it is new")
        path = article.get_absolute_url()
        self.assertContains(browser.get(path), "Now it is new")
        newer = article.revisions.create(title="Now it is newer", body="Newer words.")
        publishing.publish(article, revision=newer, by=make_user("Editors"))
        self.assertContains(browser.get(path), "Now it is newer")

    def test_agents_see_at_once_what_waits_for_them(self):
        browser = self.browser()
        self.assertNotContains(browser.get(PAGE), "Is anybody there?")
        self.comment(state="pending", text="Is anybody there?")
        self.assertContains(browser.get(PAGE), "Is anybody there?")
        self.assertNotContains(self.visitor().get(PAGE), "Is anybody there?")

    def test_reads_the_rest_of_a_page_whose_comments_cannot_be_read(self):
        browser = self.visitor()
        browser.get(PAGE)
        with comments_unreadable():
            broken = browser.get(PAGE)
        self.assertContains(broken, "There was a problem loading the comments.")
        self.assertNotContains(browser.get(PAGE), 'data-state="failed"')

    def test_reads_a_kept_page_whole_where_nothing_of_their_own_has_to_be_asked_for(self):
        browser = self.browser()
        browser.get(PAGE)
        with comments_unreadable():
            self.assertNotContains(browser.get(PAGE), 'data-state="failed"')

    def comment(self, **fields):
        article = Article.objects.get(slug="mailbox-full")
        return Comment.objects.create(
            **{"article": article, "name": "Ann", "text": "Hello", "visitor": "somebody", **fields}
        )


class WhoeverSaidSomething(KeptPages):
    def setUp(self):
        super().setUp()
        self.article = Article.objects.get(slug="mailbox-full")

    def test_sees_their_own_comment_that_waits_and_nobody_else_does(self):
        Comment.objects.create(
            article=self.article, name="Ann", text="Mine alone", visitor="visitor-1", state="pending"
        )
        for _ in range(2):
            self.assertContains(self.visitor().get(PAGE), "Mine alone")
            self.assertNotContains(self.visitor("visitor-2").get(PAGE), "Mine alone")
            self.assertNotContains(self.browser("").get(PAGE), "Mine alone")

    def test_sees_their_own_comment_that_waits_where_they_are_signed_in(self):
        anna, bob = Client(), self.browser("")
        anna.force_login(author := make_user(""))
        for browser in (anna, bob):
            browser.get(PAGE)  # kept before it was said
        comment = Comment.objects.create(
            article=self.article, author=author, name="Anna", text="Mine alone", state="pending"
        )
        for _ in range(2):
            self.assertContains(anna.get(PAGE), "Mine alone")
            self.assertNotContains(bob.get(PAGE), "Mine alone")
        comment.delete()
        self.assertNotContains(anna.get(PAGE), "Mine alone")

    def test_sees_their_own_vote_and_nobody_else_does(self):
        Vote.cast(self.article, useful=True, visitor="visitor-1")
        for _ in range(2):
            self.assertContains(self.visitor().get(PAGE), "Thank you")
            self.assertNotContains(self.visitor("visitor-2").get(PAGE), "Thank you")

    def test_sees_that_they_took_their_vote_on_a_comment_back(self):
        comment = Comment.objects.create(article=self.article, name="Ann", text="Hello", state="published")
        vote(comment, visitor="visitor-1", value=1)
        self.assertContains(self.visitor("visitor-2").get(PAGE), "Score: </span>1")
        vote(comment, visitor="visitor-1", value=0)
        self.assertContains(self.visitor().get(PAGE), "Score: </span>0")

    def test_sees_how_they_voted_on_a_comment(self):
        comment = Comment.objects.create(article=self.article, name="Ann", text="Hello", state="published")
        comment.votes.create(visitor="visitor-1", value=1)
        for _ in range(2):
            self.assertContains(self.visitor().get(PAGE), 'aria-pressed="true">Helpful')
            self.assertNotContains(self.visitor("visitor-2").get(PAGE), 'aria-pressed="true">Helpful')


class WhatIsKept(KeptPages):
    def test_names_nobody_and_holds_nobodys_token(self):
        browser = self.browser("Editors", first_name="Zephyrine", email="zephyrine@example.org")
        for path in PAGES:
            browser.get(path)
        token = browser.cookies[settings.CSRF_COOKIE_NAME].value
        for page in self.kept():
            text = b"".join(page.pieces).decode()
            self.assertNotIn("zephyrine", text.lower())
            self.assertNotIn(token, text)
            self.assertEqual(
                TOKEN.findall(text.replace(MARK, "")),
                ['csrfmiddlewaretoken" value="token'] * text.count("csrfmiddlewaretoken"),
            )

    def test_is_of_one_role(self):
        internal = make_article("For us alone", audience="agents")
        agent, customer = self.browser("Agents"), self.browser("")
        for browser, status in ((agent, 200), (customer, 404), (agent, 200), (self.visitor(), 404)):
            self.assertEqual(browser.get(internal.get_absolute_url()).status_code, status)
        self.assertContains(agent.get("/kb/?page=1"), "For us alone")
        self.assertNotContains(customer.get("/kb/?page=1"), "For us alone")

    def test_may_be_for_customers_or_staff_alone_and_is_made_once(self):
        for audience, group in (("customers", ""), ("agents", "Agents")):
            path = make_article("Not for all", audience=audience).get_absolute_url()
            browser = self.browser(group)
            browser.get(path)
            with self.assertNumQueries(4):
                kept = browser.get(path)
            self.assertIn("noindex", kept["X-Robots-Tag"])
            self.assertIn("private", kept["Cache-Control"])
            self.assertEqual(len(self.kept()), 1)

    def test_leaves_what_an_article_shows_as_a_sample(self):
        sample = '<input name="csrfmiddlewaretoken" value="abc123">'
        article = make_article("A form", body=f"```html\n{sample}\n```")
        browser = self.browser()
        for _ in range(2):
            self.assertContains(browser.get(article.get_absolute_url()), "abc123")

    def test_is_nothing_unpublished_or_that_is_not_there(self):
        browser = self.browser("Editors")
        for path, status in (
            (make_draft("Not yet").get_absolute_url(), 200),
            ("/codes/smtp/5.98.98/", 200),
            ("/codes/550/", 301),
            ("/kb/nothing-here/", 404),
            (f"{PAGE}?q=1", 200),
        ):
            for _ in range(2):
                self.assertEqual(browser.get(path).status_code, status, path)
        self.assertEqual(self.kept(), [])

    def test_no_stranger_gets_it_and_it_gets_no_strangers_page(self):
        browser, one = self.browser("Editors"), Stranger()
        running[:] = [one.layer]
        self.addCleanup(running.__setitem__, slice(None), [self.layer])
        for _ in range(2):
            self.assertContains(browser.get(PAGE), "Signed in as")
            self.assertNotIn("Signed in as", one.get(PAGE).text)
        self.assertEqual(len([key for key in one.store.pages if PAGE in str(key)]), 2)
        self.assertIn("private", browser.get(PAGE)["Cache-Control"])

    def test_follows_a_person_whose_role_changes(self):
        user = make_user("Agents")
        browser = Client()
        browser.force_login(user)
        self.assertContains(browser.get("/kb/"), 'href="/desk/"')
        user.groups.clear()
        self.assertNotContains(browser.get("/kb/"), 'href="/desk/"')
        self.assertEqual(roles.role_of(type(user).objects.get(pk=user.pk)), roles.CUSTOMER)


def said(response):
    return TOKEN.sub("", response.content.decode())


def heads(response):
    return {
        name: value
        for name, value in response.headers.items()
        if name not in {"X-Request-ID", "Content-Length"}
    }
