import re
from datetime import timedelta
from unittest import mock

from django.test import TestCase
from django.utils import timezone

from kb.articles import publishing
from kb.articles.models import Article, Related
from kb.codes.markers import rendered
from tests.makers import code, make_article, make_draft, make_topic, make_user

SEED = "/kb/email-error-messages-explained/"
SEED_LABELS = {
    "211": "System status or system help reply",
    "214": "Help message",
    "220": "Service ready",
    "221": "Service closing transmission channel",
    "235": "Authentication successful",
    "250": "Requested mail action okay, completed",
    "251": "User not local; will forward to forward-path",
    "252": "Cannot verify user, but will attempt delivery",
    "334": "Authentication challenge",
    "354": "Start mail input; end with &lt;CRLF&gt;.&lt;CRLF&gt;",
    "421": "Service not available, closing connection",
    "432": "Password transition is needed",
    "450": "Mailbox unavailable",
    "451": "Local error in processing",
    "452": "Insufficient system storage",
    "453": "No mail found",
    "454": "TLS not available",
    "458": "Unable to queue messages",
    "459": "Node not allowed",
    "500": "Syntax error, command unrecognized",
    "501": "Syntax error in parameters",
    "502": "Command not implemented",
    "503": "Bad sequence of commands",
    "504": "Command parameter not implemented",
    "521": "Machine does not accept mail",
    "530": "Must issue a STARTTLS command first",
    "534": "Authentication mechanism too weak",
    "538": "Encryption required",
    "550": "Mailbox unavailable",
    "551": "User not local; try forward-path",
    "552": "Exceeded storage allocation",
    "553": "Mailbox name not allowed",
    "554": "Transaction failed",
}


def rows(page):
    """{code: label} of the code tables on a page; the first row of a code counts."""
    html = page.content.decode()
    found = [
        re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)[:2]
        for row in re.split(r"<tr[^>]*>", html)[1:]
    ]
    return {re.sub(r"<[^>]+>", "", head).strip(): cell.strip() for head, cell in reversed(found)}


class TheArticleItBeganWith(TestCase):
    def test_shows_all_33_codes_with_their_labels(self):
        shown = rows(self.client.get(SEED))
        self.assertEqual({value: shown.get(value) for value in SEED_LABELS}, SEED_LABELS)

    def test_follows_an_edited_label_at_once(self):
        record = code("550")
        record.label = "Our own words"
        record.save()
        self.assertEqual(rows(self.client.get(SEED))["550"], "Our own words")

    def test_has_its_headings_and_the_official_reference(self):
        page = self.client.get(SEED)
        for words in (
            "2xx – Success Codes",
            "5xx – Permanent Failure Codes",
            "Enhanced Status Codes",
            "IANA SMTP Enhanced Status Codes",
        ):
            self.assertContains(page, words)

    def test_stands_where_the_breadcrumb_says(self):
        page = self.client.get(SEED).content.decode()
        places = [
            page.index(words)
            for words in (
                "Support Portal",
                "Knowledgebase",
                "Understanding mail errors",
                'aria-current="page"',
            )
        ]
        self.assertEqual(places, sorted(places))


class AnArticle(TestCase):
    def test_is_read_without_rendering_anything(self):
        make_article(body="## One & *two*\n\nWords.\n\n## Three\n\nWords.", slug="rendered-before")
        with mock.patch("kb.text.markdown._render", side_effect=AssertionError("rendered on a public page")):
            rendered.cache_clear()
            page = self.client.get("/kb/rendered-before/")
        self.assertContains(page, ">One &amp; two</a>")

    def test_lets_old_addresses_lead_to_the_new_one(self):
        article = make_article(slug="old-name")
        article.slug = "new-name"
        article.save()
        self.assertRedirects(self.client.get("/kb/old-name/"), "/kb/new-name/", status_code=301)

    def test_has_a_short_permanent_address(self):
        article = make_article()
        self.assertRedirects(
            self.client.get(f"/a/{article.number}/"), article.get_absolute_url(), status_code=301
        )

    def test_is_missing_to_strangers_while_it_is_hidden(self):
        hidden = [
            make_draft(),
            make_article(audience="customers"),
            make_article(audience="agents"),
            make_article(at=timezone.now() + timedelta(hours=1)),
        ]
        archived = make_article()
        Article.objects.filter(pk=archived.pk).update(state="archived")
        for article in [*hidden, archived]:
            for address in (
                article.get_absolute_url(),
                f"/a/{article.number}/",
                f"{article.get_absolute_url()}history/",
            ):
                with self.subTest(address=address):
                    page = self.client.get(address)
                    self.assertContains(page, "Sign in", status_code=404)
                    self.assertNotContains(page, article.text.title, status_code=404)

    def test_is_shown_as_a_draft_to_agents(self):
        self.client.force_login(make_user("Agents"))
        page = self.client.get(make_draft("Half written").get_absolute_url())
        self.assertContains(page, "Half written")
        self.assertContains(page, "noindex")

    def test_names_related_articles_that_the_reader_may_see(self):
        article, public, internal = (
            make_article(),
            make_article("Public one"),
            make_article("Internal one", audience="agents"),
        )
        for other in (public, internal):
            Related.objects.create(article=article, other=other, why="The next step.")
        page = self.client.get(article.get_absolute_url())
        self.assertContains(page, "Public one")
        self.assertNotContains(page, "Internal one")

    def test_tells_agents_its_whole_history(self):
        article = make_corrected_article()
        self.client.force_login(make_user("Agents"))
        page = self.client.get(f"{article.get_absolute_url()}history/")
        for words in ("Internal name", "Said it better", "by Ada Editor"):
            self.assertContains(page, words)

    def test_tells_others_only_when_and_what_changed(self):
        article = make_corrected_article()
        page = self.client.get(f"{article.get_absolute_url()}history/")
        self.assertContains(page, "Changed: title, text.")
        self.assertContains(page, "The first version.")
        self.assertContains(page, '<span class="chip">Shown now</span>', count=1)
        for words in ("Internal name", "Said it better", "Ada", "ada-editor"):
            self.assertNotContains(page, words)

    def test_tells_nobody_outside_of_changed_keywords(self):
        article = make_article()
        publishing.publish(article, revision=publishing.revise(article, words={"keywords": "kazoo"}))
        page = self.client.get(f"{article.get_absolute_url()}history/")
        self.assertContains(page, "Nothing changed on the page.")
        self.assertNotContains(page, "eywords")

    def test_is_missing_for_a_number_beyond_all_bounds(self):
        for number in ("9" * 18, "9" * 19, "9" * 40):
            self.assertEqual(self.client.get(f"/a/{number}/").status_code, 404)

    def test_refuses_post(self):
        self.assertEqual(self.client.post(make_article().get_absolute_url()).status_code, 405)


