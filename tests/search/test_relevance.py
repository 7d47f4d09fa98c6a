"""Queries as people type them, each with the page that answers it best; the score is printed."""

from pathlib import Path
from urllib.parse import urldefrag

import yaml
from django.contrib.auth.models import AnonymousUser
from django.test import TestCase
from django.urls import reverse

from kb.search.find import find

QUERIES = {
    str(query): right.split()
    for query, right in yaml.safe_load((Path(__file__).parent / "relevance.yaml").read_text()).items()
}


class Relevance(TestCase):
    def test_is_known_for_many_queries(self):
        self.assertGreaterEqual(len(QUERIES), 120)

    def test_has_the_right_answer_first_or_near_it(self):
        places = {query: self.place(query) for query in QUERIES}
        missed = {query: place for query, place in places.items() if place != 1}
        first, third = (sum(1 for place in places.values() if place <= most) for most in (1, 3))
        print(  # noqa: T201
            f"\nRelevance: right answer first {first / len(places):.1%}, in the first three {third / len(places):.1%} "
            f"of {len(places)} queries. Not first: {missed}"
        )
        self.assertGreaterEqual(first / len(places), 0.90, missed)
        self.assertGreaterEqual(third / len(places), 0.98, missed)

    def place(self, query):
        answers = addresses(find(query, user=AnonymousUser()))
        return next((at for at, address in enumerate(answers, 1) if address in QUERIES[query]), 99)


def addresses(found, most=10):
    codes = [reverse("codes_at", args=[code.registry.slug, code.value]) for code in found.codes]
    return [*codes, *(urldefrag(hit.url).url for hit in found.hits[:most])]
