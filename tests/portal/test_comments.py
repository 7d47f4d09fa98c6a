"""Every address of comments and votes × who asks × what may come of it."""

from datetime import timedelta

from django.conf import settings
from django.test import TestCase, override_settings
from django.utils import timezone
from limits import parse_many

from kb.articles.models import Article
from kb.comments.models import Comment, CommentVote, Report
from kb.feedback.models import Vote
from kb.guard import throttle
from tests.makers import code, make_article, make_comment, make_draft, make_user
from tests.portal.people import CROSS, NOWHERE, PEOPLE, visitor_cookie, who

CODE = "/codes/smtp/550/"
GENERAL = "/codes/smtp/4.1.1/"
A_COMMENT = {"name": "Anna", "text": "Which port is it?"}


class TheTable(TestCase):
    """Each of five people asks each address, in each way it can be asked."""

    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()
        cls.page = cls.article.get_absolute_url()
        cls.users = {name: make_user(group) for name, group in PEOPLE.items() if group}

    def each(self):
        return [(name, who(name, self.users)) for name in PEOPLE]

    def comment(self, **fields):
        return make_comment(self.article, f"Words {Comment.objects.count()}", **fields)

    # Lists

    def test_lists_are_read_by_everybody_whole_or_as_a_part(self):
        self.comment()
        for page in (self.page, CODE, GENERAL):
            for name, browser in self.each():
                with self.subTest(page=page, who=name):
                    whole, part = (browser.get(f"{page}comments/{query}") for query in ("", "?part=1"))
                    self.assertContains(whole, "<html")
                    self.assertContains(whole, 'id="comments"')
                    self.assertContains(part, 'id="comments"')
                    self.assertNotContains(part, "<html")

    def test_lists_take_any_nonsense_in_their_address(self):
        first = self.comment()
        for query in (
            "page=7&sort=newest",
            "sort=helpful&page=x",
            "sort=worst",
            f"reply_to={first.pk}",
            "reply_to=x",
            "reply_to=" + "9" * 40,
            f"thread={first.pk}",
            "thread=%00",
            "thread=" + "9" * 40,
            "page=" + "9" * 5000,
            "try=4",
            "print=comments",
        ):
            with self.subTest(query=query[:40]):
                self.assertContains(self.client.get(f"{self.page}comments/?{query}"), first.text)

    def test_lists_take_a_comment_from_everybody(self):
        for page in (self.page, CODE, GENERAL):
            for name, browser in self.each():
                with self.subTest(who=name):
                    answer = browser.post(f"{page}comments/", {**A_COMMENT, "name": name})
                    made = Comment.objects.latest("pk")
                    self.assertEqual(answer.status_code, 303)
                    self.assertTrue(answer["Location"].endswith(f"#c-{made.pk}"))
                    self.assertEqual(made.state, "published" if name in {"agent", "editor"} else "pending")
                    self.assertEqual(made.by_staff, name in {"agent", "editor"})
                    self.assertContains(browser.get(answer["Location"].split("#")[0]), "Which port is it?")
        self.assertEqual(Comment.objects.filter(code=code("X.1.1")).count(), len(PEOPLE))

    def test_lists_refuse_in_words_and_show_again_what_was_typed(self):
        hidden, elsewhere = self.comment(state="pending", visitor="else"), make_comment(code("551"))
        for fields, words in (
            ({"text": ""}, "Write something"),
            ({"text": " \u200b "}, "Write something"),
            ({"text": "x" * 5001}, "That is 5001 characters. Shorten it to 5000"),
            ({"text": "Half\x00way"}, "cannot be kept"),
            (
                {"text": "https://a.example https://b.example https://c.example https://d.example"},
                "There are 4 links",
            ),
            ({"name": ""}, "Write a name"),
            ({"name": "\u200b"}, "Write a name"),
            ({"name": "https://shop.example"}, "Write a name that people can call you by"),
            ({"name": "x" * 61}, "That is 61 characters"),
            ({"email": "anna"}, "This is no e-mail address"),
            ({"parent": "x"}, "not here any more"),
            ({"parent": "9" * 30}, "not here any more"),
            ({"parent": str(hidden.pk)}, "not here any more"),
            ({"parent": str(elsewhere.pk)}, "not here any more"),
        ):
            sent = {**A_COMMENT, "email": "a@example.org", **fields}
            for query, name in (("", "stranger"), ("?part=1", "customer")):
                with self.subTest(fields=str(fields)[:60], who=name):
                    answer = who(name, self.users).post(f"{self.page}comments/{query}", sent)
                    self.assertContains(answer, words, status_code=422)
                    self.assertContains(answer, 'id="comment-form"', status_code=422)
                    if "text" not in fields:
                        self.assertContains(answer, "Which port is it?</textarea>", status_code=422)
        self.assertEqual(Comment.objects.exclude(pk__in=[hidden.pk, elsewhere.pk]).count(), 0)

    def test_lists_refuse_what_makes_them_unreadable(self):
        answer = who("stranger").post(f"{self.page}comments/", {**A_COMMENT, "text": "x" * 11_000_000})
        self.assertContains(answer, "more than 10 MB", status_code=413)

    def test_lists_are_missing_where_there_is_nothing_to_comment_on(self):
        for page in (
            "/kb/nothing/",
            "/codes/smtp/5.7.606/",
            "/codes/smtp/557/",
            "/codes/smtp/5xx/",
            "/codes/x/550/",
        ):
            for name, browser in self.each():
                with self.subTest(who=name):
                    self.assertEqual(browser.get(f"{page}comments/").status_code, 404, page)
                    self.assertEqual(browser.post(f"{page}comments/", A_COMMENT).status_code, 404, page)

    def test_lists_of_hidden_articles_are_open_to_those_who_may_read_them(self):
        archived = make_article()
        Article.objects.filter(pk=archived.pk).update(state="archived")
        for article, readers in (
            (make_article(audience="agents"), {"agent", "editor"}),
            (make_article(audience="customers"), {"customer", "agent", "editor"}),
            (make_draft(), set()),
            (archived, set()),
        ):
            below = make_comment(article)
            for name, browser in self.each():
                with self.subTest(who=name):
                    status = 200 if name in readers else 404
                    self.assertEqual(
                        browser.get(f"{article.get_absolute_url()}comments/").status_code, status
                    )
                    self.assertEqual(
                        browser.get(f"/c/{below.pk}/").status_code, 302 if status == 200 else 404
                    )
                    for act in ("vote", "report", "edit", "delete"):
                        answer = browser.post(f"/c/{below.pk}/{act}/", {"value": "up"})
                        self.assertEqual(
                            answer.status_code == 404, status == 404 or act in {"edit", "delete"}
                        )

    # One comment

    def test_a_comment_leads_everybody_to_its_place(self):
        below = self.comment()
        for name, browser in self.each():
            with self.subTest(who=name):
                answer = browser.get(f"/c/{below.pk}/")
                self.assertEqual((answer.status_code, answer["Location"]), (302, f"{self.page}#c-{below.pk}"))

    def test_a_comment_that_waits_is_there_for_its_author_and_for_agents_alone(self):
        below = self.comment(state="pending", visitor="pending-author")
        spam = self.comment(state="spam", visitor="pending-author")
        for name, browser in self.each():
            with self.subTest(who=name):
                sees = name in {"pending author", "agent", "editor"}
                self.assertEqual(browser.get(f"/c/{below.pk}/").status_code, 302 if sees else 404)
                page = browser.get(self.page).content.decode()
                self.assertEqual(below.text in page, sees)
                self.assertEqual(
                    "Visible to you only, waiting for approval" in page, name == "pending author"
                )
                self.assertEqual("Waits for approval" in page, name in {"agent", "editor"})
                self.assertEqual(spam.text in page, name in {"agent", "editor"})
                for act in ("vote", "report"):
                    self.assertEqual(browser.post(f"/c/{below.pk}/{act}/", {"value": "up"}).status_code, 404)

    def test_votes_are_taken_from_everybody_but_the_author(self):
        below = self.comment(visitor="pending-author")
        for name, browser in self.each():
            with self.subTest(who=name):
                for value in ("up", "up", "down", "none", "up"):
                    answer = browser.post(f"/c/{below.pk}/vote/", {"value": value})
                    if name == "pending author":
                        self.assertContains(answer, "This is your own comment", status_code=422)
                    else:
                        self.assertEqual(
                            (answer.status_code, answer["Location"]), (303, f"{self.page}#c-{below.pk}")
                        )
        below.refresh_from_db()
        self.assertEqual((below.score, CommentVote.objects.count()), (4, 4))

    def test_votes_that_say_nothing_are_refused_in_words(self):
        below = self.comment(visitor="somebody")
        for name, browser in self.each():
            with self.subTest(who=name):
                for fields in ({}, {"value": "5"}, {"value": "\x00"}):
                    answer = browser.post(f"/c/{below.pk}/vote/", fields)
                    self.assertContains(answer, "choose Helpful or Not helpful", status_code=422)

    def test_reports_are_taken_from_everybody_but_the_author_once(self):
        below = self.comment(visitor="pending-author")
        for name, browser in self.each():
            with self.subTest(who=name):
                page = browser.get(f"/c/{below.pk}/report/")
                if name == "pending author":
                    self.assertContains(page, "This is your own comment", status_code=422)
                    continue
                self.assertContains(page, "What is wrong with it?")
                for reason in ("spam", "rude"):
                    answer = browser.post(f"/c/{below.pk}/report/", {"reason": reason})
                    self.assertEqual(answer.status_code, 303)
                self.assertContains(
                    browser.get(answer["Location"]), "Thank you. You have reported this comment"
                )
                wrong = browser.post(f"/c/{below.pk}/report/", {"reason": "dull"})
                self.assertEqual(wrong.status_code, 422)
        self.assertEqual({report.reason for report in Report.objects.all()}, {"rude"})
        self.assertEqual(Report.objects.count(), 4)

    def test_edits_are_open_to_the_author_alone(self):
        below = self.comment(visitor="pending-author")
        for name, browser in self.each():
            with self.subTest(who=name):
                is_author = name == "pending author"
                self.assertEqual(browser.get(f"/c/{below.pk}/edit/").status_code, 200 if is_author else 404)
                answer = browser.post(f"/c/{below.pk}/edit/", {"text": f"By the {name}"})
                self.assertEqual(answer.status_code, 303 if is_author else 404)
        below.refresh_from_db()
        self.assertEqual(below.text, "By the pending author")

    def test_edits_are_refused_in_words_and_keep_what_was_typed(self):
        below, browser = self.comment(visitor="pending-author"), who("pending author")
        for text, words in (("", "Write something"), ("x" * 5001, "Shorten it to 5000")):
            answer = browser.post(f"/c/{below.pk}/edit/", {"text": text})
            self.assertContains(answer, words, status_code=422)
        make_comment(self.article, "Said before", visitor="pending-author")
        answer = browser.post(f"/c/{below.pk}/edit/", {"text": "Said before"})
        self.assertContains(answer, "You have said exactly this here already", status_code=422)
        self.assertContains(answer, "Said before</textarea>", status_code=422)

    def test_changes_come_too_late_after_a_quarter_of_an_hour(self):
        below, browser = self.comment(visitor="pending-author"), who("pending author")
        Comment.objects.filter(pk=below.pk).update(made_at=timezone.now() - timedelta(minutes=16))
        self.assertContains(browser.get(f"/c/{below.pk}/edit/"), "this one is older")
        answer = browser.post(f"/c/{below.pk}/edit/", {"text": "Typed for nothing"})
        self.assertContains(answer, "this one is older", status_code=422)
        self.assertContains(answer, "Typed for nothing", status_code=422)
        self.assertContains(browser.post(f"/c/{below.pk}/delete/"), "this one is older", status_code=422)
        below.refresh_from_db()
        self.assertTrue(below.text.startswith("Words"))

    def test_deleting_is_open_to_the_author_alone_and_keeps_replies(self):
        below = self.comment(visitor="pending-author")
        make_comment(self.article, "A reply that stays", parent=below)
        for name, browser in self.each():
            with self.subTest(who=name):
                is_author = name == "pending author"
                self.assertEqual(browser.get(f"/c/{below.pk}/delete/").status_code, 200 if is_author else 404)
                answer = browser.post(f"/c/{below.pk}/delete/")
                self.assertEqual(answer.status_code, 303 if is_author else 404)
        page = self.client.get(self.page)
        self.assertContains(page, "This comment was deleted.")
        self.assertContains(page, "A reply that stays")
        self.assertNotContains(page, below.text)
        self.assertEqual(self.client.get(f"/c/{below.pk}/").status_code, 404)

    def test_an_account_changes_what_it_said_from_any_browser(self):
        below = self.comment(author=self.users["customer"], visitor="elsewhere")
        self.assertEqual(who("customer", self.users).get(f"/c/{below.pk}/edit/").status_code, 200)
        self.assertEqual(who("agent", self.users).get(f"/c/{below.pk}/edit/").status_code, 404)

    # Ways of asking

    ROUTES = ("comments/", "vote/")
    ACTS = ("", "vote/", "report/", "edit/", "delete/")

    def test_missing_ones_are_missing_for_everybody(self):
        for name, browser in self.each():
            with self.subTest(who=name):
                for act in self.ACTS:
                    self.assertEqual(
                        browser.get(f"/c/987654/{act}").status_code, 405 if act == "vote/" else 404
                    )
                    self.assertEqual(browser.post(f"/c/987654/{act}").status_code, 404 if act else 405)

    def test_other_methods_are_refused(self):
        below = self.comment(visitor="pending-author")
        for name, browser in self.each():
            with self.subTest(who=name):
                for page in (self.page, CODE, GENERAL):
                    self.assertEqual(browser.put(f"{page}comments/").status_code, 405)
                    self.assertEqual(browser.delete(f"{page}comments/").status_code, 405)
                    self.assertEqual(browser.get(f"{page}vote/").status_code, 405)
                for act in self.ACTS:
                    self.assertEqual(browser.put(f"/c/{below.pk}/{act}").status_code, 405)
                    self.assertEqual(browser.delete(f"/c/{below.pk}/{act}").status_code, 405)

    def test_posts_from_other_sites_are_refused_in_words(self):
        below = self.comment(visitor="pending-author")
        targets = [f"{page}{route}" for page in (self.page, CODE, GENERAL) for route in self.ROUTES]
        targets += [f"/c/{below.pk}/{act}" for act in self.ACTS if act]
        for name, browser in self.each():
            with self.subTest(who=name):
                for target in targets:
                    for headers in CROSS:
                        answer = browser.post(
                            target, {**A_COMMENT, "value": "up", "useful": "yes"}, headers=headers
                        )
                        self.assertContains(answer, "sent from another site", status_code=403)
                        self.assertNotIn(settings.VISITOR_COOKIE_NAME, answer.cookies)
        self.assertEqual(
            (Comment.objects.count(), CommentVote.objects.count(), Vote.objects.count()), (1, 0, 0)
        )

    @override_settings(COMMENT_APPROVAL="none")
    def test_a_program_without_a_session_may_comment_and_then_waits(self):
        self.assertEqual(who("stranger").post(f"{self.page}comments/", A_COMMENT).status_code, 303)
        self.assertEqual(Comment.objects.get().state, "published")
        program = self.client_class(enforce_csrf_checks=True)
        answer = program.post(f"{self.page}comments/", {"name": "Robot", "text": "Beep"}, headers=NOWHERE)
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(Comment.objects.get(name="Robot").state, "pending")
        signed_in = self.client_class(enforce_csrf_checks=True)
        signed_in.force_login(self.users["agent"])
        self.assertEqual(signed_in.post(f"{self.page}comments/", A_COMMENT, headers=NOWHERE).status_code, 403)

    # Votes on the page itself

    def test_votes_on_articles_and_codes_are_taken_from_everybody(self):
        for page in (self.page, CODE, GENERAL):
            for name, browser in self.each():
                with self.subTest(who=name):
                    answer = browser.post(f"{page}vote/", {"useful": "yes"})
                    self.assertEqual((answer.status_code, answer["Location"]), (303, f"{page}#helpful"))
                    wrong = browser.post(f"{page}vote/", {"useful": "perhaps"})
                    self.assertContains(wrong, "Choose Yes or No.", status_code=422)
        for page in ("/kb/nothing/", "/codes/smtp/557/"):
            for name, browser in self.each():
                with self.subTest(who=name):
                    self.assertEqual(browser.post(f"{page}vote/", {"useful": "yes"}).status_code, 404)


