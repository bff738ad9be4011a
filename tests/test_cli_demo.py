from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from cli_program import hclarity
from tiny_model import STEMS


@pytest.mark.usefixtures("workplace")
def test_the_whole_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny model stands in for the one that comes with hclarity."""
    monkeypatch.setattr("hclarity.cli.demo.SECONDS", 1.0)
    ended = hclarity("demo")
    assert ended.code == 0, ended.err
    stems = [f"demo/stems/song/{stem}.flac" for stem in STEMS]
    assert ended.paths == [
        "demo/song/song.wav",
        *stems,
        "demo/remix/song.flac",
        "demo/remix/song.remix.json",
    ]
    shapes = {sf.read(path)[0].shape for path in ended.paths[:-1]}
    assert shapes == {(44100, 2)}
    song = sf.read("demo/song/song.wav")[0]
    true = sum(sf.read(f"demo/song/{stem}.wav")[0] for stem in STEMS)
    np.testing.assert_allclose(true, song, rtol=0, atol=1e-6)
    for word in ("1. a generated song", "2. its stems", "uSDR", "mean", "3. a remix", "amplified"):
        assert word in ended.err
    assert [str(path) for path in Path("demo").rglob("*.part")] == []
    again = hclarity("demo")
    assert again.paths == ended.paths
    assert "already separated: demo/song/song.wav" in again.lines
