"""Songs and stems from files, a remix into a file: the walk that `remix` and `demo` share."""

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

from hclarity import __version__
from hclarity.audio.encoding import encoded_bytes
from hclarity.audio.tags import Tags, read_tags
from hclarity.audio.values import Samples
from hclarity.audio.writing import AudioWriter, check_writable
from hclarity.cli.each import Done, Work
from hclarity.cli.files import Claims, write_text
from hclarity.cli.layout import track_name
from hclarity.cli.remix_order import RemixOrder
from hclarity.cli.remix_report import report_text
from hclarity.cli.separating import SongSeparator, check_song, tell_clipping
from hclarity.cli.sources import Hearing, Sources, hearing, stems_in
from hclarity.errors import CannotCreateError
from hclarity.registry.whole_files import make_folder
from hclarity.remixing.balancing import BalanceMeasurement
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.plan_file import plan_document, plan_text
from hclarity.remixing.remixer import RemixLevels, RemixMeasurement, RemixRenderer, RemixReport
from hclarity.remixing.stem_gains import StemGains
from hclarity.report.console import Reporter
from hclarity.report.tables import remix_summary

__all__ = ["SongRemixer", "check_song_or_stems", "preview"]


def check_song_or_stems(path: Path) -> None:
    """Raise for what is no folder of stems and no song, by their looks."""
    if path.is_dir():
        stems_in(path)
    else:
        check_song(path)


def preview(
    order: RemixOrder, stems_of_model: Collection[str], reporter: Reporter, *, show_plan: bool
) -> Work:
    """Return what only says what would be done.

    Args:
        order: what would be done.
        stems_of_model: those that songs would be separated into.
        reporter: hears that nothing was done.
        show_plan: print the plans in the place of the paths.
    """

    def look(path: Path) -> Done:
        sources = stems_in(path) if path.is_dir() else None
        plan = order.plan(sources.stems if sources else stems_of_model)
        files = order.files(sources.name if sources else track_name(path))
        reporter.say(f"would remix {path} (nothing is written)")
        return _done(files, plan, show_plan=show_plan)

    return look


class _Listening(Protocol):
    """What hears a song and its stems block by block."""

    def push(self, song: Samples, stems: Samples | None = None) -> None: ...


Listening = TypeVar("Listening", bound=_Listening)