class OnceOnly(TestCase):
    def setUp(self):
        self.page = make_article().get_absolute_url()

    def test_the_same_comment_sent_again_is_answered_as_the_first_time_and_at_once(self):
        browser = who("stranger")
        answers = [browser.post(f"{self.page}comments/", A_COMMENT) for _ in range(15)]
        self.assertEqual({answer.status_code for answer in answers}, {303})
        self.assertEqual(len({answer["Location"] for answer in answers}), 1)
        self.assertEqual(Comment.objects.count(), 1)

    def test_whoever_never_got_the_first_answer_sees_their_comment_after_the_second(self):
        who("stranger").post(f"{self.page}comments/", A_COMMENT)
        browser = who("stranger")
        answer = browser.post(f"{self.page}comments/", A_COMMENT, follow=True)
        self.assertContains(answer, "Visible to you only")

    def test_bait_is_taken_silently_and_kept_for_moderators(self):
        answer = who("stranger").post(
            f"{self.page}comments/", {**A_COMMENT, "website": "https://shop.example"}
        )
        self.assertEqual((answer.status_code, answer["Location"]), (303, f"{self.page}#comments"))
        self.assertEqual(Comment.objects.get().state, "spam")
        part = who("stranger").post(
            f"{self.page}comments/?part=1", {**A_COMMENT, "text": "More bait", "website": "x"}
        )
        self.assertEqual(part.status_code, 201)


