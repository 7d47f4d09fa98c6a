"""What the benches share: servers on one core, each stopped by who started it, and load from the other core."""

import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import astuple, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BENCH = ROOT / "bench"
SERVER_CORE, LOAD_CORE = (sorted(os.sched_getaffinity(0)) * 2)[:2]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
UNITS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}
NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; user {user};
load_module {module};
events {{ worker_connections 1024; }}
http {{
  access_log off; types {{ text/html html; }} sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {folder}/www; brotli_static on; open_file_cache max=100; }}
}}
"""


def missing():
    """In a sentence each, what stands in the way of measuring here."""
    if not shutil.which("wrk"):
        yield "wrk, which makes the load, is missing: apt install wrk"
    if not shutil.which("nginx") or not BROTLI.exists():
        yield "nginx with its brotli module is missing: apt install nginx libnginx-mod-http-brotli-static"
    if SERVER_CORE == LOAD_CORE:
        yield "Two cores are needed: the servers share one, the load comes from the other."


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    port: int
    process: subprocess.Popen

    @property
    def base(self):
        return f"http://127.0.0.1:{self.port}"

    def seconds(self):
        """Of processor time, of it and all below it."""
        ticks = 0
        for pid in family(self.process.pid):
            parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(parts[11]) + int(parts[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def megabytes(self, which="VmRSS"):
        """Held in memory, of it and each below it; `VmHWM` is the most there ever was."""
        texts = (Path(f"/proc/{pid}/status").read_text() for pid in family(self.process.pid))
        return [int(re.search(rf"{which}:\s+(\d+) kB", text)[1]) / 1024 for text in texts]

    def wait(self, path="/"):
        for _ in range(300):
            if self.process.poll() is not None:
                break
            if ask(self.base, path)[0] == 200:
                return self
            time.sleep(0.1)
        self.stop()
        sys.exit(f"This did not start: {' '.join(map(str, self.process.args))}")

    def settle(self, most=120):
        """Until what it does of its own after a start is done."""
        for _ in range(most):
            before = self.seconds()
            time.sleep(1)
            if self.seconds() - before < 0.04:
                return

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()


def family(pid):
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in family(int(child)))]


def started(port, command, core=SERVER_CORE, environment=None):
    """On one core alone, if one is named."""
    pinned = ["taskset", "-c", str(core)] if core is not None else []
    process = subprocess.Popen([*pinned, *map(str, command)], cwd=ROOT, env=environment, **QUIET)
    return Server(port, process)


def settings_for(data, **more):
    """The environment of a copy of its own on SQLite, without limits, whose comments are shown at once."""
    ours = {
        "DATA_DIR": str(data),
        "DATABASE_URL": "",
        "CACHE_URL": "",
        "LIMITS": "off",
        "COMMENT_APPROVAL": "none",
    }
    return {**os.environ, **ours, "DJANGO_SETTINGS_MODULE": "kb.settings", **more}


def python(environment, *arguments, most=600):
    """What it printed; it may not take longer than so many seconds."""
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, env=environment, check=True, timeout=most, stdout=subprocess.PIPE, text=True
    ).stdout


def manage(environment, *arguments, most=600):
    return python(environment, "manage.py", *arguments, most=most)


def start_codebook(environment, core=SERVER_CORE):
    """As `./run` ends."""
    line = next(line for line in (ROOT / "run").read_text().splitlines() if "--interface rsgi" in line)
    options = line.partition("-m granian ")[2].split()
    port, granian = free_port(), [sys.executable, "-m", "granian", *options]
    command = [sys.executable, "-m", "kb.guard.address", *granian]
    served = {**environment, "HOST": "127.0.0.1", "PORT": str(port)}
    return started(port, command, core, served).wait("/healthz")


def start_nginx(folder, pages):
    """With each page as a file that is compressed already."""
    port = free_port()
    for path, body in pages.items():
        place = Path(f"{folder}/www{path}")
        place.mkdir(parents=True, exist_ok=True)
        (place / "index.html").write_bytes(b"plain")
        (place / "index.html.br").write_bytes(body)
    user = "root" if os.getuid() == 0 else os.environ.get("USER", "nobody")
    conf = Path(f"{folder}/nginx.conf")
    conf.write_text(NGINX.format(folder=folder, port=port, user=user, module=BROTLI))
    server = started(port, ["nginx", "-c", conf, "-e", f"{folder}/error.log"])
    return server.wait(next(iter(pages)))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(_NoRedirect)


def ask(base, path, body=None, headers=()):
    """(status, body, headers) as they come, compressed with brotli or not; status 0 where nobody answers."""
    named = dict([("Accept-Encoding", "br"), *headers])
    request = urllib.request.Request(base + path, data=body and body.encode(), headers=named)
    try:
        with OPENER.open(request, timeout=60) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read(), answer.headers
    except OSError:
        return 0, b"", {}


@dataclass(frozen=True)
class Act:
    """What one kind of client does: `asks` are addresses, each with a form to post or None; {n} in them is a number
    that is another one each time."""

    name: str
    asks: tuple[tuple[str, str | None], ...]
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200

    def is_answered(self, base, number):
        path, body = (part and part.replace("{n}", str(number)) for part in self.asks[0])
        status, said, _ = ask(base, path, body, self.headers)
        if status != self.status:
            sys.exit(f"{self.name}: {path} was answered with {status}, not {self.status}. {said[:200]!r}")

    @property
    def is_plain(self):
        return len(self.asks) == 1 and "{n}" not in str(self.asks) and self.asks[0][1] is None


@dataclass(frozen=True)
class Load:
    rate: float  # requests a second
    cost: float  # milliseconds of processor time for each
    tail: float  # milliseconds that 99 of 100 take at most

    def times(self, other):
        """How many times as many requests a second as with that one, by the clock and by the processor's time."""
        return self.rate / other.rate, other.cost / self.cost


