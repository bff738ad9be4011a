import numpy as np
import pytest
from evaluation_scores import song_of
from stem_folders import noise

from hclarity.errors import BadDataError
from hclarity.evaluation.rows import Output


class Row:
    """Says the same of every song, and counts how often it is asked."""

    name = "net"
    asked = 0

    def __init__(self, stems):
        self.stems = stems

    def estimate(self, song):
        self.asked += 1
        return self.stems


def output_of(stems):
    song = song_of({"bass": noise(1, 20_000)})
    song.mixture = song.stems["bass"]
    return Output(Row(stems), song)


def test_a_song_is_separated_once():
    output = output_of({"bass": noise(2, 20_000)})
    assert output.stems is output.stems
    assert output.row.asked == 1


def test_estimates_must_be_finite_and_as_long_as_the_song():
    broken = noise(2, 20_000)
    broken[0, 7] = np.nan
    with pytest.raises(BadDataError, match=r"net: .* bass in a song has values .* not finite"):
        _ = output_of({"bass": broken}).stems
    short = noise(2, 19_999)
    with pytest.raises(BadDataError, match=r"net: .* bass in a song .*\[2, 19999\].*\[2, 20000\]"):
        _ = output_of({"bass": short}).stems
