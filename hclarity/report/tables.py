"""What a run found, in words first, then in numbers with their units."""

from collections.abc import Iterator, Mapping
from math import floor
from textwrap import fill

from hclarity.hearing.wdrc import Wdrc
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.remixer import RemixReport
from hclarity.remixing.safety import Safety, turn_up_db

__all__ = ["remix_summary", "score_table"]

_WEEK = 168.0  # hours
_SHOWN_HZ = (250, 500, 1000, 2000, 4000, 8000)
_JUST_HEARD = 0.5  # dB; what is less is told as nothing
_MUCH = 30.0  # dB above the song as it is, at any frequency: more than any ear should meet unwarned
_WIDTH, _LABEL = 76, 11  # which leaves room for a frame
_STEM = 13


def remix_summary(plan: GainPlan, report: RemixReport, safety: Safety | None = None) -> str:
    """What was done to a song, for those who will hear it: a line or two for each thing."""
    return "\n".join(
        fill(words, _WIDTH, initial_indent=f"{label:{_LABEL}}", subsequent_indent=" " * _LABEL)
        for label, words in _remix_rows(plan, report, safety)
    )


def _remix_rows(
    plan: GainPlan, report: RemixReport, safety: Safety | None
) -> Iterator[tuple[str, str]]:
    yield "loudness", _loudness(report)
    yield "balance", _balance(plan.stem_gains)
    yield from _ears(report)
    if plan.wdrc and report.loudness_before is not None:  # else it was not compressed
        yield "dynamics", _compression(plan.wdrc, report)
    yield "peaks", _peaks(report)
    if report.given_up_db >= _JUST_HEARD:
        yield (
            "softer",
            f"than asked for, by {_tenths(report.given_up_db)} dB: louder would distort it",
        )
    if report.gain_removed_db >= _JUST_HEARD:
        yield "volume", _volume(report, safety)
    most = max((*report.left_gains_db.values(), *report.right_gains_db.values()))
    if most + report.offset_db > _MUCH:
        yield (
            "care",
            f"some tones are {most + report.offset_db:.0f} dB louder than in the song:"
            " begin at a low volume",
        )
    if safety:
        yield "safe for", _hours(safety, report)


def _loudness(report: RemixReport) -> str:
    before, after = report.loudness_before, report.loudness_after
    if before is None or after is None:
        return "too short or too soft to tell"
    if abs(after - before) < _JUST_HEARD:
        return f"as loud as the song, {_tenths(after)} LUFS"
    change = round(after, 1) - round(before, 1)  # as both are told elsewhere
    return f"{_louder(change)} than the song, {_tenths(after)} LUFS"


def _tenths(value: float) -> str:
    """To a tenth, and never ``-0.0``."""
    return f"{round(value, 1) + 0.0:.1f}"


def _balance(gains: Mapping[str, float]) -> str:
    """Stems by how they changed: ``vocals 1 dB louder; drums, bass 1 dB softer``."""
    changed: dict[float, list[str]] = {}
    for stem, gain in gains.items():
        if gain:
            changed.setdefault(gain, []).append(stem)
    told = (f"{', '.join(stems)} {_louder(gain)}" for gain, stems in changed.items())
    return "; ".join(told) or "as in the song"


def _louder(change: float) -> str:
    return f"{round(abs(change), 1):g} dB {'louder' if change > 0 else 'softer'}"


def _ears(report: RemixReport) -> Iterator[tuple[str, str]]:
    """The gains that the filters really have: a head of frequencies, and a row for each ear."""
    ears = {"left ear": report.left_gains_db, "right ear": report.right_gains_db}
    if all(abs(gain) < _JUST_HEARD for gains in ears.values() for gain in gains.values()):
        yield "ears", "not amplified"
        return
    shown = [hz for hz in _SHOWN_HZ if hz in report.left_gains_db]
    yield "amplified", _columns(f"{hz} Hz" if hz < 1000 else f"{hz // 1000} kHz" for hz in shown)
    for ear, gains in ears.items():
        yield ear, _columns(f"{round(gains[hz]):+d} dB" for hz in shown)


def _compression(wdrc: Wdrc, report: RemixReport) -> str:
    """Ratios of each ear: ``soft and loud brought closer, up to 2.5 : 1 left, 1 : 1 right``."""
    left, right = (max(ear.ratios) for ear in (wdrc.left, wdrc.right))
    told = f"soft and loud brought closer, up to {left:.1f} : 1 left, {right:.1f} : 1 right"
    before, after = report.loudness_range_before, report.loudness_range
    if before is None or after is None:
        return told
    return f"{told}; loudness range {after:.1f} LU, was {before:.1f}"


def _volume(report: RemixReport, safety: Safety | None) -> str:
    """The advice to turn it up, as far as the week's dose allows."""
    missing, advised = report.gain_removed_db, turn_up_db(report, safety)
    louder = f"the full prescription is {missing:.0f} dB louder than this file"
    if safety is None or advised == missing:
        return f"turn it up slowly, as far as is comfortable: {louder}"
    unsafe = f"not safe for {safety.weekly_hours:g} hours a week"
    if advised < 1:
        return f"do not turn it up: {louder}, but that is {unsafe}"
    return f"turn it up by {floor(advised)} dB at most: {louder}, but more is {unsafe}"


def _hours(safety: Safety, report: RemixReport) -> str:
    exposure = safety.exposure(report)
    hours, level = exposure.weekly_hours(), exposure.louder_db_a
    if hours is None or level is None:
        return "any time: it is silent"
    told = "a whole week" if hours >= _WEEK else f"{hours:.0f} hours a week"
    told = f"{60 * hours:.0f} minutes a week" if hours < 2 else told
    return (
        f"{told}, {level:.0f} dB(A), if a full-scale tone is {safety.full_scale_spl:g} dB SPL at"
        " your ears (WHO's limit for healthy hearing)"
    )


def _columns(words: Iterator[str]) -> str:
    return "".join(f"{word:>8}" for word in words)


def _peaks(report: RemixReport) -> str:
    if report.true_peak_dbtp is None:
        return "none: it is silent"
    told = f"the highest is {_tenths(report.true_peak_dbtp)} dBTP"
    if report.reduced_seconds == 0:
        return told
    seconds, most = report.reduced_seconds, report.max_reduction_db
    how_long = f"{seconds:.1f} s" if seconds >= 0.1 else f"{1000 * seconds:.0f} ms"
    return f"{told}; the loudest {how_long} were softened, by at most {most:.1f} dB"


def score_table(scores: Mapping[str, float], floor: Mapping[str, float]) -> str:
    """USDR of each stem, and of an equal share of the mixture in its place."""
    share = f"of mixture / {len(scores)}"
    lines = [f"  {'stem':{_STEM}}{'uSDR':>9}{share:>18}"]
    for stem, score in scores.items():
        lines.append(_score_line(stem, score, floor[stem]))
    lines.append(_score_line("mean", _mean(scores), _mean(floor)))
    return "\n".join(lines)


def _score_line(stem: str, score: float, floor: float) -> str:
    return f"  {stem:{_STEM}}{score:>6.2f} dB{floor:>15.2f} dB"


def _mean(scores: Mapping[str, float]) -> float:
    return sum(scores.values()) / len(scores)
