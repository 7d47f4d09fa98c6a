"""What mail systems say, in their words, and the cause each line comes to."""

import re

from django.test import TestCase

from kb.codes.models import Wording
from kb.diagnosis.diagnosing import diagnose, diagnose_reading
from kb.diagnosis.reading import Reading, Recipient, Spoken

CODES = re.compile(r"([245]\d\d)?[ -]?([245]\.\d+\.\d+)?")
SAID = {
    "unknown-user": """
        550 #5.1.1 bad address bob@example.com
        550 address does not exist
        554 delivery error: archived recipient
        550 can't accept user
        550 does not have such an address
        550 I'm sorry, no such mailbox here
        550 <bob@example.com> is not a known user
        550 mailbox invalid
        550 mailbox not present
        550 no account by that name here
        550 no mail box available for this user
        550 no mailbox found
        550 no one here with that name
        550 no such address here
        550 no such person at this address
        554 no valid recipients, bye
        550 not a valid user here
        550 not a local address
        550 recipient address rejected: invalid user
        550 recipient is not accepted
        550 recipient is not local
        550 recipient not ok
        553 sorry, badrcptto
        553 sorry, your envelope recipient is in my badrcptto list
        550 the user's email name is not found
        550 there is no one at this address
        550 this address is no longer available
        550 this email address is wrong or no longer valid
        550 this recipient is invalid
        553 this recipient is not in my validrcptto list
        550 unknown mailbox
        550 user missing home directory
        550 user not exist
        550 user not known
        vdeliver: invalid or unknown virtual user
        550 no such alias
        550 No route for that recipient
        550 5.1.1 recipient unknown
        550 account not found
        550 undeliverable address
        550 User has moved to ann@example.com
        551 not our user; please try ann@example.org
        550 Mailbox bob does not exist here
        550 Addressee unknown
        5.1.1 The e-mail account does not exist at the organization this message was sent to.
        The e-mail address you entered couldn't be found or is not valid.
        550 this user is not accepting mail
        550 No Such User Here"
        User bob (bob@example.com) not listed in Domino Directory
        550 Requested action not taken: recipient not in our domain list
        550 Callout verification failed: 550 unknown
        550-Verification failed for <bob@example.com> 550 Unknown user
        550 5.1.1 RCP-P2 recipient could not be verified
        Recipient's mailbox doesn't exist
        550 Benutzer unbekannt
        550 no existe ese usuario
        550 utilisateur inconnu !
        550 El usuario no existe
        550 Empfänger existiert nicht
    """,
    "mailbox-full": """
        552 account is full
        550 mail quota exceeded
        delivery failed: over quota
        552 disc quota exceeded
        552 does not have enough space
        550 exceeding its mailbox quota
        554 mailbox bob is over disk quota
        452 is over quota temporarily
        550 mailbox exceeded the local limit
        550 mailbox has exceeded its disk space limit
        550 mailbox over quota
        maildir over quota
        maildir delivery failed: userdisk quota exceeded
        552 mailfolder is full
        552 not enough storage space in mailbox
        552 over the allowed quota
        550 quota violation for bob@example.com
        550 recipient reached disk quota
        554 recipient was rejected: mailbox would exceed maximum allowed storage
        550 the user's space has been used up
        550 the user you are trying to reach is over quota
        552 user has exceeded quota, bouncing mail
        552 user has too many messages on the server
        552 users disk quota exceeded
        552 would be over the allowed quota
        452 4.2.2 Mailbox full
        Mailbox has exceeded the limit
        552 5.2.2 Your message can't be delivered because the recipient's mailbox is full
        5.2.2 STOREDRV.Deliver; mailbox full
        550 Mailbox quota usage exceeded
        552 1 Requested mail action aborted, mailbox full
        554 5.2.2 mailbox full
        Speicherplatz voll, Postfach voll
        La boîte de réception est pleine
    """,
    "mailbox-disabled": """
        550 has been suspended
        550 inactive account
        550 invalid/inactive user
        550 bob is a deactivated mailbox
        550 mailbox currently suspended
        550 mailbox disabled
        550 mailbox is frozen
        550 recipient rejected: temporarily inactive
        550 recipient suspend the service
        550 user or domain is disabled
        550 user suspended
        550 account is locked, email bounced
        550 5.2.1 mailbox temporarily disabled: bob@example.com
        550 due to extended inactivity new mail is not currently being accepted for this mailbox
        550 account expired
        550 domain has been suspended
        525 5.7.13 User account disabled
    """,
    "message-too-big": """
        552 exceeded maximum inbound message size
        552 max message size exceeded
        552 message file too big
        552 message length exceeds administrative limit
        552 message size exceeds maximum value
        552 message too large for this mailbox
        552 our maximum message size limit is 10 MB
        552 size limit exceeded
        552 Message size is too large
        5.2.3 the message is larger than the size limit for messages
        550 5.3.4 Attachment size exceeds the allowable limit
        552 5.3.4 Message too big for system
        5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient
        552 Die Nachricht ist zu groß
    """,
    "relay-denied": """
        550 insecure mail relay
        550 is not permitted to relay through this server without authentication
        550 no relaying
        550 not a gateway
        550 not allowed to relay through this machine
        554 not an open relay, so get lost
        551 not local host example.com, not a gateway
        554 relay access denied
        550 Relaying denied
        550 relaying mail to example.com is not allowed
        553 that domain isn't in my list of allowed rcpthosts
        550 this system is not configured to relay mail from 192.0.2.1
        550 5.7.1 unable to relay for bob@example.com
        550 we don't handle mail for example.com
        550-Host is not on relay list
        550 domain not hosted here
    """,
    "spam-or-policy": """
        550 blacklisted url in message
        554 content filter rejection
        554 is classified as spam and is rejected
        550 mail appears to be unsolicited
        550 message content rejected
        550 message filtered
        554 message looks like spam
        554 5.7.1 This message scored 15 spam points
        550 rejected: spam score 11.2
        554 denied due to spam list
        550 because the recipient is only accepting mail from specific email addresses
        550 is not accepting any mail
        550 5.7.1 message rejected due to user rules
        550 recipient refuses to accept your mail
        550 5.7.1 Delivery not authorized, message refused
        554 for policy reasons
        550 5.7.1 Message rejected due to content restrictions
        554 5.7.1 [P4] Message blocked due to spam content in the message.
        554 Message rejected by SpamAssassin
        550 High probability of spam
        571 Message Refused
        554 5.7.1 The message from (<ann@example.com>) with the subject of (Hi) matches a profile the Internet community may consider spam.
        550 Your message was detected as spam
        550 5.7.1 Content-Policy reject msg
        550 Denied by content filter
    """,
    "blocklist": """
        554 Your IP is in our blacklist
        550 Email from 192.0.2.1 is denied: listed in Spamcop
        554 5.7.1 Service unavailable; Sender address [ann@example.com] blocked using dbl.example.net
        550 5.7.1 Connection from a bad reputation host
        554 IP is blocked by EarthLink
        550 Blocked by URIBL
        550 mail not accepted from blacklisted IP address
        554 refused - see http://www.spamhaus.org/query/bl?ip=192.0.2.1
        421 Your IP is temporarily blacklisted
        550 your host is blacklisted here
        550 5.7.1 Mail from 192.0.2.1 rejected by SORBS
        553 5.3.0 DNSBL:RBL 521< 192.0.2.1 >_is_blocked
        550 JunkMail rejected - mail.example.com is in an RBL
        550 sender ip must not be on a blocklist
        554 The server sending your mail [192.0.2.1] does not have a good reputation
        550 rejected because 192.0.2.1 is in a black list at zen.spamhaus.org
        554 Access denied: 192.0.2.1 banned
        550 dynamic IPs are not welcome: dialup host
    """,
    "reverse-dns": """
        554 IP address is not resolvable: no PTR
        550 cannot find your hostname
        550 cannot resolve your address
        554 client host rejected: cannot find your hostname
        550 fix reverse dns for 192.0.2.1
        550 ips with missing ptr records
        550 no ptr record found
        550 unresolvable relay host name
        550 your mail server does not have a reverse DNS entry
        421 DNS PTR record missing
        554 - Missing or invalid PTR
        550 Reverse DNS lookup failed for host
        450 Client host rejected: cannot find your reverse hostname
        550 IP lookup failed: no FCrDNS
    """,
    "sender-unauthenticated": """
        550 SPF check failed
        550 SPF: 192.0.2.1 is not allowed to send mail from example.com
        550 5.7.23 sender not permitted by SPF
        554 Rejected, sender domain's SPF record does not designate 192.0.2.1
        550 Please see http://www.openspf.org/Why?id=ann
        554 DKIM signature did not verify
        550 DKIM validation failed
        550 spf (sender policy framework) domain authentication fail
        550 Message was rejected: SPF softfail
        550 5.7.7 Email not accepted: no SPF record published
    """,
    "dmarc": """
        550 5.7.1 Unauthenticated email is not accepted due to domain's DMARC policy
        550 rejected by DMARC policy for example.com
        550 DMARC evaluation failed
    """,
    "rate-limit": """
        421 too many connections from your IP
        450 too many messages sent
        421 4.7.0 too many concurrent SMTP connections
        452 too many emails per second
        450 4.7.1 Error: too much mail from 192.0.2.1
        451 throttled
        421 connection rate limit exceeded
        550 daily sending quota exceeded
        554 5.7.1 You have sent too many messages today
        421 max connections reached
        452 4.5.3 too many recipients
        550 5.4.5 Daily sending quota exceeded
        421 4.7.0 excessive number of connections
        450 rate limited
        451 exceeding maximum number of messages per hour
        550 User has exceeded its 24-hour sending limit
        550 Outgoing mail limit exceeded
        421 your domain has exceeded the max defers and failures per hour
    """,
    "greylisting": """
        451 4.7.1 Greylisting in action, please come back later
        450 greylisted, try again in 300 seconds
        450 4.2.0 Greylisted for 5 minutes
        451 DT:GRL this is graylisted
        451 temporary failure: greylist
    """,
    "login-required": """
        550 authentication required
        530 5.7.1 Client was not authenticated
        530 please authenticate first
        550 SMTP authentication is required
        530 Authentication turned on in your email client needed: you must authenticate
        550 unauthenticated senders not allowed
        503 valid RCPT command must precede: need AUTH
        550 Please turn on SMTP Authentication in your mail client
    """,
    "login-failed": """
        535 authentication credentials invalid
        535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6
        535 Incorrect authentication data
        535 5.7.3 Authentication unsuccessful
        535 Login incorrect
        535 Invalid username or password
        535 bad username or password
        535 5.7.0 Error: authentication failed
        SMTPAuthenticationError: Username and password do not match
        535 password wrong
    """,
    "starttls-required": """
        550 STARTTLS is required to send mail
        530 Must issue a STARTTLS command first
        550 TLS required but not supported
        554 5.7.1 session encryption is required
        550 5.7.10 encryption needed
    """,
    "tls-failed": """
        403 4.7.0 TLS handshake failed.
        454 TLS not available due to temporary reason
        SSL routines: wrong version number
        certificate verify failed
        Cannot start TLS: handshake failure
        tls: first record does not look like a TLS handshake
        x509: certificate signed by unknown authority
        UnexpectedSSL: SSL_connect error
        Hostname/IP does not match certificate's altnames
    """,
    "sender-rejected": """
        553 5.1.8 Domain of sender address ann@example.com does not exist
        550 sender rejected
        550 invalid sender domain
        550 5.1.7 Invalid sender address
        553 sorry, your envelope sender is in my badmailfrom list
        550 sender verify failed
        550 could not verify sender
        501 sender address rejected: domain not found
        550 sender domain must exist
        553 Sender address not accepted
        550 5.7.1 Sender's mail exchange does not exist
        550 unable to verify sender address
        550 You're not allowed as sender: sender denied
        550 Empty envelope senders not allowed
    """,
    "send-as-denied": """
        553 5.7.1 Sender address rejected: not owned by user ann
        550 5.7.60 SMTP; Client does not have permissions to send as this sender
        553 not authorized to use this from address
        550 From address does not match login
        554 Message rejected: Email address is not verified
        501 mail from address must be same as authorization user
        553 Mail from must equal authorized user
        550 You are not allowed to use this sender address
    """,
    "virus": """
        554 it has a potentially executable attachment
        550 the message was rejected because it contains prohibited virus or spam content
        550 this form of attachment has been used by recent viruses or other malware
        554 virus detected
        554 your message was infected with a virus
        552 5.7.0 file type not allowed: .exe
        550 executable files are not allowed in compressed files
        554 5.7.1 forbidden attachment
        550 Message contains a suspicious attachment
        554 Malware found: Eicar
    """,
    "content-error": """
        554 improper use of 8-bit data in message header
        550 5.6.0 message header too large
        554 Mail contains bare LF
        550 missing From header
        550 message headers fail syntax check
        550 5.7.1 messages with multiple addresses in From header
        554 5.6.1 Body type not supported by remote host
        550 Message is not RFC 5322 compliant
        554 5.6.7 SMTPUTF8 required but not supported
        501 message has invalid MIME
    """,
    "loop": """
        554 too many hops
        554 5.4.6 mail loop: too many hops (too many Received headers)
        mail for example.com loops back to myself
        550 loop detected
        5.4.14 Hop count exceeded - possible mail loop
        5.4.6 routing loop detected
        554 it would create a mail loop
        aliasing/forwarding loop broken
        MX loop: lowest numbered MX record points to local host
    """,
    "connection-problem": """
        Connection timed out
        connect to mail.example.com[192.0.2.1]:25: Connection refused
        421 4.4.2 connection dropped
        no route to host
        Network is unreachable
        lost connection with mail.example.com while sending RCPT TO
        Connection reset by peer
        421 timeout exceeded
        Host mail.example.com not responding
        could not connect to SMTP host: mail.example.com, port: 25
        Failed to connect to server: Connection timed out
        getaddrinfo: connection attempt failed
        ETIMEDOUT
        ECONNREFUSED 192.0.2.1:587
        stream_socket_client(): unable to connect to tcp://mail.example.com:25
        SMTP connect() failed
        I couldn't establish an SMTP connection
    """,
    "domain-not-found": """
        550 domain does not exist
        Host unknown
        550 5.1.2 bad destination system address: host unknown
        illegal host/domain name found
        550 mail domain mentioned in email address is unknown
        Name or service not known
        no such domain
        550 recipient domain must exist
        unknown host
        unrouteable mail domain
        550 Host or domain name not found
        no MX record found for domain=example.com
        556 domain does not accept mail (nullMX)
        DNS lookup failed for example.com
        Temporary failure in name resolution
        No answer from nameserver for example.com
        the domain has no MX
        Unable to resolve host example.com
    """,
    "queue-expired": """
        delivery time expired
        message expired
        delivery expired (message too old)
        message expired after sitting in queue for 5 days
        retry timeout exceeded
        message timed out
        your message could not be delivered for more than 5 days
        this message has been in the queue too long
        was not reachable within the allowed queue period
        4.4.7 message delayed: queue expired
        Message could not be delivered for 3 days
        cannot deliver after 4 days, will not try again
    """,
    "system-error": """
        451 local error in processing
        451 4.3.0 internal error reading data
        451 temporary local problem
        452 insufficient system storage
        450 mail system configuration error
        451 queue file write error
        421 4.3.2 service currently unavailable
        451 4.3.5 server configuration error
        554 unexpected exception
        421 server busy
        451 system config error
        452 4.3.1 out of memory
        421 Service shutting down
        451 Temporary lookup failure
        500 recipient deferred because there is no mdb
    """,
    "local-delivery-problem": """
        Command failed: exit status 75
        mail-local: /usr/bin/procmail: exited with status 73
        maildrop: Unable to open mailbox
        550 can't create user output file
        Child process of virtual_delivery transport returned 77
        local delivery agent returned error
        mailer error: x-unix; 77
        LMTP error after end of data
        cannot open mailbox for bob: permission denied
    """,
    "protocol-error": """
        501 syntax error in parameters
        503 bad sequence of commands
        500 command not recognized
        502 command not implemented
        504 helo command rejected
        550 HELO name rejected
        501 5.5.2 invalid EHLO
        554 improper command pipelining after HELO
        503 need MAIL before RCPT
        500 line too long
        501 5.5.4 syntax: MAIL FROM
    """,
    "blocklist-misconfigured": """
        554 5.7.1 blocked using zen.spamhaus.org; Error: open resolver; https://www.spamhaus.org/returnc/pub/
    """,
    "success": """
        250 2.0.0 Ok: queued as 12345
        status=sent (250 ok)
        250 2.1.5 delivered
    """,
}
# A line within a line: the answer stands on what the other server said, and that is as true.
ANOTHER_VOICE = {"exchange-online/4.4.7-message-expired"}


