"""What waits: drafts, scheduled versions, and what they change of the article itself, for every kind of reader."""

from datetime import date, timedelta
from importlib import import_module

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.db.models import F
from django.test import TestCase, override_settings
from django.utils import timezone

from kb.articles import publishing
from kb.articles.models import Article, FormerSlug, Related, Revision, Tag
from kb.articles.versions import version_to_open
from kb.jobs.models import Job
from kb.jobs.working import run_due
from kb.search.find import find
from tests.forms import HIDDEN, EditorClient, fields_of
from tests.makers import make_article, make_draft, make_topic, make_user

DAY = timedelta(days=1)
KINDS = ("stranger", "customer", "agent", "editor", "admin", "superuser")


def fresh(article):
    return Article.objects.get(pk=article.pk)


def pass_time(article, span):
    """As if so much time had passed: every moment is so much earlier. Due work is not done by this."""
    article.revisions.filter(publish_at__isnull=False).update(publish_at=F("publish_at") - span)
    Job.objects.filter(name="go_live").update(due=F("due") - span)


class WithReaders(TestCase):
    @classmethod
    def setUpTestData(cls):
        groups = {"agent": "Agents", "editor": "Editors", "admin": "Admins", "superuser": "superuser"}
        cls.readers = {"stranger": AnonymousUser(), "customer": make_user()}
        cls.readers |= {kind: make_user(group) for kind, group in groups.items()}
        cls.topic = make_topic()

    def assert_reads(self, article, **titles):
        """What each kind of reader reads: as the policy says it, on the page and in the search alike."""
        article = fresh(article)
        rest = titles.pop("others", None)
        for kind in KINDS:
            user, title = self.readers[kind], titles.get(kind, rest)
            readable = Revision.objects.readable_by(user).filter(article=article)
            self.assertEqual([its.title for its in readable], [title] if title else [], kind)
            found = [hit.title for hit in find("zonkwort", user=user).hits if hit.kind == "article"]
            self.assertEqual(found, [title] if title else [], kind)
            self.client.logout()
            if user.is_authenticated:
                self.client.force_login(user)
            page = self.client.get(article.get_absolute_url())
            if title:
                self.assertContains(page, title)
            else:
                self.assertEqual(page.status_code, 404, kind)

    def make(self, title="Old", **fields):
        fields = {"topic": self.topic, "body": "Zonkwort.", "at": timezone.now() - 5 * DAY, **fields}
        return make_article(f"{title} zonkwort", **fields)

    def revised(self, article, title, base="shown", **placement):
        words = {"title": f"{title} zonkwort"}
        base = getattr(fresh(article), base)
        return publishing.revise(article, words=words, base=base, placement=placement)


