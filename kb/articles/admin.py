from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

from kb.articles import publishing
from kb.articles.differences import between
from kb.articles.forms import ArticleForm, RelatedForm
from kb.articles.models import Article, Related, Revision, Tag, Topic
from kb.codes.admin import CodeAdmin
from kb.codes.editing import RecordAdmin
from kb.codes.models import Code


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


@admin.register(Topic)
class TopicAdmin(RecordAdmin):
    list_display = ["name", "parent", "position", "slug"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug"]
    autocomplete_fields = ["parent"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "parent", "summary", "position"]


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


class RelatedInline(admin.TabularInline):
    model = Related
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
    autocomplete_fields = ["topic", "also_in", "tags", "owner", "reviewed_by"]
    inlines = [RelatedInline]
    readonly_fields = ["links_here"]
    actions = ["publish_newest", "take_back", "archive"]
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
        return super().get_queryset(request).prefetch_related("revisions")

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
        return [restore, *super().get_urls()]

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

    def history_view(self, request, object_id, extra_context=None):
        """Its revisions with their differences, each with a way back, above the history of its place and state."""
        article = Article.objects.filter(pk=object_id).first()
        revisions = list(article.revisions.select_related("made_by", "approved_by")) if article else []
        older = [*revisions[1:], None]
        steps = [
            (revision, list(between(before, revision)))
            for revision, before in zip(revisions, older, strict=True)
        ]
        return super().history_view(
            request, object_id, {"article": article, "steps": steps, **(extra_context or {})}
        )

    def restore_view(self, request, pk, revision):
        article = get_object_or_404(Article, pk=pk)
        if request.method == "POST" and self.has_change_permission(request, article):
            old = get_object_or_404(Revision, pk=revision, article=article)
            publishing.restore(article, revision=old, by=request.user)
            messages.success(
                request, "The old words are a new draft now. Read them and publish, or write on."
            )
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[pk]))

    @admin.action(description="Publish the newest words")
    def publish_newest(self, request, articles):
        for article in articles:
            if article.newest:
                publishing.publish(article, revision=article.newest, by=request.user)

    @admin.action(description="Take back to draft")
    def take_back(self, request, articles):
        for article in articles:
            publishing.take_back(article)

    @admin.action(description="Archive")
    def archive(self, request, articles):
        for article in articles:
            publishing.archive(article)


admin.site.unregister(Code)


@admin.register(Code)
class CitedCodeAdmin(CodeAdmin):
    """The code's own form with the articles that cite it, of which the room of codes knows nothing."""

    readonly_fields = [*CodeAdmin.readonly_fields, "cited_by"]
    fieldsets = [*CodeAdmin.fieldsets, ("What links here", {"fields": ["cited_by"], "classes": ["collapse"]})]

    @admin.display(description="Articles that cite this code")
    def cited_by(self, code):
        return listed(Revision.objects.shown().citing(code)) if code.pk else "No article does."
