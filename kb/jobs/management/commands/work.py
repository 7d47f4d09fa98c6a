import threading

from django.core.management.base import BaseCommand

from kb.jobs import thread
from kb.jobs.working import run_due


class Command(BaseCommand):
    help = "Do due work, as the background thread of a web process does; with --once, what is due now."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="Do what is due now and end: for timers.")

    def handle(self, *, once, **options):
        if once:
            self.stdout.write(f"Due work: {run_due()} done.")
            return
        self.stdout.write("Doing due work (stop it with Ctrl+C).")
        try:
            thread.work(threading.Event())
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