class SongRemixer:
    """Remixes songs and folders of stems.

    Args:
        order: what to do.
        separator: makes stems of songs; None where the plan changes none.
        reporter: hears what happens.
        show_plan: print the plans in the place of the paths.
    """

    def __init__(
        self,
        order: RemixOrder,
        separator: SongSeparator | None,
        reporter: Reporter,
        *,
        show_plan: bool = False,
    ) -> None:
        self._order, self._separator, self._reporter = order, separator, reporter
        self._show_plan = show_plan
        self._claims = Claims()

    def __call__(self, path: Path) -> Done:
        """Remix one song, separated on the way if need be, or one folder of stems.

        Raises:
            HclarityError: as readers, net, remixer and writer do; nothing is left under a final
                name.
        """
        if path.is_dir():
            return self.remix(stems_in(path))
        stems = self._separator(path) if self._separator else {}
        return self.remix(Sources.separated(path, stems))

    def remix(self, sources: Sources) -> Done:
        """Remix what has been found; otherwise as a call."""
        plan = self._order.plan(sources.stems)
        files = self._order.files(sources.name)
        needed = sources.needed_for(StemGains(plan.stem_gains))
        levels, frames = self._measure(needed, plan)
        if self._order.safety:
            self._order.safety.refuse_unsafe(sources.name, levels)
        self._claim(files, sources)
        make_folder(self._order.out)
        size = encoded_bytes(self._order.encoding, 2, frames)
        check_writable(files["remix"], encoding=self._order.encoding, bytes_needed=size)
        report = self._render(needed, plan, levels, frames, files)
        self._save(plan)
        self._reporter.panel(str(files["remix"]), remix_summary(plan, report, self._order.safety))
        return _done(files, plan, show_plan=self._show_plan)

    def _claim(self, files: dict[str, Path], sources: Sources) -> None:
        """Make sure that a remix replaces nothing but an older remix, which has its report."""
        remix = files["remix"]
        self._claims.claim(remix, sources.given, sources.files)
        if remix.exists() and not files["report"].exists():
            raise CannotCreateError(
                f"{remix} is there already and was not made by hclarity; choose another --out"
            )

    def _measure(self, sources: Sources, plan: GainPlan) -> tuple[RemixLevels, int]:
        """Hear the song for its levels, and its true length."""
        stems = tuple(sources.stems)
        balance_lufs = None
        if plan.wdrc:
            balance, _ = self._hear(
                sources,
                f"balancing {sources.name}",
                lambda rate: BalanceMeasurement(plan, stems, rate),
            )
            balance_lufs = balance.result()
        measurement, frames = self._hear(
            sources,
            f"listening to {sources.name}",
            lambda rate: RemixMeasurement(plan, stems, rate, balance_lufs),
        )
        return measurement.result(), frames

    def _hear(
        self, sources: Sources, label: str, begin: Callable[[int], Listening]
    ) -> tuple[Listening, int]:
        """Hear the song once, with what is begun for its rate; return that and its length."""
        with hearing(sources) as heard:
            meter, frames = begin(heard.sample_rate), 0
            with self._reporter.progress(label, heard.frames) as bar:
                for song, stems in heard.blocks():
                    meter.push(song, stems)
                    frames += song.shape[1]
                    bar.set(frames)
        return meter, frames

    def _render(
        self,
        sources: Sources,
        plan: GainPlan,
        levels: RemixLevels,
        frames: int,
        files: dict[str, Path],
    ) -> RemixReport:
        """Hear it again, and write plot, report and remix, in this order."""
        order = self._order
        with hearing(sources) as heard:
            rate = heard.sample_rate
            renderer = RemixRenderer(plan, tuple(sources.stems), rate, levels)
            drawing = order.drawing(rate)
            with (
                AudioWriter(
                    files["remix"],
                    sample_rate=rate,
                    channels=2,
                    encoding=order.encoding,
                    tags=self._tags(sources),
                ) as writer,
                self._reporter.progress(f"remixing {sources.name}", frames) as bar,
            ):
                for song, remixed in _rendered(heard, renderer):
                    writer.push(remixed)
                    bar.advance(song.shape[1])
                    if drawing:
                        drawing.push(song, remixed)
                report = renderer.report()
                if drawing:
                    drawing.draw(files["plot"], sources.name, plan, report)
                write_text(files["report"], report_text(plan, report, sources, order.safety))
        tell_clipping(writer, self._reporter)
        return report

    def _tags(self, sources: Sources) -> Tags:
        """Those of the song, and what made the remix; nothing of whose ears it is for."""
        song = sources.files[0]
        tags = read_tags(song)
        if tags.problem:
            self._reporter.warn(f"{song}: {tags.problem}")
        said = f"remixed with hclarity {__version__}"
        before = [text for text in tags.fields.get("comment", ()) if text != said]
        return tags.with_field("comment", *before, said)

    def _save(self, plan: GainPlan) -> None:
        path = self._order.plan_file
        if path is not None and not path.exists():
            write_text(path, plan_text(plan))


def _rendered(heard: Hearing, renderer: RemixRenderer) -> Iterator[tuple[Samples, Samples]]:
    """Yield what was heard, and what of the remix is done."""
    for song, stems in heard.blocks():
        yield song, renderer.push(song, stems)
    yield song[:, :0], renderer.flush()


def _done(files: dict[str, Path], plan: GainPlan, *, show_plan: bool) -> Done:
    about = {"plan": plan_document(plan)} if show_plan else None
    return Done(files, text=plan_text(plan) if show_plan else None, about=about)
