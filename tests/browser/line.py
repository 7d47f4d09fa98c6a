"""A line to the server that can be cut in the middle of an answer, or fall silent."""

import re
import socket
import threading


class Line:
    """Listens beside the server and passes everything on; `trouble` befalls the requests whose target matches."""

    def __init__(self, server_url):
        host, port = re.fullmatch(r"http://(.+):(\d+)", server_url).groups()
        self.server = (host, int(port))
        self.trouble, self.where, self.troubled = None, re.compile("$^"), 0
        self.open = threading.Event()
        self.listener = socket.create_server((socket.gethostbyname(host), 0))
        self.url = f"http://{host}:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.listen, daemon=True).start()

    def befall(self, trouble, where):
        """`cut` or `silent`, for the targets that hold this; None for a good line."""
        self.trouble, self.where, self.troubled = trouble, re.compile(where), 0

    def heal(self):
        self.trouble = None

    def close(self):
        self.open.set()
        self.listener.close()

    def listen(self):
        while True:
            try:
                caller, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.pass_on, args=(caller,), daemon=True).start()

    def pass_on(self, caller):
        with caller:
            asked = self.read_request(caller)
            if not asked:
                return
            is_troubled = self.trouble and self.where.search(asked.split(b"\r\n")[0].decode())
            self.troubled += bool(is_troubled)
            if is_troubled and self.trouble == "silent":
                self.open.wait(20)
                return
            answer = self.ask(asked)
            caller.sendall(answer[: len(answer) // 2] if is_troubled else answer)

    def read_request(self, caller):
        data = b""
        while b"\r\n\r\n" not in data:
            more = caller.recv(65536)
            if not more:
                return b""
            data += more
        head, body = data.split(b"\r\n\r\n", 1)
        length = re.search(rb"(?i)content-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += caller.recv(65536)
        head = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", head)
        return head + b"\r\nConnection: close\r\n\r\n" + body

    def ask(self, asked):
        with socket.create_connection(self.server) as server:
            server.sendall(asked)
            return b"".join(iter(lambda: server.recv(65536), b""))
