"""For servers that tests start, with views beside the product's that hold a thread."""

from tests.delivery.serving_settings import *  # noqa: F403

ROOT_URLCONF = "tests.delivery.busy_urls"
