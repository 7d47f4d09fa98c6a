from datetime import timedelta
from unittest.mock import patch

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.forms import inlineformset_factory
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from kb.articles import publishing
from kb.articles.forms import RelatedForm, RelatedFormSet
from kb.articles.models import Article, Related, Revision
from kb.codes.models import Cause, Code, CodeCause
from kb.jobs.models import Job
from kb.jobs.working import run_due
from kb.search import neighbours, relating
from kb.transfer.fixtures import read_folder
from kb.transfer.merging import merge
from tests.makers import code, load_shipped, make_article, make_draft, make_topic, make_user, smtp


def related(article, user=None):
    """(title, why) of the related articles that this person is shown."""
    shown = Revision.objects.readable_by(user or AnonymousUser()).shown_beside(article)
    return [(other.text.title, other.why) for other in shown]


def titles(article, user=None):
    return [title for title, _ in related(article, user)]


def rare(value, **fields):
    """A code of its own, which no shipped article cites."""
    return Code.objects.create(
        registry=smtp(), value=value, code_class=code("550").code_class, label="Rare", **fields
    )


class Relating(TestCase):
    @classmethod
    def setUpTestData(cls):
        run_due()  # what loading the shipped content left to do
        for value in ("590", "591", "592", "593", "594"):
            rare(value)

    def setUp(self):
        self.article = make_article("Theremin", cites=["590"])

    def tied(self, title="Other", **fields):
        return make_article(title, cites=["590"], **fields)


class Reasons(Relating):
    def test_name_the_codes_both_explain(self):
        self.tied()
        run_due()
        self.assertEqual(related(self.article), [("Other", "Both explain 590")])

    def test_name_them_as_spoken(self):
        two = [make_article(f"Pair {number}", cites=["5.6.3", "591"]) for number in range(2)]
        run_due()
        why = dict(related(two[0]))["Pair 1"]
        self.assertIn("591", why)
        self.assertIn("5.6.3", why)
        self.assertNotIn("X.", why)

    def test_count_many_codes(self):
        self.assertEqual(relating.listed(["1"]), "1")
        self.assertEqual(relating.listed(["1", "2", "3"]), "1, 2 and 3")
        self.assertEqual(relating.listed(["1", "2", "3", "4", "5"]), "1, 2, 3 and 2 more")

    def test_are_the_topic_where_there_is_no_code(self):
        topic = make_topic()
        one, _ = make_article("One", topic=topic), make_article("Two", topic=topic)
        run_due()
        self.assertIn(("Two", "In the same topic"), related(one))

    def test_are_the_second_place_in_a_topic_too(self):
        topic = make_topic()
        one, two = make_article("One", topic=topic), make_article("Two")
        two.also_in.add(topic)
        run_due()
        self.assertIn(("Two", "In the same topic"), related(one))

    def test_are_a_cause_their_codes_share(self):
        cause = Cause.objects.create(slug="gremlin", name="A gremlin")
        for value in ("592", "593"):
            CodeCause.objects.create(code=code(value), cause=cause)
        one, _ = make_article("One", cites=["592"]), make_article("Two", cites=["593"])
        run_due()
        self.assertIn(("Two", "Same cause: A gremlin"), related(one))

    def test_are_likeness_where_there_is_nothing_else(self):
        one = make_article("Bassoon and ocarina lessons")
        make_article("Ocarina and bassoon repair")
        run_due()
        self.assertEqual(related(one)[0], ("Ocarina and bassoon repair", "About something similar"))

    def test_show_on_the_page(self):
        self.tied()
        run_due()
        self.assertContains(self.client.get(self.article.get_absolute_url()), "Both explain 590")