@dataclass
class Loader:
    """Asks with wrk; every {n} it fills in is new."""

    folder: Path
    number: int = 1_000_000
    files: dict = field(default_factory=dict)

    def load(self, server, act, connections, seconds):
        self.number += 1_000_000
        act.is_answered(server.base, self.number)
        before = server.seconds()
        said = self._wrk(server, act, connections, seconds)
        used = server.seconds() - before
        if trouble := re.search(r"Non-2xx.*|Socket errors.*", said):
            sys.exit(f"{act.name}: {trouble[0]}")
        count = int(re.search(r"(\d+) requests in", said)[1])
        tail, unit = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", said).groups()
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
        return Load(rate, max(used, 0.01) * 1000 / max(count, 1), float(tail) * UNITS[unit])

    def _wrk(self, server, act, connections, seconds):
        named = [part for name, value in self._headers(act) for part in ("-H", f"{name}: {value}")]
        command = [
            "taskset",
            "-c",
            str(LOAD_CORE),
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds}",
            "--latency",
        ]
        command += ["--timeout", "20", *named]
        if act.is_plain:
            command.append(server.base + act.asks[0][0])
        else:
            command += ["-s", BENCH / "asks.lua", server.base, "--", self._file_of(act), str(self.number)]
        return subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=seconds + 60
        ).stdout

    def _headers(self, act):
        posts = act.asks[0][1] is not None
        form = [("Content-Type", "application/x-www-form-urlencoded")] if posts else []
        return [("Accept-Encoding", "br"), *form, *act.headers]

    def _file_of(self, act):
        """The lines that asks.lua reads."""
        if act not in self.files:
            self.files[act] = self.folder / f"asks-{len(self.files)}"
            lines = ("\t".join(part for part in ask if part is not None) for ask in act.asks)
            self.files[act].write_text("\n".join(lines) + "\n")
        return self.files[act]


def median(loads):
    return Load(*(statistics.median(column) for column in zip(*map(astuple, loads), strict=True)))
