import json
import os
import subprocess
import sys
import tarfile
import threading
import time
from contextlib import closing
from dataclasses import replace
from io import StringIO
from pathlib import Path
from unittest import mock

from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from kb.articles import publishing
from kb.articles.models import Article
from kb.codes.models import Code
from kb.comments.models import Comment
from kb.delivery import changed
from kb.delivery.listening import Listener
from kb.delivery.models import Change
from kb.delivery.store import PageStore
from kb.jobs.models import MOST_ATTEMPTS, Job, Mail
from kb.jobs.outbox import send_later
from kb.search.find import find_words
from kb.transfer import archive, databases
from kb.transfer import backup as verbs
from kb.transfer.management.commands import upgrade
from tests.delivery.served import ROOT
from tests.makers import code, make_article, make_comment
from tests.transfer.own_database import OnAServer

NEWER = """
CREATE TABLE codes_sight (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                          code_id bigint NOT NULL REFERENCES codes_code (id) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO codes_sight (code_id) SELECT id FROM codes_code;
CREATE TABLE later_plain (id bigserial PRIMARY KEY, mood text);
CREATE TYPE later_mood AS ENUM ('good', 'bad');
CREATE FUNCTION later_look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER later_look AFTER INSERT ON codes_code FOR EACH ROW EXECUTE FUNCTION later_look();
CREATE VIEW later_codes AS SELECT value FROM codes_code;
ALTER TABLE codes_code ADD COLUMN later text NOT NULL DEFAULT 'of tomorrow';
"""
TOLD = ("delivery_change",)  # a restore adds a row: everything changed
anyone = AnonymousUser()


def found(words):
    return [hit.title for hit in find_words(words, user=anyone)[:5]]


class ABackupOfPostgres(OnAServer):
    def test_is_of_one_moment_while_people_write(self):
        written = Change.objects.filter(target__in=["article:left", "article:right"])
        is_written, stop = threading.Event(), threading.Event()

        def write():
            while not stop.is_set():
                with transaction.atomic():
                    changed("article:left")
                    changed("article:right")
                is_written.set()
            connections.close_all()

        writer = threading.Thread(target=write)
        writer.start()
        try:
            is_written.wait(20)
            before = written.count()
            self.backup()
            after = written.count()
        finally:
            stop.set()
            writer.join()
        self.assertGreater(after, before)
        self.restore(force=True)
        left, right = (written.filter(target=f"article:{side}").count() for side in ("left", "right"))
        self.assertEqual(left, right)
        self.assertTrue(before <= left + right <= after, (before, left + right, after))
        self.assertEqual(self.manifest()["rows"]["delivery_change"], Change.objects.count() - 1)

    def test_tells_what_it_holds(self):
        self.backup()
        manifest = self.manifest()
        self.assertEqual((manifest["engine"], list(manifest["files"])), ("postgresql", ["database.dump"]))
        self.assertEqual(manifest["rows"]["codes_code"], Code.objects.count())
        self.assertIn("accounts.0001_initial", manifest["migrations"])

    def test_may_take_longer_than_a_page(self):
        self.query("SET idle_in_transaction_session_timeout = '20ms'")
        self.query("SET statement_timeout = '20ms'")
        self.backup()
        self.assertTrue(self.file.exists())

    def test_holds_our_schema_alone(self):
        self.query("CREATE SCHEMA others; CREATE TABLE others.theirs AS SELECT 'before' AS word")
        self.backup()
        dump = archive.unpack(self.file, self.place / "unpacked")["database.dump"].read_bytes()
        self.assertEqual((b"codes_code" in dump, b"theirs" in dump), (True, False))
        self.query("UPDATE others.theirs SET word = 'after'")
        self.restore(force=True)
        self.assertEqual(self.query("SELECT word FROM others.theirs"), [("after",)])

    def test_is_due_before_an_upgrade_and_restores_the_state_before(self):
        Code.objects.filter(value="550").update(meaning="Mine alone.")
        before = self.content(but=TOLD)
        with mock.patch.object(upgrade, "statics"):
            out = StringIO()
            call_command("upgrade", stdout=out)
        [self.file] = (self.place / "backups").iterdir()
        self.assertIn(f"Backup: {self.file}", out.getvalue())
        Article.objects.all().delete()
        self.restore(force=True)
        self.assertEqual(self.content(but=TOLD), before)

    def manifest(self):
        with tarfile.open(self.file) as opened:
            return json.load(opened.extractfile("manifest.json"))


class AnEmptyDatabase(OnAServer):
    def test_gives_no_backup_and_is_named_without_its_password(self):
        self.query("DROP SCHEMA public CASCADE")
        self.query("CREATE SCHEMA public")
        with self.assertRaises(CommandError) as refused:
            self.backup()
        said, given = str(refused.exception), connection.settings_dict
        self.assertIn(f"There is no Codebook in {given['NAME']} on {given['HOST']} yet", said)
        self.assertNotIn(given["PASSWORD"], said)
        self.assertEqual([path.name for path in self.place.iterdir()], [])


