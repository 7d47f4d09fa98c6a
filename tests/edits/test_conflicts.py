"""What the page of a conflict does with each choice, with rows below a record and with an article's state."""

from datetime import timedelta

from django.test import TestCase
from django.utils import timezone

from kb.articles import publishing
from kb.articles.models import Article, Tag
from kb.codes.models import Cause
from kb.edits.words import difference
from tests.edits.test_forms import browser, problems
from tests.forms import fields_of, opened
from tests.makers import code, make_article, make_topic, make_user


class TwoEditors(TestCase):
    def setUp(self):
        self.ann, self.bn = (browser(make_user("Editors", first_name=name)) for name in ("Anna", "Ben"))

    def open_both(self, address):
        self.address = address
        self.annas, self.bens = opened(self.ann, address), opened(self.bn, address)

    def ben_saves(self, **changes):
        reply = self.bn.post(self.address, {**self.bens, **changes})
        self.assertEqual(reply.status_code, 302, problems(reply))

    def anna_is_refused(self, **changes):
        page = self.ann.post(self.address, {**self.annas, **changes})
        self.assertEqual(page.status_code, 409, problems(page))
        return page

    def resolve(self, page, how, **changes):
        return self.ann.post(self.address, {**fields_of(page), "_edit_resolve": how, **changes})

    def now(self):
        return {name: values[0] for name, values in opened(self.ann, self.address).items()}


