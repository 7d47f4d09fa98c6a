"""Does a page with 2,000 comments open as fast as one with 20? Run it with the Python of `.venv`, on a quiet machine.

It fills a database of its own in a temporary folder, opens the pages by turns, and compares the medians of the
processor time. It fails if a long page costs more questions than its short one, or over 20 % more time.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROUNDS, MOST = 60, 1.20

folder = tempfile.TemporaryDirectory(prefix="codebook-bench-")
os.environ |= {"DATA_DIR": folder.name, "DJANGO_SETTINGS_MODULE": "kb.settings", "DATABASE_URL": ""}
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.comments.test_reading import fill
from tests.makers import make_article

SIZES = {
    "20 threads": (20, 0),
    "2,000 threads": (2000, 0),
    "1 thread of 20": (1, 19),
    "1 thread of 2,000": (1, 1999),
    "20 threads, newest first": (20, 0, "?sort=newest"),
    "2,000 threads, newest first": (2000, 0, "?sort=newest"),
    "20 threads, most helpful first": (20, 0, "?sort=helpful"),
    "2,000 threads, most helpful first": (2000, 0, "?sort=helpful"),
}


def pages():
    """The address of an article of each size; of its list where that has another order."""
    made = {}
    for name, (threads, replies, *query) in SIZES.items():
        article = make_article(name, body="Words. " * 200)
        fill(article, threads, replies)
        made[name] = (
            f"{article.get_absolute_url()}comments/{query[0]}" if query else article.get_absolute_url()
        )
    return made


def questions(browser, address):
    with CaptureQueriesContext(connection) as asked:
        answer = browser.get(address)
    assert answer.status_code == 200, answer
    return len(asked)


def milliseconds(browser, made):
    """By turns, so that what else the machine does falls on all alike."""
    times = {name: [] for name in made}
    for _ in range(ROUNDS):
        for name, address in made.items():
            begin = time.process_time()
            browser.get(address)
            times[name].append((time.process_time() - begin) * 1000)
    return {name: statistics.median(taken) for name, taken in times.items()}


def main():
    call_command("upgrade", no_backup=True)
    made, browser = pages(), Client(headers={"host": "127.0.0.1"})
    asked = {name: questions(browser, address) for name, address in made.items()}
    took = milliseconds(browser, made)
    failed = False
    for short, long in zip(list(made)[::2], list(made)[1::2], strict=True):
        factor = took[long] / took[short]
        failed |= factor > MOST or asked[long] > asked[short]
        print(f"{short}: {asked[short]} questions, {took[short]:.1f} ms")
        print(f"{long}: {asked[long]} questions, {took[long]:.1f} ms, × {factor:.2f}")
    sys.exit("A long page costs more than it may." if failed else 0)


if __name__ == "__main__":
    main()