class AnEmbargo(WithReaders):
    def test_outlasts_a_correction_and_then_wins_although_its_number_is_lower(self):
        article = self.make()
        waiting = self.revised(article, "Secret")
        publishing.publish(article, revision=waiting, at=timezone.now() + DAY)
        correction = self.revised(article, "Mended")
        publishing.publish(article, revision=correction)
        self.assertLess(waiting.pk, correction.pk)
        self.assert_reads(article, others="Mended zonkwort")
        pass_time(article, 2 * DAY)
        self.assert_reads(article, others="Secret zonkwort")

    def test_is_followed_by_a_correction_made_after_its_moment(self):
        article = self.make()
        publishing.publish(article, revision=self.revised(article, "Secret"), at=timezone.now() + DAY)
        pass_time(article, 2 * DAY)
        publishing.publish(article, revision=self.revised(article, "Mended"))
        self.assert_reads(article, others="Mended zonkwort")

    def test_can_be_cancelled_and_moved(self):
        article = self.make()
        waiting = self.revised(article, "Secret")
        publishing.publish(article, revision=waiting, at=timezone.now() + DAY)
        publishing.publish(article, revision=waiting, at=timezone.now() + 3 * DAY)
        pass_time(article, 2 * DAY)
        self.assert_reads(article, others="Old zonkwort")
        publishing.withdraw(Revision.objects.get(pk=waiting.pk))
        self.assertTrue(Revision.objects.get(pk=waiting.pk).is_draft)
        pass_time(article, 2 * DAY)
        self.assert_reads(article, others="Old zonkwort")

    def test_ends_when_the_article_is_taken_back(self):
        for hide in (publishing.take_back, publishing.archive):
            article = self.make()
            publishing.publish(article, revision=self.revised(article, "Secret"), at=timezone.now() + DAY)
            hide(fresh(article))
            publishing.publish(fresh(article), revision=fresh(article).shown)
            pass_time(article, 2 * DAY)
            self.assert_reads(article, others="Old zonkwort")
            article.delete()

    def test_is_over_for_older_words_once_the_version_made_from_them_is_published(self):
        article = self.make()
        waiting = self.revised(article, "Secret")
        publishing.publish(article, revision=waiting, at=timezone.now() + DAY)
        better = publishing.revise(article, words={"title": "Better zonkwort"}, base=waiting)
        publishing.publish(article, revision=better)
        pass_time(article, 2 * DAY)
        self.assert_reads(article, others="Better zonkwort")

    def test_wins_over_words_published_by_a_slow_clock(self):
        article = self.make(at=timezone.now() + timedelta(seconds=30))
        pass_time(article, timedelta(seconds=30))
        Revision.objects.filter(article=article).update(publish_at=timezone.now())
        publishing.publish(article, revision=self.revised(article, "Newer"), at=timezone.now() - DAY)
        self.assert_reads(article, others="Newer zonkwort")


class APlacement(WithReaders):
    def test_waits_with_a_draft_and_is_applied_with_its_words(self):
        article, topic, other = self.make(slug="here"), make_topic(), make_article("Other")
        tag = Tag.objects.create(slug="tag", name="Tag")
        wanted = {
            "audience": "customers",
            "slug": "elsewhere",
            "topic": topic.pk,
            "also_in": [self.topic.pk],
            "tags": [tag.pk],
            "related": [[other.pk, "It helps", 1]],
            "reviewed_on": "2026-01-02",
            "reviewed_by": self.readers["editor"].pk,
        }
        draft = self.revised(article, "New", **wanted)
        self.assert_reads(article, others="Old zonkwort")
        self.assertEqual(fresh(article).slug, article.slug)
        publishing.publish(article, revision=draft)
        self.assert_reads(article, stranger=None, others="New zonkwort")
        placed = fresh(article)
        self.assertEqual((placed.slug, placed.topic), ("elsewhere", topic))
        self.assertEqual((placed.reviewed_on, placed.reviewed_by), (date(2026, 1, 2), self.readers["editor"]))
        self.assertEqual(([*placed.also_in.all()], [*placed.tags.all()]), ([self.topic], [tag]))
        self.assertEqual(Related.objects.get(article=article, by_hand=True).why, "It helps")
        self.client.force_login(self.readers["customer"])
        self.assertRedirects(self.client.get("/kb/here/"), "/kb/elsewhere/", status_code=301)

    def test_is_applied_at_its_moment_in_one_piece_with_the_words(self):
        for before, after in (("public", "agents"), ("agents", "public")):
            with self.subTest(after=after):
                article = self.make(audience=before)
                closed = {"stranger": None, "customer": None}
                old = {**({} if before == "public" else closed), "others": "Old zonkwort"}
                new = {**({} if after == "public" else closed), "others": "New zonkwort"}
                draft = self.revised(article, "New", audience=after)
                publishing.publish(article, revision=draft, at=timezone.now() + DAY)
                self.assert_reads(article, **old)
                pass_time(article, 2 * DAY)
                self.assert_reads(
                    article, **old
                )  # until the worker comes, words and audience are the old ones
                run_due()
                self.assert_reads(article, **new)
                article.delete()

    def test_is_applied_before_a_correction_that_is_published_after_its_moment(self):
        article = self.make()
        draft = self.revised(article, "New", audience="agents")
        publishing.publish(article, revision=draft, at=timezone.now() + DAY)
        pass_time(article, 2 * DAY)
        publishing.publish(article, revision=self.revised(article, "Mended"))
        self.assert_reads(article, stranger=None, customer=None, others="Mended zonkwort")
        run_due()
        self.assert_reads(article, stranger=None, customer=None, others="Mended zonkwort")

    def test_of_words_for_few_stays_narrow_when_the_article_is_opened_to_many(self):
        article = self.make(audience="agents")
        secret = self.revised(article, "Secret")
        publishing.publish(article, revision=secret, at=timezone.now() + 2 * DAY)
        publishing.publish(article, revision=self.revised(article, "Open", audience="public"))
        self.assert_reads(article, others="Open zonkwort")
        pass_time(article, 3 * DAY)
        run_due()
        self.assert_reads(article, stranger=None, customer=None, others="Secret zonkwort")

    def test_leaves_out_what_was_deleted_or_taken_since(self):
        article, topic = self.make(), make_topic()
        draft = self.revised(article, "New", slug="wanted", topic=topic.pk, tags=[999])
        topic.delete()
        make_article(slug="wanted")
        publishing.publish(article, revision=draft)
        placed = fresh(article)
        self.assertEqual(
            (placed.shown.title, placed.slug, placed.topic), ("New zonkwort", article.slug, self.topic)
        )

    def test_keeps_rows_of_related_lines_that_stay(self):
        article, other = self.make(), make_article("Other")
        row = Related.objects.create(article=article, other=other)
        publishing.publish(article, revision=self.revised(article, "N", related=[[other.pk, "Why", 2]]))
        row.refresh_from_db()
        self.assertEqual((row.why, row.position), ("Why", 2))


