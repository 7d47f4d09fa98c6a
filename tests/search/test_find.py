from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import TestCase
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as PropertyTestCase

from kb.articles import publishing
from kb.articles.models import Revision
from kb.codes.models import Cause, Provider
from kb.search.find import find, find_words
from kb.search.index import engine, rebuild
from kb.search.words import learn
from tests.makers import code, make_article, make_draft, make_topic, make_user

STRANGER = AnonymousUser()


def titles(text, user=STRANGER):
    return [hit.title for hit in find(text, user=user).hits]


class Find(TestCase):
    def test_leads_with_the_exact_code(self):
        self.assertEqual([spoken.value for spoken in find("550", user=STRANGER).codes], ["550"])
        self.assertEqual([spoken.value for spoken in find("5.1.1", user=STRANGER).codes], ["5.1.1"])
        self.assertEqual(
            [spoken.value for spoken in find("550 5.1.1", user=STRANGER).codes], ["5.1.1", "550"]
        )

    def test_finds_any_word_and_all_words_first(self):
        both = make_article("Zebra gnu")
        one = make_article("Zebra", body="Words about it, zebra, zebra, zebra.")
        found = titles("zebra gnu")
        self.assertLess(found.index(both.text.title), found.index(one.text.title))

    def test_finds_titles_labels_and_bodies(self):
        self.assertIn("Mailbox full", titles("mailbox full"))
        make_article("Plain", body="The word xylophone stands in the body.")
        self.assertEqual(titles("xylophones"), ["Plain"])

    def test_marks_the_words_and_escapes_the_rest(self):
        make_article("Sharp <b>title</b>", body="A &lt;script&gt; and a xylophone.")
        (hit,) = find("xylophone", user=STRANGER).hits
        self.assertIn("<mark>xylophone</mark>", hit.snippet)
        self.assertNotIn("<script>", hit.snippet)

    def test_finds_an_edit_at_once_however_it_was_saved(self):
        Cause.objects.filter(slug="mailbox-full").update(meaning="A marimba.")
        self.assertEqual(titles("marimba"), [Cause.objects.get(slug="mailbox-full").name])
        Cause.objects.filter(slug="mailbox-full").update(meaning="")
        self.assertEqual(titles("marimba"), [])

    def test_forgets_what_was_deleted(self):
        make_article("Ocarina").delete()
        self.assertEqual(titles("ocarina"), [])

    def test_shows_drafts_to_nobody_outside(self):
        make_draft("Hidden kazoo")
        make_article("Staff kazoo", audience="agents")
        self.assertEqual(titles("kazoo"), [])
        self.assertEqual(titles("kazoo", make_user("Agents")), ["Staff kazoo"])

    def test_finds_the_shown_words_and_not_the_old_ones(self):
        article = make_article("Old bassoon")
        publishing.publish(article, revision=publishing.revise(article, words={"title": "New oboe"}))
        self.assertEqual(titles("bassoon"), [])
        self.assertEqual(titles("oboe"), ["New oboe"])

    def test_keeps_old_words_from_taking_the_place_of_others(self):
        article = make_article("Busy sackbut", body="sackbut sackbut sackbut")
        old = article.shown
        Revision.objects.bulk_create(
            Revision(
                article=article,
                title="Busy sackbut",
                body=old.body,
                plain=old.plain,
                approved_at=old.approved_at,
                publish_at=old.publish_at,
            )
            for _ in range(210)
        )
        make_article("Quiet", body=f"One sackbut. {'Other words. ' * 50}")
        self.assertEqual(titles("sackbut"), ["Busy sackbut", "Quiet"])

    def test_keeps_internal_articles_from_taking_the_place_of_public_ones(self):
        topic = make_topic()
        for _ in range(201):
            make_article("Crumhorn", body="crumhorn crumhorn", audience="agents", topic=topic)
        make_article("Quiet", body=f"One crumhorn. {'Other words. ' * 50}", topic=topic)
        self.assertEqual(titles("crumhorn"), ["Quiet"])

    def test_counts_nothing_hidden(self):
        make_article("Staff rebec", audience="agents")
        make_article("Plain rebec")
        found = find("rebec", user=STRANGER)
        self.assertEqual((found.counts["article"], [of.many for of in found.topics]), (1, [1]))

    def test_corrects_nothing_in_a_pasted_text(self):
        learn()
        self.assertTrue(list(find_words("recipeint", user=STRANGER)))
        self.assertEqual(list(find_words("recipeint", user=STRANGER, is_pasted=True)), [])

    def test_shows_no_scheduled_words_before_their_moment(self):
        make_article("Early lute", at=timezone.now() + timedelta(hours=1))
        self.assertEqual(titles("lute", make_user("Agents")), [])

    def test_names_no_topic_without_anything_to_read(self):
        make_article(audience="agents", topic=make_topic("Secret serpent"))
        self.assertNotIn("Secret serpent", titles("serpent"))
        self.assertEqual(find('"serpent"', user=STRANGER).counts["topic"], 0)
        self.assertEqual(titles("serpent", make_user("Agents")), ["Secret serpent"])

    def test_names_a_topic_above_the_one_with_something_to_read(self):
        above = make_topic("Open serpent")
        make_article(topic=make_topic("Below", parent=above))
        self.assertIn("Open serpent", titles("serpent"))

    def test_shows_no_keywords(self):
        article = make_draft("Plain", body="What the page says.")
        revision = publishing.revise(article, words={"keywords": "hurdygurdy"})
        publishing.publish(article, revision=revision)
        (hit,) = find("hurdygurdy", user=STRANGER).hits
        self.assertEqual((hit.title, hit.snippet), ("Plain", "What the page says."))

    def test_shows_the_summary_of_a_provider_and_no_markdown(self):
        Provider.objects.create(
            slug="p", name="P", kind="mailbox", summary="In plain words.", notes="A **spinet**, [[code 550]]."
        )
        (hit,) = find("spinet", user=STRANGER).hits
        self.assertEqual((hit.title, hit.snippet), ("P", "In plain words."))

    def test_shows_the_title_of_what_has_no_text(self):
        topic = make_topic("Lonely celesta")
        make_article(topic=topic)
        (hit,) = find("celesta", user=STRANGER).hits
        self.assertEqual(hit.snippet, "Lonely <mark>celesta</mark>")

    def test_finds_words_of_other_tongues(self):
        make_article("Adresse", body="Die Straße ist groß.")
        for word in ("Straße", "STRAßE", "groß"):
            self.assertEqual(titles(word)[:1], ["Adresse"], word)

    def test_lives_through_a_migration_that_rebuilds_a_table(self):
        with connection.cursor() as cursor:
            engine().drop_triggers(cursor)
        record = code("550")
        record.meaning = "A theremin, a kazoo."
        record.save()
        self.assertEqual(titles("theremin"), [])
        rebuild()
        self.assertEqual(titles("kazoo"), [record.label])
        record.meaning = "A vibraphone."
        record.save()
        self.assertEqual(titles("vibraphone"), [record.label])


class NoInputIsAnError(PropertyTestCase):
    def test_copes_with_what_search_languages_choke_on(self):
        for text in (
            '"',
            "'",
            "AND",
            "NOT",
            "a OR",
            "NEAR(",
            "*",
            "-",
            "col:x",
            "(((",
            "\x00",
            "\ud800",
            "[" * 65536,
            "%",
            "a" * 5000,
            "😀",
        ):
            with self.subTest(text=text[:20]):
                find(text, user=STRANGER)

    @settings(deadline=None)  # it is about errors; how long one search takes depends on what else runs
    @given(st.text())
    def test_copes_with_any_text(self, text):
        find(text, user=STRANGER)
