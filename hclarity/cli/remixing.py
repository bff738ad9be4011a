"""Songs and stems from files, a remix into a file: the walk that `remix` and `demo` share."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from hclarity import __version__
from hclarity.audio.encoding import encoded_bytes
from hclarity.audio.part_names import clear_left_over
from hclarity.audio.tags import Tags, read_tags
from hclarity.audio.values import Samples
from hclarity.audio.writing import AudioWriter, check_writable
from hclarity.batch.leases import Require, forget_the_dead, leased
from hclarity.cli.each import Done, Work
from hclarity.cli.ear_drawing import EarDrawing
from hclarity.cli.files import write_text
from hclarity.cli.items import Item
from hclarity.cli.remix_files import RemixFiles
from hclarity.cli.remix_job import RemixJob
from hclarity.cli.remix_order import RemixOrder
from hclarity.cli.remix_report import report_text
from hclarity.cli.separating import SongSeparator, check_song, tell_clipping
from hclarity.cli.sources import Hearing, Sources, hearing, stems_in, stems_record
from hclarity.errors import BadDataError
from hclarity.registry.unchanged_files import UnchangedFiles
from hclarity.registry.whole_folders import WholeFolder, whole_folder
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.plan_file import plan_document, plan_text
from hclarity.remixing.remixer import RemixLevels, RemixMeasurement, RemixRenderer, RemixReport
from hclarity.remixing.safety import turn_up_db
from hclarity.remixing.song_meter import SongMeter
from hclarity.remixing.stem_gains import StemGains
from hclarity.report.browser_page import LISTENING, is_page
from hclarity.report.console import Reporter
from hclarity.report.tables import remix_summary

__all__ = ["SongRemixer", "check_song_or_stems", "preview"]


def check_song_or_stems(path: Path) -> None:
    """Raise for what is no folder of stems and no song, by their looks."""
    if path.is_dir():
        stems_in(Item.of(path))
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
    outputs = RemixFiles(order)

    def look(item: Item) -> Done:
        path = item.path
        separated = dict.fromkeys(stems_of_model, path)
        song = Sources(path, item.name, path, separated)
        job = RemixJob.planned(order, stems_in(item) if path.is_dir() else song)
        outputs.cleared(job)
        reporter.say(f"would remix {path} (nothing is written)")
        if order.safety:
            reporter.say("note: how loud it would be, and whether that is safe, is not known yet")
        return _done(job, show_plan=show_plan)

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
        self._outputs = RemixFiles(order)

    def __call__(self, item: Item) -> Done:
        """Remix one song, separated on the way if need be, or one folder of stems.

        Raises:
            HclarityError: as readers, net, remixer and writer do; nothing is left under a final
                name.
            Busy: when another program is at work on it.
        """
        if item.path.is_dir():
            return self.remix(stems_in(item))
        self._outputs.refuse(item.name, [item.path])  # before minutes of separating
        stems = self._separator(item).stems if self._separator else {}
        return self.remix(Sources.separated(item, stems))

    def remix(self, sources: Sources) -> Done:
        """Remix what has been found, unless that is done already; otherwise as a call."""
        job = self._outputs.cleared(RemixJob.planned(self._order, sources))
        if job.is_done:
            return self._found(job)
        with leased(job.files["remix"].parent, sources.name) as require:
            unchanged = UnchangedFiles((job.whole if self._order.page else job.sources).files)
            job = self._outputs.cleared(job)
            if job.is_done:  # another program was quicker
                return self._found(job)
            _require_own_stems(job)
            if job.loss:
                self._reporter.warn(f"{sources.given}: replacing {job.loss} in {self._order.out}")
            seconds = self._make(job, unchanged, require)
        self._save(job.plan)
        return replace(_done(job, show_plan=self._show_plan), seconds=seconds)

    def _found(self, job: RemixJob) -> Done:
        forget_the_dead(job.files["remix"].parent, job.sources.name)
        self._reporter.say(f"already remixed: {job.sources.given}")
        self._save(job.plan)
        return replace(_done(job, show_plan=self._show_plan), before=True)

    def _make(self, job: RemixJob, unchanged: UnchangedFiles, require: Require) -> float:
        """Hear the song for its levels, then remix it; return how many seconds of it there are."""
        order, remix = self._order, job.files["remix"]
        levels, frames = self._measure(job.sources, job.rendered_plan)
        if order.safety:
            order.safety.refuse_unsafe(str(job.sources.given), levels)
        size = encoded_bytes(order.encoding, 2, frames)
        check_writable(remix, encoding=order.encoding, bytes_needed=size)
        for path in (*job.files.values(), order.page_folder(job.sources.name)):
            clear_left_over(path)

        def check() -> None:
            unchanged.require()
            require()

        with self._page(job, levels, frames) as page:
            report, rate = self._render(job, check, levels, frames, page)
        self._reporter.panel(str(remix), remix_summary(job.plan, report, order.safety))
        return frames / rate

    def _measure(self, sources: Sources, plan: GainPlan) -> tuple[RemixLevels, int]:
        """Hear the song for its levels, and its true length."""
        stems = tuple(sources.stems)
        song_lufs = None
        if plan.wdrc:
            alone = sources.needed_for(StemGains({}))
            meter, _ = self._hear(alone, f"metering {sources.name}", SongMeter)
            song_lufs = meter.loudness()
        measurement, frames = self._hear(
            sources,
            f"listening to {sources.name}",
            lambda rate: RemixMeasurement(plan, stems, rate, song_lufs),
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

    @contextmanager
    def _page(
        self, job: RemixJob, levels: RemixLevels, frames: int
    ) -> Iterator[WholeFolder | None]:
        """Fill the folder of the listening page, if one is wanted; it has no name yet."""
        if job.order.page is None:
            yield None
            return
        from hclarity.cli.listening import fill_page

        with whole_folder(job.files["page"].parent) as folder:
            fill_page(folder, job, levels, frames, self._reporter)
            yield folder

    def _render(
        self,
        job: RemixJob,
        check: Callable[[], None],
        levels: RemixLevels,
        frames: int,
        page: WholeFolder | None,
    ) -> tuple[RemixReport, int]:
        """Hear it again, and write page, report, plot and remix, in this order; return its rate.

        What was written is checked before it replaces anything.
        """
        order, sources = self._order, job.sources
        with hearing(sources) as heard:
            rate = heard.sample_rate
            renderer = RemixRenderer(job.rendered_plan, tuple(sources.stems), rate, levels)
            drawing = order.drawing(rate)
            with (
                AudioWriter(
                    job.files["remix"],
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
                check()
                writer.finish()  # on a full disk all that was there before is kept
                self._write_beside(job, report, drawing, page)
        tell_clipping(writer, self._reporter)
        return report, rate

    def _write_beside(
        self,
        job: RemixJob,
        report: RemixReport,
        drawing: EarDrawing | None,
        page: WholeFolder | None,
    ) -> None:
        """Name the page, write report and plot, and take away what belonged to an older remix.

        The older remix goes before the report is there: a run that breaks off here must not leave
        it with this one.
        """
        files = job.files
        if page:  # first, for another's file there may forbid it
            page.finish(partial(is_page, mark=LISTENING))
        take_away = partial(files["remix"].unlink, missing_ok=True)
        write_text(files["report"], report_text(job, report), first=take_away)
        if drawing:
            turned_up = turn_up_db(report, job.order.safety)
            drawing.draw(files["plot"], job.sources.name, job.plan, report, turned_up)
        elif job.earlier and job.earlier.plot:
            files["report"].with_name(job.earlier.plot).unlink(missing_ok=True)

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


def _require_own_stems(job: RemixJob) -> None:
    """Refuse a song that is no longer the one that its stems were made of on the way."""
    sources = job.sources
    if sources.song == sources.given and sources.stems:
        record = stems_record(sources.stems)
        if record is None or record.song_sha256 != job.digests[0]:
            raise BadDataError(
                f"{sources.given} or its stems changed since it was separated; the same command"
                " again takes it as it is"
            )


def _rendered(heard: Hearing, renderer: RemixRenderer) -> Iterator[tuple[Samples, Samples]]:
    """Yield what was heard, and what of the remix is done."""
    for song, stems in heard.blocks():
        yield song, renderer.push(song, stems)
    yield song[:, :0], renderer.flush()


def _done(job: RemixJob, *, show_plan: bool) -> Done:
    about = {"plan": plan_document(job.plan)} if show_plan else None
    return Done(job.files, text=plan_text(job.plan) if show_plan else None, about=about)
