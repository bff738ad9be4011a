"""Songs and stems from files, a remix into a file: the walk that `remix` and `demo` share."""

import json
from dataclasses import asdict, replace
from pathlib import Path

from hclarity.audio.encoding import Encoding, encoded_bytes
from hclarity.audio.writing import AudioWriter, check_writable
from hclarity.cli.files import Claims, write_text
from hclarity.cli.layout import track_name
from hclarity.cli.output import document_text
from hclarity.cli.separating import SongSeparator, check_song, tell_clipping
from hclarity.cli.sources import Sources, hearing, stems_in
from hclarity.errors import CannotCreateError
from hclarity.registry.whole_files import make_folder
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.remixer import RemixLevels, RemixMeasurement, RemixRenderer, RemixReport
from hclarity.remixing.stem_gains import Balance
from hclarity.report.console import Reporter
from hclarity.report.tables import remix_summary

__all__ = ["SongRemixer", "check_song_or_stems"]


def check_song_or_stems(path: Path) -> None:
    """Raise for what is no folder of stems and no song, by their looks."""
    if path.is_dir():
        stems_in(path)
    else:
        check_song(path)


class SongRemixer:
    """Remixes songs and folders of stems by one plan.

    Args:
        plan: what to do beside the balance.
        balance: what gains the stems get.
        separator: makes stems of songs; None where the plan changes none.
        out: the folder for the remixes.
        encoding: of the remixes.
        reporter: hears what happens.
    """

    def __init__(
        self,
        plan: GainPlan,
        balance: Balance,
        separator: SongSeparator | None,
        out: Path,
        encoding: Encoding,
        reporter: Reporter,
    ) -> None:
        self._plan, self._balance, self._separator = plan, balance, separator
        self._out, self._encoding, self._reporter = out, encoding, reporter
        self._claims = Claims()

    def __call__(self, path: Path) -> dict[str, Path]:
        """Remix one song, separated on the way if need be, or one folder of stems.

        Returns:
            The paths of the remix and of the report on it.

        Raises:
            HclarityError: as readers, net, remixer and writer do; nothing is left under a final
                name.
        """
        if path.is_dir():
            return self.remix(stems_in(path))
        stems = self._separator(path) if self._separator else {}
        return self.remix(Sources(path, track_name(path), path, stems))

    def remix(self, sources: Sources) -> dict[str, Path]:
        """Remix what has been found; otherwise as a call."""
        path = self._out / f"{sources.name}.{self._encoding.format}"
        report_path = self._out / f"{sources.name}.json"
        plan = replace(self._plan, stem_gains=self._balance(sources.stems))
        levels, frames = self._measure(sources, plan)
        self._claim(path, report_path, sources)
        make_folder(self._out)
        size = encoded_bytes(self._encoding, 2, frames)
        check_writable(path, encoding=self._encoding, bytes_needed=size)
        report = self._render(sources, plan, levels, frames, path, report_path)
        self._reporter.say(str(path))
        self._reporter.show(remix_summary(plan, report))
        return {"remix": path, "report": report_path}

    def _claim(self, path: Path, report_path: Path, sources: Sources) -> None:
        """Make sure that a remix replaces nothing but an older remix, which has its report."""
        self._claims.claim(path, sources.given, sources.files)
        if path.exists() and not report_path.exists():
            raise CannotCreateError(
                f"{path} is there already and was not made by hclarity; choose another --out"
            )

    def _measure(self, sources: Sources, plan: GainPlan) -> tuple[RemixLevels, int]:
        """Hear the song once: its levels, and its true length."""
        with hearing(sources) as heard:
            measurement = RemixMeasurement(plan, tuple(sources.stems), heard.sample_rate)
            label, frames = f"listening to {sources.name}", 0
            with self._reporter.progress(label, heard.frames) as bar:
                for song, stems in heard.blocks():
                    measurement.push(song, stems)
                    frames += song.shape[1]
                    bar.set(frames)
        return measurement.result(), frames

    def _render(
        self,
        sources: Sources,
        plan: GainPlan,
        levels: RemixLevels,
        frames: int,
        path: Path,
        report_path: Path,
    ) -> RemixReport:
        """Hear it again, and write the report and the remix, in this order."""
        with hearing(sources) as heard:
            rate = heard.sample_rate
            renderer = RemixRenderer(plan, tuple(sources.stems), rate, levels)
            with (
                AudioWriter(path, sample_rate=rate, channels=2, encoding=self._encoding) as writer,
                self._reporter.progress(f"remixing {sources.name}", frames) as bar,
            ):
                for song, stems in heard.blocks():
                    writer.push(renderer.push(song, stems))
                    bar.advance(song.shape[1])
                writer.push(renderer.flush())
                report = renderer.report()
                write_text(report_path, _report_text(plan, report))
        tell_clipping(writer, self._reporter)
        return report


def _report_text(plan: GainPlan, report: RemixReport) -> str:
    """What was planned and what came of it; never whose ears it is for."""
    result = {
        **asdict(report),
        "left_gains_db": {f"{hz:g}": gain for hz, gain in report.left_gains_db.items()},
        "right_gains_db": {f"{hz:g}": gain for hz, gain in report.right_gains_db.items()},
        "gain_removed_db": report.gain_removed_db,
    }
    return document_text({"plan": json.loads(plan.to_json()), "result": result})