def cause_of(line):
    """What the line comes to where it is all that a server said."""
    reply, status = CODES.match(line).groups()
    said = (Spoken(reply or "", status or "", line),) if reply or status else ()
    answer = diagnose_reading(Reading(line, False, "bounce", (Recipient("", said),), "", line)).best
    return answer.cause.slug if answer and answer.cause else ""


class Causes(TestCase):
    def test_are_told_by_words_in_common_use(self):
        wrong = [
            f"{line}: {found or 'none'}, not {cause}"
            for cause, lines in SAID.items()
            for line in map(str.strip, lines.strip().splitlines())
            if (found := cause_of(line)) != cause
        ]
        self.assertEqual(wrong, [])

    def test_are_those_of_the_wording_for_every_shipped_sample(self):
        wrong = []
        for wording in (
            Wording.objects.exclude(cause=None).exclude(key__in=ANOTHER_VOICE).select_related("cause")
        ):
            for sample in wording.sample_list:
                answer = diagnose(sample).best
                if not answer or answer.cause != wording.cause:
                    wrong.append(
                        f"{wording.key}: {answer and answer.cause} by {answer and answer.wording}: {sample}"
                    )
        self.assertEqual(wrong, [])

    def test_are_found_however_the_line_is_written(self):
        for line in (
            "550-5.1.1 The email account that you tried to reach\n550-5.1.1 does not exist. Please try\n550 5.1.1 again - gsmtp",
            "550 5.1.1 USER UNKNOWN",
            "550 5.1.1 user\u00a0unknown",
            "550 5.1.1 User   \t unknown",
        ):
            self.assertEqual(diagnose(line).best.cause.slug, "unknown-user", line)
