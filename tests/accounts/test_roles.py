from django.contrib.auth.models import AnonymousUser, Group
from django.test import TestCase

from kb.accounts import roles
from tests.makers import make_user


class Roles(TestCase):
    def test_are_four_groups_made_by_migration(self):
        self.assertEqual(set(Group.objects.values_list("name", flat=True)), set(roles.GROUPS))

    def test_each_may_all_that_the_ones_before_may(self):
        people = [
            AnonymousUser(),
            make_user(),
            make_user("Agents"),
            make_user("Editors"),
            make_user("Admins"),
        ]
        self.assertEqual([roles.role_of(user) for user in people], [0, 1, 2, 3, 4])
        self.assertEqual([roles.is_agent(user) for user in people], [False, False, True, True, True])
        self.assertEqual([roles.is_editor(user) for user in people], [False, False, False, True, True])

    def test_make_a_superuser_an_admin_and_a_disabled_account_a_stranger(self):
        self.assertTrue(roles.is_admin(make_user("superuser")))
        self.assertEqual(roles.role_of(make_user("Admins", is_active=False)), roles.VISITOR)

    def test_let_editors_edit_content_and_only_admins_edit_people(self):
        editor, admin = make_user("Editors"), make_user("Admins")
        for right in (
            "codes.change_code",
            "codes.add_wording",
            "articles.change_article",
            "articles.delete_topic",
        ):
            self.assertTrue(editor.has_perm(right), right)
            self.assertTrue(admin.has_perm(right), right)
        self.assertFalse(editor.has_perm("accounts.change_user"))
        self.assertTrue(admin.has_perm("accounts.change_user"))
