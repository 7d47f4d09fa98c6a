import json
import logging

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.db.models import Prefetch
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html, format_html_join

from kb.accounts import roles
from kb.articles import acts, body, picturing, placement, publishing
from kb.articles.differences import between
from kb.articles.forms import OPENED, RELATED, ArticleForm, PicturesForm, RelatedForm, RelatedFormSet
from kb.articles.models import Article, Picture, Related, Revision, Tag, Topic
from kb.articles.preparing import PictureError
from kb.articles.versions import standing, successor, version_to_open, versions_of
from kb.codes.admin import CodeAdmin
from kb.codes.dates import moment_and_zone, zone
from kb.codes.editing import RecordAdmin, preview
from kb.codes.models import Code
from kb.edits.modeladmin import RESOLVE, EditAdmin
from kb.edits.once import new_key, once

log = logging.getLogger(__name__)


def listed(revisions):
    """The articles of these revisions for a form, each leading to its own."""
    rows = [
        (
            reverse("admin:articles_article_change", args=[article.pk]),
            article.text.title,
            ""
            if article.is_public
            else f" ({article.get_state_display()}: {article.get_audience_display()})",
        )
        for article in revisions.as_articles()
    ]
    items = format_html_join("", '<li><a href="{}">{}</a>{}</li>', rows)
    return format_html("<ul>{}</ul>", items) if rows else "No article does."


AT_ONCE = ("owner", "next_review", "source")  # what readers do not see


def address_of(version):
    return address_of_revision(version.revision)


def address_of_revision(revision):
    return f"{reverse('admin:articles_article_change', args=[revision.article_id])}?version={revision.pk}"


STAFF_GROUPS = [name for name, role in roles.GROUPS.items() if role >= roles.AGENT]


