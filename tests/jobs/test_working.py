from datetime import timedelta
from io import StringIO
from unittest import mock

from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import SimpleTestCase, TestCase
from django.urls import reverse
from django.utils import timezone

from kb import jobs
from kb.jobs import tasks
from kb.jobs.models import LEASE, MOST_ATTEMPTS, Job, Lease
from kb.jobs.stated import Work, stated
from kb.jobs.working import WORK, run_due
from tests.makers import make_user

NOW = timezone.now()
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Jobs(TestCase):
    """Each test has an empty queue and states its own work: `greet`, which notes whom it greets, and what it adds."""

    def setUp(self):
        Job.objects.all().delete()
        self.work, self.greeted = Work(), []
        self.work.state("greet", self.greeted.append)
        patch = mock.patch("kb.jobs.working.stated", return_value=self.work)
        patch.start()
        self.addCleanup(patch.stop)

    def job(self):
        return Job.objects.get(name="greet")

    def fail(self, key):
        raise ValueError(f"secret of {key}")


class Adding(Jobs):
    def test_adds_open_work_once(self):
        for _ in range(3):
            jobs.add("greet", 7)
        self.assertEqual(run_due(), 1)
        self.assertEqual(self.greeted, ["7"])

    def test_is_promised_by_the_table(self):
        jobs.add("greet", 7)
        with self.assertRaises(IntegrityError), transaction.atomic():
            Job.objects.create(name="greet", key="7", due=NOW)

    def test_only_ever_moves_forward(self):
        for due in (NOW + HOUR, NOW + MINUTE, NOW + HOUR):
            jobs.add("greet", 7, due=due)
        self.assertEqual(self.job().due, NOW + MINUTE)

    def test_adds_anew_what_was_done(self):
        jobs.add("greet", 7)
        run_due()
        jobs.add("greet", 7)
        run_due()
        self.assertEqual(self.greeted, ["7", "7"])

    def test_is_undone_with_its_transaction(self):
        with transaction.atomic():
            jobs.add("greet", 7)
            transaction.set_rollback(True)
        self.assertEqual(Job.objects.count(), 0)


class Doing(Jobs):
    def test_waits_for_the_moment(self):
        jobs.add("greet", 7, due=NOW + HOUR)
        self.assertEqual(run_due(NOW), 0)
        self.assertEqual(run_due(NOW + HOUR), 1)

    def test_does_what_work_adds_too(self):
        self.work.state("twice", lambda key: jobs.add("greet", key))
        jobs.add("twice", 7)
        self.assertEqual(run_due(), 2)

    def test_takes_what_is_added_while_it_runs_for_new_work(self):
        self.work.state("again", lambda key: jobs.add("again", key, due=NOW + HOUR))
        jobs.add("again", 7, due=NOW)
        run_due(NOW)
        self.assertEqual(Job.objects.open().get().due, NOW + HOUR)

    def test_tries_again_with_growing_waits(self):
        jobs.add("greet", 7, due=NOW)
        self.work.functions["greet"] = self.fail
        waits, now = [], NOW
        for _ in range(4):
            with self.assertLogs("kb.jobs", "ERROR"):
                run_due(now)
            waits.append((self.job().due - now) / MINUTE)
            now = self.job().due
        self.assertEqual(waits, [1, 2, 4, 8])
        self.work.functions["greet"] = self.greeted.append
        run_due(now)
        self.assertEqual((self.greeted, self.job().last_error), (["7"], ""))

    def test_tells_name_key_and_place_of_a_failure_and_nothing_private(self):
        jobs.add("greet", 7)
        self.work.functions["greet"] = self.fail
        with self.assertLogs("kb.jobs", "ERROR") as logged:
            run_due()
        for told in (logged.output[0], self.job().last_error):
            self.assertIn("ValueError in test_working.py", told)
            self.assertNotIn("secret", told)
        self.assertIn("greet 7", logged.output[0])

    def test_gives_up_after_ten_attempts_and_keeps_it_in_sight(self):
        jobs.add("greet", 7, due=NOW)
        self.work.functions["greet"] = self.fail
        for days in range(20):
            with (
                self.assertLogs("kb.jobs", "ERROR") if days < MOST_ATTEMPTS else self.assertNoLogs("kb.jobs")
            ):
                run_due(NOW + timedelta(days=days))
        self.assertEqual((self.job().attempts, self.job().state), (MOST_ATTEMPTS, "given up"))
        jobs.add("greet", 7)  # asked for again: from the start
        self.assertEqual(self.job().attempts, 0)

    def test_undoes_what_failed_work_wrote(self):
        def half(key):
            Lease.objects.create(name="half", until=NOW)
            raise ValueError

        self.work.functions["greet"] = half
        jobs.add("greet", 7)
        jobs.add("greet", 8)
        with self.assertLogs("kb.jobs", "ERROR"):
            run_due()
        self.assertFalse(Lease.objects.filter(name="half").exists())
        self.assertEqual(Job.objects.open().count(), 2)

    def test_tries_again_after_a_crash_in_the_middle(self):
        jobs.add("greet", 7, due=NOW)
        self.work.functions["greet"] = mock.Mock(side_effect=SystemExit)  # the process ends
        with self.assertRaises(SystemExit):
            run_due(NOW)
        self.assertEqual((self.job().attempts, self.job().state), (1, "waiting"))
        self.work.functions["greet"] = self.greeted.append
        self.assertEqual(run_due(NOW), 0)
        self.assertEqual(run_due(NOW + MINUTE), 1)

    def test_keeps_work_that_no_room_states(self):
        jobs.add("unknown", 7)
        with self.assertLogs("kb.jobs", "ERROR"):
            self.assertEqual(run_due(), 0)
        self.assertIn("LookupError", Job.objects.open().get().last_error)

    def test_stops_between_two_pieces_when_told(self):
        for key in range(3):
            jobs.add("greet", key)
        run_due(go_on=lambda: len(self.greeted) < 1)
        self.assertEqual(len(self.greeted), 1)
        self.assertEqual(run_due(), 2)  # the lease was let go

    def test_writes_nothing_while_nothing_is_due(self):
        jobs.add("greet", 7, due=NOW + HOUR)
        self.work.state("tick", print, HOUR)
        run_due(NOW - MINUTE)
        with self.assertNumQueries(2):
            run_due(NOW)


