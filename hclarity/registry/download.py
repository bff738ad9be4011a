"""Fetching one file over HTTP: resumed where it broke off, trusted only if its digest is right."""

import hashlib
import os
import shutil
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from filelock import FileLock

from hclarity import __version__
from hclarity.errors import CannotCreateError, StorageError, UnavailableError

__all__ = ["Progress", "fetch", "sha256_of"]

Progress = Callable[[int, int], None]

_TIMEOUT = 10  # s, to connect and between two pieces
_PIECE = 1 << 20


def sha256_of(path: Path) -> str:
    """Return the SHA-256 digest of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(url: str, path: Path, sha256: str, size: int, progress: Progress | None = None) -> None:
    """Fetch a file that must have a known digest, unless it is already there.

    What has come so far is kept in ``NAME.part``, so the next call continues. ``path`` itself
    exists only when all of it has come and is right. Of several processes that want the same file,
    one fetches and the others wait for it.

    Args:
        url: http or https; redirects are followed.
        path: where the file shall be; folders are made.
        sha256: the digest it must have.
        size: in bytes, which it must have.
        progress: called with the bytes that have come and ``size``.

    Raises:
        UnavailableError: without a connection (none is tried if ``HCLARITY_OFFLINE`` is set), when
            it breaks off, or when something else comes than what was wanted.
        CannotCreateError: when the file cannot be created there.
        StorageError: when the disk is full or fails.
    """
    if os.environ.get("HCLARITY_OFFLINE", "0") not in ("", "0"):
        raise UnavailableError(f"not fetching {url}: HCLARITY_OFFLINE is set")
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f"{path.name}.lock")):
            if path.is_file():  # another process was faster
                return
            _complete(url, part, size, progress)
            if sha256_of(part) != sha256:
                part.unlink()
                raise UnavailableError(f"{url} is not what it should be: its SHA-256 differs")
            part.replace(path)
    except OSError as error:
        raise CannotCreateError(f"cannot create {path}: {error.strerror or error}") from error


def _complete(url: str, part: Path, size: int, progress: Progress | None) -> None:
    """Fetch what ``part`` still lacks of ``size`` bytes."""
    have = part.stat().st_size if part.exists() else 0
    if have >= size:  # whether it is right, or too long, its digest will tell
        return
    free = shutil.disk_usage(part.parent).free
    if free < size - have:
        raise StorageError(f"{part.parent} has {free} bytes free, {size - have} are needed")
    with _opened(url, have) as response:
        if response.status != HTTPStatus.PARTIAL_CONTENT:  # the server sends it from the start
            have = 0
        if response.length is not None and have + response.length != size:
            raise UnavailableError(
                f"{url} has {have + response.length} bytes instead of {size}: not the wanted file"
            )
        with part.open("ab" if have else "wb") as file:
            _copy(response, file, url, size, progress)
    have = part.stat().st_size
    if have < size:
        raise UnavailableError(
            f"fetching {url} broke off after {have} of {size} bytes; run again to continue"
        )


def _opened(url: str, start: int) -> HTTPResponse:
    """Ask for the file from byte ``start`` on."""
    headers = {"User-Agent": f"hclarity/{__version__}"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        response: HTTPResponse = urlopen(Request(url, headers=headers), timeout=_TIMEOUT)
    except HTTPError as error:
        error.close()
        raise UnavailableError(f"cannot fetch {url}: {error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise UnavailableError(f"cannot fetch {url}: {_reason(error)}") from error
    return response


def _copy(
    response: HTTPResponse, file: BinaryIO, url: str, size: int, progress: Progress | None
) -> None:
    """Write all that comes, but never more than one piece beyond ``size``."""
    while file.tell() <= size:
        try:
            piece = response.read(_PIECE)
        except (OSError, HTTPException) as error:
            raise UnavailableError(
                f"fetching {url} broke off: {_reason(error)}; run again to continue"
            ) from error
        if not piece:
            return
        try:
            file.write(piece)
        except OSError as error:
            raise StorageError(f"cannot write {file.name}: {error.strerror}") from error
        if progress:
            progress(file.tell(), size)


def _reason(error: Exception) -> object:
    return getattr(error, "reason", None) or error
