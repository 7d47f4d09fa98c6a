from django.conf import settings
from django.core.management.base import CommandError

from kb.guard.command_line import CodebookCommand
from kb.transfer.fixtures import FixtureError, read_folder
from kb.transfer.merging import merge


class Command(CodebookCommand):
    help = "Merge the content that ships with Codebook into the database; local edits and deletions stay."

    def add_arguments(self, parser):
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would change, and change nothing."
        )
        parser.add_argument(
            "--take",
            choices=["shipped", "local"],
            default="",
            help="Where both sides changed a field: take the shipped words, or settle for the local ones.",
        )

    def handle(self, *, dry_run, take, **options):
        try:
            report = merge(read_folder(settings.FIXTURE_DIR), take=take, dry_run=dry_run)
        except FixtureError as problem:
            raise CommandError(f"Nothing was loaded. {problem}") from None
        for line in lines(report, dry_run):
            self.stdout.write(line)


def lines(report, dry_run):
    """The report in words; the first line is the whole of it."""
    conflicts = f"{len(report.conflicts)} in conflict" if report.conflicts else "nothing in conflict"
    edits = "local edit" if len(report.kept) == 1 else "local edits"
    names = f" ({', '.join(report.kept[:3])}{' …' if len(report.kept) > 3 else ''})" if report.kept else ""
    start = "would be: " if dry_run else ""
    yield f"{start}added {len(report.added)} · updated {len(report.updated)} · kept {len(report.kept)} {edits}{names} · {conflicts}"
    for name in report.conflicts:
        yield f"  conflict: {name} was changed here and in the shipped content. The local words stay; see --take."
    for name in report.drafts:
        yield f"  waits as a draft: {name} was edited here, so the shipped update awaits an editor."
    for problem in report.left_out:
        yield f"  left out, because it does not fit what stands here: {problem}"
    for name in report.deleted:
        yield f"  stays deleted: {name}"
