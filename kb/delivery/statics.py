"""Static files made ready for WhiteNoise: joined, hashed, compressed; done again only when a source has changed."""

import hashlib
import re
import time
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.storage import CompressedManifestStaticFilesStorage

COMMENT_OR_INDENT = re.compile(r"^\s*// .*\n|^[ ]+", re.MULTILINE)
KEPT = 30 * 24 * 3600  # seconds for which the files of older versions stay, for pages that are still open
STYLES = ("tokens", "base", "layout", "components", "print")


class Storage(CompressedManifestStaticFilesStorage):
    @cache  # noqa: B019 (as long as the process, which has read the names at its start)
    def url(self, name, force=False):
        return super().url(name, force)


class Middleware(WhiteNoiseMiddleware):
    """Also knows what a newer version has gathered since this process began: for a moment, both serve side by side."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.gathered_at = self._gathered_at()

    def __call__(self, request):
        if request.path_info.startswith(self.static_prefix) and request.path_info not in self.files:
            self._look_again()
        return super().__call__(request)

    def _look_again(self):
        if self.gathered_at != (now := self._gathered_at()):
            self.gathered_at = now
            self.add_files(self.static_root, prefix=self.static_prefix)

    def _gathered_at(self):
        try:
            return (Path(self.static_root) / Storage.manifest_name).stat().st_mtime
        except OSError:
            return 0.0


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
    call_command("collectstatic", interactive=False, verbosity=0)
    _forget_old(time.time() - KEPT)
    stamp.write_text(mark)
    return True


def _forget_old(moment):
    """What no page of this version names, and no version since that moment did."""
    named = {settings.STATIC_ROOT / name for name in Storage().hashed_files.values()}
    for path in settings.STATIC_ROOT.rglob("*.*"):
        is_named = path in named or path.with_suffix("") in named or path.name == Storage.manifest_name
        if path.is_file() and not is_named and path.stat().st_mtime < moment:
            path.unlink()


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