class OnAnArticle(TwoEditors):
    def setUp(self):
        super().setUp()
        self.article = make_article("Old", body="One.\n\nTwo.\n\nThree.")
        self.open_both(f"/admin/articles/article/{self.article.pk}/change/")

    def ben_saves(self, **changes):
        """Published: a draft stands beside the words that Anna has open, and takes nothing from her."""
        super().ben_saves(**changes, _publish="1")

    def test_save_all_of_mine(self):
        self.ben_saves(body="Words of Ben")
        page = self.anna_is_refused(body="Words of Anna", _publish="1")
        self.assertEqual(self.resolve(page, "mine").status_code, 302)
        self.assertEqual(self.now()["body"], "Words of Anna")
        self.assertEqual(Article.objects.get(pk=self.article.pk).shown.body, "Words of Anna")

    def test_take_theirs_or_mine_of_a_field_both_changed(self):
        for take, body in (("theirs", "Ben for theirs"), ("mine", "Anna for mine")):
            with self.subTest(take=take):
                self.open_both(self.address)
                self.ben_saves(body=f"Ben for {take}")
                page = self.anna_is_refused(body=f"Anna for {take}", keywords=f"taken {take}", _publish="1")
                self.assertContains(page, "Both of you changed it", status_code=409)
                done = self.resolve(page, "merge", **{"_edit_take:body": take})
                self.assertEqual(done.status_code, 302, problems(done))
                self.assertEqual((self.now()["body"], self.now()["keywords"]), (body, f"taken {take}"))

    def test_put_both_together_by_hand(self):
        self.ben_saves(body="Words of Ben")
        page = self.anna_is_refused(body="Words of Anna", _publish="1")
        self.assertEqual(fields_of(page)["body"], ["Words of Anna"])
        self.resolve(page, "merge", **{"_edit_take:body": "mine", "body": "Words of both"})
        self.assertEqual(self.now()["body"], "Words of both")

    def test_ask_again_where_nothing_was_chosen(self):
        self.ben_saves(body="Words of Ben")
        page = self.resolve(self.anna_is_refused(body="Words of Anna"), "merge")
        self.assertContains(page, "Choose for each field that both of you changed", status_code=409)
        self.assertContains(page, "Words of Anna", status_code=409)
        self.assertEqual(self.now()["body"], "Words of Ben")

    def test_are_refused_again_where_a_third_saved_in_between(self):
        for how in ("mine", "merge"):
            with self.subTest(how=how):
                self.open_both(self.address)
                self.ben_saves(body=f"Words of Ben {how}")
                page = self.anna_is_refused(body="Words of Anna")
                third = browser(make_user("Editors", first_name="Cora"))
                third.post(
                    self.address, opened(third, self.address, body=f"Words of Cora {how}", _publish="1")
                )
                page = self.resolve(page, how, **{"_edit_take:body": "mine"})
                self.assertContains(page, "Cora did it", status_code=409)
                self.assertContains(page, "Words of Anna", status_code=409)
                self.assertEqual(self.now()["body"], f"Words of Cora {how}")

    def test_do_not_publish_again_what_was_hidden_or_taken_back(self):
        def to_staff():
            self.bn.post(self.address, opened(self.bn, self.address, audience="agents", _publish="1"))

        for change in (
            to_staff,
            lambda: publishing.take_back(Article.objects.get(pk=self.article.pk)),
            lambda: publishing.archive(Article.objects.get(pk=self.article.pk)),
        ):
            with self.subTest(change=change):
                Article.objects.filter(pk=self.article.pk).update(state="published", audience="public")
                self.annas = opened(self.ann, self.address)
                change()
                before = Article.objects.values("state", "audience").get(pk=self.article.pk)
                page = self.anna_is_refused(keywords="more", _save="1")
                done = self.resolve(page, "merge")
                self.assertEqual(done.status_code, 302, problems(done))
                self.assertEqual(Article.objects.values("state", "audience").get(pk=self.article.pk), before)

    def test_hear_of_every_other_field(self):
        tag, topic = Tag.objects.create(name="New tag", slug="new-tag"), make_topic("Elsewhere")
        soon = f"{timezone.localdate() + timedelta(days=9):%d/%m/%Y}"
        other = make_article("Read next")
        for change in (
            {"tags": [tag.pk]},
            {"topic": topic.pk},
            {"also_in": [topic.pk]},
            {"next_review": soon},
            {"slug": "another-address"},
            {
                "related_links-TOTAL_FORMS": 1,
                "related_links-0-other": other.pk,
                "related_links-0-position": 0,
            },
        ):
            with self.subTest(change=change):
                self.open_both(self.address)
                self.ben_saves(**change)
                page = self.anna_is_refused(keywords=f"k{change}"[:100], _publish="1")
                self.assertEqual(self.resolve(page, "merge").status_code, 302)
                kept = opened(self.ann, self.address)
                for name, value in change.items():
                    self.assertEqual(
                        kept[name], [str(one) for one in (value if isinstance(value, list) else [value])]
                    )

    def lines(self, *lines):
        sent = {"related_links-TOTAL_FORMS": len(lines)}
        for number, (other, why) in enumerate(lines):
            sent[f"related_links-{number}-other"] = other.pk
            sent[f"related_links-{number}-why"] = why
            sent[f"related_links-{number}-position"] = number
        return sent

    def test_put_the_related_lines_of_both_together(self):
        stays, goes, bens, annas = [
            make_article(title) for title in ("It stays", "It goes", "Ben’s", "Anna’s")
        ]
        for how, expected in (
            ("merge", {(stays, "Anna says why"), (annas, ""), (bens, "Ben says why")}),
            ("mine", {(stays, "Anna says why"), (goes, ""), (annas, "")}),
        ):
            with self.subTest(how=how):
                self.open_both(self.address)
                self.ben_saves(**self.lines((stays, ""), (goes, "")))
                self.open_both(self.address)
                self.ben_saves(**self.lines((stays, ""), (bens, "Ben says why")))
                changed = self.lines((stays, "Anna says why"), (goes, ""), (annas, ""))
                page = self.anna_is_refused(**changed, keywords=how, _publish="1")
                done = self.resolve(page, how)
                self.assertEqual(done.status_code, 302, problems(done))
                links = self.article.related_links.filter(by_hand=True)
                self.assertEqual({(link.other, link.why) for link in links}, expected)

    def test_hear_of_a_draft_that_was_approved_meanwhile(self):
        draft = publishing.revise(self.article, words={"body": "A draft"})
        self.open_both(self.address)
        publishing.publish(self.article, revision=draft, at=timezone.now() + timedelta(days=3))
        page = self.anna_is_refused(keywords="more")
        self.assertContains(page, "Versions now", status_code=409)
        self.assertContains(page, "goes live on", status_code=409)

    def test_take_no_old_words_up_again_over_newer_ones(self):
        publishing.revise(self.article, words={"body": "Second words"})
        history = self.address.replace("change", "history")
        older = opened(self.ann, history)
        first = self.article.revisions.order_by("pk").first()
        self.ben_saves_words("Third words")
        restore = f"/admin/articles/article/{self.article.pk}/revisions/{first.pk}/restore/"
        for data in (older, {}):
            page = self.ann.post(restore, data)
            self.assertContains(page, "was left as it is", status_code=409)
            self.assertContains(page, "Third words", status_code=409)
        self.assertEqual(Article.objects.get(pk=self.article.pk).newest.body, "Third words")
        form = opened(self.ann, history)
        for _ in range(2):  # sent twice
            self.assertEqual(self.ann.post(restore, form).status_code, 302)
        self.assertEqual(Article.objects.get(pk=self.article.pk).newest.body, first.body)

    def ben_saves_words(self, body):
        self.bn.post(self.address, opened(self.bn, self.address, body=body, _publish="1"))

    def test_do_in_a_list_nothing_to_what_changed(self):
        other = make_article("Other")
        changelist = "/admin/articles/article/"
        shown = opened(self.ann, changelist)
        self.ben_saves(body="Words of Ben")
        chosen = {"action": "archive", "index": "0", "_selected_action": [self.article.pk, other.pk]}
        page = self.ann.post(changelist, {**shown, **chosen})
        self.assertEqual([step.article for step in page.context["steps"]], [other])
        self.assertContains(page, "“Old” was left as it is: Ben changed it")
        self.ann.post(changelist, fields_of(page))
        states = [Article.objects.get(pk=pk).state for pk in (self.article.pk, other.pk)]
        self.assertEqual(states, ["published", "archived"])
        page = self.ann.post(changelist, {**chosen, "action": "take_back"}, follow=True)
        self.assertContains(page, "was left as it is", 2)

    def test_make_a_deleted_one_anew(self):
        self.article.delete()
        page = self.ann.post(self.address, {**self.annas, "body": "Words of an hour", "_publish": "1"})
        self.assertContains(page, "Words of an hour", status_code=410)
        data = fields_of(page)
        done = self.ann.post("/admin/articles/article/add/", data)
        self.assertEqual(done.status_code, 302, problems(done))
        made = Article.objects.get(slug=self.annas["slug"][0])
        self.assertEqual((made.newest.body, made.shown), ("Words of an hour", None))


