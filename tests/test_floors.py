"""Imports in kb/ go down only, and neighbours never import each other; also inside functions."""

import ast
from pathlib import Path
from unittest import TestCase

KB = Path(__file__).resolve().parent.parent / "kb"
FLOORS = {
    8: {"portal", "desk", "api", "feeds"},
    7: {"search", "transfer"},
    6: {"comments", "feedback"},
    5: {"articles", "diagnosis"},
    4: {"codes"},
    3: {"accounts"},
    2: {"edits"},
    1: {"jobs"},
    0: {"delivery", "guard", "text"},
}
FLOOR_OF = {room: floor for floor, rooms in FLOORS.items() for room in rooms}
# The front door: it names rooms but is nobody's neighbour.
PROJECT = {"environment", "settings", "urls", "wsgi", "rsgi"}


def rooms():
    return sorted(path.name for path in KB.iterdir() if (path / "__init__.py").exists())


def imported_rooms(source):
    """(line, room) of every import of one of our rooms, wherever in the file it stands."""
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] == "kb" and len(parts) > 1:
                yield node.lineno, parts[1]


class Floors(TestCase):
    def test_places_every_room(self):
        self.assertEqual([room for room in rooms() if room not in FLOOR_OF], [])

    def test_leaves_no_loose_module_in_the_project(self):
        self.assertLessEqual({path.stem for path in KB.glob("*.py")}, PROJECT | {"__init__"})

    def test_lets_imports_go_down_only(self):
        wrong = [
            f"{path.relative_to(KB)}:{line} imports {room}"
            for here in rooms()
            for path in (KB / here).rglob("*.py")
            for line, room in imported_rooms(path.read_text())
            if room != here and FLOOR_OF.get(room, 99) >= FLOOR_OF[here]
        ]
        self.assertEqual(wrong, [])

    def test_would_notice_an_import_inside_a_function(self):
        source = "def look():\n    from kb.portal.pages import page\n    import kb.desk.views\n    from kb import api\n"
        self.assertEqual([room for _, room in imported_rooms(source)], ["portal", "desk", "api"])