@override_settings(COMMENT_APPROVAL="none", LIMITING=True)
class HowOften(TestCase):
    def setUp(self):
        throttle._memory.cache_clear()
        self.page = make_article().get_absolute_url()

    def post(self, browser, number, query=""):
        fields = {"name": "Anna", "text": f"Question {number}"}
        return browser.post(f"{self.page}comments/{query}", fields, REMOTE_ADDR="198.51.100.7")

    def test_two_at_once_are_too_quick_and_the_text_is_kept(self):
        browser = who("stranger")
        self.assertEqual(self.post(browser, 1).status_code, 303)
        for query in ("", "?part=1"):
            answer = self.post(browser, 2, query)
            self.assertContains(answer, "That was quick.", status_code=429)
            self.assertContains(answer, "Question 2</textarea>", status_code=429)
            self.assertGreater(int(answer["Retry-After"]), 0)
        self.assertEqual(Comment.objects.count(), 1)

    def test_changes_of_ones_own_have_a_limit_and_the_text_is_kept(self):
        self.post(browser := who("stranger"), 1)
        number = Comment.objects.get().pk
        with override_settings(LIMITS={**settings.LIMITS, "comment_edit": parse_many("1/hour")}):
            answers = [browser.post(f"/c/{number}/edit/", {"text": f"Words {n}"}) for n in (1, 2)]
        self.assertEqual(answers[0].status_code, 303)
        self.assertContains(answers[1], "Save it again in 60 minutes", status_code=429)
        self.assertContains(answers[1], "Words 2</textarea>", status_code=429)
        self.assertEqual(Comment.objects.get().text, "Words 1")

    def test_reports_have_a_limit(self):
        article, browser = Article.objects.get(slug="mailbox-full"), who("stranger")
        numbers = [make_comment(article, text=f"Words {n}").pk for n in range(3)]
        with override_settings(LIMITS={**settings.LIMITS, "report": parse_many("2/hour")}):
            answers = [browser.post(f"/c/{number}/report/", {"reason": "spam"}) for number in numbers]
        self.assertEqual([answer.status_code for answer in answers], [303, 303, 429])
        self.assertContains(answers[2], "A moment, please", status_code=429)
        self.assertGreater(int(answers[2]["Retry-After"]), 0)
        self.assertEqual(Report.objects.count(), 2)

    def test_staff_are_not_held_up(self):
        browser = who("agent", {"agent": make_user("Agents")})
        self.assertEqual({self.post(browser, number).status_code for number in range(40)}, {303})

    def test_a_wrong_form_does_not_count(self):
        browser = who("stranger")
        for _ in range(5):
            browser.post(f"{self.page}comments/", {"name": "", "text": "x"}, REMOTE_ADDR="198.51.100.8")
        answer = browser.post(f"{self.page}comments/", A_COMMENT, REMOTE_ADDR="198.51.100.8")
        self.assertEqual(answer.status_code, 303)


