"""A web server on this machine that serves one file, well or badly."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["Site", "serving"]


@dataclass
class Site:
    """What the server does.

    ``/file`` sends ``content``; ``/moved`` redirects there; anything else is not found.
    """

    content: bytes
    url: str = ""
    ranges: bool = True
    says_length: bool = True
    breaks_off_after: int | None = None
    holds_first_answer: bool = False
    """Whether the first to ask waits until another one has asked too, or for 2 s."""
    asked: list[str] = field(default_factory=list)
    """The range wanted by each request for ``/file``, ``""`` for all of it."""
    asked_twice: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve ``site`` under ``site.url`` for a while."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
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
            server.shutdown()
            thread.join()


def _answer(request: BaseHTTPRequestHandler, site: Site) -> None:
    if request.path == "/moved":
        request.send_response(302)
        request.send_header("Location", "/file")
        request.end_headers()
        return
    if request.path != "/file":
        request.send_error(404)
        return
    wanted = request.headers.get("Range", "") if site.ranges else ""
    site.asked.append(wanted)
    if len(site.asked) > 1:
        site.asked_twice.set()
    elif site.holds_first_answer:
        site.asked_twice.wait(2)
    match = re.fullmatch(r"bytes=(\d+)-", wanted)
    start = int(match[1]) if match else 0
    if start >= len(site.content) > 0 and match:
        request.send_error(416)
        return
    body = site.content[start:]
    request.send_response(206 if match else 200)
    if site.says_length:
        request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body[: site.breaks_off_after])
