from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group

from kb.accounts.models import User
from kb.edits.modeladmin import EditAdmin

admin.site.unregister(Group)


@admin.register(Group)
class RightsAdmin(EditAdmin, GroupAdmin):
    """Django's own, with the versions of `kb.edits`."""


@admin.register(User)
class PersonAdmin(EditAdmin, UserAdmin):
    """Only superusers hand out what goes beyond the groups, and only they change superusers."""

    readonly_fields = ["last_login", "date_joined"]  # told by signing in; a form saves no older moment

    def get_readonly_fields(self, request, person=None):
        beyond = () if request.user.is_superuser else ("is_superuser", "user_permissions")
        return (*super().get_readonly_fields(request, person), *beyond)

    def has_change_permission(self, request, person=None):
        return self.may_touch(request, person) and super().has_change_permission(request, person)

    def has_delete_permission(self, request, person=None):
        return self.may_touch(request, person) and super().has_delete_permission(request, person)

    def may_touch(self, request, person):
        return request.user.is_superuser or person is None or not person.is_superuser
