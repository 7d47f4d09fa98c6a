from kb.guard.command_line import CodebookCommand
from kb.search.index import rebuild


class Command(CodebookCommand):
    help = "Make the search index anew from the records."

    def handle(self, **options):
        self.stdout.write(f"{rebuild()} records can be found.")
