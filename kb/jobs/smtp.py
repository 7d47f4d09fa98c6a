"""Django's way to a mail server, telling apart what was surely not sent from what perhaps was."""

import smtplib

from django.core.mail.backends import smtp

PATIENCE = 120  # seconds for the server to look through a mail before it says yes or no


class PerhapsSent(Exception):
    """The server had the whole mail and then fell silent: it may have been delivered."""


class Plain(smtplib.SMTP):
    """An open connection, or one that turns to TLS by STARTTLS."""

    def data(self, message):
        self._wait_at_most(PATIENCE)
        try:
            return super().data(message)
        except smtplib.SMTPDataError:  # an answer, and a clear one
            raise
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException) as problem:
            raise PerhapsSent from problem
        finally:
            self._wait_at_most(self.timeout)

    def _wait_at_most(self, seconds):
        if self.sock:  # none once the server has hung up
            self.sock.settimeout(seconds)


class OverTLS(Plain, smtplib.SMTP_SSL):
    """A connection that speaks TLS from the first byte."""


class EmailBackend(smtp.EmailBackend):
    @property
    def connection_class(self):
        return OverTLS if self.use_ssl else Plain

    def open(self):
        """Greeted too, so that a server that will not talk to us is known before any mail is begun."""
        made = super().open()
        if made:
            self.connection.ehlo_or_helo_if_needed()
        return made
