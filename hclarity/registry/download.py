"""Fetching one file over HTTP: resumed where it broke off, trusted only if its digest is right."""

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO, BinaryIO
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from filelock import FileLock

from hclarity import __version__
from hclarity.errors import (
    CannotCreateError,
    MissingInputError,
    StorageError,
    UnavailableError,
)

__all__ = ["NoConnectionError", "Progress", "WrongDigestError", "fetch", "sha256_of"]

Progress = Callable[[int, int | None], None]
"""Called with the bytes that have come, and how many there are; None while nobody knows."""

_TIMEOUT = 10.0  # s, to connect and between two pieces
_PIECE = 1 << 20


class NoConnectionError(UnavailableError):
    """There is no connection, or none that lasts."""


class WrongDigestError(UnavailableError):
    """All of a file has come, but it is not the wanted one."""


def sha256_of(path: Path) -> str:
    """Return the SHA-256 digest of a file, in hexadecimal.

    Raises:
        MissingInputError: when the file is not there or may not be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MissingInputError(f"cannot read {path}: {error.strerror}") from error


def fetch(
    url: str,
    path: Path,
    sha256: str | None,
    size: int | None,
    progress: Progress | None = None,
    *,
    timeout: float = _TIMEOUT,
) -> None:
    """Fetch a file, unless it is already there.

    What has come so far is kept in ``NAME.part``, so the next call continues. ``path`` itself
    exists only when all of it has come and is right. Of several processes that want the same file,
    one fetches and the others wait for it.

    Args:
        url: http or https; redirects are followed, but not from https to http.
        path: where the file shall be; folders are made.
        sha256: the digest it must have; None where nobody knows it.
        size: in bytes, which it must have; None for as many as the server says.
        progress: called once before the first byte comes, then with every piece.
        timeout: in seconds, to connect and between two pieces.

    Raises:
        UnavailableError: when the server does not give it, or something else than what was wanted.
        WrongDigestError: when that can only be told by its digest.
        NoConnectionError: without a connection (none is tried if ``HCLARITY_OFFLINE`` is set), or
            when it breaks off.
        CannotCreateError: when the file cannot be created there.
        StorageError: when the disk is full or fails.
    """
    if os.environ.get("HCLARITY_OFFLINE", "0") not in ("", "0"):
        raise NoConnectionError(f"not fetching {url}: HCLARITY_OFFLINE is set")
    part = _Part(path.with_name(f"{path.name}.part"))
    source = _Source(url, sha256, size, progress or (lambda *_: None), timeout)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f"{path.name}.lock")):
            if path.is_file():  # another process was faster
                return
            source.fetch_into(part)
            part.path.replace(path)
            part.version_path.unlink(missing_ok=True)
    except OSError as error:
        raise CannotCreateError(f"cannot create {path}: {error.strerror or error}") from error


@dataclass(frozen=True)
class _Part:
    """What has come of a file so far, and of which version of it."""

    path: Path

    @property
    def version_path(self) -> Path:
        return self.path.with_name(f"{self.path.name}.version")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def version(self) -> str:
        path = self.version_path
        return path.read_text(encoding="latin-1") if path.exists() else ""

    def set_version(self, version: str) -> None:
        self.version_path.write_text(version, encoding="latin-1")

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)
        self.version_path.unlink(missing_ok=True)


@dataclass(frozen=True)
class _Source:
    """Where a file comes from, and what is known of it."""

    url: str
    sha256: str | None
    size: int | None
    progress: Progress
    timeout: float

    def fetch_into(self, part: _Part) -> None:
        """Complete a part, which then has the digest that is wanted."""
        while True:
            resumed = part.size > 0
            self._complete(part)
            if self.sha256 in (None, sha256_of(part.path)):
                return
            part.drop()
            if not resumed:  # else the fault may lie in what was there before
                raise WrongDigestError(f"{self.url} is not what it should be: its SHA-256 differs")

    def _complete(self, part: _Part) -> None:
        """Fetch what a part still lacks."""
        if self.sha256 and self.size is not None and part.size >= self.size:
            return  # whether it is right, or too long, its digest will tell
        with self._opened(part) as response:
            begin, total = _span(response, part.size)
            self._refuse_wrong_size(total)
            expected = self._expected(response, total)
            self._refuse_full_disk(part, begin, expected)
            with part.path.open("ab" if begin else "wb") as file:
                if begin == 0:  # after the old bytes are gone, which were of another version
                    part.set_version(_version(response))
                self.progress(begin, expected)
                self._copy(response, file, expected)
        if expected is not None and part.size < expected:
            raise NoConnectionError(
                f"fetching {self.url} broke off after {part.size} of {expected} bytes"
            )
        if expected is not None and part.size > expected:
            part.drop()
            raise UnavailableError(
                f"{self.url} has more than {expected} bytes: not the wanted file"
            )

    def _opened(self, part: _Part) -> HTTPResponse:
        """Ask for what a part lacks, or for all where the part is not of this file."""
        headers = {"User-Agent": f"hclarity/{__version__}", "Accept-Encoding": "identity"}
        have, version = part.size, part.version
        if have and (version or self.sha256):  # without either, nothing would tell a wrong part
            headers["Range"] = f"bytes={have}-"
            if version:
                headers["If-Range"] = version
        request = Request(self.url, headers=headers)
        try:
            response: HTTPResponse = build_opener(_Redirects).open(request, timeout=self.timeout)
        except HTTPError as error:
            error.close()
            if "Range" in headers and error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return self._opened_anew(part)
            reason = f"{error.code} {_one_line(error.reason)}"
            raise UnavailableError(f"cannot fetch {self.url}: {reason}") from error
        except (OSError, HTTPException, ValueError) as error:
            reason = _one_line(getattr(error, "reason", None) or error)
            raise NoConnectionError(f"cannot fetch {self.url}: {reason}") from error
        if response.status == HTTPStatus.PARTIAL_CONTENT and self._is_other(response, version):
            response.close()
            return self._opened_anew(part)
        return response

    def _opened_anew(self, part: _Part) -> HTTPResponse:
        """Ask for all, as what has come is of no use."""
        part.drop()
        return self._opened(part)

    def _is_other(self, response: HTTPResponse, version: str) -> bool:
        """Whether a range is of another version, as servers send that do not know If-Range."""
        said = _version(response)
        if self.sha256 and not said:  # the digest will tell
            return False
        return bool(version) and said != version

    def _refuse_wrong_size(self, total: int | None) -> None:
        if None not in (total, self.size) and total != self.size:
            raise UnavailableError(
                f"{self.url} has {total} bytes instead of {self.size}: not the wanted file"
            )

    def _expected(self, response: HTTPResponse, total: int | None) -> int | None:
        """How long the file is; None where its digest or its encoding will tell its end."""
        expected = total if self.size is None else self.size
        if expected is None and self.sha256 is None and not response.chunked:
            raise UnavailableError(
                f"cannot fetch {self.url}: the server does not say how long it is, and without"
                " a checksum nothing would tell whether all of it has come"
            )
        return expected

    def _refuse_full_disk(self, part: _Part, begin: int, expected: int | None) -> None:
        folder = part.path.parent
        free, needed = shutil.disk_usage(folder).free, (expected or 0) - begin
        if free < needed:
            raise StorageError(f"{folder} has {free} bytes free, {needed} are needed")

    def _copy(self, response: HTTPResponse, file: BinaryIO, expected: int | None) -> None:
        """Write all that comes, but never more than one piece beyond what is expected."""
        while expected is None or file.tell() <= expected:
            try:
                piece = response.read1(_PIECE)
            except (OSError, HTTPException) as error:
                raise NoConnectionError(f"fetching {self.url} broke off: {error}") from error
            if not piece:
                return
            try:
                file.write(piece)
                file.flush()
            except OSError as error:
                raise StorageError(f"cannot write {file.name}: {error.strerror}") from error
            self.progress(file.tell(), expected)


class _Redirects(HTTPRedirectHandler):
    """Follows redirects over HTTP, but not out of a connection that nobody can tamper with."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> Request | None:
        allowed = ("https:",) if req.type == "https" else ("https:", "http:")
        if not newurl.lower().startswith(allowed):
            fp.close()
            wrong = "not encrypted" if req.type == "https" else "neither http nor https"
            raise UnavailableError(
                f"cannot fetch {req.full_url}: it leads to {newurl}, which is {wrong}"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def _one_line(reason: object) -> str:
    return " ".join(str(reason).split())


def _span(response: HTTPResponse, have: int) -> tuple[int, int | None]:
    """Where what comes begins in the file, and how long the file is, if the server says so."""
    if response.status != HTTPStatus.PARTIAL_CONTENT:  # it comes from the start
        return 0, response.length
    said = response.headers.get("Content-Range", "")
    span = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", said)
    if span is None or int(span[1]) != have:
        raise UnavailableError(
            f"cannot fetch {response.url}: asked for the bytes from {have} on, got {said!r}"
        )
    return have, None if span[2] == "*" else int(span[2])


def _version(response: HTTPResponse) -> str:
    """What tells this version of a file from another; only a strong ETag tells every byte."""
    tag = response.headers.get("ETag", "")
    return tag if tag.startswith('"') else response.headers.get("Last-Modified", "")
