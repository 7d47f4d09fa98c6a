"""What a client may send with a request for a page so that others find another page."""

import re

POISONS = (
    {"host": "evil.example"},
    {"host": "127.0.0.1:99999"},
    {"host": "127.0.0.1, evil.example"},
    {"x_forwarded_host": "evil.example"},
    {"x_forwarded_proto": "https"},
    {"x_forwarded_for": "203.0.113.9"},
    {"forwarded": "host=evil.example;proto=https"},
    {"x_original_url": "/evil/"},
    {"x_rewrite_url": "/evil/"},
    {"x_http_method_override": "POST"},
    {"accept_language": "de"},
    {"accept_encoding": "identity;q=0"},
    {"accept_encoding": "gzip\x00"},
    {"accept": "application/json"},
    {"cookie": "csrftoken=evil; messages=evil; theme=dark"},
    {"hx_request": "true"},
    {"authorization": "Basic YTpi"},
    {"range": "bytes=0-10"},
    {"if_none_match": "*"},
    {"if_modified_since": "Sat, 01 Jan 2050 00:00:00 GMT"},
    {"user_agent": "<script>alert(1)</script>"},
    {"referer": "https://evil.example/"},
)


def unmoved(text):
    """Without the minute at which the page was made."""
    return re.sub(r"\d\d:\d\d</time>", "", text)