class Addresses(WithReaders):
    def test_lead_on_although_a_draft_has_the_same_name(self):
        article = self.make(slug="first")
        article.slug = "second"
        article.save()
        make_draft(slug="first")
        self.assertRedirects(self.client.get("/kb/first/"), "/kb/second/", status_code=301)
        self.assertTrue(FormerSlug.objects.filter(slug="first").exists())


class Upgrading(TestCase):
    def test_shows_what_was_shown(self):
        keep = import_module("kb.articles.migrations.0009_what_stays_as_it_was").keep
        now = timezone.now()
        moments = {
            "sooner": now - 2 * DAY,
            "later": now - DAY,
            "to come": now + DAY,
            "last": now + 2 * DAY,
            "": None,
        }
        cases = {
            ("later", "sooner"): ("sooner", []),
            ("sooner", "later"): ("later", []),
            ("to come", "sooner"): ("sooner", []),
            ("sooner", "to come"): ("sooner", ["to come"]),
            ("last", "to come"): (None, ["to come"]),
            ("sooner", "", ""): ("sooner", []),
        }
        for names, (shown, waiting) in cases.items():
            with self.subTest(names=names):
                article = make_draft()
                article.revisions.all().delete()
                for name in names:
                    at = moments[name]
                    Revision.objects.create(
                        article=article,
                        title=name or "draft",
                        body="B",
                        approved_at=at and now,
                        publish_at=at,
                    )
                Article.objects.filter(pk=article.pk).update(state="published")

                class Editor:
                    connection = connection

                keep(apps, Editor)
                found = fresh(article)
                self.assertEqual(found.shown.title if found.shown else None, shown)
                self.assertEqual([its.title for its in found.revisions.waiting()], waiting)
                self.assertEqual(found.revisions.drafts().count(), names.count("") and 1)


class WhatIsOpened(WithReaders):
    def test_is_what_readers_see_while_there_is_something(self):
        article = self.make()
        shown = article.shown
        draft = self.revised(article, "Draft")
        publishing.publish(article, revision=self.revised(article, "Secret"), at=timezone.now() + DAY)
        self.assertEqual(version_to_open(article).revision, shown)
        self.assertEqual(version_to_open(article, str(draft.pk)).revision, draft)
        for wrong in ("abc", "0", "9" * 30, str(make_draft().newest.pk)):
            self.assertEqual(version_to_open(article, wrong).revision, shown)

    def test_is_the_newest_draft_where_nobody_reads_anything(self):
        draft = make_draft()
        self.assertEqual(version_to_open(draft).kind, "draft")
        published = self.make()
        publishing.take_back(published)
        self.assertEqual(version_to_open(published).kind, "approved")


