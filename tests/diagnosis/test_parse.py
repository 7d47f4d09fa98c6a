from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from kb.diagnosis.parse import read


class ReadAnything(TestCase):
    def test_says_the_codes_and_where_they_stand(self):
        reading = read("host mx.example.net said: 550 5.1.1 no such user")
        self.assertEqual((reading.reply, reading.status), (["550"], ["5.1.1"]))
        self.assertEqual(reading.codes, ["5.1.1", "550"])
        (recipient,) = reading.recipients
        self.assertEqual(reading.text[recipient.said[0].start : recipient.said[0].end], "550 5.1.1")

    @given(st.one_of(st.text(), st.binary()))
    def test_never_raises(self, source):
        read(source)
