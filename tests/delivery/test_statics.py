"""The joined style sheet and script: all that every page loads, small enough for a slow line."""

import gzip
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory, SimpleTestCase, override_settings

from kb.delivery import statics

KB = 1024


class Joined(SimpleTestCase):
    def joined(self, **texts):
        with TemporaryDirectory() as folder:
            parts = [Path(folder) / f"{name}.js" for name in texts]
            for part, text in zip(parts, texts.values(), strict=True):
                part.write_text(text)
            statics._join(parts, Path(folder) / "whole.js")
            return (Path(folder) / "whole.js").read_text()

    def test_leaves_out_lines_of_comment_and_indentation(self):
        whole = self.joined(
            a='// Why it is so\n{\n  // and how\n  go("http://x"); // at once\n}\n', b="stay();\n"
        )
        self.assertEqual(whole, '{\ngo("http://x"); // at once\n}\n\nstay();\n')

    def test_keeps_within_what_a_page_may_weigh(self):
        statics.join()
        folder = settings.BASE_DIR / "static" / "kb"
        scripts = sum(len(gzip.compress((folder / name).read_bytes())) for name in ("kb.js", "theme.js"))
        self.assertLessEqual(scripts, 8 * KB)
        self.assertLessEqual(len(gzip.compress((folder / "kb.css").read_bytes())), 12 * KB)


class Gathered(SimpleTestCase):
    def setUp(self):
        made = TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.root = Path(made.name)
        self.enterContext(override_settings(STATIC_ROOT=self.root))

    def gather(self, *names, at=1000):
        for name in names:
            (self.root / name).write_text("p { color: red }")
            os.utime(self.root / name, (at, at))
        paths = ", ".join(f'"{name}": "{name}"' for name in names)
        (self.root / "staticfiles.json").write_text(f'{{"version": "1.1", "paths": {{{paths}}}, "hash": ""}}')
        os.utime(self.root / "staticfiles.json", (at, at))

    def test_by_a_newer_version_are_known_to_the_process_that_still_serves(self):
        self.gather("one.aaa.css")
        served = statics.Middleware(lambda request: HttpResponse(status=404))
        asked = RequestFactory().get("/static/two.bbb.css")
        self.assertEqual(served(asked).status_code, 404)
        self.gather("two.bbb.css", at=2000)
        answer = served(asked)
        self.addCleanup(answer.close)
        self.assertEqual(answer.status_code, 200)

    def test_by_older_versions_stay_for_a_while(self):
        self.gather("one.aaa.css", "one.aaa.css.br")
        self.gather("two.bbb.css", "two.bbb.css.br", at=2000)
        self.gather("three.ccc.css", at=3000)
        (self.root / "three.ccc.css.gz").write_text("old, but of a file that is named")
        os.utime(self.root / "three.ccc.css.gz", (1, 1))
        statics._forget_old(1500)
        left = {path.name for path in self.root.iterdir()}
        self.assertEqual(
            left, {"two.bbb.css", "two.bbb.css.br", "three.ccc.css", "three.ccc.css.gz", "staticfiles.json"}
        )
