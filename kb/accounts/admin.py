from django import forms
from django.contrib import admin
from django.contrib.admin.sites import site
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kb.accounts import roles
from kb.accounts.admins import refusal_to_lose
from kb.accounts.forms import NewPersonForm, PasswordForm, PersonForm
from kb.accounts.models import User
from kb.edits.modeladmin import EditAdmin


class RoleFilter(admin.SimpleListFilter):
    title, parameter_name = _("role"), "role"

    def lookups(self, request, model_admin):
        return [(name, roles.WORDS[role]) for name, role in roles.GROUPS.items()]

    def queryset(self, request, people):
        """By the groups; a superuser is an admin, and whoever has no group a customer."""
        if self.value() not in roles.GROUPS:
            return people
        wanted = roles.GROUPS[self.value()]
        numbers = [
            person.pk for person in people.prefetch_related("groups") if roles.assigned(person) == wanted
        ]
        return people.filter(pk__in=numbers)


class RolesField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple


@admin.register(User)
class PersonAdmin(EditAdmin, UserAdmin):
    """Only superusers hand out what goes beyond the groups, and only they change superusers."""

    form = PersonForm
    add_form = NewPersonForm
    change_password_form = PasswordForm
    list_display = ["username", "full_name", "email", "role", "is_active", "last_login"]
    list_filter = [RoleFilter, "is_active"]
    filter_horizontal = []
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Who this is"), {"fields": ["first_name", "last_name", "email"]}),
        (_("What this person may do"), {"fields": ["groups", "is_active", "is_superuser"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": [
                    "username",
                    "usable_password",
                    "password1",
                    "password2",
                    "first_name",
                    "last_name",
                    "email",
                    "groups",
                ],
            },
        )
    ]

    @admin.display(description=_("name"), ordering="first_name")
    def full_name(self, person):
        return person.get_full_name()

    @admin.display(description=_("role"))
    def role(self, person):
        return roles.WORDS[roles.assigned(person)]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def formfield_for_manytomany(self, db_field, request, **options):
        if db_field.name != "groups":
            return super().formfield_for_manytomany(db_field, request, **options)
        return RolesField(
            Group.objects.order_by("pk"),
            label=_("Roles"),
            required=False,
            help_text=_(
                "The highest one counts, and each may all that those above it may. None is a customer."
            ),
        )

    def get_readonly_fields(self, request, person=None):
        beyond = () if request.user.is_superuser else ("is_superuser",)
        return (*super().get_readonly_fields(request, person), *beyond)

    def has_change_permission(self, request, person=None):
        return self.may_touch(request, person) and super().has_change_permission(request, person)

    def has_delete_permission(self, request, person=None):
        return self.may_touch(request, person) and super().has_delete_permission(request, person)

    def may_touch(self, request, person):
        return request.user.is_superuser or person is None or not person.is_superuser

    def get_deleted_objects(self, people, request):
        """Asked by the page of one and by the action on many, before and after the question."""
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(people, request)
        refusal = refusal_to_lose(people)
        return to_delete, counts, perms_needed, [*protected, *([refusal] if refusal else [])]


site.unregister(Group)


@admin.register(Group)
class RoleAdmin(EditAdmin, GroupAdmin):
    """Four groups are the roles. Others can be kept from earlier and give no role, so none is added."""

    filter_horizontal = []
    ordering = ["pk"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, group=None):
        """What admins may do stays as it is: who lacked a right here could not give it back."""
        is_admins = group is not None and group.name == roles.ADMINS
        return not is_admins and super().has_change_permission(request, group)

    def has_delete_permission(self, request, group=None):
        is_role = group is not None and group.name in roles.GROUPS
        return not is_role and super().has_delete_permission(request, group)

    def get_readonly_fields(self, request, group=None):
        return ["name"] if group and group.name in roles.GROUPS else []

    def formfield_for_manytomany(self, db_field, request, **options):
        """Of what the admin has pages for; histories and tables of the machinery are nobody's to edit."""
        field = super().formfield_for_manytomany(db_field, request, **options)
        kinds = ContentType.objects.get_for_models(*self.admin_site._registry).values()
        field.queryset = Permission.objects.filter(
            content_type__in=[kind.pk for kind in kinds]
        ).select_related("content_type")
        return field

    def get_deleted_objects(self, groups, request):
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(groups, request)
        kept = [
            gettext("“%s” is a role. People would lose what they may do; it stays.") % group.name
            for group in groups
            if group.name in roles.GROUPS
        ]
        return to_delete, counts, set() if kept else perms_needed, [*protected, *kept]
