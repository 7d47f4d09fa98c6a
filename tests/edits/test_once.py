"""A form that is sent twice is saved once, and answered twice alike."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.cookies import SimpleCookie

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.test import TestCase
from django.utils import timezone

from kb.accounts.models import User
from kb.articles.models import Article
from kb.edits.models import Answer
from kb.edits.tasks import KEPT, trim
from kb.search.models import Synonym
from tests.delivery.served import ServedTestCase
from tests.edits.test_forms import browser
from tests.forms import fields_of, opened
from tests.makers import code, make_topic, make_user

ADD = "/admin/search/synonym/add/"


class Twice(TestCase):
    def setUp(self):
        self.user = make_user("Editors")
        self.client.force_login(self.user)

    def test_adds_one_record_and_says_so_twice(self):
        form = opened(self.client, ADD, words="mailbox, postbox")
        first = self.client.post(ADD, form)
        second = self.client.post(ADD, form)
        self.assertEqual((first.status_code, first["Location"]), (second.status_code, second["Location"]))
        self.assertEqual(Synonym.objects.filter(words="mailbox, postbox").count(), 1)
        self.client.get(first["Location"])  # takes the first message
        third = self.client.post(ADD, form, follow=True)
        self.assertContains(third, "was added successfully")

    def test_answers_an_article_with_the_first_answer(self):
        address = "/admin/articles/article/add/"
        data = {"title": "Only once", "body": "Words.", "topic": make_topic().pk}
        form = opened(self.client, address, **data)
        answers = [self.client.post(address, form) for _ in range(2)]
        self.assertEqual([answer.status_code for answer in answers], [302, 302])
        self.assertEqual(Article.objects.filter(slug="only-once").count(), 1)

    def test_says_it_with_the_same_link(self):
        address = f"/admin/codes/code/{code('550').pk}/change/"
        form = opened(self.client, address, label="<b>Another</b>")
        said = f'<a href="{address}">550 &lt;b&gt;Another&lt;/b&gt;</a>”'
        for time in ("first", "second"):
            with self.subTest(time):
                self.assertContains(self.client.post(address, form, follow=True), said)

    def test_changes_once(self):
        address = f"/admin/codes/code/{code('550').pk}/change/"
        form = opened(self.client, address, label="Another label")
        before = code("550").history.count()
        for _ in range(2):
            page = self.client.post(address, form, follow=True)
            self.assertContains(page, "was changed successfully")
        self.assertEqual(code("550").history.count(), before + 1)

    def test_deletes_once(self):
        synonym = Synonym.objects.create(words="one, two")
        address = f"/admin/search/synonym/{synonym.pk}/delete/"
        form = opened(self.client, address)
        for _ in range(2):
            page = self.client.post(address, form, follow=True)
            self.assertContains(page, "was deleted successfully")

    def test_does_once_what_a_list_does(self):
        synonym = Synonym.objects.create(words="one, two")
        changelist = "/admin/search/synonym/"
        chosen = {"action": "delete_selected", "index": "0", "_selected_action": [synonym.pk]}
        asked = self.client.post(changelist, opened(self.client, changelist, **chosen))
        for _ in range(2):
            page = self.client.post(changelist, fields_of(asked), follow=True)
            self.assertContains(page, "Successfully deleted 1")

    def test_answers_a_popup_again(self):
        address = "/admin/articles/topic/add/?_popup=1"
        form = opened(self.client, address, name="From a popup", slug="from-a-popup")
        first, second = (self.client.post(address, form) for _ in range(2))
        self.assertContains(first, "popup_response")
        self.assertEqual(first.content, second.content)

    def test_takes_other_words_of_the_same_form_for_another_edit(self):
        """Whoever goes back and writes on sends the same key."""
        address = f"/admin/codes/code/{code('550').pk}/change/"
        form = opened(self.client, address, label="First label")
        self.client.post(address, form)
        page = self.client.post(address, {**form, "label": "Second label"})
        self.assertContains(page, "You did it yourself", status_code=409)
        self.assertContains(page, "Second", status_code=409)

    def test_saves_what_was_refused_the_first_time(self):
        form = opened(self.client, ADD, words="alone")
        for _ in range(2):
            self.assertContains(self.client.post(ADD, form), "at least two")
        self.assertEqual(Answer.objects.count(), 0)

    def test_is_about_one_person(self):
        form = opened(self.client, ADD, words="mailbox, postbox")
        self.client.post(ADD, form)
        other = browser(make_user("Editors"))
        other.post(ADD, form)
        self.assertEqual(Answer.objects.count(), 2)

    def test_is_forgotten_after_a_while(self):
        for age in (KEPT + timedelta(hours=1), timedelta()):
            Answer.objects.create(user=self.user, digest=str(age), made_at=timezone.now() - age)
        trim()
        self.assertEqual([answer.digest for answer in Answer.objects.all()], [str(timedelta())])


class AtOnce(ServedTestCase):
    """Two requests at the same moment, to a real server and a real database."""

    servers = 1

    @classmethod
    def setUpClass(cls):
        user = make_user("Editors")
        User.objects.filter(pk=user.pk).update(
            password=PBKDF2PasswordHasher().encode("right horse", "salt", 1000)
        )
        cls.addClassCleanup(user.delete)
        cls.name = user.username
        super().setUpClass()

    def setUp(self):
        self.cookies = SimpleCookie()
        self.server = self.running[0]
        login = "/account/login/"
        token = self.token(self.ask(login))
        self.ask(login, {"username": self.name, "password": "right horse", "csrfmiddlewaretoken": token})

    def ask(self, path, form=None):
        headers = {"Cookie": "; ".join(f"{name}={cookie.value}" for name, cookie in self.cookies.items())}
        answer = self.server.post(path, form, **headers) if form else self.server.get(path, **headers)
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.cookies.load(line)
        return answer

    def token(self, page):
        return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]

    def form_of(self, path):
        page = self.ask(path)
        page.content = page.text.encode()
        return {**fields_of(page), "csrfmiddlewaretoken": self.token(page)}

    def send_together(self, path, forms):
        """At the same moment; what each was answered."""
        flat = [
            [
                (name, value)
                for name, sent in form.items()
                for value in ([sent] if isinstance(sent, str) else sent)
            ]
            for form in forms
        ]
        with ThreadPoolExecutor(len(flat)) as pool:
            return [done.result() for done in [pool.submit(self.ask, path, form) for form in flat]]

    def send_twice(self, path, **changes):
        form = self.form_of(path) | changes
        return self.send_together(path, [form] * 4)

    def test_is_added_once(self):
        answers = self.send_twice(ADD, words="quick brown, lazy dog")
        self.assertEqual(
            {(one.status, one.getheader("Location")) for one in answers}, {(302, "/admin/search/synonym/")}
        )
        page = self.ask("/admin/search/synonym/?q=quick+brown").text
        self.assertEqual(page.count('name="_selected_action"'), 1)

    def test_is_changed_once(self):
        number = re.search(r"/admin/search/synonym/(\d+)/change/", self.ask("/admin/search/synonym/").text)[1]
        address = f"/admin/search/synonym/{number}/change/"
        answers = self.send_twice(address, words="changed, at once")
        self.assertEqual({one.status for one in answers}, {302})
        history = self.ask(f"/admin/search/synonym/{number}/history/").text
        self.assertEqual(history.count("<ins>changed, at once</ins>"), 1)

    def test_saves_one_of_several_edits(self):
        number = re.findall(r"/admin/search/synonym/(\d+)/change/", self.ask("/admin/search/synonym/").text)[
            -1
        ]
        address = f"/admin/search/synonym/{number}/change/"
        form = self.form_of(address)
        forms = [{**form, "words": f"editor {editor}, at once"} for editor in range(4)]
        answers = self.send_together(address, forms)
        self.assertEqual(sorted(one.status for one in answers), [302, 409, 409, 409])
        saved = next(form for form, answer in zip(forms, answers, strict=True) if answer.status == 302)
        self.assertEqual(self.form_of(address)["words"], [saved["words"]])