class RestoringPostgres(OnAServer):
    def setUp(self):
        super().setUp()
        article = make_article("Quokkas bounce", body="Of marsupials and mails.")
        make_comment(article, text="A wombat agrees.")
        make_comment(code("550"), text="Seen on Monday.")
        self.before = self.content(but=TOLD)
        self.relations_before = self.relations()
        self.backup()

    def change(self):
        publishing.archive(Article.objects.get(slug="mailbox-full"))
        Code.objects.filter(value="550").update(meaning="Something else.")
        Comment.objects.all().delete()

    def test_leaves_what_is_there_unless_told(self):
        self.change()
        changed = self.content()
        with self.assertRaisesRegex(CommandError, "Say --force"):
            self.restore()
        self.assertEqual(self.content(), changed)

    def test_gives_back_what_was_there(self):
        self.change()
        self.assertNotEqual(self.content(but=TOLD), self.before)
        self.restore(force=True)
        self.assertEqual((self.content(but=TOLD), self.relations()), (self.before, self.relations_before))

    def test_fills_an_empty_database_without_being_told(self):
        self.query("DROP SCHEMA public CASCADE")
        self.query("CREATE SCHEMA public")
        self.restore()
        self.assertEqual((self.content(but=TOLD), self.relations()), (self.before, self.relations_before))

    def test_leaves_a_search_that_works_and_goes_on_working(self):
        self.change()
        self.restore(force=True)
        self.assertEqual(found("marsupials"), ["Quokkas bounce"])
        make_article("Numbats too", body="More marsupials.")
        self.assertCountEqual(found("marsupials"), ["Quokkas bounce", "Numbats too"])

    def test_tells_strangers_that_everything_changed(self):
        store = mock.Mock(wraps=PageStore(1000))
        listener = Listener(store)
        self.change()
        listener.read()
        store.reset_mock()
        self.restore(force=True)
        listener.read()
        store.drop.assert_called_once_with(["*"])

    def test_of_the_state_at_hand_tells_strangers_too(self):
        store = mock.Mock(wraps=PageStore(1000))
        listener = Listener(store)
        listener.read()
        self.restore(force=True)
        listener.read()
        self.assertIn("*", store.drop.call_args.args[0])

    def test_takes_the_tables_of_a_newer_version_away(self):
        self.query(NEWER)
        self.restore(force=True)
        self.assertEqual((self.content(but=TOLD), self.relations()), (self.before, self.relations_before))
        with mock.patch.object(upgrade, "statics"):
            call_command("upgrade", no_backup=True, stdout=StringIO())
        self.query(NEWER)  # the newer version comes back

    def test_leaves_alone_what_belongs_to_an_extension(self):
        if not self.query("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"):
            self.skipTest("pg_trgm, which any owner may create, is not installed")
        self.query("CREATE EXTENSION pg_trgm")
        self.query("CREATE INDEX later_trigrams ON codes_code USING gin (meaning gin_trgm_ops)")
        self.restore(force=True)
        self.assertEqual(self.query("SELECT similarity('one', 'one')"), [(1.0,)])

    def test_that_fails_at_the_end_leaves_everything(self):
        self.change()
        self.query(NEWER)
        changed, relations = self.content(), self.relations()
        with (
            mock.patch.object(verbs, "HELD", {"jobs_mail": "UPDATE jobs_mail SET mood = 'good'"}),
            self.assertRaisesRegex(CommandError, 'Nothing was restored.*"mood"'),
        ):
            self.restore(force=True)
        self.assertEqual((self.content(), self.relations()), (changed, relations))

    def test_of_half_a_dump_leaves_everything(self):
        self.change()
        changed = self.content()
        dump = archive.unpack(self.file, self.place / "unpacked")["database.dump"]
        manifest = archive.check(self.file)
        dump.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
        archive.write(self.file, {dump.name: dump}, manifest)
        with self.assertRaisesRegex(CommandError, "Nothing was restored. pg_restore could not do it"):
            self.restore(force=True)
        self.assertEqual(self.content(), changed)

    def test_of_other_rows_than_it_says_leaves_everything(self):
        self.change()
        changed = self.content()
        dump = archive.unpack(self.file, self.place / "unpacked")["database.dump"]
        manifest = archive.check(self.file)
        archive.write(
            self.file, {dump.name: dump}, replace(manifest, rows={**manifest.rows, "codes_code": 3})
        )
        with self.assertRaisesRegex(CommandError, "Nothing was restored.*codes_code has 3 rows"):
            self.restore(force=True)
        self.assertEqual(self.content(), changed)

    def test_by_a_process_that_is_killed_leaves_the_old_state_or_the_new_one(self):
        self.change()
        changed = self.content(but=TOLD)
        given = connection.settings_dict
        url = (
            f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
        )
        environment = {**os.environ, "DATA_DIR": str(self.place), "DATABASE_URL": url}
        for pause in (0.0, 0.2, 0.5, 1.0):
            process = subprocess.Popen(
                [sys.executable, "manage.py", "restore", str(self.file), "--force"], cwd=ROOT, env=environment
            )
            while process.poll() is None and not list(self.place.glob(".restore-*")):
                time.sleep(0.005)
            time.sleep(pause)
            process.kill()
            process.wait()
            while self.query(
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'psql'"
            ):
                time.sleep(0.05)
            self.assertIn(self.content(but=TOLD), [changed, self.before])
        with mock.patch.object(upgrade, "statics"):
            call_command("upgrade", no_backup=True, stdout=StringIO())
        self.assertEqual(list(self.place.glob(".restore-*")), [])

    def test_of_another_schema_leaves_everything(self):
        self.change()
        self.query("CREATE SCHEMA others")
        self.query(
            f'ALTER ROLE CURRENT_USER IN DATABASE "{connection.settings_dict["NAME"]}" SET search_path = others'
        )
        connection.close()
        connection.close_pool()
        with self.assertRaisesRegex(CommandError, "no tables of the schema others"):
            self.restore()
        self.assertEqual(self.query("SELECT count(*) FROM public.comments_comment"), [(0,)])

    def test_does_not_wait_for_ever_for_those_who_read(self):
        self.change()
        changed = self.content()
        reader = connections.create_connection("default")
        with (
            closing(reader),
            reader.cursor() as cursor,
            mock.patch.dict(connection.settings_dict["OPTIONS"], options="-c lock_timeout=100ms"),
        ):
            cursor.execute("BEGIN")
            cursor.execute("SELECT count(*) FROM codes_code")
            with self.assertRaisesRegex(CommandError, "Nothing was restored.*lock timeout"):
                self.restore(force=True)
            cursor.execute("ROLLBACK")
        self.assertEqual(self.content(), changed)

    def test_takes_what_tools_newer_than_the_server_write(self):
        original = databases._tool

        def newer_tool(name, *arguments):
            written = original(name, *arguments)
            if name == "pg_restore" and "--list" not in arguments:
                script = Path(arguments[-2].removeprefix("--file="))
                first, rest = script.read_text().split("SET lock_timeout = 0;\n", 1)
                script.write_text(f"{first}SET lock_timeout = 0;\nSET transaction_timeout = 0;\n{rest}")
            return written

        self.change()
        with mock.patch.object(databases, "_tool", newer_tool):
            self.restore(force=True)
        self.assertEqual(self.content(but=TOLD), self.before)

    def test_where_a_tool_is_missing_leaves_everything(self):
        self.change()
        changed = self.content()
        which = mock.Mock(side_effect=lambda name: None if name == "psql" else f"/usr/bin/{name}")
        with (
            mock.patch.object(databases.shutil, "which", which),
            self.assertRaisesRegex(CommandError, "psql is missing"),
        ):
            self.restore(force=True)
        self.assertEqual(self.content(), changed)