class Editing(WithReaders):
    client_class = EditorClient

    def setUp(self):
        self.editor = self.readers["editor"]
        self.client.force_login(self.editor)

    def open(self, article, revision=None):
        address = f"/admin/articles/article/{article.pk}/change/"
        return self.client.get(address, {"version": revision.pk} if revision else {})

    def send(self, article, revision=None, *, button="_save", answer="Save", **changes):
        self.client.force_login(self.editor)
        data = {**fields_of(self.open(article, revision)), button: answer, **changes}
        address = f"/admin/articles/article/{article.pk}/change/"
        return self.client.post(address, data, follow=True)

    def end(self, address, revision):
        shown = fields_of(self.open(revision.article, revision))
        return self.client.post(address, {"_edit_row": shown["_edit_row"]}, follow=True)

    def publish(self, article, revision=None, **changes):
        return self.send(article, revision, button="_publish", **changes)

    def when(self, at):
        local = timezone.localtime(at)
        return {"publish_at_0": f"{local:%Y-%m-%d}", "publish_at_1": f"{local:%H:%M}"}

    def scheduled(self, article, **placement):
        waiting = publishing.revise(
            article, words={"title": "Secret zonkwort"}, by=self.readers["admin"], placement=placement
        )
        publishing.publish(article, revision=waiting, by=self.readers["admin"], at=timezone.now() + DAY)
        return waiting

    def test_offers_the_weakest_button_first(self):
        for page in (self.open(self.make()), self.client.get("/admin/articles/article/add/")):
            html = page.content.decode()
            form = html[html.index('id="article_form"') :]
            self.assertLess(form.index('name="_save"'), form.index('name="_publish"'))
            self.assertNotIn('type="submit"', form[: form.index('value="Save as draft"') - 30])

    def test_corrects_the_live_words_while_a_version_waits(self):
        article = self.make()
        waiting = self.scheduled(article)
        page = self.open(article)
        self.assertContains(page, "Old zonkwort")
        self.assertContains(
            page, f"goes live on {timezone.localtime(waiting.publish_at):%-d %B %Y, %H:%M} (UTC)"
        )
        self.assertContains(page, f"?version={waiting.pk}")
        reply = self.publish(article, title="Mended zonkwort")
        self.assertContains(reply, "does not hold what you published now")
        self.assertContains(reply, f"?version={waiting.pk}")
        self.assertContains(reply, f'href="{article.get_absolute_url()}"')
        self.assertContains(reply, "(UTC)")
        self.assert_reads(article, others="Mended zonkwort")
        pass_time(article, 2 * DAY)
        self.assert_reads(article, others="Secret zonkwort")

    def test_names_the_author_of_a_draft_and_asks_before_it_is_published(self):
        article = self.make()
        draft = publishing.revise(
            article,
            words={"title": "Half zonkwort"},
            by=self.readers["admin"],
            placement={"audience": "agents"},
        )
        self.assertContains(self.open(article), f"Draft by {self.readers['admin']} since")
        reply = self.publish(article, draft)
        self.assertContains(reply, "Nothing is saved yet")
        self.assertContains(reply, "<ins>+ Half zonkwort</ins>")
        self.assertContains(reply, "<ins>Our staff</ins>")
        self.assert_reads(article, others="Old zonkwort")
        self.client.force_login(self.editor)
        self.publish(article, draft, answer=reply.context["adminform"].form.answer)
        self.assert_reads(article, stranger=None, customer=None, others="Half zonkwort")

    def test_does_not_ask_about_an_own_draft(self):
        article = self.make()
        draft = publishing.revise(article, words={"title": "Mine zonkwort"}, by=self.editor)
        self.assertContains(self.publish(article, draft), "is live")

    def test_asks_before_a_scheduled_version_is_published_at_once(self):
        article = self.make()
        waiting = self.scheduled(article)
        reply = self.publish(article, waiting, publish_at_0="", publish_at_1="")
        self.assertContains(reply, "you would publish it at once")
        self.assert_reads(article, others="Old zonkwort")

    def test_moves_and_cancels_a_schedule(self):
        article = self.make()
        waiting = self.scheduled(article)
        self.publish(article, waiting, **self.when(timezone.now() + 9 * DAY))
        waiting.refresh_from_db()
        self.assertGreater(waiting.publish_at, timezone.now() + 8 * DAY)
        address = f"/admin/articles/article/{article.pk}/revisions/{waiting.pk}/end/"
        self.client.get(address)
        self.assertTrue(Revision.objects.get(pk=waiting.pk).is_waiting)
        self.assertContains(self.end(address, waiting), "a draft again")
        self.assertTrue(Revision.objects.get(pk=waiting.pk).is_draft)
        self.end(address, waiting)
        self.assertFalse(Revision.objects.get(pk=waiting.pk).is_draft)

    def test_says_that_a_draft_to_discard_went_on_meanwhile(self):
        article = self.make()
        draft = publishing.revise(article, words={"title": "A draft"})
        page = self.client.get(f"/admin/articles/article/{article.pk}/change/?version={draft.pk}")
        newer = publishing.revise(article, words={"title": "Written on"}, base=draft)
        address = f"/admin/articles/article/{article.pk}/revisions/{draft.pk}/end/"
        row = page.context["edit_rows"]
        reply = self.client.post(address, {"_edit_key": "of-the-old-page", "_edit_row": row})
        self.assertContains(reply, "was left as it is", status_code=409)
        self.assertTrue(Revision.objects.get(pk=newer.pk).is_draft)

    def test_replaces_the_scheduled_version_by_the_one_made_from_it(self):
        article = self.make()
        waiting = self.scheduled(article)
        self.publish(article, waiting, title="Better zonkwort")
        [only] = article.revisions.waiting()
        self.assertEqual(only.title, "Better zonkwort")

    def test_lets_a_draft_stand_beside_live_words_and_a_scheduled_version(self):
        article = self.make()
        self.scheduled(article)
        self.assertContains(self.send(article, title="Draft zonkwort"), "Your draft stands beside it")
        self.assertEqual((article.revisions.waiting().count(), article.revisions.drafts().count()), (1, 1))
        self.assert_reads(article, others="Old zonkwort")

    def test_keeps_a_draft_when_something_else_is_published(self):
        article = self.make()
        draft = publishing.revise(article, words={"title": "Half zonkwort"}, by=self.readers["admin"])
        self.publish(article, title="Mended zonkwort")
        self.assertTrue(Revision.objects.get(pk=draft.pk).is_draft)

    def test_keeps_place_and_readers_for_the_moment_of_publishing(self):
        article, other, topic = self.make(), make_article("Other"), make_topic()
        reply = self.send(
            article,
            audience="agents",
            slug="elsewhere",
            topic=topic.pk,
            reviewed_on="2026-01-02",
            **{
                "related_links-TOTAL_FORMS": 1,
                "related_links-0-other": other.pk,
                "related_links-0-position": 0,
            },
        )
        self.assertContains(
            reply, "Waits with the draft: Audience, Address name, Main topic, Related articles"
        )
        self.assert_reads(article, others="Old zonkwort")
        self.assertFalse(Related.objects.filter(article=article, by_hand=True).exists())
        self.client.force_login(self.editor)
        [draft] = article.revisions.drafts()
        sent = fields_of(self.open(article, draft))
        self.assertEqual(
            [sent[name] for name in ("audience", "slug", "topic", "related_links-0-other")],
            [["agents"], ["elsewhere"], [str(topic.pk)], [str(other.pk)]],
        )
        self.publish(article, draft)
        self.assert_reads(article, stranger=None, customer=None, others="Old zonkwort")
        self.assertEqual(fresh(article).reviewed_on, date(2026, 1, 2))
        self.assertTrue(Related.objects.filter(article=article, by_hand=True).exists())

    def test_tells_in_the_history_what_became_of_lists(self):
        article, tag = self.make(), Tag.objects.create(name="Brass", slug="brass")
        other = make_article("Euphonium")
        for change in (
            {"tags": [tag.pk]},
            {"also_in": [make_topic("Low notes").pk]},
            {
                "related_links-TOTAL_FORMS": 1,
                "related_links-0-other": other.pk,
                "related_links-0-position": 1,
            },
        ):
            self.publish(article, **change)
        history = self.client.get(f"/admin/articles/article/{article.pk}/history/")
        for words in (
            "Tags: none → Brass",
            "Also in: none → Low notes",
            "Related articles: none → Euphonium",
        ):
            self.assertContains(history, words)

    def test_opens_nothing_by_a_draft(self):
        article = self.make(audience="agents")
        self.send(article, audience="public")
        self.assert_reads(article, stranger=None, customer=None, others="Old zonkwort")

    def test_changes_place_and_readers_at_once_where_nobody_reads(self):
        draft = make_draft("Draft zonkwort", topic=self.topic)
        self.assertContains(self.send(draft, audience="agents"), "changed at once")
        self.assertEqual(fresh(draft).audience, "agents")

    def test_changes_what_staff_alone_see_at_once(self):
        article = self.make()
        self.send(article, owner=self.editor.pk, next_review="2030-01-01")
        self.assertEqual((fresh(article).owner, fresh(article).next_review), (self.editor, date(2030, 1, 1)))
        self.assertContains(self.open(article), "change at once")

    def test_counts_votes_on_where_only_the_place_changes(self):
        article = self.make()
        self.publish(article, tags=[Tag.objects.create(slug="t", name="T").pk])
        self.assertEqual((fresh(article).shown, fresh(article).tags.count()), (article.shown, 1))

    def test_refuses_an_address_that_leads_somewhere(self):
        former, article = self.make(slug="first"), self.make(slug="third")
        former.slug = "second"
        former.save()
        self.assertContains(self.send(article, slug="first"), "a draft takes no address")
        self.assertContains(self.send(article, slug="second"), "already exists")
        publishing.revise(former, words={}, placement={"slug": "wanted"})
        self.assertContains(self.send(article, slug="wanted"), "waits for this address")
        reply = self.publish(article, slug="first")
        self.assertContains(reply, "From now on it would lead here")
        self.publish(article, slug="first", answer=reply.context["adminform"].form.answer)
        self.assertEqual(fresh(article).slug, "first")

    def test_asks_about_a_moment_that_is_past_or_far(self):
        article = self.make()
        for day, said in (("2020-01-01", "is past"), ("2050-01-01", "more than ten years")):
            reply = self.publish(article, title="New zonkwort", publish_at_0=day, publish_at_1="09:00")
            self.assertContains(reply, said)
            self.assertContains(reply, "09:00 (UTC)")
            self.assertContains(reply, "New zonkwort")
            self.assertEqual(fresh(article).shown.title, "Old zonkwort")
        past = {"title": "New zonkwort", "publish_at_0": "2020-01-01", "publish_at_1": "09:00"}
        answer = self.publish(article, **past).context["adminform"].form.answer
        self.publish(article, **past, answer=answer)
        self.assert_reads(article, others="New zonkwort")

    def test_names_a_year_that_nobody_can_mean_in_any_time_zone(self):
        article = self.make()
        days = {"0026-12-31": "year 26", "0001-01-01": "year 1.", "9999-12-31": "year 9999"}
        for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
            for day, said in days.items():
                with self.subTest(zone=zone, day=day), override_settings(TIME_ZONE=zone):
                    moment = {"publish_at_0": day, "publish_at_1": "23:59"}
                    self.assertContains(self.publish(article, **moment), said)
                    self.assertContains(self.send(article, next_review=day), said)
                    self.assertContains(self.send(article, reviewed_on=day), said)

    def test_refuses_reviews_on_the_wrong_side_of_today(self):
        article, today = self.make(), timezone.localdate()
        self.assertContains(self.send(article, next_review=today - DAY), "This day is past")
        self.assertContains(self.send(article, reviewed_on=today + DAY), "still to come")

    def test_says_the_time_zone(self):
        article = self.make()
        self.scheduled(article)
        with override_settings(TIME_ZONE="Europe/Berlin"):
            for page in (f"{article.pk}/change/", f"{article.pk}/history/", ""):
                self.assertContains(self.client.get(f"/admin/articles/article/{page}"), "Europe/Berlin")

    def test_says_in_the_list_what_waits(self):
        article = self.make()
        self.scheduled(article)
        publishing.revise(article, words={"title": "Half"}, by=self.editor, base=fresh(article).shown)
        page = self.client.get("/admin/articles/article/?q=zonkwort")
        self.assertContains(page, "Live since")
        self.assertContains(page, f"by {self.readers['admin']} goes live on")
        self.assertContains(page, f"Draft by {self.editor} since")

    def test_goes_back_to_an_old_place_as_a_draft(self):
        article = self.make()
        article.audience = "agents"
        article.save()
        old = article.history.filter(audience="public").last()
        self.client.post(f"/admin/articles/article/{article.pk}/history/{old.pk}/", {"audience": "public"})
        self.assert_reads(article, stranger=None, customer=None, others="Old zonkwort")
        publishing.publish(article, revision=article.revisions.drafts().get())
        self.assert_reads(article, others="Old zonkwort")


