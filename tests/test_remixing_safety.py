from dataclasses import replace

import pytest

from hclarity.errors import UsageError
from hclarity.remixing.remixer import RemixLevels
from hclarity.remixing.safety import Safety

QUIET = RemixLevels(
    loudness_before=-20.0,
    loudness_target=-20.0,
    offset_db=0.0,
    given_up_db=0.0,
    balance_lufs=None,
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
        " 40; lower --loudness or your player by 10.0 dB, listen less (--weekly-hours), or say"
        " --allow-loud"
    )


def test_silence_is_safe() -> None:
    silent = replace(QUIET, left_db_a=None, right_db_a=None)
    Safety(140.0, 168.0).refuse_unsafe("song", silent)
    assert Safety(140.0, 168.0).exposure(silent).weekly_hours() is None
