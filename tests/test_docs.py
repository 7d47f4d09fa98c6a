"""What the documentation lists is what there is."""

import re
from pathlib import Path
from unittest import TestCase

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


class Documentation(TestCase):
    def test_names_every_command(self):
        made = {path.stem for path in ROOT.glob("kb/*/management/commands/*.py")} - {"__init__"}
        named = set(
            re.findall(r"^### `(\w+)", (DOCS / "reference" / "commands.md").read_text(), re.MULTILINE)
        )
        self.assertEqual(named, made)

    def test_links_lead_somewhere(self):
        dead = [
            f"{page.relative_to(ROOT)} → {link}"
            for page in [ROOT / "README.md", *DOCS.rglob("*.md")]
            for link in re.findall(r"\]\((?!https?:|mailto:|/)([^)#]+)", page.read_text())
            if not (page.parent / link).exists()
        ]
        self.assertEqual(dead, [])

    def test_leads_from_the_first_page_to_where_a_weakness_is_reported(self):
        self.assertIn("](SECURITY.md)", (ROOT / "README.md").read_text())

    def test_counts_in_the_readme_are_those_of_the_fixtures(self):
        readme = (ROOT / "README.md").read_text()
        text = {path.name: path.read_text() for path in (ROOT / "fixtures").glob("*.yaml")}

        def entries(name):
            return len(re.findall(r"^- model: ", text[name], re.MULTILINE))

        articles = len(list((ROOT / "fixtures" / "90-articles").glob("*.yaml")))
        self.assertIn(f"**Articles**, {articles} to begin with", readme)
        for words, count in (
            ("SMTP reply codes", entries("30-reply-codes.yaml")),
            ("enhanced status codes", entries("40-enhanced-codes.yaml")),
            ("causes", entries("20-causes.yaml")),
            ("providers", entries("50-providers.yaml")),
            ("wordings", entries("60-wordings.yaml")),
        ):
            self.assertIn(f"{count} {words}", readme)
