from dataclasses import replace

import pytest
from hearing_strategies import BISGAARD, NO_LOSS

from hclarity.hearing.audiogram import Listener
from hclarity.hearing.insertion_gains import AUDIOMETRIC_HZ
from hclarity.hearing.wdrc import wdrc_for
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.remixer import RemixReport
from hclarity.remixing.safety import Safety
from hclarity.report.tables import remix_summary, score_table

FLAT = dict.fromkeys(AUDIOMETRIC_HZ, -1e-7)
RISING = {hz: hz / 400 for hz in AUDIOMETRIC_HZ}
UNTOUCHED = RemixReport(
    loudness_before=-14.0,
    loudness_range_before=9.0,
    loudness_target=-14.0,
    offset_db=0.0,
    held_back_db=0.0,
    amplified_db=0.0,
    mixed_lufs=None,
    mixed_peak_dbtp=None,
    left_db_a=-18.0,
    right_db_a=-16.0,
    loudness_after=-14.04,
    loudest_3_s=-11.0,
    loudness_range=6.0,
    true_peak_dbtp=-1.02,
    max_reduction_db=0.0,
    reduced_seconds=0.0,
    left_gains_db=FLAT,
    right_gains_db=FLAT,
)


def test_a_song_that_is_left_alone() -> None:
    assert remix_summary(GainPlan({}), UNTOUCHED).splitlines() == [
        "loudness   as loud as the song, -14.0 LUFS",
        "balance    as in the song",
        "ears       not amplified",
        "peaks      the highest is -1.0 dBTP",
    ]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (-14.0, -13.51, "as loud as the song, -13.5 LUFS"),
        (-14.04, -13.46, "0.5 dB louder than the song, -13.5 LUFS"),
        (0.0, -0.04, "as loud as the song, 0.0 LUFS"),
    ],
)
def test_loudness_is_told_in_numbers_that_agree(before: float, after: float, told: str) -> None:
    report = replace(UNTOUCHED, loudness_before=before, loudness_after=after, true_peak_dbtp=-0.01)
    summary = remix_summary(GainPlan({}), report).splitlines()
    assert summary[0] == f"loudness   {told}"
    assert summary[-1] == "peaks      the highest is 0.0 dBTP"


def test_a_song_to_which_everything_is_done() -> None:
    plan = GainPlan({"vocals": 3, "drums": -1.5, "other": -1.5, "bass": 0})
    report = replace(
        UNTOUCHED,
        loudness_after=-20.0,
        left_gains_db=RISING,
        max_reduction_db=1.96,
        reduced_seconds=2.71,
        loudness_target=-16.8,
        amplified_db=17.6,
        offset_db=-17.6,
    )
    assert remix_summary(plan, report).splitlines() == [
        "loudness   6 dB softer than the song, -20.0 LUFS",
        "balance    vocals 3 dB louder; drums, other 1.5 dB softer",
        "amplified    250 Hz  500 Hz   1 kHz   2 kHz   4 kHz   8 kHz",
        "left ear      +1 dB   +1 dB   +2 dB   +5 dB  +10 dB  +20 dB",
        "right ear     +0 dB   +0 dB   +0 dB   +0 dB   +0 dB   +0 dB",
        "peaks      the highest is -1.0 dBTP; the loudest 2.7 s were softened, by at",
        "           most 2.0 dB",
        "softer     than asked for, by 3.2 dB: louder would distort it",
        "volume     turn it up slowly, as far as is comfortable: the full",
        "           prescription is 18 dB louder than this file",
    ]


def test_a_short_moment_is_told_in_milliseconds() -> None:
    report = replace(UNTOUCHED, max_reduction_db=1.2, reduced_seconds=0.013)
    assert "the loudest 13 ms were softened" in remix_summary(GainPlan({}), report)


def test_a_song_at_a_low_rate_has_no_high_frequencies() -> None:
    gains = {hz: gain for hz, gain in RISING.items() if hz < 4000}
    report = replace(UNTOUCHED, left_gains_db=gains, right_gains_db=gains)
    summary = remix_summary(GainPlan({}), report)
    assert "2 kHz\n" in summary
    assert "4 kHz" not in summary


