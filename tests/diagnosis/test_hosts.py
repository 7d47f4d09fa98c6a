"""Which servers a text names."""

from django.test import SimpleTestCase

from kb.diagnosis.reader.marks import host_before, hosts_in


class HostsTest(SimpleTestCase):
    def test_stands_in_the_order_of_the_text_each_place_once(self):
        text = "relay=MX1.Example.com[192.0.2.1]: said; then b.example.net [2001:db8::1] at c.example.org, via d.example.org"
        self.assertEqual(
            hosts_in(text), ["mx1.example.com", "b.example.net", "c.example.org", "d.example.org"]
        )

    def test_is_named_as_a_server_or_with_its_address(self):
        self.assertEqual(hosts_in("write to www.example.com about ghost mail.example.com"), [])
        self.assertEqual(
            hosts_in("<<< mail.example.com and smtp.example.net[192.0.2.7]")[1:], ["smtp.example.net"]
        )

    def test_takes_no_word_before_an_address_for_a_name(self):
        self.assertEqual(hosts_in("client [192.0.2.1] or me@home[192.0.2.1] [192.0.2.2]"), [])

    def test_names_the_last_before_a_place_in_its_paragraph(self):
        text = "talking to a.example.com\n\nhost B.example.com said:\n550 no"
        self.assertEqual(host_before(text, text.index("550")), "b.example.com")
        self.assertEqual(host_before(text, text.index("host")), "")
