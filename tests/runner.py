from django.test import override_settings
from django.test.runner import DiscoverRunner

FAST = {
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "STORAGES": {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    },
}


class Runner(DiscoverRunner):
    """Django's own, with a quick password hasher and static files as they lie."""

    def setup_test_environment(self, **kwargs):
        super().setup_test_environment(**kwargs)
        self.fast = override_settings(**FAST)
        self.fast.enable()

    def teardown_test_environment(self, **kwargs):
        self.fast.disable()
        super().teardown_test_environment(**kwargs)
