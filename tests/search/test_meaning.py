"""Slips, synonyms, filters and suggestions, and that none of them tells what a person may not read."""

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import connection
from django.db.migrations import AlterField, Migration
from django.db.migrations.state import ProjectState
from django.test import TestCase, TransactionTestCase

from kb.articles.models import Article, Revision, Topic
from kb.codes.models import Cause
from kb.search.find import find
from kb.search.index import rebuild
from kb.search.models import Fresh, Synonym, Word
from kb.search.suggest import suggest
from kb.search.words import learn
from tests.makers import make_article, make_topic, make_user

STRANGER = AnonymousUser()


def titles(text, user=STRANGER, **filters):
    return [hit.title for hit in find(text, user=user, **filters).hits]


class Slips(TestCase):
    def test_are_put_right_and_told(self):
        found = find("recipeint mailbx", user=STRANGER)
        self.assertEqual(found.read_as, "recipient mailbox")
        self.assertTrue(found.hits)

    def test_stay_where_the_word_stands_somewhere(self):
        make_article("Mailbx")
        self.assertEqual(find("mailbx", user=STRANGER).read_as, "")

    def test_are_not_put_right_in_quotes(self):
        self.assertEqual(len(find('"recipeint mailbx"', user=STRANGER).hits), 0)

    def test_ask_what_was_meant_where_a_far_commoner_word_is_near(self):
        make_article("Mailbix")
        Word.objects.filter(text="mailbox").update(rows=500)
        found = find("mailbix", user=STRANGER)
        self.assertEqual((found.meant, found.read_as), ("mailbox", ""))

    def test_never_reveal_a_word_of_hidden_texts(self):
        make_article("Xylophone", audience="agents")
        learn()
        self.assertTrue(Word.objects.filter(text="xylophone").exists())
        found = find("xylophne", user=STRANGER)
        self.assertEqual((found.read_as, found.meant, len(found.hits)), ("", "", 0))
        self.assertEqual(find("xylophne", user=make_user("Agents")).read_as, "xylophone")

    def test_never_reveal_the_name_of_a_topic_without_anything_to_read(self):
        make_article(audience="agents", topic=make_topic("Ophicleide"))
        learn()
        found = find("ophcleide", user=STRANGER)
        self.assertEqual((found.read_as, found.meant), ("", ""))

    def test_learn_the_words_of_every_edit_once(self):
        learn()
        Cause.objects.filter(slug="mailbox-full").update(meaning="A sousaphone.")
        self.assertEqual(Fresh.objects.count(), 1)
        self.assertEqual((learn(), learn()), (1, 0))
        self.assertEqual(find("sousaphne", user=STRANGER).read_as, "sousaphone")


class TheWords(TestCase):
    def count(self, word):
        return Word.objects.get(text=word).rows

    def test_of_synonyms_are_counted_once_however_often_they_are_learned(self):
        Synonym.objects.create(words="ophicleide, serpent")
        for _ in range(3):
            learn()
        self.assertEqual(self.count("ophicleide"), 1)

    def test_are_counted_anew_when_the_index_is_made_anew(self):
        learn()
        before = self.count("mailbox")
        rebuild()
        learn()
        self.assertEqual(self.count("mailbox"), before)


class Synonyms(TestCase):
    def test_find_each_other(self):
        make_article("Bombarde")
        Synonym.objects.create(words="bombarde, reed of brittany")
        for text in ("bombarde", "Bombardes", "reed of Brittany", "the reed of brittany please"):
            self.assertEqual(titles(text)[:1], ["Bombarde"], text)

    def test_are_at_least_two(self):
        with self.assertRaises(ValidationError):
            Synonym(words="alone, Alone,").full_clean()


class Filters(TestCase):
    def test_keep_one_kind_or_one_topic(self):
        above = make_topic("Wind")
        below = make_topic("Reeds", parent=above)
        make_article("Dulcian one", topic=below)
        make_article("Dulcian two")
        self.assertEqual(titles("dulcian", topic=above), ["Dulcian one"])
        self.assertEqual(titles("dulcian", kind="cause"), [])
        self.assertEqual(
            {(topic.name, topic.many) for topic in find("dulcian", user=STRANGER).topics},
            {("Reeds", 1), ("Tests", 1)},
        )

    def test_leave_out_words_and_want_phrases(self):
        make_article("Cornett red", body="loud blue")
        make_article("Cornett", body="blue loud")
        self.assertEqual(titles("cornett -red"), ["Cornett"])
        self.assertEqual(titles('cornett "blue loud"'), ["Cornett"])

    def test_know_no_closed_topic(self):
        topic = make_topic("Cellar xyz")
        make_article("Shawm", audience="agents", topic=topic)
        page = self.client.get("/search/", {"q": "mailbox", "topic": topic.slug})
        self.assertNotContains(page, "Cellar xyz")


