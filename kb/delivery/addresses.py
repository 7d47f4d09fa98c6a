"""Where records are read: what `reverse` says, which takes longer than all else of a link if it is asked for each."""

from functools import cache, lru_cache

from django.urls import reverse

SLUG = "its-slug"


def address(name: str, slug: str) -> str:
    """Of a page whose pattern takes a slug and nothing else."""
    before, after = _around_slug(name)
    return f"{before}{slug}{after}"


@lru_cache(5000)  # there are some hundred codes, but thousands that somebody may speak of
def code_address(registry: str, value: str) -> str:
    """Of a code or a class, by the registry's slug and what stands in the address: 5.1.1, 550, 5xx."""
    return reverse("codes_at", args=[registry, value])


@cache
def _around_slug(name):
    return reverse(name, args=[SLUG]).split(SLUG)
