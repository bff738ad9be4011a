"""The commands that faults strike, each with something to do that takes a second or so."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from cli_program import Ended, music, write_song
from forked import Forked, Trouble, fork, untroubled
from musdb_songs import write_set
from registry_cards import write_official
from safetensors.torch import load
from training_songs import write_recipe, write_songs

from hclarity.registry.cards import read_card

__all__ = ["CONTENT", "EVERY", "Command", "Part"]

CONTENT = b"PK\x03\x04" + bytes(range(252)) * 4000
"""What `models pull` fetches: begins as an archive of torch."""


Part = dict[str, object]
"""The files of a folder, with their digests."""


@dataclass(frozen=True)
class Command:
    """A command at work in a folder of its own.

    Args:
        name: as the table has it.
        words: to type; the same again does what is missing.
        prepare: makes what it works on, in a folder; given the address of `CONTENT`, too.
        results: what came of it, to be compared; refuses what is torn.
        outputs: the folder that it is written to last.
        only_one: words that leave one song of all.
    """

    name: str
    words: tuple[str, ...]
    prepare: Callable[[Path, str], object]
    results: Callable[[Path], Mapping[str, object]]
    outputs: str
    only_one: tuple[str, ...] = ()

    @property
    def alone(self) -> "Command":
        """The same of one song."""
        words = tuple(word for word in self.words if word != "song1.flac")
        return replace(self, words=(*words, *self.only_one))

    def begin(self, folder: Path, trouble: Trouble = untroubled, *more: object) -> Forked:
        """Begin it, with a fault or without."""
        return fork(*self.words, *more, folder=folder, trouble=trouble, environment=_places(folder))

    def run(self, folder: Path, trouble: Trouble = untroubled, *more: object) -> Ended:
        """Run it to its end."""
        return self.begin(folder, trouble, *more).ended()

    def parts(self, folder: Path) -> dict[str, Part]:
        """What came of it: each of its folders, whose files belong together."""
        found = self.results(folder)
        return {
            top: {name: of for name, of in found.items() if name.startswith(top)}
            for top in {name.split("/")[0] for name in found}
        }

    def left_over(self, folder: Path) -> list[str]:
        """Files that no run can go on with, and those that say who is at work."""
        paths = folder.rglob("*")
        return [str(path) for path in paths if path.match(".*.part") or path.suffix == ".lease"]


def _places(folder: Path) -> dict[str, str]:
    """Where models are, if the command works on any but the usual."""
    own = (folder / "models").exists()
    return {"HCLARITY_MODELS": "models", "HCLARITY_OFFLINE": "0"} if own else {}


def _digests(folder: Path, top: str) -> dict[str, object]:
    """What is under final names."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((folder / top).rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def _two_songs(folder: Path, _: str) -> None:
    for seed in range(2):
        write_song(folder / f"song{seed}.flac", music(1.5, seed=seed))


def _separated(folder: Path) -> dict[str, object]:
    return _digests(folder, "separated")


def _remixed(folder: Path) -> dict[str, object]:
    return {**_separated(folder), **_digests(folder, "remixed")}


def _evaluated(folder: Path) -> dict[str, object]:
    """The scores in the journal; only its last line may be torn."""
    journal = folder / "scores" / "journal.jsonl"
    lines = journal.read_text().split("\n")[:-1] if journal.exists() else []
    entries = [json.loads(line) for line in lines]
    return {entry["key"]: entry["result"] for entry in entries if "file" not in entry["of"]}


def _trainable(folder: Path, _: str) -> None:
    songs = folder / "songs"
    write_songs(songs)
    write_songs(songs, "valid", songs=1)
    write_recipe(songs)


def _trained(folder: Path) -> dict[str, object]:
    """Weights, averages and optimiser of the last checkpoint; and the model."""
    run = folder / "run"
    found: dict[str, object] = {}
    if (run / "checkpoint.pt").exists():
        learner = torch.load(run / "checkpoint.pt")["learner"]
        found |= {f"checkpoint {key}": of for key, of in _tensors(learner)}
    if (run / "weights.safetensors").exists():
        content = (run / "weights.safetensors").read_bytes()
        load(content)
        found["weights"] = hashlib.sha256(content).hexdigest()
    if (run / "card.toml").exists():
        found["card"] = str(read_card(run / "card.toml").stems)
    if (run / "metrics.csv").exists():
        rows = (run / "metrics.csv").read_text().splitlines()
        found["losses"] = [row.split(",")[2] for row in rows]
    return found


def _tensors(state: Any, name: str = "") -> list[tuple[str, object]]:
    if isinstance(state, dict):
        return [each for key, of in state.items() for each in _tensors(of, f"{name}/{key}")]
    if isinstance(state, torch.Tensor):
        return [(name, hashlib.sha256(_bytes(state)).hexdigest())]
    return []


def _bytes(tensor: torch.Tensor) -> bytes:
    content = BytesIO()
    torch.save(tensor.detach().clone(), content)
    return content.getvalue()


def _far_model(folder: Path, url: str) -> None:
    digest = hashlib.sha256(CONTENT).hexdigest()
    known = f"sha256 = '{digest}'\nbytes = {len(CONTENT)}"
    write_official(folder / "models" / "far", f"url = '{url}'", known)


def _pulled(folder: Path) -> dict[str, object]:
    found = (folder / "models").rglob("*far.pt")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


EVERY = {
    command.name: command
    for command in (
        Command(
            "separate",
            ("separate", "-m", "tiny", "-q", "song0.flac", "song1.flac"),
            _two_songs,
            _separated,
            "separated",
        ),
        Command(
            "remix",
            ("remix", "-m", "tiny", "--audiogram", "N3", "-q", "song0.flac", "song1.flac"),
            _two_songs,
            _remixed,
            "remixed",
        ),
        Command(
            "eval",
            (
                *("eval", "--dataset", "musdb", "--root", "set", "-m", "tiny", "-q"),
                *("--metrics", "usdr,csdr,sisdr", "-o", "scores", "--json"),
            ),
            lambda folder, _: write_set(folder / "set"),
            _evaluated,
            "scores",
            ("--limit", "1"),
        ),
        Command(
            "train",
            (
                *("train", "songs/tiny.toml", "--root", "songs", "-o", "run", "--workers", "0"),
                *("-q", "--resume"),
            ),
            _trainable,
            _trained,
            "run",
        ),
        Command("models pull", ("models", "pull", "far", "-q"), _far_model, _pulled, "models"),
    )
}
"""By name."""
