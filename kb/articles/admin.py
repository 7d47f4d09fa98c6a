import logging

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.db.models import Prefetch
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from kb.accounts import roles
from kb.articles import body, picturing, publishing
from kb.articles.differences import between
from kb.articles.forms import ArticleForm, PicturesForm, RelatedForm, RelatedFormSet
from kb.articles.models import Article, Picture, Related, Revision, Tag, Topic
from kb.articles.preparing import PictureError
from kb.codes.admin import CodeAdmin
from kb.codes.editing import RecordAdmin, preview
from kb.codes.models import Code
from kb.edits.modeladmin import EditAdmin
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

    def get_queryset(self, request):
        return super().get_queryset(request).filter(by_hand=True)


@admin.register(Article)
class ArticleAdmin(RecordAdmin):
    form = ArticleForm
    change_form_template = "admin/articles/change_form.html"
    object_history_template = "admin/articles/history.html"
    list_display = ["title", "state", "audience", "topic", "waiting", "reviewed_on", "next_review"]
    list_filter = ["state", "audience", "topic", "tags"]
    list_select_related = ["topic"]
    search_fields = ["slug", "revisions__title"]
    autocomplete_fields = ["topic", "also_in", "tags"]
    inlines = [RelatedInline]
    readonly_fields = ["links_here"]
    actions = ["publish_newest", "take_back", "archive"]
    anew = {"state": Article.State.DRAFT}
    fieldsets = [
        ("Text", {"fields": ["title", "summary", "applies_to", "body", "keywords", "note"]}),
        ("Place", {"fields": ["slug", "topic", "also_in", "tags"]}),
        ("Readers", {"fields": ["audience", "state", "publish_at"]}),
        ("What links here", {"fields": ["links_here"], "classes": ["collapse"]}),
        (
            "Care",
            {
                "fields": ["owner", "reviewed_on", "reviewed_by", "next_review", "source"],
                "classes": ["collapse"],
            },
        ),
    ]

    def get_queryset(self, request):
        """With the words' titles at hand: of all revisions for the list, of those shown for the names."""
        titles = Revision.objects.without_text()
        return (
            super()
            .get_queryset(request)
            .prefetch_related(
                Prefetch("revisions", titles),
                Prefetch("revisions", titles.shown(), to_attr="shown_revisions"),
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
        """The words that readers see and those that wait: another draft or a schedule is no field of the form."""
        newest = article.newest
        if newest is None:
            words = ""
        elif newest.approved_at is None:
            words = _("draft %d") % newest.pk
        else:
            moment = date_format(localtime(newest.publish_at), "DATETIME_FORMAT")
            words = _("version %(number)d, for readers from %(moment)s") % {
                "number": newest.pk,
                "moment": moment,
            }
        return {"state": article.get_state_display(), "newest words": words}

    @admin.display(ordering="slug")
    def title(self, article):
        return article.newest.title if article.newest else article.slug

    @admin.display(boolean=True, description="draft waiting")
    def waiting(self, article):
        return article.newest is not None and article.newest.approved_at is None

    @admin.display(description="Articles whose text leads to this one, or that name it as related")
    def links_here(self, article):
        return listed(Revision.objects.shown().leading_to(article)) if article.pk else "No article does."

    def get_urls(self):
        restore = path(
            "<int:pk>/revisions/<int:revision>/restore/",
            self.admin_site.admin_view(self.restore_view),
            name="articles_restore",
        )
        shown = path("preview/", self.admin_site.admin_view(self.preview_view), name="articles_preview")
        return [restore, shown, *super().get_urls()]

    def preview_view(self, request):
        return preview(request, body.checked)

    def save_model(self, request, article, form, change):
        if "_publish" in request.POST and article.state == Article.State.ARCHIVED:
            article.state = Article.State.DRAFT
        super().save_model(request, article, form, change)
        revision = publishing.revise(
            article, words=form.words, by=request.user, note=form.cleaned_data["note"]
        )
        if "_publish" in request.POST:
            publishing.publish(
                article, revision=revision, by=request.user, at=form.cleaned_data["publish_at"]
            )
        if {"topic", "also_in", "state"} & {*form.changed_data}:
            publishing.place_changed(article)
        if revision.approved_at is None:
            messages.info(request, "These words are a draft. Readers see them once you save and publish.")
        if form.cleaned_data["publish_at"] and "_publish" not in request.POST:
            messages.warning(
                request,
                "The moment under “Publish at” was not kept: it is used only with “Save and publish”.",
            )
        article.forget_words()

    def history_view(self, request, object_id, extra_context=None):
        """Its revisions with their differences, each with a way back, above the history of its place and state."""
        article = self.get_object(request, unquote(object_id))
        revisions = list(article.revisions.select_related("made_by", "approved_by")) if article else []
        older = [*revisions[1:], None]
        steps = [
            (revision, list(between(before, revision)))
            for revision, before in zip(revisions, older, strict=False)
        ]
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
        publishing.restore(old.article, revision=old, by=request.user)
        messages.success(request, "The old words are a new draft now. Read them and publish, or write on.")
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[old.article_id]))

    @admin.action(permissions=["change"], description="Publish the newest words")
    def publish_newest(self, request, articles):
        for article in articles:
            if article.newest:
                publishing.publish(article, revision=article.newest, by=request.user)

    @admin.action(permissions=["change"], description="Take back to draft")
    def take_back(self, request, articles):
        for article in articles:
            publishing.take_back(article)

    @admin.action(permissions=["change"], description="Archive")
    def archive(self, request, articles):
        for article in articles:
            publishing.archive(article)


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