class Suggestions(TestCase):
    def get(self, text):
        return self.client.get("/search/suggest/", {"q": text})

    def rows(self, text):
        return [
            (group["name"], row["title"])
            for group in self.get(text).json()["groups"]
            for row in group["rows"]
        ]

    def test_stand_in_three_groups_and_are_few(self):
        make_article("Mailbox of a kind", topic=make_topic("Mailbox topic"))
        found = self.rows("mailb")
        self.assertLessEqual({name for name, _ in found}, {"Codes", "Articles", "Topics"})
        self.assertEqual(len({name for name, _ in found}), 3)
        self.assertLessEqual(len(found), 8)

    def test_speak_codes_as_they_are_met(self):
        self.assertIn(("Codes", "550 Mailbox unavailable"), self.rows("55"))
        self.assertIn(("Codes", "4.2.2 Mailbox full"), self.rows("4.2"))

    def test_name_nothing_hidden(self):
        make_article("Secret sordun", audience="agents", topic=make_topic("Sordun"))
        self.assertEqual(self.rows("sord"), [])
        self.client.force_login(make_user("Agents"))
        self.assertEqual([title for _, title in self.rows("sord")], ["Secret sordun", "Sordun"])

    def test_may_be_kept_for_a_moment_by_all_only_if_for_all(self):
        self.assertIn("public", self.get("mail")["Cache-Control"])
        self.client.force_login(make_user())
        self.assertIn("private", self.get("mail")["Cache-Control"])

    def test_are_never_an_error(self):
        for text in (
            "",
            "a",
            '"',
            "\x00",
            "[" * 5000,
            "-",
            "5.",
            "٥٥٠",
            "5.1.1.1.1",
            "a b *",
            "99",
        ):
            with self.subTest(text=text[:10]):
                self.assertEqual(self.get(text).status_code, 200)

        self.assertEqual(suggest("\ud83d \x00", user=STRANGER), [])

    def test_refuse_a_post(self):
        self.assertEqual(self.client.post("/search/suggest/").status_code, 405)


class AMigration(TransactionTestCase):
    """SQLite makes a table anew to change a column, and its triggers are gone with the old one."""

    def test_that_rebuilds_a_table_leaves_its_edits_findable(self):
        lengthen(Cause, "in_brief")
        Cause.objects.create(slug="c", name="Serinette", position=1)
        self.assertEqual(titles("serinette"), ["Serinette"])
        Cause.objects.filter(slug="c").update(name="Barrel organ")
        self.assertEqual((titles("serinette"), titles("barrel organ")[0]), ([], "Barrel organ"))

    def test_may_rebuild_tables_that_triggers_of_others_read(self):
        for model, name in ((Revision, "title"), (Article, "slug"), (Topic, "name")):
            with self.subTest(model=model.__name__):
                lengthen(model, name)
                word = f"celesta{model.__name__.lower()}"
                article = make_article("Lonely", body=f"A {word}.")
                self.assertEqual(titles(word), ["Lonely"])
                Article.objects.filter(pk=article.pk).update(state=Article.State.ARCHIVED)
                self.assertEqual(titles(word), [])

    def test_from_the_version_before_keeps_the_words_and_finds_them(self):
        make_article("Lonely", body="A celesta.")
        before = list(Revision.objects.values_list("pk", "html", "plain"))
        call_command("migrate", "articles", "0005", verbosity=0)
        call_command("migrate", verbosity=0)
        self.assertEqual(list(Revision.objects.values_list("pk", "html", "plain")), before)
        self.assertEqual(titles("celesta"), ["Lonely"])


def lengthen(model, name):
    """As `migrate` does it, with what is told before and after."""
    state, field = ProjectState.from_apps(apps), model._meta.get_field(name).clone()
    field.max_length += 1
    step = AlterField(model._meta.model_name, name, field)
    plan = [(Migration("0999_longer", model._meta.app_label), False)]
    emit_pre_migrate_signal(0, False, "default", apps=apps, plan=plan)
    with connection.schema_editor() as editor:
        after = state.clone()
        step.state_forwards(model._meta.app_label, after)
        step.database_forwards(model._meta.app_label, editor, state, after)
    emit_post_migrate_signal(0, False, "default", apps=apps, plan=plan)
