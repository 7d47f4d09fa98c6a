"""Who votes, as far as it can be told: a browser by its cookie, and the network it is in by a sum that nobody can undo."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from kb.guard.client import address_of, widest_network_of
from kb.guard.origin import is_vouched_for
from kb.guard.visitor import new_visitor, visitor_of

SALT = "kb.guard.voter"


@dataclass(frozen=True)
class Voter:
    visitor: str
    network: str = ""  # of an IPv4 /24 or an IPv6 /48; kept for a day with the vote
    is_known: bool = True  # the browser came with our cookie, or the person is signed in
    is_vouched_for: bool = True  # the browser said that a page of ours sent the vote

    @classmethod
    def of(cls, request: HttpRequest) -> "Voter":
        known = visitor_of(request) or _account(request)
        network = salted_hmac(SALT, widest_network_of(address_of(request)), algorithm="sha256").hexdigest()[
            :16
        ]
        return cls(known or new_visitor(), network, bool(known), is_vouched_for(request))

    def counts(self, others) -> bool:
        """Beside these other votes on the same thing: without a cookie once a network and day, of a program never."""
        if not self.is_vouched_for:
            return False
        return self.is_known or not others.filter(network=self.network, counted=True).exists()


def _account(request):
    """Who is signed in is one voter, however often the cookie is thrown away."""
    user = request.user
    if not user.is_authenticated:
        return ""
    return salted_hmac(SALT, f"account {user.pk}", algorithm="sha256").hexdigest()[:22]
