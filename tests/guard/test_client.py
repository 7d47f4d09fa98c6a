from ipaddress import ip_network

from django.test import RequestFactory, SimpleTestCase, override_settings

from kb.guard.client import address_of, network_of
from kb.guard.proxy import TrustedProxyMiddleware

PROXIES = [ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48")]


def seen(remote, forwarded=None):
    headers = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    request = RequestFactory().get("/", REMOTE_ADDR=remote, **headers)
    return TrustedProxyMiddleware(address_of)(request)


@override_settings(TRUSTED_PROXY=PROXIES)
class TheClientsAddress(SimpleTestCase):
    def test_is_the_one_that_knocked(self):
        self.assertEqual(seen("192.0.2.7"), "192.0.2.7")
        self.assertEqual(seen("::ffff:192.0.2.7"), "192.0.2.7")

    def test_is_not_what_a_stranger_claims(self):
        self.assertEqual(seen("192.0.2.7", "198.51.100.1"), "192.0.2.7")

    def test_is_the_rightmost_that_is_no_proxy_of_ours(self):
        self.assertEqual(seen("10.0.0.1", "198.51.100.1"), "198.51.100.1")
        self.assertEqual(seen("10.0.0.1", "198.51.100.9, 198.51.100.1, 10.0.0.2"), "198.51.100.1")
        self.assertEqual(seen("::ffff:10.0.0.1", "198.51.100.1"), "198.51.100.1")
        self.assertEqual(seen("2001:db8:1::1", "2001:db8:ffff::5"), "2001:db8:ffff::5")

    def test_may_carry_a_port(self):
        self.assertEqual(seen("10.0.0.1", "198.51.100.1:4711"), "198.51.100.1")
        self.assertEqual(seen("10.0.0.1", "[2001:db8:ffff::5]:4711"), "2001:db8:ffff::5")

    def test_stays_the_proxys_where_that_says_nothing_we_can_read(self):
        for forwarded in (None, "", "unknown", "198.51.100.1, _hidden", "\0", "," * 5000, "1:2:3"):
            with self.subTest(forwarded=forwarded):
                self.assertEqual(seen("10.0.0.1", forwarded), "10.0.0.1")

    def test_may_be_unknown(self):
        self.assertEqual(seen(""), "unknown")


class TheNetwork(SimpleTestCase):
    def test_is_one_ipv4_address_or_an_ipv6_customers_64(self):
        self.assertEqual(network_of("192.0.2.7"), "192.0.2.7")
        self.assertEqual(network_of("2001:db8::1"), network_of("2001:db8::ffff:1"))
        self.assertNotEqual(network_of("2001:db8::1"), network_of("2001:db8:0:1::1"))
        self.assertEqual(network_of("nowhere"), "unknown")
