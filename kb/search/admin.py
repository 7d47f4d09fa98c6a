from django.contrib import admin

from kb.edits.modeladmin import HistoryAdmin
from kb.search.models import Synonym


@admin.register(Synonym)
class SynonymAdmin(HistoryAdmin):
    list_display = ["words", "source"]
    search_fields = ["words"]
    fields = ["words", "source", "reviewed_on"]
