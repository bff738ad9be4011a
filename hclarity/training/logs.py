"""What a run writes down of itself: metrics.csv, and TensorBoard's events."""

import csv
import io
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from hclarity.errors import StorageError
from hclarity.registry.whole_files import write_whole

__all__ = ["Curves", "write_table"]

Row = Mapping[str, float]


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """Write all rows of a run anew, so that a resumed one neither repeats nor loses any.

    Raises:
        CannotCreateError: when its folder may not be written to.
        StorageError: when the disk is full or fails.
    """
    text = io.StringIO()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    table.writerows({name: f"{value:.8g}" for name, value in row.items()} for row in rows)
    write_whole(path, text.getvalue().encode())


class Curves:
    """TensorBoard's events of a run.

    Args:
        folder: theirs.
        step: at which the run goes on; what was written of later ones before is hidden.
    """

    def __init__(self, folder: Path, step: int) -> None:
        self._folder, self._step = folder, step
        self._writer: SummaryWriter | None = None  # it has a thread: not before there is a point
        self._others_fail = threading.excepthook

    def add(self, step: int, values: Row) -> None:
        """Draw points; raises `StorageError` when the disk is full or fails."""
        with self._failing():
            if self._writer is None:
                threading.excepthook = self._thread_fails
                self._writer = SummaryWriter(str(self._folder), purge_step=self._step + 1)
            for name, value in values.items():
                self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Write what is left to be written; raises what `add` does."""
        if self._writer:
            with self._failing():
                self._writer.close()
            threading.excepthook = self._others_fail

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = f"{self._folder} cannot be written: {error.strerror}"
            raise StorageError(reason) from error

    def _thread_fails(self, failure: threading.ExceptHookArgs) -> None:
        """Print no trace of what the writer's thread met, for it will be told by `add`."""
        if not isinstance(failure.exc_value, OSError):
            self._others_fail(failure)