class OnACode(TwoEditors):
    """With rows below it: causes and advice."""

    def setUp(self):
        super().setUp()
        self.code = code("550")
        self.open_both(f"/admin/codes/code/{self.code.pk}/change/")

    def causes(self):
        return [link.cause.slug for link in self.code.code_causes.order_by("position")]

    def number(self, prefix):
        return int(self.annas[f"{prefix}-TOTAL_FORMS"][0])

    def added(self, prefix, **values):
        number = self.number(prefix)
        fields = {f"{prefix}-{number}-{name}": value for name, value in values.items()}
        return {f"{prefix}-TOTAL_FORMS": number + 1, **fields}

    def test_keep_a_row_that_the_other_added(self):
        spare = Cause.objects.create(slug="spare", name="Spare")
        for how in ("merge", "mine"):
            with self.subTest(how=how):
                self.code.code_causes.filter(cause=spare).delete()
                self.open_both(self.address)
                self.ben_saves(**self.added("code_causes", cause=spare.pk, position=90))
                page = self.anna_is_refused(label=f"Label {how}")
                self.assertContains(page, "Not in your form.", status_code=409)
                done = self.resolve(page, how)
                self.assertEqual(done.status_code, 302, problems(done))
                self.assertIn("spare", self.causes())
                self.assertEqual(code("550").label, f"Label {how}")

    def test_keep_rows_that_both_added(self):
        ours, theirs = (Cause.objects.create(slug=slug, name=slug) for slug in ("ours", "theirs"))
        self.ben_saves(**self.added("code_causes", cause=theirs.pk, position=90))
        page = self.anna_is_refused(**self.added("code_causes", cause=ours.pk, position=91))
        done = self.resolve(page, "merge")
        self.assertEqual(done.status_code, 302, problems(done))
        self.assertEqual(self.causes()[-2:], ["theirs", "ours"])

    def test_leave_a_row_that_the_other_deleted(self):
        before = self.causes()
        self.ben_saves(**{"code_causes-0-DELETE": "on"})
        page = self.anna_is_refused(label="Label of Anna")
        self.assertContains(page, "It was deleted.", status_code=409)
        done = self.resolve(page, "merge")
        self.assertEqual(done.status_code, 302, problems(done))
        self.assertEqual(self.causes(), before[1:])

    def test_choose_about_a_row_that_one_deleted_and_the_other_changed(self):
        for take, is_there in (("mine", True), ("theirs", False)):
            with self.subTest(take=take):
                self.open_both(self.address)
                text = "advice-0-text"
                pk = self.annas["advice-0-id"][0]
                self.ben_saves(**{"advice-0-DELETE": "on"})
                page = self.anna_is_refused(**{text: f"Advice for {take}"})
                self.assertContains(page, "Both of you changed it", status_code=409)
                done = self.resolve(page, "merge", **{f"_edit_take:advice/{pk}": take})
                self.assertEqual(done.status_code, 302, problems(done))
                self.assertEqual(self.code.advice.filter(text=f"Advice for {take}").exists(), is_there)

    def test_choose_about_a_row_they_deleted_themselves(self):
        pk = self.annas["advice-0-id"][0]
        self.ben_saves(**{"advice-0-text": "Advice of Ben"})
        page = self.anna_is_refused(**{"advice-0-DELETE": "on"})
        self.assertContains(page, "You delete it.", status_code=409)
        done = self.resolve(page, "merge", **{f"_edit_take:advice/{pk}": "theirs"})
        self.assertEqual(done.status_code, 302, problems(done))
        self.assertEqual(self.code.advice.get(pk=pk).text, "Advice of Ben")

    def test_put_fields_of_one_row_together(self):
        pk = self.annas["advice-0-id"][0]
        self.ben_saves(**{"advice-0-text": "Advice of Ben"})
        page = self.anna_is_refused(**{"advice-0-source": "Source of Anna"})
        done = self.resolve(page, "merge")
        self.assertEqual(done.status_code, 302, problems(done))
        row = self.code.advice.get(pk=pk)
        self.assertEqual((row.text, row.source), ("Advice of Ben", "Source of Anna"))

    def test_hear_of_a_row_changed_on_its_own_page(self):
        row = self.code.advice.get(pk=self.annas["advice-0-id"][0])
        own = f"/admin/codes/advice/{row.pk}/change/"
        self.bn.post(own, opened(self.bn, own, text="Advice of Ben"))
        page = self.anna_is_refused(label="Label of Anna")
        self.assertContains(page, "Ben did it", status_code=409)
        self.assertContains(page, "Changed meanwhile, not by you", status_code=409)

    def test_go_back_to_no_old_state_over_a_newer_one(self):
        old = self.code.history.first()
        address = f"/admin/codes/code/{self.code.pk}/history/{old.history_id}/"
        for change in ({"label": "Label of Ben"}, {"code_causes-0-DELETE": "on"}):
            with self.subTest(change=change):
                older = opened(self.ann, address)
                self.bens = opened(self.bn, self.address)
                self.ben_saves(**change)
                page = self.ann.post(address, older)
                self.assertContains(page, "Nothing was saved yet", status_code=409)
        self.assertEqual(code("550").label, "Label of Ben")
        done = self.ann.post(address, {**fields_of(page), "_edit_resolve": "mine"})
        self.assertEqual(done.status_code, 302, problems(done))
        self.assertEqual(code("550").label, old.label)


class Words(TestCase):
    def marked(self, one, other):
        return [[piece.text for piece in side if piece.kind == "changed"] for side in difference(one, other)]

    def test_are_compared_one_by_one(self):
        self.assertEqual(
            self.marked("Send it once more.\nBye.", "Send it twice more.\nBye."), [["once"], ["twice"]]
        )

    def test_alike_are_left_out_where_they_are_many(self):
        lines = "\n".join(f"Line {number}" for number in range(99))
        ours, _ = difference(f"{lines}\nold", f"{lines}\nnew")
        self.assertIn("98", [piece.text for piece in ours if piece.kind == "skipped"])

    def test_of_any_length_are_whole_and_compared_in_time(self):
        one, other = "a b " * 20_000, "a c " * 20_000
        for ours in (one, one.replace(" ", "\n"), ""):
            self.assertEqual("".join(piece.text for piece in difference(ours, other)[1]), other)
