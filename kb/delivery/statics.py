"""Static files made ready for WhiteNoise: joined, hashed, compressed; done again only when a source has changed."""

import hashlib
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

COMMENT_OR_INDENT = re.compile(r"^\s*// .*\n|^[ ]+", re.MULTILINE)
STYLES = ("tokens", "base", "layout", "components", "print")


class Storage(CompressedManifestStaticFilesStorage):
    @cache  # noqa: B019 (as long as the process, which has read the names at its start)
    def url(self, name, force=False):
        return super().url(name, force)


def join():
    """Style sheets and scripts are written in small files and sent as one."""
    folder = settings.BASE_DIR / "static" / "kb"
    _join([folder / "css" / f"{name}.css" for name in STYLES], folder / "kb.css")
    _join(sorted((folder / "js").glob("*.js")), folder / "kb.js")


def collect():
    """Gather all static files, if any differs from those gathered before; True if it did."""
    stamp, mark = settings.STATIC_ROOT / "gathered-from", _fingerprint()
    if stamp.exists() and stamp.read_text() == mark:
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(mark)
    return True


def _join(parts, whole):
    """Scripts without what only their readers need: lines of comment and the indentation."""
    text = "\n".join(part.read_text() for part in parts)
    if whole.suffix == ".js":
        text = COMMENT_OR_INDENT.sub("", text)
    if not whole.exists() or whole.read_text() != text:
        whole.write_text(text)


def _fingerprint():
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(None):
            state = Path(storage.path(path)).stat()
            digest.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()
