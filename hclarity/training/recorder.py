"""What a run writes: its checkpoint, its model, its table and its curves; by one process only."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from hclarity.registry.cards import Contract
from hclarity.training.checkpoints import save_tensors
from hclarity.training.logs import Curves, Row, write_table
from hclarity.training.model_folder import write_model
from hclarity.training.recipe import Recipe
from hclarity.training.run_folder import RunFolder
from hclarity.training.songs import Songs
from hclarity.training.standing import Standing

__all__ = ["Recorder"]


class Recorder:
    """Writes what a run keeps, what it was asked to do first.

    Args:
        folder: of the run.
        recipe: of the run.
        songs: of the run.
        contract: how the net wants to be spoken to.
        step: at which the run begins or goes on.
        first: whether this is the process that writes.
    """

    def __init__(
        self,
        folder: RunFolder,
        recipe: Recipe,
        songs: Songs,
        contract: Contract,
        *,
        step: int,
        first: bool,
    ) -> None:
        self._first = first
        self._folder, self._recipe, self._songs = folder, recipe, songs
        self._contract = contract
        if first:
            folder.begin(recipe, songs)
        self._curves = Curves(folder.tensorboard, step) if first else None

    def draw(self, step: int, values: Row) -> None:
        """Add points to the curves."""
        if self._curves:
            self._curves.add(step, values)

    def table(self, standing: Standing) -> None:
        """Write the table of all validations, and add the last to the curves."""
        if not self._first:
            return
        write_table(self._folder.metrics, standing.rows)
        last = standing.rows[-1]
        self.draw(standing.step, {f"validation/{name}": last[name] for name in last})

    def model(self, weights: Mapping[str, Tensor], scores: Mapping[str, float]) -> None:
        """Write the model."""
        if not self._first:
            return
        songs = self._songs
        write_model(
            self._folder.path,
            weights,
            self._recipe,
            self._contract,
            trained_on=(songs.in_words,),
            seen=songs.seen,
            scores={f"validation_usdr_{stem}": round(score, 3) for stem, score in scores.items()},
        )

    def checkpoint(self, state: Mapping[str, Any]) -> None:
        """Write what lets the run go on."""
        if self._first:
            save_tensors(self._folder.checkpoint, dict(state))

    def bad_items(self, step: int, items: object, rank: int) -> str:
        """Keep the items of a step that went wrong, whichever process had them; return where."""
        path = self._folder.path / f"bad-batch-{step}{f'-process-{rank}' if rank else ''}.pt"
        save_tensors(path, items)
        return str(path)

    def close(self) -> None:
        """Write what is left to be written."""
        if self._curves:
            self._curves.close()
