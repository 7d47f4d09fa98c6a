from pathlib import Path
from unittest import mock

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import TestCase

from kb.articles import publishing
from kb.articles.models import Article, Picture
from kb.delivery.media import MediaAway
from tests.forms import EditorClient
from tests.makers import OwnMedia, make_article, make_draft, make_picture, make_user, picture_file

LIST = "/admin/articles/picture/"
ADD = f"{LIST}add/"
NO_PICTURE = ("drawing.svg", b"<svg/>")


class Pictures(OwnMedia, TestCase):
    client_class = EditorClient

    def setUp(self):
        super().setUp()
        self.editor = make_user("Editors")
        self.client.force_login(self.editor)

    def add(self, *files, **about):
        return self.client.post(ADD, {"files": files, **about}, follow=True)

    def ask(self, *files):
        return self.client.post(ADD, {"files": files}, headers={"accept": "application/json"})

    def test_are_added_by_editors_with_what_they_show(self):
        page = self.add(picture_file(), alt="The form [of today]")
        picture = Picture.objects.get()
        self.assertEqual((picture.alt, picture.added_by), ("The form of today", self.editor))
        self.assertContains(page, f"![The form of today](/pictures/{picture.name})")

    def test_that_are_here_already_are_told_with_the_words_just_typed(self):
        file = picture_file()
        self.add(file, alt="The old form")
        file.seek(0)
        page = self.add(file, alt="The form again")
        self.assertContains(page, f"![The form again](/pictures/{Picture.objects.get().name})")
        self.assertEqual(Picture.objects.get().alt, "The old form")

    def test_are_added_several_at_once(self):
        page = self.add(picture_file("a.png"), picture_file("b.png"), alt="Both")
        self.assertCountEqual(Picture.objects.values_list("alt", flat=True), ["a", "b"])
        self.assertContains(page, "is here.", 2)

    def test_that_cannot_be_taken_are_named_and_the_others_taken(self):
        page = self.add(picture_file("a.png"), SimpleUploadedFile(*NO_PICTURE), alt="What I typed")
        self.assertEqual(page.status_code, 422)
        self.assertContains(page, "“drawing.svg” is no picture that can be shown here", status_code=422)
        self.assertContains(page, "“a” is here", status_code=422)
        self.assertContains(page, "What I typed", status_code=422)
        self.assertContains(self.add(), "This field is required", status_code=422)

    def test_with_nothing_in_one_are_taken_all_the_same(self):
        answer = self.ask(picture_file("a.png"), SimpleUploadedFile("none.png", b""))
        self.assertEqual([one["alt"] for one in answer.json()["added"]], ["a"])
        self.assertIn("“none.png” is no picture", answer.json()["problems"][0])

    def test_are_told_to_a_script_as_what_to_write(self):
        answer = self.ask(picture_file("a.png"), SimpleUploadedFile(*NO_PICTURE))
        self.assertEqual(answer.status_code, 422)
        picture = Picture.objects.get()
        self.assertEqual(
            answer.json()["added"], [{"alt": "a", "markdown": f"![a](/pictures/{picture.name})"}]
        )
        self.assertIn("“drawing.svg” is no picture", answer.json()["problems"][0])
        self.assertEqual(self.ask(picture_file()).status_code, 200)

    def test_are_for_editors_and_admins(self):
        picture = make_picture()
        for group, status in (("Customers", 302), ("Agents", 302), ("Editors", 200), ("Admins", 200)):
            self.client.force_login(make_user(group))
            for path in (LIST, ADD, f"{LIST}{picture.pk}/change/"):
                self.assertEqual(self.client.get(path).status_code, status, (group, path))
        self.client.force_login(make_user("Agents"))
        for leave in (lambda: None, self.client.logout):
            leave()
            self.assertEqual(self.ask(picture_file()).status_code, 403)
        self.assertEqual(Picture.objects.count(), 1)

    def test_are_listed_with_what_to_write_and_where_they_are(self):
        used, unused = make_picture(alt="Used"), make_picture(alt="Unused")
        make_article(body=used.markdown)
        page = self.client.get(LIST)
        self.assertContains(page, used.markdown)
        self.assertContains(page, f'src="{unused.get_absolute_url()}"')
        self.assertEqual([picture.articles for picture in page.context["cl"].result_list], [0, 1])
        for choice, picture in (("yes", used), ("no", unused)):
            found = self.client.get(f"{LIST}?used={choice}").context["cl"].result_list
            self.assertEqual([*found], [picture])
        self.assertEqual(len(self.client.get(f"{LIST}?used=perhaps").context["cl"].result_list), 2)

    def test_cost_the_same_for_few_and_many(self):
        for _ in range(3):
            make_article(body=make_picture().markdown)
            with self.assertNumQueries(8):
                self.client.get(LIST)

    def test_tell_which_articles_show_them(self):
        picture = make_picture()
        make_article("Shown to readers", body=picture.markdown)
        make_draft("Still a draft", body=picture.markdown)
        page = self.client.get(f"{LIST}{picture.pk}/change/")
        self.assertContains(page, "Shown to readers", 2)
        self.assertContains(page, "Still a draft", 1)

    def test_can_be_described_anew(self):
        picture = make_picture()
        self.client.post(f"{LIST}{picture.pk}/change/", {"alt": "The [new] form"})
        picture.refresh_from_db()
        self.assertEqual(picture.alt, "The new form")
        page = self.client.post(f"{LIST}{picture.pk}/change/", {"alt": ""})
        self.assertContains(page, "This field is required")

    def test_that_words_show_are_not_deleted_and_it_is_said_why(self):
        picture = make_picture()
        article = make_article(body=picture.markdown)
        publishing.publish(article, revision=publishing.revise(article, words={"body": "Without."}))
        for method in (self.client.get, self.client.post):
            page = method(f"{LIST}{picture.pk}/delete/", {"post": "yes"}, follow=True)
            self.assertContains(page, "stays: words of articles show it")
        action = {"action": "delete_selected", "_selected_action": [picture.pk], "post": "yes"}
        page = self.client.post(LIST, action, follow=True)
        self.assertContains(page, "“An article” shows “The form”")
        self.assertTrue(Picture.objects.exists())

    def test_that_nothing_shows_are_deleted_with_their_files(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(f"{LIST}{make_picture().pk}/delete/", {"post": "yes"})
            action = {"action": "delete_selected", "_selected_action": [make_picture().pk], "post": "yes"}
            self.client.post(LIST, action)
        self.assertFalse(Picture.objects.exists())
        self.assertEqual([path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()], [])

    def test_on_a_full_disk_are_said_to_wait(self):
        for problem in (OSError(28, "full"), MediaAway()):
            with (
                mock.patch("kb.articles.picturing.default_storage.save", side_effect=problem),
                self.assertLogs("kb.portal", "ERROR"),
            ):
                page = self.ask(picture_file())
            self.assertContains(page, "Nothing was stored", status_code=503)
        self.assertFalse(Picture.objects.exists())

    def test_in_a_folder_that_is_not_ours_to_write_to_are_said_to_wait(self):
        for problem in (PermissionError(13, "Permission denied"), NotADirectoryError(20, "Not a directory")):
            with (
                mock.patch("kb.delivery.media.Path.mkdir", side_effect=problem),
                self.assertLogs("kb.portal", "ERROR") as log,
            ):
                page = self.ask(picture_file())
            self.assertContains(page, "Nothing was stored", status_code=503)
            self.assertIn(problem.strerror, log.output[0])

    def test_that_were_taken_before_the_place_was_full_are_told(self):
        for problem in (OSError(28, "full"), OperationalError("database is locked")):
            save = mock.Mock(side_effect=["a", problem])
            with (
                mock.patch("kb.articles.picturing.default_storage.save", save),
                self.assertLogs("kb.articles", "ERROR"),
            ):
                answer = self.ask(picture_file("a.png"), picture_file("b.png"), picture_file("c.png"))
            self.assertEqual(answer.status_code, 422)
            self.assertEqual([one["alt"] for one in answer.json()["added"]], ["a"])
            self.assertEqual(
                answer.json()["problems"],
                [f"“{name}” could not be kept. Send it again in a minute." for name in ("b.png", "c.png")],
            )


class TheEditor(OwnMedia, TestCase):
    client_class = EditorClient

    def setUp(self):
        super().setUp()
        self.client.force_login(make_user("Editors"))
        self.article = make_draft()
        self.address = f"/admin/articles/article/{self.article.pk}/change/"

    def save(self, body):
        data = {
            "title": "T",
            "body": body,
            "topic": self.article.topic_id,
            "audience": "public",
            "state": "draft",
        }
        data |= {"slug": self.article.slug, "related_links-TOTAL_FORMS": 0, "related_links-INITIAL_FORMS": 0}
        return self.client.post(self.address, data)

    def test_leads_to_the_pictures_also_without_script(self):
        page = self.client.get(self.address)
        self.assertContains(page, f'<a href="{LIST}" target="_blank">Pictures</a>')
        self.assertContains(page, f'data-pictures="{ADD}"')

    def test_names_a_picture_that_is_not_there_and_keeps_the_words(self):
        page = self.save("What I typed. ![The form](/pictures/form.png)")
        self.assertContains(page, "There is no picture “/pictures/form.png”")
        self.assertContains(page, "What I typed.")

    def test_takes_one_that_is_there(self):
        picture = make_picture()
        self.assertEqual(self.save(picture.markdown).status_code, 302)
        self.assertEqual([*Article.objects.get(pk=self.article.pk).newest.pictures.all()], [picture])

    def test_shows_it_in_the_preview_before_it_is_saved(self):
        picture = make_picture()
        address = "/admin/articles/article/preview/"
        self.assertContains(self.client.post(address, {"markdown": picture.markdown}), 'width="64"')
        page = self.client.post(address, {"markdown": "![x](/pictures/x.png)"})
        self.assertContains(page, "There is no picture “/pictures/x.png”")
        page = self.client.post("/admin/codes/code/preview/", {"markdown": picture.markdown})
        self.assertContains(page, "Pictures stand in articles only")
