"""A run's folder: what it was asked to do, where it stands, and what came of it."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

from hclarity.errors import BadDataError, CannotCreateError, ConfigurationError
from hclarity.registry.whole_files import make_folder, write_whole
from hclarity.training.recipe import Recipe, differences, read_recipe, recipe_text
from hclarity.training.songs import Songs

__all__ = ["RunFolder"]


@dataclass(frozen=True)
class RunFolder:
    """Where a run keeps its files."""

    path: Path

    @property
    def model(self) -> Path:
        """The folder of the trained model."""
        return self.path / "model"

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

    def require_free(self, resume: bool, recipe: Recipe, songs: Songs) -> None:
        """Refuse to replace a run, or to go on with another than it is.

        A run may be prolonged: ``run.steps`` may differ.

        Raises:
            CannotCreateError: when there is a run and it shall not be resumed, or a file.
            ConfigurationError: when it was begun with another recipe or other songs.
            BadDataError: when what it keeps is damaged.
        """
        if self.path.exists() and not self.path.is_dir():
            raise CannotCreateError(f"{self.path} is a file; choose another --out")
        if not self._recipe.exists():
            return
        if not resume:
            raise CannotCreateError(
                f"{self.path} holds a run already: --resume goes on with it, or choose another"
                " --out"
            )
        begun = read_recipe(self._recipe)
        begun = replace(begun, run=replace(begun.run, steps=recipe.run.steps))
        if unlike := differences(recipe, begun):
            raise ConfigurationError(
                f"{self.path} was begun with another recipe: {'; '.join(unlike)}; choose another"
                " --out"
            )
        self._require_same(songs)

    def _require_same(self, songs: Songs) -> None:
        if not self._data.exists():
            return
        try:
            begun = json.loads(self._data.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadDataError(f"{self._data} is damaged; remove it to go on") from error
        for split, now in songs.document().items():
            if begun.get(split) != now:
                raise ConfigurationError(
                    f"{self.path} was begun with other songs to {split}: {self._data} lists them;"
                    " choose another --out"
                )

    def begin(self, recipe: Recipe, songs: Songs) -> None:
        """Write what the run shall do.

        Raises:
            CannotCreateError: when the folder cannot be made or written to.
            StorageError: when the disk is full or fails.
        """
        make_folder(self.path)
        text = json.dumps(songs.document(), indent=2, ensure_ascii=False) + "\n"
        write_whole(self._data, text.encode())
        write_whole(self._recipe, recipe_text(recipe).encode())
