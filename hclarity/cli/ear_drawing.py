"""The picture of a remix: what each ear got of the song, and what it gets now."""

from collections.abc import Mapping
from pathlib import Path

from hclarity.audio.third_octaves import ThirdOctaveMeter
from hclarity.audio.values import Samples
from hclarity.hearing.audiogram import Listener
from hclarity.remixing.balancing import as_heard
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.remixer import RemixReport
from hclarity.report.ear_plots import EarChange, plot_ears

__all__ = ["EarDrawing"]


class EarDrawing:
    """Hears a song and its remix, and draws them for both ears.

    Args:
        sample_rate: of both, in Hz.
        listener: whose thresholds to draw; None for nobody's.
        full_scale_spl: how loud a full-scale sine is played, in dB SPL.
    """

    def __init__(self, sample_rate: int, listener: Listener | None, full_scale_spl: float) -> None:
        self._listener, self._full_scale_spl = listener, full_scale_spl
        self._before = ThirdOctaveMeter(sample_rate, 2)
        self._after = ThirdOctaveMeter(sample_rate, 2)

    def push(self, song: Samples, remixed: Samples) -> None:
        """Take the next of the song, ``[1 or 2, frames]``, and the next of its remix."""
        self._before.push(as_heard(song))
        self._after.push(remixed)

    def draw(
        self, path: Path, title: str, plan: GainPlan, report: RemixReport, turned_up_db: float
    ) -> None:
        """Draw what was heard; raises what `plot_ears` does."""
        plot_ears(
            path,
            left=self._change(0, plan.prescribed_db("left"), report.left_gains_db),
            right=self._change(1, plan.prescribed_db("right"), report.right_gains_db),
            full_scale_spl=self._full_scale_spl,
            turned_up_db=turned_up_db,
            title=title,
        )

    def _change(
        self, channel: int, prescribed: Mapping[float, float], realised: Mapping[float, float]
    ) -> EarChange:
        before, after = self._before.levels(channel), self._after.levels(channel)
        ears = (self._listener.left, self._listener.right) if self._listener else (None, None)
        return EarChange(before, after, ears[channel], prescribed, realised)
