"""What a run writes down of itself: metrics.csv, and TensorBoard's events."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

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

    def add(self, step: int, values: Row) -> None:
        """Draw points."""
        self._writer = self._writer or SummaryWriter(str(self._folder), purge_step=self._step + 1)
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Write what is left to be written."""
        if self._writer:
            self._writer.close()
