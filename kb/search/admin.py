from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin

from kb.search.models import Synonym


@admin.register(Synonym)
class SynonymAdmin(SimpleHistoryAdmin):
    list_display = ["words", "source"]
    search_fields = ["words"]
    fields = ["words", "source", "reviewed_on"]
