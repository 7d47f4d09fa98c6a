from unittest import mock

from django.db import OperationalError
from django.test import TestCase

from kb.guard import reports
from kb.jobs.models import Job
from tests.delivery.strangers import Stranger


class Metrics(TestCase):
    def figure(self, name):
        lines = self.client.get("/metrics").content.decode().splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name} ")), 0.0)

    def test_count_answers_by_kind_and_status(self):
        name = 'codebook_requests_total{kind="codes_at",status="200"}'
        before = self.figure(name)
        self.client.get("/codes/smtp/550/")
        self.assertEqual(self.figure(name), before + 1)
        self.assertGreater(self.figure('codebook_request_seconds_count{kind="codes_at"}'), 0)

    def test_count_all_that_leads_nowhere_as_one(self):
        name = 'codebook_requests_total{kind="none",status="404"}'
        before = self.figure(name)
        for address in ("/no/such/page/", "/nor/this/one/"):
            self.client.get(address)
        self.assertEqual(self.figure(name), before + 2)

    def test_count_what_stored_pages_answer(self):
        one = Stranger()
        with mock.patch("kb.api.metrics.layers", [one.layer]):
            one.get("/kb/")
            self.assertEqual(self.figure("codebook_stored_hits_total"), 0)
            one.get("/kb/")
            self.assertEqual(self.figure("codebook_stored_hits_total"), 1)
            self.assertEqual(self.figure("codebook_stored_pages"), 1)

    def test_count_due_work(self):
        before = self.figure("codebook_work_due")
        Job.objects.add("relate", "999")
        self.assertEqual(self.figure("codebook_work_due"), before + 1)

    def test_count_breaches_of_the_policy(self):
        before = self.figure('codebook_policy_breaches_total{directive="img-src"}')
        reports.counts["img-src"] += 1
        self.assertEqual(self.figure('codebook_policy_breaches_total{directive="img-src"}'), before + 1)

    def test_say_when_the_database_is_gone(self):
        self.assertEqual(self.figure("codebook_database_up"), 1)
        with mock.patch("kb.api.metrics.Job.objects.due", side_effect=OperationalError):
            self.assertEqual(self.figure("codebook_database_up"), 0)
