from django.core.management.base import CommandError

from kb.articles.models import Article
from kb.guard.command_line import CodebookCommand
from kb.transfer.made_up import MARK, fill, others


class Command(CodebookCommand):
    help = "Fill a copy with made-up articles, to measure how it does with many."

    def add_arguments(self, parser):
        parser.add_argument("--articles", type=int, required=True, help="How many.")
        parser.add_argument(
            "--among-others",
            action="store_true",
            help="Also where people have written articles of their own.",
        )

    def handle(self, *, articles, among_others, **options):
        if articles < 1:
            raise CommandError("Say how many articles to make: --articles 1000.")
        if Article.objects.filter(slug__startswith=MARK).exists():
            raise CommandError(
                "There are made-up articles here already. Begin with an empty DATA_DIR or database."
            )
        if (count := others()) and not among_others:
            raise CommandError(
                f"People have written {count} articles here, and made-up ones would stand among them. "
                "Use another DATA_DIR or DATABASE_URL; if you mean it, say --among-others."
            )
        for done in fill(articles):
            if options["verbosity"] > 1:
                self.stdout.write(f"{done} of {articles}")
        self.stdout.write(f"Made {articles} articles.")
