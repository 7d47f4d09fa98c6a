"""What the door itself refuses, before Django is asked: in words, with the headers that every answer has."""

HEADERS = [
    ("content-type", "text/plain; charset=utf-8"),
    ("cache-control", "no-store"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
]
WORDS = {
    405: "This site does not answer that kind of request.",
    408: "What you were sending came too slowly, so nothing was stored. Try again on a faster connection.",
    413: "That is more than may be sent here, so nothing was stored: a mail may have 10 MB, any other form 512 kB. "
    "Paste only the part of the mail that tells of the error.",
    503: "Too many people ask at this moment, so nothing was stored. Try again in a few seconds.",
}
MORE = {405: [("allow", "GET, HEAD, POST, OPTIONS")], 503: [("retry-after", "5")]}


def refusal(status: int) -> tuple[int, list[tuple[str, str]], bytes]:
    return status, [*HEADERS, *MORE.get(status, [])], f"{WORDS[status]}\n".encode()
