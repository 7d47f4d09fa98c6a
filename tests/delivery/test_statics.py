"""The joined style sheet and script: all that every page loads, small enough for a slow line."""

import gzip
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.test import SimpleTestCase

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