@admin.register(Topic)
class TopicAdmin(RecordAdmin):
    list_display = ["name", "parent", "position", "slug"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["parent"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "parent", "summary", "position"]


@admin.register(Tag)
class TagAdmin(EditAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


class RelatedInline(admin.TabularInline):
    model = Related
    formset = RelatedFormSet
    form = RelatedForm
    fk_name = "article"
    extra = 0
    fields = ["other", "why", "position"]
    autocomplete_fields = ["other"]
    verbose_name_plural = "related articles, chosen by hand"

    def get_formset(self, request, article=None, **options):
        formset = super().get_formset(request, article, **options)
        if version := opened_by(request, article):
            placed = placement.of(version.revision.article) | (version.revision.placement or {})
            formset.lines = placed["related"]
        return formset


def opened_by(request, article):
    """The version that a form of this article holds. A form that is sent is compared with what its version has become."""
    if article is None or not article.pk:
        return None
    number, _, kind = (request.POST.get(OPENED) or request.GET.get("version") or "").partition("-")
    version = version_to_open(article, number)
    if OPENED in request.POST and version and version.kind == "old" != kind:
        return version_to_open(article, str(successor(version.revision).pk))
    return version


@admin.register(Article)
class ArticleAdmin(RecordAdmin):
    form = ArticleForm
    change_form_template = "admin/articles/article_form.html"
    object_history_template = "admin/articles/history.html"
    list_display = ["title", "stands", "topic", "reviewed_on", "next_review"]
    list_filter = ["state", "audience", "topic", "tags"]
    list_select_related = ["topic"]
    search_fields = ["slug", "revisions__title"]
    autocomplete_fields = ["topic", "also_in", "tags"]
    inlines = [RelatedInline]
    readonly_fields = ["stands_now", "links_here"]
    actions = ["publish_newest", "take_back", "archive"]
    anew = {"state": Article.State.DRAFT}
    fieldsets = [
        ("Text", {"fields": ["title", "summary", "applies_to", "body", "keywords", "note"]}),
        ("Place", {"fields": ["slug", "topic", "also_in", "tags"]}),
        ("Readers", {"fields": ["audience", "stands_now", "publish_at"]}),
        ("What links here", {"fields": ["links_here"], "classes": ["collapse"]}),
        ("Reviewed", {"fields": ["reviewed_on", "reviewed_by"], "classes": ["collapse"]}),
        (
            "Care",
            {
                "description": "For our staff alone. These change at once, also when you save a draft.",
                "fields": ["owner", "next_review", "source"],
                "classes": ["collapse"],
            },
        ),
    ]

    def get_queryset(self, request):
        """With the words' titles at hand: of all revisions for the list, of those shown for the names."""
        titles = Revision.objects.without_text().select_related("made_by")
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                Prefetch("revisions", titles),
                Prefetch("revisions", titles.shown(), to_attr="shown_revisions"),
                Prefetch("related_links", Related.objects.select_related("other").order_by("position", "pk")),
            )
        )

    def formfield_for_foreignkey(self, field, request, **options):
        """Editors may not look people up, so those who can be named stand in a plain list."""
        if field.name in {"owner", "reviewed_by"}:
            people = get_user_model().objects
            staff = people.filter(groups__name__in=STAFF_GROUPS) | people.filter(is_superuser=True)
            options["queryset"] = staff.distinct().order_by("first_name", "last_name", "username")
        return super().formfield_for_foreignkey(field, request, **options)

    def standing_of(self, article):
        """Another draft, a schedule and the words that readers see are no fields of the form."""
        versions = [f"{version} ({version.revision.pk})" for version in versions_of(article)]
        related = [link.other.slug for link in article.related_links.all() if link.by_hand]
        return {
            "state": article.get_state_display(),
            "versions": "; ".join(versions),
            "related articles": ", ".join(related),
        }

    @admin.display(ordering="slug")
    def title(self, article):
        return article.newest.title if article.newest else article.slug

    @admin.display(description=lazy(lambda: f"where it stands (times: {zone()})", str)())
    def stands(self, article):
        return format_html_join("", "<div>{}</div>", [[line] for line in standing(article)])

    @admin.display(description="State")
    def stands_now(self, article):
        return (
            f"{standing(article)[0]} ({zone()})"
            if article.pk
            else "Not public. Nobody but our staff sees it yet."
        )

    @admin.display(description="Articles whose text leads to this one, or that name it as related")
    def links_here(self, article):
        return listed(Revision.objects.shown().leading_to(article)) if article.pk else "No article does."

    def get_urls(self):
        restore = path(
            "<int:pk>/revisions/<int:revision>/restore/",
            self.admin_site.admin_view(self.restore_view),
            name="articles_restore",
        )
        end = path(
            "<int:pk>/revisions/<int:revision>/end/",
            self.admin_site.admin_view(self.end_view),
            name="articles_end",
        )
        shown = path("preview/", self.admin_site.admin_view(self.preview_view), name="articles_preview")
        return [restore, end, shown, *super().get_urls()]

    def preview_view(self, request):
        return preview(request, body.checked)

    # What readers see is saved with the words, once the related lines are known.

    def get_form(self, request, article=None, change=False, **options):
        form = super().get_form(request, article, change=change, **options)
        form.user, form.version = request.user, opened_by(request, article)
        return form

    def save_model(self, request, article, form, change):
        """A new article as it is; of one that is there, only what readers do not see."""
        if not change:
            return super().save_model(request, article, form, change)
        stored = Article.objects.get(pk=article.pk)
        changed = [name for name in AT_ONCE if name in form.changed_data]
        for name in changed:
            setattr(stored, name, getattr(article, name))
        if changed:
            super().save_model(request, stored, form, change)

    def save_related(self, request, form, formsets, change):
        article = Article.objects.get(pk=form.instance.pk)
        article._history_user = request.user
        wanted = form.placement
        for formset in formsets:
            formset.save()
            wanted["related"] = formset.chosen(
                request.POST.get(RELATED, ""), all_mine=request.POST.get(RESOLVE) == "mine"
            )
        now = "_publish" in request.POST
        at = form.cleaned_data["publish_at"] if now else None
        at = at if at and at > timezone.now() else None
        changes = placement.differing(article, wanted)
        is_open = article.state == Article.State.PUBLISHED
        opened = form.version.revision if form.version else None
        only_place = now and not at and opened and form.version.kind == "live" and opened.words == form.words
        if changes and (only_place or not is_open):
            publishing.place(article, changes)
            if change and not now:
                messages.info(
                    request, "Nobody reads this article yet, so its place and readers changed at once."
                )
            changes = {}
        revision = publishing.revise(
            article,
            words=form.words,
            by=request.user,
            note=form.cleaned_data["note"],
            base=opened,
            placement=changes,
        )
        if now:
            publishing.publish(article, revision=revision, by=request.user, at=at)
        self._say(request, form, revision)
        form.instance.refresh_from_db()
        form.instance.forget_words()
        form.saved = revision

    def _say(self, request, form, revision):
        """What readers see from when on, and what else waits."""
        article = Article.objects.get(pk=revision.article_id)
        others = [version for version in versions_of(article) if version.revision != revision]
        if "_publish" in request.POST:
            self._say_published(request, article, revision)
            for version in others:
                if version.kind == "waiting":
                    text = '{}. It does not hold what you published now. <a href="{}">Open it</a>'
                    messages.warning(request, format_html(text, version, address_of(version)))
        elif revision.is_draft:
            messages.info(request, "These words are a draft. Readers see them once you save and publish.")
            if revision.placement:
                said = ", ".join(
                    label for name, label in placement.NAMES.items() if name in revision.placement
                )
                messages.info(request, f"Waits with the draft: {said}.")
            for version in others:
                if version.kind in {"waiting", "draft"}:
                    text = '{}. Your draft stands beside it. <a href="{}">Open it</a>'
                    messages.info(request, format_html(text, version, address_of(version)))
        else:
            messages.info(request, "Nothing differs from this version, so no draft was made.")
        if "publish_at" in form.changed_data and "_publish" not in request.POST:
            messages.warning(
                request,
                "The moment under “Publish at” was not kept: it is used only with “Save and publish”.",
            )

    def _say_published(self, request, article, revision):
        said = moment_and_zone(revision.publish_at)
        if revision.is_waiting:
            text = "“{}” goes live on {}. Until then readers see what they see now."
            messages.info(request, format_html(text, revision.title, said))
        else:
            text = '<a href="{}">“{}” is live</a> since {}, for: {}.'
            readers = article.get_audience_display()
            messages.info(request, format_html(text, article.get_absolute_url(), article, said, readers))

    def response_change(self, request, article):
        response = super().response_change(request, article)
        draft = article.revisions.drafts().filter(made_by=request.user).first()
        if "_continue" in request.POST and draft:
            return HttpResponseRedirect(f"{request.path}?version={draft.pk}")
        return response

    def render_change_form(self, request, context, *arguments, **options):
        article = context.get("original")
        if article and article.pk:
            stored = Article.objects.get(pk=article.pk)
            opened = context["adminform"].form.version
            context |= {
                "opened": opened,
                "others": [
                    (version, address_of(version))
                    for version in versions_of(stored)
                    if opened is None or version.revision != opened.revision
                ],
                "stored": stored,
                "edit_rows": [self.mark_of(stored)],
                "related_lines": request.POST.get(RELATED) or self._related_lines(context),
            }
        return super().render_change_form(request, context, *arguments, **options)

    @staticmethod
    def _related_lines(context):
        formsets = [inline.formset for inline in context["inline_admin_formsets"]]
        return json.dumps(next(formset.lines for formset in formsets if isinstance(formset, RelatedFormSet)))

    def end_view(self, request, pk, revision):
        """A scheduled version is a draft again; a draft is discarded."""
        article = get_object_or_404(Article, pk=pk)
        if request.method == "POST" and self.has_change_permission(request, article):
            found = get_object_or_404(article.revisions, pk=revision)
            return once(request, lambda: self._ended(request, found))
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[pk]))

    def _ended(self, request, revision):
        """Only if it still is one: a colleague may have published it, ended it or written on in it."""
        is_open = revision.is_waiting or revision.is_draft
        if not is_open or not self.is_as_shown(request, revision.article_id):
            return self.refused_history(request, str(revision.article_id))
        if revision.is_waiting:
            publishing.withdraw(revision)
            messages.success(request, f"“{revision}” goes live at no moment now. It is a draft again.")
        else:
            publishing.discard(revision)
            messages.success(request, f"The draft “{revision}” is discarded. Its words stand in the history.")
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[revision.article_id]))

    def history_view(self, request, object_id, extra_context=None):
        """Its revisions with their differences, each with a way back, above the history of its place and state."""
        article = self.get_object(request, unquote(object_id))
        made = article.revisions.select_related("made_by", "approved_by", "base") if article else []
        revisions = list(made)
        older = [*revisions[1:], None]
        steps = [
            (revision, list(between(revision.base or before, revision)))
            for revision, before in zip(revisions, older, strict=False)
        ]
        extra_context = {"zone": zone(), **(extra_context or {})}
        return super().history_view(
            request,
            object_id,
            {
                "article": article,
                "steps": steps,
                "edit_key": new_key(),
                "edit_rows": [self.mark_of(article)] if article else [],
                **(extra_context or {}),
            },
        )

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """Going back to an old place and audience is a draft too, for as long as anybody reads the article."""
        article = self.get_object(request, unquote(object_id))
        if request.method != "POST" or article is None or not version_id.isdecimal():
            return super().history_form_view(request, object_id, version_id, extra_context)
        if not self.has_change_permission(request, article):
            raise PermissionDenied
        return once(request, lambda: self._placed_as_then(request, article, version_id))

    def _placed_as_then(self, request, article, version_id):
        if refused := self.conflict_with(request, str(article.pk), with_rows=False):
            return refused
        old = get_object_or_404(Article.history, id=article.pk, history_id=version_id)
        names = ("slug", "audience", "topic_id", "reviewed_by_id", "reviewed_on")
        wanted = {name.removesuffix("_id"): getattr(old, name) for name in names}
        wanted["reviewed_on"] = old.reviewed_on and old.reviewed_on.isoformat()
        changes = placement.differing(article, wanted)
        stored = Article.objects.get(pk=article.pk)
        if stored.state != Article.State.PUBLISHED:
            publishing.place(stored, changes)
            messages.success(request, "The article stands where it stood then. Nobody reads it yet.")
        elif not changes:
            messages.info(request, "The article stands there already, so no draft was made.")
        else:
            base = stored.shown or stored.newest
            publishing.revise(
                stored,
                words=base.words,
                by=request.user,
                note="An old place taken up again",
                base=base,
                placement=changes,
            )
            messages.success(request, "The old place and audience are a new draft now. Open it and publish.")
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))

    def restore_view(self, request, pk, revision):
        article = get_object_or_404(Article, pk=pk)
        if request.method == "POST" and self.has_change_permission(request, article):
            old = get_object_or_404(Revision, pk=revision, article=article)
            return once(request, lambda: self._restored(request, old))
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[pk]))

    def _restored(self, request, old):
        """Only where the history that was shown is the newest one: else a colleague's words would be passed over."""
        if not self.is_as_shown(request, old.article_id):
            return self.refused_history(request, str(old.article_id))
        draft = publishing.restore(old.article, revision=old, by=request.user)
        messages.success(request, "The old words are a new draft now. Read them and publish, or write on.")
        return HttpResponseRedirect(address_of_revision(draft))

    # What is done to many, or to the whole article, is shown before and said after.

    @admin.action(permissions=["change"], description="Publish the newest words")
    def publish_newest(self, request, articles):
        return acts.answer(self, request, articles, acts.PUBLISH)

    @admin.action(permissions=["change"], description="Take back to draft")
    def take_back(self, request, articles):
        return acts.answer(self, request, articles, acts.TAKE_BACK)

    @admin.action(permissions=["change"], description="Archive")
    def archive(self, request, articles):
        return acts.answer(self, request, articles, acts.ARCHIVE)

    def get_deleted_objects(self, articles, request):
        """Each article with where it stands and who loses it, instead of the rows of its tables."""
        _, counts, needed, protected = super().get_deleted_objects(articles, request)
        gone = "its page is missing then, also at its old addresses"
        said = [f"{acts.described(article)}: {gone}" for article in articles]
        named = {
            name: count for name, count in counts.items() if name in {"articles", "revisions", "comments"}
        }
        return said, named, needed, protected


