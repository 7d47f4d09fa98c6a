"""Small makers of what tests need."""

import tempfile
from io import BytesIO
from itertools import count

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from PIL import Image

from kb.accounts.models import User
from kb.articles import picturing, publishing
from kb.articles.models import Article, Topic
from kb.codes.models import Code, Registry
from kb.comments.models import Comment
from kb.transfer.fixtures import read_folder
from kb.transfer.merging import merge

numbers = count(1)


def load_shipped():
    return merge(read_folder(settings.FIXTURE_DIR))


def make_user(group="", **fields):
    """A person of this group, or a plain customer without one; with `group="superuser"`, an all-powerful one."""
    name = f"{group.lower() or 'person'}{next(numbers)}"
    make = User.objects.create_superuser if group == "superuser" else User.objects.create_user
    user = make(name, password="right horse", **fields)
    if group not in {"", "superuser"}:
        user.groups.add(Group.objects.get(name=group))
    return user


def make_topic(name="Tests", **fields):
    return Topic.objects.create(slug=f"topic-{next(numbers)}", name=name, **fields)


def make_draft(title="A draft", body="Words.", **fields):
    slug = fields.pop("slug", f"article-{next(numbers)}")
    article = Article.objects.create(slug=slug, topic=fields.pop("topic", None) or make_topic(), **fields)
    publishing.revise(article, words={"title": title, "body": body, "summary": "In short."})
    return Article.objects.get(pk=article.pk)


def make_article(title="An article", cites=(), **fields):
    """A published article that names these codes."""
    body = " ".join(["Words.", *(f"[[code {value}]]" for value in cites)])
    at = fields.pop("at", None)
    article = make_draft(title, fields.pop("body", body), **fields)
    publishing.publish(article, revision=article.newest, at=at)
    return Article.objects.get(pk=article.pk)


def smtp():
    return Registry.objects.get(slug="smtp")


def code(value):
    return Code.objects.get(registry__slug="smtp", value=value)


def make_comment(target, text="Words.", **fields):
    """A published comment by a guest; with `parent`, a reply in its thread."""
    parent = fields.get("parent")
    made = {
        "name": "Anna",
        "visitor": "anna",
        "state": "published",
        "thread": parent and (parent.thread or parent),
    }
    return Comment.objects.create(**Comment.place_of(target), text=text, **{**made, **fields})


class OwnMedia:
    """A folder of its own for what a test uploads."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.enterContext(override_settings(MEDIA_ROOT=folder.name))


def picture_file(name="form.png", size=(64, 48), kind="PNG", mode="RGB", picture=None, **options):
    """As a browser sends it; each of another colour, unless it is given."""
    number = next(numbers)
    made = picture or Image.new("RGB", size, (number % 256, number // 256 % 256, 90)).convert(mode)
    written = BytesIO()
    made.save(written, kind, **options)
    return SimpleUploadedFile(name, written.getvalue())


def make_picture(name="form.png", alt="The form", by=None, **about):
    return picturing.add(picture_file(name, **about), by=by, alt=alt)