class WhatWaited(OnAServer):
    def test_is_held_and_reaches_nobody_twice(self):
        mail = send_later("a mail", to="anna@example.org", subject="Hello", text="Words.")
        Job.objects.add("moderated", "1")
        Job.objects.add("relate", "1")
        self.backup()
        self.restore(force=True)
        mail.refresh_from_db()
        self.assertEqual((mail.state, list(Mail.objects.due(timezone.now()))), ("unclear", []))
        self.assertIn("restored", mail.last_error)
        moderated = Job.objects.get(name="moderated")
        self.assertEqual((moderated.attempts, moderated.state), (MOST_ATTEMPTS, "given up"))
        self.assertIn("relate", Job.objects.due(timezone.now()).values_list("name", flat=True))


class TheAddress(OnAServer):
    def test_says_to_the_tools_how_to_connect(self):
        options = {"sslmode": "verify-full", "sslrootcert": "/etc/root.pem", "connect_timeout": 0, "pool": {}}
        with (
            mock.patch.dict(connection.settings_dict, OPTIONS=options, PORT=""),
            mock.patch.dict("os.environ", clear=True),
        ):
            told = databases._environment()
        given = connection.settings_dict
        self.assertEqual(
            told,
            {
                "PGSSLMODE": "verify-full",
                "PGSSLROOTCERT": "/etc/root.pem",
                "PGCONNECT_TIMEOUT": "0",
                "PGHOST": given["HOST"],
                "PGUSER": given["USER"],
                "PGPASSWORD": given["PASSWORD"],
                "PGDATABASE": given["NAME"],
            },
        )

    def test_is_kept_to_by_each_tool_that_connects(self):
        self.backup()
        with mock.patch.dict(connection.settings_dict["OPTIONS"], sslmode="require"):
            with self.assertRaisesRegex(CommandError, "pg_dump could not do it.*SSL"):
                self.backup()
            with self.assertRaisesRegex(CommandError, "psql could not do it.*SSL"):
                self.restore(force=True)
