"""A run's folder: what it was asked to do, where it stands, and the model that came of it."""

import json
from dataclasses import dataclass
from pathlib import Path

from hclarity.errors import BadDataError, CannotCreateError, ConfigurationError
from hclarity.registry.cards import CARD_FILE, require_safe_name
from hclarity.registry.whole_files import clear_unfinished, make_folder, write_whole
from hclarity.training.recipe import Recipe, differences, read_recipe, recipe_text
from hclarity.training.songs import Songs

__all__ = ["RunFolder"]

# Another net or other songs make another run; these help one that went astray, or prolong it.
_MAY_CHANGE = (
    "optimiser.learning_rate ",
    "optimiser.clip ",
    "run.precision ",
    "run.steps ",
)


@dataclass(frozen=True)
class RunFolder:
    """Where a run keeps its files. It is the model's folder too, which so has the run's name."""

    path: Path

    @property
    def metrics(self) -> Path:
        """A table with a line for each validation."""
        return self.path / "metrics.csv"

    @property
    def tensorboard(self) -> Path:
        """The folder of TensorBoard's events."""
        return self.path / "tensorboard"

    @property
    def checkpoint(self) -> Path:
        """What lets the run go on."""
        return self.path / "checkpoint.pt"

    @property
    def activity(self) -> Path:
        """Where in the songs their stems are heard, if the recipe asks for it."""
        return self.path / "activity.json"

    @property
    def _recipe(self) -> Path:
        return self.path / "recipe.toml"

    @property
    def _data(self) -> Path:
        return self.path / "data.json"

    def require_free(self, resume: bool, recipe: Recipe, songs: Songs) -> list[str]:
        """Refuse to replace a run or a model, or to go on with another run than it is.

        A run may be prolonged, and led away from numbers that are none: steps, learning rate, clip
        and precision may differ. One without a checkpoint begins again, with any recipe and songs.

        Returns:
            What differs from the recipe that it goes on with, as `differences` tells it.

        Raises:
            CannotCreateError: when there is a run and it shall not be resumed, a model, or a file.
            ConfigurationError: when it was begun with another recipe or other songs, or its name is
                none for a model.
            BadDataError: when what it keeps is damaged.
        """
        require_safe_name("the run's folder", self.path.resolve().name)
        if self.path.exists() and not self.path.is_dir():
            raise CannotCreateError(f"{self.path} is a file; choose another --out")
        if not self._begun:
            self._require_no_model()
            return []
        if not resume:
            raise CannotCreateError(
                f"{self.path} holds a run already: --resume goes on with it, or choose another"
                " --out"
            )
        if not self.checkpoint.exists():
            return []
        changed = differences(recipe, read_recipe(self._recipe))
        if unlike := [each for each in changed if not each.startswith(_MAY_CHANGE)]:
            raise ConfigurationError(
                f"{self.path} was begun with another recipe: {'; '.join(unlike)}; choose another"
                " --out"
            )
        self._require_same(songs)
        return changed

    @property
    def _begun(self) -> bool:
        """Whether there is a run: models that come with the program have recipes, but no data."""
        return self._recipe.exists() and self._data.exists()

    def _require_no_model(self) -> None:
        for path in (self.path / CARD_FILE, self._recipe):
            if path.exists():
                raise CannotCreateError(f"{path} is of no run; choose another --out")

    def _require_same(self, songs: Songs) -> None:
        try:
            begun = dict(json.loads(self._data.read_text(encoding="utf-8")))
        except (OSError, TypeError, ValueError) as error:
            raise BadDataError(f"{self._data} is damaged; remove it to go on") from error
        for split, now in songs.document().items():
            if begun.get(split) != now:
                raise ConfigurationError(
                    f"{self.path} was begun with other songs to {split}: {self._data} lists them;"
                    " choose another --out"
                )

    def begin(self, recipe: Recipe, songs: Songs) -> None:
        """Write what the run shall do, and take away what a killed session has left.

        Raises:
            CannotCreateError: when the folder cannot be made or written to.
            StorageError: when the disk is full or fails.
        """
        make_folder(self.path)
        clear_unfinished(self.path)
        text = json.dumps(songs.document(), indent=2, ensure_ascii=False) + "\n"
        write_whole(self._data, text.encode())
        write_whole(self._recipe, recipe_text(recipe).encode())