def test_compression() -> None:
    plan = GainPlan({}, wdrc=wdrc_for(Listener(NO_LOSS, BISGAARD["N3"])))
    told = " ".join(remix_summary(plan, UNTOUCHED).split())
    highest = max(plan.wdrc.right.ratios)
    dynamics = f"soft and loud brought closer, up to 1.0 : 1 left, {highest:.1f} : 1 right"
    assert f"dynamics {dynamics}; loudness range 6.0 LU, was 9.0 peaks" in told
    short = replace(UNTOUCHED, loudness_range=None, loudness_range_before=None)
    assert f"{dynamics} peaks" in " ".join(remix_summary(plan, short).split())


def test_no_compression() -> None:
    """Neither where it does nothing to anybody, nor for a song without a loudness."""
    keen = GainPlan({}, wdrc=wdrc_for(Listener(NO_LOSS, NO_LOSS)))
    assert "dynamics" not in remix_summary(keen, UNTOUCHED)
    plan = GainPlan({}, wdrc=wdrc_for(Listener(NO_LOSS, BISGAARD["N3"])))
    assert "dynamics" not in remix_summary(plan, replace(UNTOUCHED, loudness_before=None))


@pytest.mark.parametrize(
    ("full_scale", "told"),
    [
        (80, "turn it up slowly, as far as is comfortable: the full prescription is 12 dB louder"),
        (90.5, "turn it up by 5 dB at most: the full prescription is 12 dB louder than this file,"),
        (96, "do not turn it up: the full prescription is 12 dB louder than this file, but that"),
        (110, "do not turn it up"),
    ],
)
def test_nobody_is_told_to_turn_it_up_further_than_is_safe(full_scale: float, told: str) -> None:
    """At 80 dB(A) for 40 hours a week; the file is 16 dB below full scale."""
    report = replace(UNTOUCHED, offset_db=-12.0, amplified_db=12.0)
    safety = Safety(full_scale, 40, allow_loud=True)
    summary = " ".join(remix_summary(GainPlan({}), report, safety).split())
    assert told in summary
    assert ("is not safe for 40 hours a week" in summary) == (full_scale > 80)


def test_much_gain_that_stays_in_the_file() -> None:
    steep = {**FLAT, 6000: 45.0}
    careful = replace(UNTOUCHED, right_gains_db=steep, offset_db=-14.9)
    summary = remix_summary(GainPlan({}), careful)
    assert "care       some tones are 30 dB louder than in the song: begin at a low" in summary
    assert "care" not in remix_summary(GainPlan({}), replace(careful, offset_db=-15.1))


@pytest.mark.parametrize(
    ("full_scale", "told"),
    [(80, "a whole week, 64 dB(A)"), (99, "20 hours a week, 83 dB(A)"), (120, "10 minutes a week")],
)
def test_how_long_it_is_safe(full_scale: float, told: str) -> None:
    summary = remix_summary(GainPlan({}), UNTOUCHED, Safety(full_scale, 40, allow_loud=True))
    assert f"safe for   {told}" in summary
    assert f"a full-scale tone is {full_scale} dB SPL" in " ".join(summary.split())


def test_silence() -> None:
    report = replace(UNTOUCHED, loudness_before=None, loudness_after=None, true_peak_dbtp=None)
    summary = remix_summary(GainPlan({}), report)
    assert "loudness   too short or too soft to tell\n" in summary
    assert summary.endswith("peaks      none: it is silent")


@pytest.mark.parametrize("stems", [1, 40])
def test_no_line_is_wider_than_a_terminal(stems: int) -> None:
    plan = GainPlan({f"instrument {number}": -number - 0.25 for number in range(stems)})
    assert all(len(line) <= 76 for line in remix_summary(plan, UNTOUCHED).splitlines())


def test_scores() -> None:
    table = score_table({"vocals": 7.125, "rest": 9.0}, {"vocals": 1.0, "rest": -2.5})
    assert table.splitlines() == [
        "  stem              uSDR    of mixture / 2",
        "  vocals         7.12 dB           1.00 dB",
        "  rest           9.00 dB          -2.50 dB",
        "  mean           8.06 dB          -0.75 dB",
    ]
