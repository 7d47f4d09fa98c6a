from django.core.management.base import CommandError

from kb.guard.command_line import CodebookCommand
from kb.jobs import thread
from kb.jobs.sending import OutOfReach, send_due
from kb.jobs.working import run_due


class Command(CodebookCommand):
    help = "Do due work and send mails, as the background threads of a web process do; with --once, what is due now."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="Do what is due now and end: for timers.")

    def handle(self, *, once, **options):
        if once:
            self.do_once()
            return
        self.stdout.write("Doing due work (stop it with Ctrl+C).")
        self.stdout.flush()
        try:
            for worker in thread.start():
                worker.join()
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
            raise

    def do_once(self):
        self.stdout.write(f"Due work: {run_due()} done.")
        try:
            self.stdout.write(f"Mails: {send_due()} sent.")
        except OutOfReach as trouble:
            raise CommandError(f"The mails wait. {trouble}") from None
