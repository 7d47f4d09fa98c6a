from kb.delivery.statics import join
from kb.guard.command_line import CodebookCommand


class Command(CodebookCommand):
    help = "Join static/kb/css and static/kb/js into kb.css and kb.js."
    requires_tables = False

    def handle(self, **options):
        join()
