from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware

from kb.delivery.pages import is_picture


class Middleware(GZipMiddleware):
    """Django's own, for what is not small already."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        return response if is_picture(response) else super().process_response(request, response)