class TheLease(Jobs):
    def test_keeps_a_second_worker_out_until_it_ends(self):
        jobs.add("greet", 7, due=NOW)
        self.assertTrue(Lease.take(WORK, "another process", NOW))
        self.assertEqual(run_due(NOW), 0)
        self.assertEqual(run_due(NOW + LEASE), 1)

    def test_is_kept_by_who_has_it(self):
        self.assertTrue(Lease.take(WORK, "one", NOW))
        self.assertTrue(Lease.take(WORK, "one", NOW + LEASE / 2))
        self.assertFalse(Lease.take(WORK, "two", NOW + LEASE))

    def test_is_free_once_it_was_let_go(self):
        Lease.take(WORK, "one", NOW)
        Lease.release(WORK, "two")
        self.assertFalse(Lease.take(WORK, "two", NOW))
        Lease.release(WORK, "one")
        self.assertTrue(Lease.take(WORK, "two", NOW))


class Periodic(Jobs):
    def setUp(self):
        super().setUp()
        self.runs = []
        self.work.state("tick", lambda: self.runs.append(1), HOUR)

    def test_comes_at_its_interval_and_not_more_often(self):
        for minutes in (0, 1, 59, 60, 61, 119, 121):
            run_due(NOW + minutes * MINUTE)
        self.assertEqual(len(self.runs), 3)
        self.assertEqual(Job.objects.count(), 1)

    def test_comes_once_after_a_long_rest(self):
        run_due(NOW)
        run_due(NOW + 50 * HOUR)
        self.assertEqual(len(self.runs), 2)

    def test_is_never_given_up_and_tried_again_within_its_interval(self):
        self.work.functions["tick"] = lambda: self.fail("tick")
        for _ in range(20):
            with self.assertLogs("kb.jobs", "ERROR"):
                run_due(Job.objects.get().due if Job.objects.exists() else NOW)
        tick = Job.objects.get()
        self.assertEqual(tick.state, "waiting")
        self.assertGreater(tick.due, NOW)

    def test_trims_what_was_done_a_week_ago(self):
        Job.objects.create(name="greet", key="old", due=NOW, done_at=NOW - tasks.KEPT - MINUTE)
        Job.objects.create(name="greet", key="new", due=NOW, done_at=NOW - MINUTE)
        Job.objects.create(name="greet", key="open", due=NOW)
        tasks.trim()
        self.assertEqual(set(Job.objects.values_list("key", flat=True)), {"new", "open"})


class TheCommand(Jobs):
    def test_does_what_is_due_once(self):
        jobs.add("greet", 7)
        out = StringIO()
        call_command("work", "--once", stdout=out)
        self.assertEqual((out.getvalue(), self.greeted), ("Due work: 1 done.\nMails: 0 sent.\n", ["7"]))


class TheAdmin(Jobs):
    def setUp(self):
        super().setUp()
        jobs.add("greet", 7)
        Job.objects.update(attempts=MOST_ATTEMPTS, last_error="ValueError in a.py, line 1", due=NOW + HOUR)
        self.list = reverse("admin:jobs_job_changelist")

    def test_shows_admins_what_was_given_up_and_tries_again(self):
        self.client.force_login(make_user("Admins"))
        self.assertContains(self.client.get(self.list + "?state=given-up"), "ValueError")
        for state in ("waiting", "done"):
            self.assertNotContains(self.client.get(f"{self.list}?state={state}"), "ValueError")
        self.client.post(self.list, {"action": "try_again", "_selected_action": [self.job().pk]})
        self.assertEqual(run_due(), 1)

    def test_lets_nobody_change_or_add(self):
        self.client.force_login(make_user("superuser"))
        page = reverse("admin:jobs_job_change", args=[self.job().pk])
        self.assertNotContains(self.client.get(page), 'name="_save"')
        self.assertEqual(self.client.post(page, {"name": "x"}).status_code, 403)
        self.assertEqual(self.client.get(reverse("admin:jobs_job_add")).status_code, 403)

    def test_is_closed_to_editors(self):
        self.client.force_login(make_user("Editors"))
        self.assertEqual(self.client.get(self.list).status_code, 403)


class WhatIsStated(SimpleTestCase):
    def test_comes_from_the_rooms(self):
        self.assertIn("relate", stated().functions)
        self.assertIn("trim_jobs", stated().periods)

    def test_has_one_work_a_name(self):
        work = Work()
        work.state("greet", print)
        with self.assertRaises(ImproperlyConfigured):
            work.state("greet", print)