class Used(admin.SimpleListFilter):
    title = "use"
    parameter_name = "used"

    def lookups(self, request, model_admin):
        return [("yes", "In an article"), ("no", "In none")]

    def queryset(self, request, pictures):
        if self.value() not in {"yes", "no"}:
            return pictures
        return pictures.filter(articles__gt=0) if self.value() == "yes" else pictures.filter(articles=0)


@admin.register(Picture)
class PictureAdmin(EditAdmin):
    list_display = ["seen", "alt", "measures", "used", "to_copy"]
    list_display_links = ["seen", "alt"]
    list_filter = [Used]
    search_fields = ["alt", "given_name", "name"]
    list_per_page = 50
    fields = [
        "seen_whole",
        "alt",
        "to_copy",
        "given_name",
        "measures",
        "shown_in",
        "named_in",
        "added_by",
        "added_at",
    ]
    readonly_fields = [name for name in fields if name != "alt"]
    add_template = "admin/articles/add_pictures.html"

    def get_queryset(self, request):
        return super().get_queryset(request).with_counts()

    @admin.display(description="picture")
    def seen(self, picture):
        return format_html(
            '<img class="thumbnail" src="{}" alt="" loading="lazy">', picture.get_absolute_url()
        )

    @admin.display(description="picture")
    def seen_whole(self, picture):
        address = picture.get_absolute_url()
        return format_html('<a href="{0}"><img class="whole" src="{0}" alt="{1}"></a>', address, picture.alt)

    @admin.display(description="size", ordering="bytes")
    def measures(self, picture):
        return f"{picture.width} × {picture.height}, {filesizeformat(picture.bytes)}"

    @admin.display(description="in articles", ordering="articles")
    def used(self, picture):
        return picture.articles

    @admin.display(description="what to write")
    def to_copy(self, picture):
        return format_html('<code class="whole-line">{}</code>', picture.markdown)

    @admin.display(description="Articles whose readers see it")
    def shown_in(self, picture):
        return listed(Revision.objects.shown().showing(picture))

    @admin.display(description="Articles that show it in any of their words, drafts and old ones too")
    def named_in(self, picture):
        return listed(Revision.objects.last_showing(picture))

    def add_view(self, request, form_url="", extra_context=None):
        """Several at once; a script that puts them into a text is told what to put there."""
        if not self.has_add_permission(request):
            return super().add_view(request, form_url, extra_context)
        form = PicturesForm(*([request.POST, request.FILES] if request.method == "POST" else []))
        added = self._added(request, form) if form.is_valid() else []
        if "application/json" in request.headers.get("Accept", ""):
            told = [{"alt": picture.alt, "markdown": picture.markdown} for picture in added]
            problems = [str(problem) for errors in form.errors.values() for problem in errors]
            return JsonResponse({"added": told, "problems": problems}, status=422 if problems else 200)
        for picture in added:
            messages.success(request, f"“{picture}” is here. Write in an article: {picture.markdown}")
        if added and not form.errors:
            return HttpResponseRedirect(reverse("admin:articles_picture_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Add pictures",
            "form": form,
        }
        return TemplateResponse(request, self.add_template, context, status=422 if form.errors else 200)

    def _added(self, request, form):
        """What could be taken of them; the others are refused one by one in the form."""
        added, files = [], form.cleaned_data["files"]
        alt = form.cleaned_data["alt"] if len(files) == 1 else ""
        for place, file in enumerate(files):
            try:
                picture = picturing.add(file, by=request.user, alt=alt)
                # As typed, also of one that was here already.
                picture.alt = Picture.alt_of(alt or picture.alt)
                added.append(picture)
            except PictureError as problem:
                form.add_error("files", str(problem))
            except (OSError, DatabaseError) as problem:
                if not added:  # the page that says that nothing was stored is right
                    raise
                told = problem if isinstance(problem, OSError) else type(problem).__name__  # no statements
                log.error("Pictures could not be kept: %s", told)
                for left in files[place:]:
                    form.add_error("files", f"“{left.name}” could not be kept. Send it again in a minute.")
                break
        return added

    def delete_view(self, request, object_id, extra_context=None):
        picture = self.get_object(request, unquote(object_id))
        if picture and picture.uses.exists():
            messages.error(
                request,
                f"“{picture}” stays: words of articles show it, and old words can be taken up again. Readers see it no "
                "more once the words they read are without it. It can be deleted when those articles are.",
            )
            return HttpResponseRedirect(reverse("admin:articles_picture_change", args=[picture.pk]))
        return super().delete_view(request, object_id, extra_context)

    def delete_model(self, request, picture):
        picturing.remove(picture)

    def delete_queryset(self, request, pictures):
        for picture in pictures:
            picturing.remove(picture)


admin.site.unregister(Code)


@admin.register(Code)
class CitedCodeAdmin(CodeAdmin):
    """The code's own form with the articles that cite it, of which the room of codes knows nothing."""

    readonly_fields = [*CodeAdmin.readonly_fields, "cited_by"]
    fieldsets = [*CodeAdmin.fieldsets, ("What links here", {"fields": ["cited_by"], "classes": ["collapse"]})]

    @admin.display(description="Articles that cite this code")
    def cited_by(self, code):
        return listed(Revision.objects.shown().citing(code)) if code.pk else "No article does."
