from dataclasses import replace
from math import inf

import pytest

from hclarity.errors import UsageError
from hclarity.remixing.remixer import RemixLevels
from hclarity.remixing.safety import Safety

QUIET = RemixLevels(
    loudness_before=-20.0,
    loudness_range_before=9.0,
    loudness_target=-20.0,
    offset_db=0.0,
    held_back_db=0.0,
    amplified_db=0.0,
    mixed_lufs=None,
    mixed_peak_dbtp=None,
    left_db_a=-30.0,
    right_db_a=-20.0,
)


@pytest.mark.parametrize(("full_scale", "hours"), [(100.0, 40.0), (103.0, 20.0), (120.0, 0.4)])
def test_what_is_safe_for_as_long_as_planned(full_scale: float, hours: float) -> None:
    """The louder ear decides: it hears 20 dB less than full scale."""
    exposure = Safety(full_scale, hours).exposure(QUIET)
    assert exposure.weekly_hours() == pytest.approx(hours, rel=0.01)
    Safety(full_scale, 0.99 * hours).refuse_unsafe("song", QUIET)
    with pytest.raises(
        UsageError, match=f"song: at {full_scale:g} dB SPL full scale this would be"
    ):
        Safety(full_scale, 1.02 * hours).refuse_unsafe("song", QUIET)
    Safety(full_scale, 1.02 * hours, allow_loud=True).refuse_unsafe("song", QUIET)


def test_the_refusal_says_by_how_much() -> None:
    with pytest.raises(UsageError) as caught:
        Safety(110.0, 40.0).refuse_unsafe("song", QUIET)
    assert str(caught.value) == (
        "song: at 110 dB SPL full scale this would be 90 dB(A), safe for 4 hours a week, not for"
        " 40 hours; lower --loudness or your player by 10.0 dB, listen less (--weekly-hours), or"
        " say --allow-loud"
    )


@pytest.mark.parametrize(
    ("full_scale", "hours", "told"),
    [
        (100.001, 40, "safe for 39.9 hours a week, not for 40 hours; .* by 0.1 dB"),
        (100.2, 40, "safe for 38.1 hours a week, not for 40 hours; .* by 0.2 dB"),
        (121, 0.5, "safe for 19 minutes a week, not for 30 minutes; .* by 2.0 dB"),
        (140, 0.1, "safe for 0.24 minutes a week"),
    ],
)
def test_too_much_never_reads_as_the_limit(full_scale: float, hours: float, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Safety(full_scale, hours).refuse_unsafe("song", QUIET)


@pytest.mark.parametrize(("full_scale", "room"), [(90.0, 10.0), (100.0, 0.0), (110.0, 0.0)])
def test_how_much_louder_it_may_be_played(full_scale: float, room: float) -> None:
    safety = Safety(full_scale, 40)
    assert safety.room_db(QUIET) == pytest.approx(room)
    assert safety.room_db(replace(QUIET, left_db_a=None, right_db_a=None)) == inf


def test_silence_is_safe() -> None:
    silent = replace(QUIET, left_db_a=None, right_db_a=None)
    Safety(140.0, 168.0).refuse_unsafe("song", silent)
    assert Safety(140.0, 168.0).exposure(silent).weekly_hours() is None
