import json

import numpy as np
import pytest
from stem_folders import noise, write_folder

from hclarity.datasets.ensembles import find_strings, find_woodwinds
from hclarity.errors import BadDataError

QUARTET = ("Violin_1", "Violin_2", "Viola", "Cello")


def write_piece(folder, players=QUARTET, mixture="mix.flac"):
    return write_folder(
        folder, {f"{name}.flac": noise(seed) for seed, name in enumerate(players)}, mixture=mixture
    )


def metadata(root, split, songs):
    path = root / "metadata" / f"music_tracks.{split}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(songs))


def listed(dataset, folder, players, mixture):
    return {
        "dataset": dataset,
        "stems_path": [f"{folder}/{name}.flac" for name in players],
        "mixture_path": f"{folder}/{mixture}",
    }


def told(tracks):
    return [(track.name, *track.names) for track in tracks]


def test_the_tree_as_it_is_unpacked(tmp_path):
    for piece in ("Haydn", "Bach"):
        write_piece(tmp_path / "EnsembleSet" / piece / "Mix_1", mixture=f"mix_{piece}.flac")
        write_piece(tmp_path / "EnsembleSet" / piece / "Spill", mixture=None)
    tracks = find_strings(tmp_path, "train")
    assert told(tracks) == [(piece, "cello", "viola", "violin") for piece in ("Bach", "Haydn")]
    np.testing.assert_array_equal(tracks[0].read("violin"), noise(0) + noise(1))
    assert tracks[0].mixture.path.name == "mix_Bach.flac"
    assert find_strings(tmp_path, "valid") == []
    assert find_woodwinds(tmp_path, "train") == []


def test_the_tree_that_the_recipe_makes(tmp_path):
    write_piece(tmp_path / "audio" / "train" / "Haydn" / "Mix_1")
    write_piece(tmp_path / "audio" / "train" / "Wind" / "One", ("Flute", "Oboe", "Sax"))
    write_piece(tmp_path / "audio" / "valid" / "S2", ("Flute_1", "Flute_2"))
    write_piece(tmp_path / "audio" / "valid" / "S1", ("Viola", "Bassoon"))
    write_piece(tmp_path / "audio" / "valid" / "S0", ("Drums", "Guitar"))
    assert told(find_strings(tmp_path, "train")) == [("Haydn", "cello", "viola", "violin")]
    assert told(find_strings(tmp_path, "valid")) == [("S1", "bassoon", "viola")]
    assert told(find_woodwinds(tmp_path, "valid")) == [("S1", "bassoon", "viola"), ("S2", "flute")]


def test_woodwinds_in_folders_of_any_depth(tmp_path):
    write_piece(tmp_path / "audio" / "train" / "Piece" / "A", ("Flute", "Oboe", "Sax"))
    assert told(find_woodwinds(tmp_path, "train")) == [("Piece - A", "flute", "oboe", "sax")]


@pytest.mark.parametrize("base", ["audio/train", "CadenzaWoodwind"])
def test_the_metadata_tell_two_orchestrations_apart(tmp_path, base):
    winds = ("Flute", "Oboe", "Clarinet", "Sax")
    write_piece(tmp_path / base / "piece", winds, mixture=None)
    parts = {"a": ("Flute", "Oboe", "Clarinet"), "b": ("Flute", "Oboe", "Sax")}
    for name in parts:
        write_folder(tmp_path / base / "piece", {f"mix_{name}.flac": noise(9)}, mixture=None)
    # Without them it is one song, of which neither is the mixture.
    (track,) = find_woodwinds(tmp_path, "train")
    assert (len(track.names), track.mixture) == (4, None)
    songs = {
        f"piece {name}": listed("CadenzaWoodwind", "piece", players, f"mix_{name}.flac")
        for name, players in parts.items()
    }
    metadata(tmp_path, "train", songs | {"other": listed("EnsembleSet", "x", QUARTET, "mix.flac")})
    tracks = find_woodwinds(tmp_path, "train")
    assert told(tracks) == [
        ("piece a", "clarinet", "flute", "oboe"),
        ("piece b", "flute", "oboe", "sax"),
    ]
    assert [track.mixture.path.name for track in tracks] == ["mix_a.flac", "mix_b.flac"]
    np.testing.assert_array_equal(tracks[1].read("sax"), noise(3))


def test_metadata_of_files_that_are_elsewhere_are_no_help(tmp_path):
    metadata(tmp_path, "train", {"Bach": listed("EnsembleSet", "gone", QUARTET, "mix.flac")})
    write_piece(tmp_path / "audio" / "train" / "Haydn" / "Mix_1")
    assert told(find_strings(tmp_path, "train")) == [("Haydn", "cello", "viola", "violin")]


@pytest.mark.parametrize("songs", [{"a": {"stems_path": []}}, [1, 2], {"a": 1}, "x"])
def test_metadata_that_are_not_cadenzas(tmp_path, songs):
    metadata(tmp_path, "train", songs)
    with pytest.raises(BadDataError, match=r"music_tracks\.train\.json is not Cadenza's"):
        find_strings(tmp_path, "train")
