"""The language of a page: LANGUAGE_CODE where Codebook's own words are translated into it, English where they are not."""

from django.conf import settings
from django.utils import translation

TRANSLATED = frozenset({"en"})  # a translation of our own words adds its language here
FALLBACK = "en-gb"


class LanguageMiddleware:
    """Django translates its own words and dates into far more languages; a page holds one, which `lang` and `dir` name."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with translation.override(language_of_pages()):
            return self.get_response(request)


def language_of_pages() -> str:
    code = settings.LANGUAGE_CODE
    return code if code.partition("-")[0] in TRANSLATED else FALLBACK
