"""The work of this room in the background."""

from kb.accounts.attempts import warn
from kb.accounts.passwords import send_link

JOBS = {"password_reset": send_link}
OWN = [warn]
