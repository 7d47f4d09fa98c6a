"""A mail server for tests, in a thread, that does at each step what a test tells it: accept, refuse, hang or die."""

import socketserver
import threading
from contextlib import suppress
from email import message_from_bytes, policy

HANG, DIE = "hang", "die"
ANSWERS = {"greeting": "220 test", "data": "354 go on", "quit": "221 bye"}  # all else: 250


class MailServer(socketserver.ThreadingTCPServer):
    """`script[step]` is an answer, HANG, DIE, or a function of the address that returns one of these.

    Steps: greeting ehlo mail rcpt data body rset quit. `mails` has (address, message) of what was accepted.
    """

    allow_reuse_address = daemon_threads = True
    block_on_close = False

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.script, self.mails, self.steps = {}, [], []
        self.woken = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def port(self):
        return self.server_address[1]

    def end(self):
        self.woken.set()
        self.shutdown()
        self.server_close()
        self.thread.join()

    def answer(self, step, address):
        self.steps.append(step)
        said = self.script.get(step, ANSWERS.get(step, "250 fine"))
        return said(address) if callable(said) else said


class Conversation(socketserver.StreamRequestHandler):
    address = ""

    def handle(self):
        with suppress(ConnectionError, EndOfTalk):
            self.say("greeting")
            while line := self.rfile.readline():
                verb = line.split()[0].decode().lower() if line.split() else ""
                if verb == "rcpt":
                    self.address = line.partition(b"<")[2].partition(b">")[0].decode()
                if self.say(verb).startswith("354"):
                    self.take_body()
                if verb == "quit":
                    return

    def take_body(self):
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b"."))
        if self.say("body").startswith("2"):
            message = message_from_bytes(b"".join(lines), policy=policy.default)
            self.server.mails.append((self.address, message))

    def say(self, step):
        said = self.server.answer(step, self.address)
        if said == HANG:
            self.server.woken.wait(60)
        if said in {HANG, DIE}:
            raise EndOfTalk
        self.wfile.write(f"{said}\r\n".encode())
        return said


class EndOfTalk(Exception):
    pass
