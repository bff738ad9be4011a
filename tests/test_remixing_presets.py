import pytest
from cli_program import hclarity

from hclarity.errors import UsageError
from hclarity.remixing.presets import PRESETS, preset_gains


def test_no_preset_mutes_a_stem_or_lays_its_artefacts_bare():
    for preset in PRESETS.values():
        assert all(-12 <= gain <= 10 for gain in preset.gains.values())
    assert not PRESETS["original"].gains


FOUR = ("drums", "bass", "other", "vocals")


def test_presets_do_what_they_can_with_the_stems_there_are():
    assert preset_gains("ha-mild", FOUR) == {"vocals": 1, "drums": -1, "bass": -1, "other": -1}
    assert preset_gains("ha-mild", ["no_vocals", "vocals"]) == {"vocals": 1, "no_vocals": -1}
    assert preset_gains("lyrics", ["vocals", "accompaniment"]) == {"vocals": 3}
    assert preset_gains("original", ["violin"]) == {}


def test_a_preset_for_other_stems():
    told = "the preset beat changes drums, bass; there are: violin, accompaniment"
    with pytest.raises(UsageError, match=told):
        preset_gains("beat", ["violin", "accompaniment"])


def test_every_preset_suits_the_usual_stems():
    assert all(preset_gains(name, FOUR) for name in PRESETS if name != "original")


def test_help_tells_what_is_known_of_each() -> None:
    told = " ".join(hclarity("remix", "--help").out.split())
    for name, preset in PRESETS.items():
        assert f"{name}: {preset.words} ({preset.evidence})" in told