class SignedOutMeanwhile(TestCase):
    def test_is_said_and_the_text_is_kept(self):
        page = make_article().get_absolute_url()
        fields = {**A_COMMENT, "signed_in": "yes"}
        answer = who("stranger").post(f"{page}comments/", fields)
        self.assertContains(answer, "You have been signed out meanwhile", status_code=422)
        self.assertContains(answer, "Which port is it?</textarea>", status_code=422)
        self.assertNotContains(answer, 'name="signed_in"', status_code=422)
        user = make_user()
        self.assertEqual(
            who("customer", {"customer": user}).post(f"{page}comments/", fields).status_code, 303
        )
        self.assertEqual(Comment.objects.get().author, user)


class TheCookie(TestCase):
    def test_is_set_by_a_comment_and_by_nothing_before(self):
        page = make_article().get_absolute_url()
        self.assertNotIn(settings.VISITOR_COOKIE_NAME, self.client.get(page).cookies)
        answer = who("stranger").post(f"{page}comments/", A_COMMENT)
        self.assertIn(settings.VISITOR_COOKIE_NAME, answer.cookies)

    def test_forged_opens_nothing(self):
        article = make_article()
        make_comment(article, "Waits", state="pending", visitor="anna")
        self.client.cookies[settings.VISITOR_COOKIE_NAME] = "anna"
        self.assertNotContains(self.client.get(article.get_absolute_url()), "Waits")
        self.client.cookies[settings.VISITOR_COOKIE_NAME] = visitor_cookie("anna")
        self.assertContains(self.client.get(article.get_absolute_url()), "Waits")
