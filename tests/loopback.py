"""A web server on this machine that serves one file, well or badly."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["Site", "serving"]


@dataclass
class Site:
    """What the server does.

    ``/file`` sends ``content``. ``/moved`` redirects there, ``/plain`` too but by a full http
    address, ``/circle`` to itself, ``/elsewhere`` to FTP. ``/broken`` is an error of the server;
    all else is not found.
    """

    content: bytes
    url: str = ""
    version: str = ""
    """The ETag; a range is sent only of the version that the request wants."""
    heeds_version: bool = True
    """Otherwise a range is sent of whatever version there is."""
    ranges: bool = True
    says_length: bool = True
    chunked: bool = False
    breaks_off_after: int | None = None
    stalls_after: int | None = None
    """How many bytes come before nothing more does, until the server ends."""
    begins_wrong: bool = False
    """Whether a range begins a byte late."""
    holds_first_answer: bool = False
    """Whether the first to ask waits until another one has asked too, or for 2 s."""
    asked: list[str] = field(default_factory=list)
    """The range wanted by each request for ``/file``, ``""`` for all of it."""
    asked_twice: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    def at(self, path: str) -> str:
        """The address of another path than ``/file``."""
        return self.url.replace("/file", path)


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve ``site`` under ``site.url`` for a while."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.close_connection = True
            _answer(self, site)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site.url = f"http://127.0.0.1:{server.server_port}/file"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield site
        finally:
            site.closing.set()
            server.shutdown()
            thread.join()


def _answer(request: BaseHTTPRequestHandler, site: Site) -> None:
    leads = {"/moved": "/file", "/plain": site.url, "/circle": "/circle"}
    leads["/elsewhere"] = site.url.replace("http:", "ftp:")
    if request.path in leads:
        request.send_response(302)
        request.send_header("Location", leads[request.path])
        request.send_header("Content-Length", "0")
        request.end_headers()
    elif request.path == "/file":
        _answer_for_file(request, site)
    else:
        request.send_error(500 if request.path == "/broken" else 404)


def _answer_for_file(request: BaseHTTPRequestHandler, site: Site) -> None:
    asked_for = request.headers.get("If-Range", site.version)
    same = asked_for == site.version or not site.heeds_version
    wanted = request.headers.get("Range", "")
    site.asked.append(wanted)
    if len(site.asked) > 1:
        site.asked_twice.set()
    elif site.holds_first_answer:
        site.asked_twice.wait(2)
    match = re.fullmatch(r"bytes=(\d+)-", wanted) if site.ranges and same else None
    start = int(match[1]) + site.begins_wrong if match else 0
    if match and start >= len(site.content):
        request.send_error(416)
        return
    body = site.content[start:]
    request.send_response(206 if match else 200)
    if match:
        last = len(site.content) - 1
        request.send_header("Content-Range", f"bytes {start}-{last}/{last + 1}")
    if site.version:
        request.send_header("ETag", site.version)
    if site.chunked:
        request.send_header("Transfer-Encoding", "chunked")
    elif site.says_length:
        request.send_header("Content-Length", str(len(body)))
    else:
        request.send_header("Connection", "close")
    request.end_headers()
    _send(request, site, body)


def _send(request: BaseHTTPRequestHandler, site: Site, body: bytes) -> None:
    framed = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if site.chunked else body
    with suppress(ConnectionError):  # whoever asked may have had enough
        request.wfile.write(framed[: site.breaks_off_after][: site.stalls_after])
    if site.stalls_after is not None:
        site.closing.wait()