class Order(Relating):
    def test_puts_the_closer_article_first(self):
        topic = self.article.topic
        self.tied("Far")
        self.tied("Near", topic=topic)
        run_due()
        self.assertEqual(titles(self.article), ["Near", "Far"])

    def test_counts_rare_codes_for_more(self):
        article = make_article("Both", cites=["550", "594"])
        make_article("Common", cites=["550"])
        make_article("Rare", cites=["594"])
        run_due()
        self.assertEqual(titles(article)[0], "Rare")

    def test_puts_those_chosen_by_hand_first_and_leaves_them_alone(self):
        self.tied("Computed")
        hand = Related.objects.create(article=self.article, other=make_article("By hand"), position=9)
        run_due()
        self.assertEqual(
            related(self.article), [("By hand", "Chosen by our editors"), ("Computed", "Both explain 590")]
        )
        hand.refresh_from_db()
        self.assertEqual((hand.by_hand, hand.position), (True, 9))

    def test_names_once_what_was_computed_and_then_chosen(self):
        other = self.tied("Other")
        run_due()
        Related.objects.create(article=self.article, other=other, why="Read this")
        self.assertEqual(related(self.article), [("Other", "Read this")])
        publishing.place_changed(self.article)
        run_due()
        self.assertEqual(related(self.article), [("Other", "Read this")])

    def test_say_why_where_the_editor_did_not(self):
        Related.objects.create(article=self.article, other=self.tied("Other"))
        run_due()
        self.assertEqual(related(self.article), [("Other", "Both explain 590")])

    def test_show_five_at_most(self):
        for number in range(8):
            self.tied(f"Other {number}")
        run_due()
        self.assertEqual(len(titles(self.article)), 5)
        self.assertNotIn("Theremin", titles(self.article))

    def test_show_all_those_chosen_by_hand(self):
        for number in range(6):
            other = self.tied(f"Chosen {number}")
            Related.objects.create(article=self.article, other=other, position=number, why="Read this first.")
        self.tied("Computed")
        run_due()
        self.assertEqual(titles(self.article), [f"Chosen {number}" for number in range(6)])


class Moments(Relating):
    def test_follow_publishing_on_both_sides(self):
        run_due()
        self.assertEqual(titles(self.article), [])
        other = self.tied()
        self.assertEqual(titles(self.article), [])
        run_due()
        self.assertEqual((titles(self.article), titles(other)[0]), (["Other"], "Theremin"))

    def test_let_go_of_what_is_not_shared_any_more(self):
        other = self.tied()
        run_due()
        publishing.publish(
            other, revision=publishing.revise(other, words={"body": "Nothing.", "summary": ""})
        )
        run_due()
        self.assertNotIn("Other", titles(self.article))
        self.assertNotIn("Theremin", titles(other))

    def test_do_not_follow_a_view(self):
        self.tied()
        run_due()
        before = Job.objects.count()
        Related.objects.all().delete()
        self.client.get(self.article.get_absolute_url())
        self.assertEqual((Job.objects.count(), Related.objects.count()), (before, 0))

    def test_wait_for_words_that_are_published_later(self):
        later = timezone.now() + timedelta(hours=1)
        other = self.tied(at=later)
        run_due()
        self.assertEqual(titles(self.article), [])
        self.assertEqual(Job.objects.open().get(name="relate", key=str(other.pk)).due, later)

    def test_wait_for_them_also_if_the_article_is_related_before(self):
        later = timezone.now() + timedelta(hours=1)
        next_words = publishing.revise(self.article, words={"title": "Kazoo"})
        publishing.publish(self.article, revision=next_words, at=later)  # its first words wait to be related
        run_due()
        self.assertEqual(Job.objects.open().get(name="relate", key=str(self.article.pk)).due, later)

    def test_change_nothing_the_second_time(self):
        self.tied()
        run_due()
        relating.relate(self.article.pk)
        before = list(self.article.related_links.values_list("pk", flat=True))
        relating.relate(self.article.pk)
        self.assertEqual(list(self.article.related_links.values_list("pk", flat=True)), before)

    def test_cost_a_handful_of_queries_however_many_articles_there_are(self):
        for number in range(20):
            self.tied(f"Other {number}")
        with self.assertNumQueries(20):  # eight are the transaction's, the write's and the change log's
            relating.relate(self.article.pk)


class CommonThings(Relating):
    """What more articles have than are looked at ties no two of them, but is still told where something else does."""

    def setUp(self):
        super().setUp()
        for name, most in (("LOOKED_AT", 3), ("FEW", 1)):
            patcher = patch.object(neighbours, name, most)
            patcher.start()
            self.addCleanup(patcher.stop)
        self.old = self.tied("Ukulele and kazoo tuning", topic=self.article.topic)
        for number in range(4):
            self.tied(f"Newer {number}")

    def test_are_read_in_the_newest_only(self):
        others = neighbours.Neighbours(self.article.pk, self.article.shown.pk)
        rows, many = others.having("code")
        newest = Article.objects.order_by("-pk")[:3]
        self.assertEqual({article for article, _ in rows}, {article.pk for article in newest})
        self.assertEqual(many, {code("590").pk: 3})

    def test_are_told_of_what_is_near_otherwise(self):
        like = self.tied("Kazoo and ukulele repair", topic=self.article.topic)
        for number in range(4, 8):
            self.tied(f"Newer {number}")
        relating.relate(self.old.pk)
        self.assertIn((like.text.title, "Both explain 590"), related(self.old))


