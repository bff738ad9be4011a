import numpy as np
import pytest
from evaluation_scores import song_of
from stem_folders import noise

from hclarity.evaluation.truths import is_sum, truth_sources, truths

MUSDB = ("drums", "bass", "other", "vocals")
REST = ("drums", "bass", "other")


@pytest.mark.parametrize(
    ("stems", "of", "sources"),
    [
        (("vocals", "accompaniment"), "accompaniment", REST),
        (("accompaniment",), "accompaniment", REST),
        ((*MUSDB, "accompaniment"), "accompaniment", REST),
        (("bass", "accompaniment"), "accompaniment", ("drums", "other", "vocals")),
        (("bassoon", "accompaniment"), "accompaniment", ()),
        (("vocals", "no_vocals"), "no_vocals", REST),
        (("no_bass",), "no_bass", ("drums", "other", "vocals")),
        (("no_bassoon",), "no_bassoon", ()),
        (("piano", "bass"), "piano", ()),
        (("piano", "bass"), "bass", ("bass",)),
    ],
)
def test_an_estimate_stands_for_one_stem_or_several(stems, of, sources):
    assert truth_sources(MUSDB, stems)[of] == sources


def test_a_stem_of_that_name_is_itself():
    names = ("vocals", "accompaniment")
    assert truth_sources(names, names) == {name: (name,) for name in names}


def test_an_accompaniment_without_a_singer_goes_with_the_other_stems():
    names = ("violin", "viola", "cello")
    assert truth_sources(names, ("violin", "accompaniment"))["accompaniment"] == ("viola", "cello")
    assert truth_sources(names, ("accompaniment",))["accompaniment"] == ()


def test_truths_are_sums_of_stems():
    stems = {name: noise(seed) for seed, name in enumerate(MUSDB)}
    found = truths(song_of(stems), ("vocals", "piano", "accompaniment"))
    assert list(found) == ["vocals", "accompaniment"]
    assert found["vocals"] is stems["vocals"]
    np.testing.assert_array_equal(found["accompaniment"], sum(stems[name] for name in REST))


def test_sums_are_known_by_name():
    assert [is_sum(stem) for stem in ("no_vocals", "accompaniment", "nose")] == [True, True, False]
