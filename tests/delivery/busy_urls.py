"""Views that hold their thread: one waits, one keeps the interpreter busy."""

import time

from django.http import HttpResponse
from django.urls import path

from kb import urls
from kb.urls import *  # noqa: F403


def wait(request, seconds):
    time.sleep(seconds)
    return HttpResponse("waited")


def burn(request, seconds):
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        count += 1
    return HttpResponse("burnt")


# Below addresses of each kind of thread.
urlpatterns = [
    path(f"{below}busy/{view.__name__}/<int:seconds>/", view)
    for below in ("kb/", "desk/")
    for view in (wait, burn)
] + urls.urlpatterns
