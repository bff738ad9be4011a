"""What long work has come to so far, kept so that no kill, crash or full disk loses it.

A journal is a file of JSON Lines, which is only ever appended to. Each line is one finished piece
of work::

    {"key": "5f3c…", "when": "2026-01-31T12:00:00+00:00", "of": {…}, "result": …}

``of`` is all that the result depends on, and ``key`` its digest: work on other data, with other
settings or by another version has another key, so nothing stale is ever found. A line is on the
disk before the next is begun. What a kill left of the last one is dropped when the journal is next
opened, and a line that no longer reads is passed over: that piece is done again, nothing else. Of
work that was done twice, the later result counts.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from io import FileIO
from os import fsync
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from hclarity.errors import CannotCreateError, StorageError

__all__ = ["Journal"]


class Journal:
    """A file of finished work; open while the block runs, and for one program at a time.

    Args:
        path: of the file, which is made where there is none; its folder is there.

    Raises:
        CannotCreateError: on entering, when the file cannot be opened for writing, or another
            program has it open.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path.with_name(f".{path.name}.lock"))
        self._results: dict[str, Any] = {}
        self._file: FileIO | None = None

    def __enter__(self) -> Self:
        try:
            self._lock.acquire(blocking=False)
            self._file = self._opened()
        except Timeout:
            raise CannotCreateError(
                f"{self.path} is being written by another run; wait for it, or choose another --out"
            ) from None
        except OSError as error:
            self._lock.release()
            raise CannotCreateError(f"cannot write {self.path}: {error.strerror}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._lock.release()

    def __contains__(self, of: Mapping[str, object]) -> bool:
        """Whether a piece of work is done."""
        return _key(of) in self._results

    def __getitem__(self, of: Mapping[str, object]) -> Any:
        """The result of a piece of work, as it was added or, of a former run, as JSON has it."""
        return self._results[_key(of)]

    def add(self, of: Mapping[str, object], result: Any) -> None:
        """Keep the result of a piece of work: when this returns, it is on the disk.

        Args:
            of: all that it depends on, as JSON can hold it.
            result: likewise; never NaN or infinite.

        Raises:
            StorageError: when it cannot be written; what was there before is kept.
        """
        key, when = _key(of), datetime.now(UTC).isoformat(timespec="seconds")
        entry = {"key": key, "when": when, "of": of, "result": result}
        line = json.dumps(entry, ensure_ascii=False, allow_nan=False) + "\n"
        self._write(_encoded(line))
        self._results[key] = result

    def _write(self, line: bytes) -> None:
        if self._file is None:
            raise ValueError("the journal is not open")
        try:
            written = self._file.write(line)
            fsync(self._file.fileno())
        except OSError as error:
            raise StorageError(f"cannot write {self.path}: {error.strerror}") from error
        if written < len(line):
            raise StorageError(f"cannot write {self.path}: the disk is full")

    def _opened(self) -> FileIO:
        """Read all whole lines, and open the file where they end."""
        whole = 0
        with self.path.open("a+b") as file:
            file.seek(0)
            for line in file:
                if line.endswith(b"\n"):
                    whole += len(line)
                    self._read(line)
            file.truncate(whole)
        return self.path.open("ab", buffering=0)

    def _read(self, line: bytes) -> None:
        try:
            entry = json.loads(line)
            self._results[str(entry["key"])] = entry["result"]
        except (ValueError, LookupError, TypeError, RecursionError):
            pass  # a damaged line: its work will be done again


def _key(of: Mapping[str, object]) -> str:
    text = json.dumps(of, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return sha256(_encoded(text)).hexdigest()


def _encoded(text: str) -> bytes:
    """Text in UTF-8, as `json.loads` reads it, though the name of a file may be no Unicode."""
    return text.encode(errors="surrogatepass")