class ManyAtOnce(WithReaders):
    client_class = EditorClient

    def setUp(self):
        self.client.force_login(self.readers["editor"])

    def ask(self, action, *articles):
        chosen = {"action": action, "_selected_action": [article.pk for article in articles]}
        return self.client.post("/admin/articles/article/", chosen)

    def confirm(self, page):
        steps = page.context["steps"]
        sent = {
            "action": page.context["action"],
            "_selected_action": [step.pk for step in steps],
            "mark": [step.mark for step in steps],
            "post": "yes",
            **{name: value for name, value in fields_of(page).items() if name in HIDDEN},
        }
        return self.client.post("/admin/articles/article/", sent, follow=True)

    def test_shows_what_will_be_public_before_it_is(self):
        live, new = self.make(), make_draft("New zonkwort", audience="customers", topic=self.topic)
        draft = publishing.revise(live, words={"title": "Half zonkwort"}, by=self.readers["admin"])
        page = self.ask("publish_newest", live, new, make_article("Untouched"))
        self.assertContains(page, f"Draft by {self.readers['admin']} since")
        self.assertContains(page, "For: Signed-in customers.")
        self.assertContains(page, "Nothing changes.")
        self.assertEqual((fresh(live).shown.title, fresh(new).state), ("Old zonkwort", "draft"))
        reply = self.confirm(page)
        self.assertContains(reply, "2 articles were published:")
        self.assertContains(reply, "1 article stays as it is:")
        self.assertEqual((fresh(live).shown, fresh(new).state), (draft, "published"))

    def test_publishes_nothing_that_was_not_shown(self):
        live = self.make()
        publishing.revise(live, words={"title": "Half zonkwort"}, by=self.readers["admin"])
        page = self.ask("publish_newest", live)
        publishing.revise(live, words={"title": "Later zonkwort"}, by=self.readers["admin"])
        self.assertContains(self.confirm(page), "was left as it is")
        self.assertEqual(fresh(live).shown.title, "Old zonkwort")

    def test_hides_with_a_page_before_and_a_sentence_after(self):
        said = {"take_back": "was taken back", "archive": "was archived"}
        for action, words in said.items():
            article = self.make()
            waiting = publishing.revise(article, words={"title": "Secret zonkwort"})
            publishing.publish(article, revision=waiting, at=timezone.now() + DAY)
            page = self.ask(action, article)
            self.assertContains(page, "For: Everyone")
            self.assertContains(page, "is a draft again")
            self.assertEqual(fresh(article).state, "published")
            self.assertContains(self.confirm(page), words)
            self.assertNotEqual(fresh(article).state, "published")
            self.assertFalse(article.revisions.waiting().exists())

    def test_says_what_a_deletion_takes_from_whom(self):
        self.client.force_login(self.readers["admin"])
        article = self.make()
        for page in (
            self.ask("delete_selected", article),
            self.client.get(f"/admin/articles/article/{article.pk}/delete/"),
        ):
            self.assertContains(page, "For: Everyone")
            self.assertNotContains(page, "Revision_codes")
