"""What long work has come to so far, kept so that no kill, crash or full disk loses it.

A journal is a file of JSON Lines, which is only ever appended to. Each line is one finished piece
of work::

    {"key": "5f3c…", "when": "2026-01-31T12:00:00+00:00", "of": {…}, "result": …}

``of`` is all that the result depends on, and ``key`` its digest: work on other data, with other
settings or by another version has another key, so nothing stale is ever found. A line is on the
disk before the next is begun. What a kill left of the last one is dropped when the next is added,
and a line that no longer reads is passed over: that piece is done again, nothing else. Of work that
was done twice, the later result counts. Several programs may add to one journal: a lock is held
while a line is written, and no longer.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from io import FileIO
from os import SEEK_END, fsync
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

from filelock import FileLock

from hclarity.errors import CannotCreateError, StorageError

__all__ = ["Journal"]

_PIECE = 1 << 16  # bytes
_LONGEST_LINE = 64_000_000  # bytes; a longer one was not written here, and its pieces do not read


class Journal:
    """A file of finished work; open while the block runs.

    Args:
        path: of the file, which is made where there is none; its folder is there.

    Raises:
        CannotCreateError: on entering, when the file cannot be opened for writing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = FileLock(path.with_name(f".{path.name}.lock"))
        self._results: dict[str, Any] = {}
        self._file: FileIO | None = None
        self._read_to = 0

    def __enter__(self) -> Self:
        try:
            self._file = self.path.open("a+b", buffering=0)
            self.catch_up()
        except OSError as error:
            self._close()
            raise CannotCreateError(f"cannot write {self.path}: {error.strerror}") from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def __contains__(self, of: Mapping[str, object]) -> bool:
        """Whether a piece of work is done."""
        return _key(of) in self._results

    def __getitem__(self, of: Mapping[str, object]) -> Any:
        """The result of a piece of work, as it was added or, of another run, as JSON has it."""
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
        self._append(_encoded(line))
        self._results[key] = result

    def catch_up(self) -> None:
        """Read what other programs have added meanwhile."""
        read = self._read_to
        with self.path.open("rb") as file:
            file.seek(read)
            while line := file.readline(_LONGEST_LINE):
                read += len(line)
                if line.endswith(b"\n"):
                    self._read_to = read
                    self._read(line)

    @property
    def _opened(self) -> FileIO:
        if self._file is None:
            raise ValueError("the journal is not open")
        return self._file

    def _append(self, line: bytes) -> None:
        file = self._opened
        try:
            with self._lock:
                end = self._end_of_whole_lines()
                try:
                    written = file.write(line)
                    fsync(file.fileno())
                except OSError:
                    with suppress(OSError):  # else the next one who adds does it
                        file.truncate(end)
                    raise
        except OSError as error:
            raise StorageError(f"cannot write {self.path}: {error.strerror}") from error
        if written < len(line):
            raise StorageError(f"cannot write {self.path}: the disk is full")

    def _end_of_whole_lines(self) -> int:
        """Drop what somebody who was killed has left of a line; return the file's length."""
        file = self._opened
        end = whole = file.seek(0, SEEK_END)
        while whole:
            begin = max(0, whole - _PIECE)
            file.seek(begin)
            place = file.read(whole - begin).rfind(b"\n")
            if place >= 0:
                whole = begin + place + 1
                break
            whole = begin
        if whole < end:
            file.truncate(whole)
        return whole

    def _read(self, line: bytes) -> None:
        try:
            entry = json.loads(line, parse_constant=_refuse_constant)
            self._results[str(entry["key"])] = entry["result"]
        except (ValueError, LookupError, TypeError, RecursionError):
            pass  # a damaged line: its work will be done again

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number that JSON allows")


def _key(of: Mapping[str, object]) -> str:
    text = json.dumps(of, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return sha256(_encoded(text)).hexdigest()


def _encoded(text: str) -> bytes:
    """Text in UTF-8, as `json.loads` reads it, though the name of a file may be no Unicode."""
    return text.encode(errors="surrogatepass")
