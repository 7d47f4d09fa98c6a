import fcntl
import os
from io import StringIO
from unittest import mock

from django.conf import settings
from django.core.management import call_command
from django.test import TestCase, override_settings

from kb import jobs
from kb.accounts.models import User
from kb.comments.models import Comment
from kb.jobs.models import Job
from kb.transfer.management.commands import upgrade


@mock.patch.object(upgrade, "statics")
class TheFirstUser(TestCase):
    def start(self, **environment):
        out = StringIO()
        without = {name: value for name, value in os.environ.items() if name != "DEMO_PASSWORD"}
        with mock.patch.dict(os.environ, {**without, **environment}, clear=True):
            call_command("upgrade", demo=True, no_backup=True, stdout=out)
        return out.getvalue()

    def test_is_a_demo_admin_where_only_this_machine_can_sign_in(self, statics):
        with override_settings(OPEN_TO_OTHERS=False):
            self.assertIn("Demo admin: user name admin, password ", self.start())
        self.assertTrue(User.objects.filter(username="admin", is_superuser=True).exists())

    def test_is_left_to_the_operator_where_others_can(self, statics):
        for how in ({"OPEN_TO_OTHERS": True}, {"SITE_URL": "https://help.example.org"}):
            with override_settings(**how):
                self.assertIn("./codebook createsuperuser", self.start())
            self.assertFalse(User.objects.exists())
            self.assertFalse(Comment.objects.exists())

    def test_is_a_demo_admin_where_its_password_was_chosen(self, statics):
        with override_settings(OPEN_TO_OTHERS=True):
            self.assertIn("the one in DEMO_PASSWORD", self.start(DEMO_PASSWORD="long and chosen"))
        self.assertTrue(User.objects.get(username="admin").check_password("long and chosen"))

    def test_is_made_once(self, statics):
        self.start()
        self.assertNotIn("admin", self.start())


class DueWork(TestCase):
    @mock.patch.object(upgrade, "statics")
    @mock.patch.object(upgrade, "LONGEST", 0)
    def test_is_left_to_the_server_when_it_takes_long(self, statics):
        call_command("upgrade", no_backup=True, stdout=StringIO())
        self.assertTrue(Job.objects.open().filter(name="relate").exists())

    @mock.patch.object(upgrade, "statics")
    def test_is_done_at_once_when_it_is_little(self, statics):
        jobs.add("relate", "0")
        call_command("upgrade", no_backup=True, stdout=StringIO())
        self.assertFalse(Job.objects.open().filter(name="relate").exists())


class TwoStartsAtOnce(TestCase):
    def test_take_turns(self):
        with (
            upgrade.one_at_a_time(),
            open(settings.DATA_DIR / "lock", "a") as second,
            self.assertRaises(BlockingIOError),
        ):
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
