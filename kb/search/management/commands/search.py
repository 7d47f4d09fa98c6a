import json

from django.contrib.auth.models import AnonymousUser

from kb.guard.command_line import CodebookCommand
from kb.search.find import find

MOST = 10


class Command(CodebookCommand):
    help = "Search as a visitor would, and print the codes named and the best pages."

    def add_arguments(self, parser):
        parser.add_argument(
            "words",
            nargs="+",
            metavar="WORDS",
            help="What a person would type, with or without quotes; -- before words that begin with a hyphen.",
        )
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *, words, json: bool, **options):
        typed = words if isinstance(words, str) else " ".join(words)
        found = find(typed, user=AnonymousUser())
        self.stdout.write(_as_json(found) if json else _in_words(found))


def _as_json(found):
    hits = [{"kind": hit.kind, "title": hit.title, "url": hit.url} for hit in found.hits[:MOST]]
    told = {
        "query": found.query,
        "read_as": found.read_as,
        "meant": found.meant,
        "codes": [code.value for code in found.codes],
        "counts": found.counts,
        "hits": hits,
    }
    return json.dumps(told, ensure_ascii=False)


def _in_words(found):
    codes = [f"{code.value}  {code.label}" for code in found.codes]
    hits = [f"{hit.kind_label}: {hit.title}\n  {hit.url}" for hit in found.hits[:MOST]]
    if not codes and not hits:
        return f"Nothing was found for “{found.query}”."
    read = [f"Searched for “{found.read_as}” instead."] if found.read_as else []
    return "\n".join([*read, *codes, *hits])
