from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from stem_folders import noise, write_folder
from tiny_model import STEMS, make_tiny_model

from hclarity.audio.values import Audio
from hclarity.datasets.folders import find_tracks
from hclarity.evaluation.models import JoinedRow, ModelRow, has_seen
from hclarity.evaluation.songs import Song
from hclarity.registry.cards import read_card
from hclarity.registry.nets import load_net
from hclarity.registry.weights import resolve_weights
from hclarity.separation.separator import separate


@pytest.fixture
def song(tmp_path) -> Song:
    write_folder(tmp_path / "set" / "test" / "song", rate=16000)
    return Song("song", find_tracks(tmp_path / "set", "test")[0])


@pytest.fixture
def row(tmp_path) -> ModelRow:
    make_tiny_model(tmp_path / "tiny")
    card = read_card(tmp_path / "tiny" / "card.toml")
    return ModelRow("tiny", card, resolve_weights(card), "cpu", "digest", seen=False)


def test_a_model_separates_as_everywhere_else(row, song):
    stems = row.estimate(song)
    net = load_net(row.card, row.weights)
    expected = separate(Audio(song.mixture, 16000), net, row.card)
    assert tuple(stems) == row.stems == STEMS
    for stem, samples in stems.items():
        np.testing.assert_array_equal(samples, expected[stem].samples)
    assert row.kind == "model"
    assert row.digest_of(song) == "digest"


def test_a_model_is_loaded_when_it_is_needed_and_once(row, song, monkeypatch):
    loaded = []
    load = load_net
    monkeypatch.setattr(
        "hclarity.registry.nets.load_net", lambda *words: loaded.append(1) or load(*words)
    )
    row.estimate(replace(song, track=replace(song.track, stems={"viola": ()})))
    assert not loaded
    row.estimate(song)
    row.estimate(song)
    assert loaded == [1]


def test_nothing_is_computed_for_songs_of_other_stems(row, tmp_path):
    write_folder(tmp_path / "strings" / "test" / "duo", {"cello.wav": noise(1)}, mixture=None)
    duo = Song("duo", find_tracks(tmp_path / "strings", "test")[0])
    assert row.estimate(duo) == {}


@pytest.mark.parametrize(
    ("dataset", "split", "seen"),
    [
        ("musdb", "train", True),
        ("musdb18", "train", True),
        ("musdb", "valid", True),  # which is in the folder train
        ("musdb", "test", False),
        ("folder", "train", False),
        ("ensembleset", "valid", True),
        ("ensembleset", "train", False),
    ],
)
def test_what_a_model_was_trained_on_is_no_fair_test(tmp_path, dataset, split, seen):
    make_tiny_model(tmp_path / "tiny")
    path = tmp_path / "tiny" / "card.toml"
    path.write_text(
        path.read_text().replace("seen = []", 'seen = ["musdb/train", "ensembleset/valid"]')
    )
    card = read_card(path)
    assert has_seen(card, resolve_weights(card), dataset, split) == seen


@dataclass(frozen=True)
class Instrument:
    """A model of one instrument, and all else."""

    stem: str
    asked: list[str]
    seen: bool = False

    @property
    def stems(self) -> tuple[str, str]:
        return self.stem, "accompaniment"

    @property
    def digest(self) -> str:
        return self.stem

    def estimate(self, song: Song) -> dict[str, Any]:
        self.asked.append(self.stem)
        return {self.stem: 1, "accompaniment": 2}


def test_models_of_an_instrument_each_are_one_row(tmp_path):
    files = {"cello.wav": noise(1), "violin.wav": noise(2)}
    write_folder(tmp_path / "strings" / "test" / "duo", files)
    duo = Song("duo", find_tracks(tmp_path / "strings", "test")[0])
    asked: list[str] = []
    models = tuple(Instrument(stem, asked) for stem in ("violin", "viola", "cello"))
    row = JoinedRow("strings", models)  # type: ignore[arg-type]
    assert row.stems == ("violin", "no_violin", "viola", "no_viola", "cello", "no_cello")
    assert row.estimate(duo) == {"violin": 1, "no_violin": 2, "cello": 1, "no_cello": 2}
    assert asked == ["violin", "cello"]
    assert not row.seen
    assert row.digest_of(duo) == row.digest != JoinedRow("strings", models[:2]).digest  # type: ignore[arg-type]
    assert JoinedRow("strings", (*models, replace(models[0], seen=True))).seen  # type: ignore[arg-type]
