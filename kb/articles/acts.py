"""What is done to whole articles from the list or from their forms: a page before it that says what will happen to whom,
and a message after it that says what did."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import transaction
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kb.articles import placement, publishing
from kb.articles.models import Article, Revision
from kb.articles.versions import standing, versions_of
from kb.codes.dates import zone


@dataclass(frozen=True)
class Step:
    """One article and what the act does to it; nothing, if there is no `effect`."""

    article: Article
    effect: str
    revision: Revision | None = None

    @property
    def pk(self):
        return self.article.pk

    @property
    def mark(self):
        """What was shown before is what is done after."""
        return f"{self.article.pk}-{self.revision.pk if self.revision else 0}"

    def __str__(self):
        return described(self.article)


@dataclass(frozen=True)
class Act:
    name: str
    title: str
    button: str
    plan: Callable[[Article], Step]
    do: Callable
    done: Callable[[int], str]


def described(article: Article) -> str:
    """“Title”: live for everyone since …; draft by …"""
    return f"“{article}”: {'; '.join(standing(article))}"


def answer(model_admin, request, articles, act):
    """The page that asks, or, once it was answered, what was asked done to what still is as it was shown."""
    steps = [act.plan(article) for article in articles]
    effective = [step for step in steps if step.effect]
    if request.POST.get("post") != "yes":
        context = {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            "title": act.title,
            "zone": zone(),
            "steps": steps,
            "effective": effective,
            "button": act.button,
            "action": act.name,
            "checkbox": ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/confirm_action.html", context)
    shown = request.POST.getlist("mark")
    done = [step for step in effective if step.mark in shown]
    with transaction.atomic():
        for step in done:
            act.do(step, request.user)
    if done:
        messages.success(request, act.done(len(done)) + " " + _names(done))
    left = [step for step in steps if step not in done]
    if left:
        text = ngettext(
            "%(count)d article stays as it is:", "%(count)d articles stay as they are:", len(left)
        )
        messages.warning(request, text % {"count": len(left)} + " " + _names(left))
    return None


def _names(steps):
    named = ", ".join(f"“{step.article}”" for step in steps[:10])
    return f"{named} …" if len(steps) > 10 else named


def _to_publish(article):
    """The newest draft; where nobody reads the article, the words that were approved last."""
    versions = versions_of(article)
    drafts = [version for version in versions if version.kind == "draft"]
    approved = [version for version in versions if version.kind == "approved"]
    if not drafts and not approved:
        return Step(article, "")
    version = (drafts or approved)[0]
    revision = version.revision
    audience = (revision.placement or {}).get("audience", article.audience)
    effect = _("%(version)s becomes readable at once. For: %(readers)s.") % {
        "version": version,
        "readers": Article.Audience(audience).label,
    }
    changes = placement.described(article, revision.placement or {})
    if changes:
        effect += " " + "; ".join(f"{name}: {before} → {after}" for name, before, after in changes) + "."
    return Step(article, effect, revision)


def _to_hide(state, effect):
    def plan(article):
        if article.state == state:
            return Step(article, "")
        versions = [version for version in versions_of(article) if version.kind == "waiting"]
        said = [effect if article.is_shown else _("Nobody could read it before either.")]
        said += [
            _("%(version)s: it will not, and is a draft again.") % {"version": version}
            for version in versions
        ]
        return Step(article, " ".join(said), article.shown)

    return plan


PUBLISH = Act(
    "publish_newest",
    _("Publish the newest words"),
    _("Publish"),
    _to_publish,
    lambda step, by: publishing.publish(
        Article.objects.get(pk=step.article.pk), revision=Revision.objects.get(pk=step.revision.pk), by=by
    ),
    lambda count: (
        ngettext("%(count)d article was published:", "%(count)d articles were published:", count)
        % {"count": count}
    ),
)
TAKE_BACK = Act(
    "take_back",
    _("Take back to draft"),
    _("Take back"),
    _to_hide(Article.State.DRAFT, _("Readers can no longer read it; our staff can.")),
    lambda step, by: publishing.take_back(Article.objects.get(pk=step.article.pk)),
    lambda count: (
        ngettext("%(count)d article was taken back:", "%(count)d articles were taken back:", count)
        % {"count": count}
    ),
)
ARCHIVE = Act(
    "archive",
    _("Archive"),
    _("Archive"),
    _to_hide(
        Article.State.ARCHIVED, _("Nobody can read it any more, our staff neither; nothing is deleted.")
    ),
    lambda step, by: publishing.archive(Article.objects.get(pk=step.article.pk)),
    lambda count: (
        ngettext("%(count)d article was archived:", "%(count)d articles were archived:", count)
        % {"count": count}
    ),
)