class HiddenArticles(Relating):
    def test_are_never_shown(self):
        self.tied("Staff", audience="agents")
        archived = self.tied("Archived")
        run_due()
        publishing.archive(archived)
        self.assertEqual(titles(self.article), [])
        self.assertEqual(titles(self.article, make_user("Agents")), ["Staff"])
        self.assertNotContains(self.client.get(self.article.get_absolute_url()), "Staff</a>")

    def test_take_no_place_from_others(self):
        for number in range(6):
            self.tied(f"Staff {number}", audience="agents")
        self.tied("Public", topic=make_topic())
        run_due()
        self.assertIn("Public", titles(self.article))

    def test_are_not_related_at_all_before_publishing_and_after(self):
        make_draft("Draft", "[[code 590]]")
        gone, back = self.tied("Archived"), self.tied("Taken back")
        run_due()
        publishing.archive(gone)
        publishing.take_back(back)
        run_due()
        self.assertFalse(Related.objects.filter(article=self.article).exists())
        self.assertFalse(Related.objects.filter(article__in=[gone, back]).exists())


class ShippedArticles(Relating):
    def test_have_related_articles_with_reasons(self):
        links = Related.objects.filter(by_hand=False)
        self.assertGreater(links.values("article").distinct().count(), 30)
        self.assertFalse(links.filter(why="").exists())

    def test_are_untouched_by_another_load(self):
        """What was computed is no local edit of the shipped list."""
        before = list(Related.objects.order_by("pk").values())
        report = load_shipped()
        self.assertEqual((report.kept, report.changed), ([], False))
        self.assertEqual(list(Related.objects.order_by("pk").values()), before)

    def test_take_a_shipped_list_beside_the_computed_one(self):
        """Also where it names what was computed."""
        article = Article.objects.get(slug="mailbox-full")
        chosen = article.related_links.filter(by_hand=True).values("other")
        computed = article.related_links.filter(by_hand=False).exclude(other__in=chosen).first().other
        entries = read_folder(settings.FIXTURE_DIR)
        (entry,) = (
            entry for entry in entries if entry.key == article.key and entry.model == "articles.article"
        )
        entry.fields["related"].append([computed.key])
        merge(entries)
        self.assertEqual(Revision.objects.shown_beside(article)[4], computed)


class WhatLinksHere(Relating):
    def setUp(self):
        super().setUp()
        self.client.force_login(make_user("Editors"))

    def page(self, record):
        meta = record._meta
        return self.client.get(reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk]))

    def test_lists_texts_that_link_and_articles_related_by_hand(self):
        address = self.article.get_absolute_url()
        make_article("Links in its text", body=f"See [this]({address}).")
        chosen = make_article("Names it as related")
        Related.objects.create(article=chosen, other=self.article)
        make_article("Only mentions the theremin")
        old = make_article("Linked once", body=f"See [this]({address}).")
        publishing.publish(old, revision=publishing.revise(old, words={"body": "No more."}))
        page = self.page(self.article)
        for title in ("Links in its text", "Names it as related"):
            self.assertContains(page, f"{title}</a>")
        for title in ("Only mentions the theremin", "Linked once"):
            self.assertNotContains(page, f"{title}</a>")

    def test_follows_former_addresses(self):
        make_article("Links to the old address", body=f"See [this]({self.article.get_absolute_url()}#x).")
        self.article.slug = "moved-away"
        self.article.save()
        self.assertContains(self.page(self.article), "Links to the old address</a>")

    def test_lists_the_articles_that_cite_a_code(self):
        self.assertContains(self.page(code("590")), "Theremin</a>")

    def test_says_when_there_is_nothing(self):
        self.assertContains(self.page(self.article), "No article does.")


class ChoosingByHand(Relating):
    def test_may_take_what_was_computed_and_refuses_the_same_twice(self):
        other = self.tied()
        run_due()
        formset = inlineformset_factory(
            Article, Related, form=RelatedForm, formset=RelatedFormSet, fk_name="article"
        )

        def sent(times):
            data = {"related_links-TOTAL_FORMS": times, "related_links-INITIAL_FORMS": 0}
            for row in range(times):
                data |= {f"related_links-{row}-other": other.pk, f"related_links-{row}-position": 0}
            return formset(data, instance=self.article)

        self.assertFalse(sent(2).is_valid())
        one = sent(1)
        self.assertTrue(one.is_valid(), one.errors)
        publishing.place(self.article, {"related": one.chosen()})
        self.assertEqual(titles(self.article), ["Other"])
