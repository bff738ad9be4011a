"""What a run found, in words first, then in numbers with their units."""

from collections.abc import Iterable, Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from hclarity.remixing.plan import GainPlan
from hclarity.remixing.remixer import RemixReport

__all__ = ["remix_summary", "score_table"]

_SHOWN_HZ = (250, 500, 1000, 2000, 4000, 8000)
_JUST_HEARD = 0.5  # dB; what is less is told as nothing


def remix_summary(title: str, plan: GainPlan, report: RemixReport) -> RenderableType:
    """What was done to a song, for those who will hear it."""
    grid = Table.grid(padding=(0, 2), pad_edge=True)
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    for label, words in _remix_rows(plan, report):
        grid.add_row(label, words)
    return Group(Text(title), grid)


def _remix_rows(plan: GainPlan, report: RemixReport) -> Iterable[tuple[str, str]]:
    yield "loudness", _loudness(report)
    yield "balance", _balance(plan.stem_gains)
    if report.left_gains_db == report.right_gains_db:
        yield "both ears", _amplified(report.left_gains_db)
    else:
        yield "left ear", _amplified(report.left_gains_db)
        yield "right ear", _amplified(report.right_gains_db)
    yield "peaks", _peaks(report)
    if report.given_up_db >= _JUST_HEARD:
        yield "softer", f"than asked for, by {report.given_up_db:.1f} dB: more would distort it"
    if report.gain_removed_db >= _JUST_HEARD:
        yield (
            "volume",
            "turn it up slowly, as far as is comfortable:"
            f" the full prescription is {report.gain_removed_db:.0f} dB louder than this file",
        )


def _loudness(report: RemixReport) -> str:
    before, after = report.loudness_before, report.loudness_after
    if before is None or after is None:
        return "too short or too soft to tell"
    change = after - before
    if abs(change) < _JUST_HEARD:
        return f"as loud as the song, {after:.1f} LUFS"
    return f"{_louder(change)} than the song, {after:.1f} LUFS"


def _balance(gains: Mapping[str, float]) -> str:
    """Stems by how they changed: ``vocals 1 dB louder; drums, bass 1 dB softer``."""
    changed: dict[float, list[str]] = {}
    for stem, gain in gains.items():
        if gain:
            changed.setdefault(gain, []).append(stem)
    told = (f"{', '.join(stems)} {_louder(gain)}" for gain, stems in changed.items())
    return "; ".join(told) or "as in the song"


def _louder(change: float) -> str:
    return f"{abs(change):.3g} dB {'louder' if change > 0 else 'softer'}"


def _amplified(gains: Mapping[float, float]) -> str:
    """``amplified, +0 dB at 250 Hz, +20 at 1 kHz``: the filter's own gains, rounded."""
    if all(abs(gain) < _JUST_HEARD for gain in gains.values()):
        return "not amplified"
    shown = (f"{round(gains[hz]):+d} dB at {_hertz(hz)}" for hz in _SHOWN_HZ if hz in gains)
    return f"amplified: {', '.join(shown)}"


def _hertz(hz: int) -> str:
    return f"{hz // 1000} kHz" if hz >= 1000 else f"{hz} Hz"


def _peaks(report: RemixReport) -> str:
    if report.true_peak_dbtp is None:
        return "none: it is silent"
    told = f"the highest is {report.true_peak_dbtp:.1f} dBTP"
    if report.reduced_seconds == 0:
        return told
    seconds, most = report.reduced_seconds, report.max_reduction_db
    return f"{told}; {seconds:.1f} s of them were softened, by at most {most:.1f} dB"


def score_table(title: str, scores: Mapping[str, float], floor: Mapping[str, float]) -> Table:
    """USDR of each stem beside what an equal share of the mixture would score."""
    table = Table(title=title, title_justify="left")
    table.add_column("stem")
    table.add_column("uSDR dB", justify="right")
    table.add_column("mixture / 4", justify="right")
    for stem, score in scores.items():
        table.add_row(stem, f"{score:.2f}", f"{floor[stem]:.2f}")
    mean = [sum(values.values()) / len(values) for values in (scores, floor)]
    table.add_row("mean", f"{mean[0]:.2f}", f"{mean[1]:.2f}", style="bold")
    return table