def make_corrected_article():
    article = make_article("Internal name", audience="agents")
    editor = make_user("Editors", first_name="Ada", last_name="Editor")
    words = {"title": "Public name", "body": "Other words."}
    revision = publishing.revise(article, words=words, note="Said it better", by=editor)
    publishing.publish(article, revision=revision)
    Article.objects.filter(pk=article.pk).update(audience="public")
    return article


class ATopic(TestCase):
    def test_is_missing_to_strangers_while_nothing_in_it_can_be_read(self):
        above = make_topic("Hush above")
        hidden = make_article(audience="agents", topic=make_topic("Hush below", parent=above)).topic
        for topic in (above, hidden, make_topic("Hush empty")):
            with self.subTest(topic=topic):
                page = self.client.get(topic.get_absolute_url())
                self.assertNotContains(page, "Hush", status_code=404)
        self.assertNotContains(self.client.get("/help/hush.html"), "Hush above", status_code=404)

    def test_is_shown_to_agents_even_when_empty(self):
        self.client.force_login(make_user("Agents"))
        self.assertContains(self.client.get(make_topic("Hush empty").get_absolute_url()), "Hush empty")

    def test_is_shown_for_an_article_far_below_or_at_home_elsewhere(self):
        above = make_topic()
        middle = make_topic(parent=make_topic(parent=above))
        other = make_topic()
        make_article(topic=make_topic(parent=middle)).also_in.add(other)
        for topic in (above, middle, other):
            self.assertEqual(self.client.get(topic.get_absolute_url()).status_code, 200)


class Lists(TestCase):
    def test_leave_out_what_the_reader_may_not_see(self):
        hidden = make_article("Zzz hidden", audience="agents")
        make_article("Public one", topic=hidden.topic)
        for address in ("/", "/kb/", hidden.topic.get_absolute_url(), "/search/?q=zzz"):
            self.assertNotContains(self.client.get(address), "Zzz hidden")

    def test_can_be_sorted(self):
        article = make_article("B article")
        make_article("A article", topic=article.topic)
        page = self.client.get(article.topic.get_absolute_url() + "?sort=title").content.decode()
        self.assertLess(page.index("A article"), page.index("B article"))

    def test_cope_with_an_unknown_order(self):
        self.assertEqual(
            self.client.get(make_article().topic.get_absolute_url() + "?sort=\x00").status_code, 200
        )

    def test_come_in_pages(self):
        topic = make_article("Aaa 00").topic
        for number in range(1, 60):
            make_article(f"Aaa {number:02}", topic=topic)
        self.assertContains(self.client.get("/kb/"), "Aaa 40")
        self.assertNotContains(self.client.get("/kb/"), "Aaa 55")
        self.assertContains(self.client.get("/kb/?page=2"), "Aaa 55")
        self.assertEqual(self.client.get("/kb/?page=nonsense").status_code, 200)
        address = f"{topic.get_absolute_url()}?sort=title"
        self.assertContains(self.client.get(address), "Aaa 40")
        self.assertNotContains(self.client.get(address), "Aaa 55")
        self.assertContains(self.client.get(f"{address}&page=2"), "Aaa 55")
        self.assertContains(self.client.get(address), "?sort=title&amp;page=2")
