"""Texts as people have them at hand, made up for the tests of the pages."""

BOUNCE = """This is the mail system at host mail.example.org.

<anna@example.com>: host mx.example.com[192.0.2.25] said: 550 5.1.1
    <anna@example.com>: Recipient address rejected: User unknown in virtual
    mailbox table (in reply to RCPT TO command)
"""
SENT = (
    "Nov 26 08:15:02 mx1 postfix/smtp[1234]: D6749620E2: to=<anna@example.com>, relay=mx.example.com[192.0.2.25]:25, "
    "delay=1.2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 3F2A11)"
)
DEFERRED = (
    "Nov 26 08:15:02 mx1 postfix/smtp[1234]: D6749620E2: to=<anna@example.com>, relay=mx.example.com[192.0.2.25]:25, "
    "delay=1.2, dsn=4.7.1, status=deferred (host mx.example.com[192.0.2.25] said: 450 4.7.1 <anna@example.com>: "
    "Recipient address rejected: Greylisted (in reply to RCPT TO command))"
)
UNLISTED = "mx.example.com rejected your message to <anna@example.com>: 559 5.9.999 zapped by the frobnicator of tenant 77"
NO_ERROR = "Hello, since this morning my coffee machine says that it is not amused. Can you help me with that, please?"


def report(*recipients, action="failed", head="Mail Delivery System <MAILER-DAEMON@mail.example.org>"):
    """A delivery report; each recipient as (address, status, what the server said)."""
    fields = "\n".join(
        f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n"
        f"Remote-MTA: dns; mx.{address.partition('@')[2]}\nDiagnostic-Code: smtp; {said}\n"
        for address, status, said in recipients
    )
    words = "\n".join(f"<{address}>: host mx.example.com said: {said}" for address, _, said in recipients)
    return f"""From: {head}
To: bob@example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mail.example.org.

{words}

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org
Arrival-Date: Mon, 23 Nov 2026 08:15:02 +0100

{fields}
--b1
Content-Type: message/rfc822

From: bob@example.org
Subject: Lunch on 550 Main Street

See you there.
--b1--
"""


TWO_PEOPLE = report(
    ("anna@example.com", "5.1.1", "550 5.1.1 <anna@example.com>: Recipient address rejected: User unknown"),
    ("carl@example.net", "5.2.2", "552 5.2.2 <carl@example.net>: Mailbox is full"),
)
ALIKE = report(
    *(
        (
            f"{name}@example.com",
            "5.1.1",
            f"550 5.1.1 <{name}@example.com>: Recipient address rejected: User unknown",
        )
        for name in ("anna", "ben", "carla")
    )
)
ABSENT = """From: anna@example.com
To: bob@example.org
Subject: Out of office
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: text/plain

I am away until Monday and read no mail.
"""
COMPLAINT = """From: feedback@example.net
To: abuse@example.org
Subject: Complaint
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

--b1
Content-Type: text/plain

This is an abuse report for a message received from 192.0.2.1.

--b1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Example/1
Version: 1

--b1
Content-Type: message/rfc822

From: list@example.org
Subject: News

Buy this.
--b1--
"""
