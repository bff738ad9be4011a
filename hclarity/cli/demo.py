"""`hclarity demo`: the whole path once, on a song that is made on the spot."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hclarity.cli import options
from hclarity.cli.output import print_paths
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.audio.values import Stems

__all__ = ["demo"]

SEED, SECONDS = 2024, 20.0


def demo(out: options.OutOpt = Path("demo"), quiet: options.QuietOpt = False) -> None:
    """Make a song, separate it, remix it, measure.

    The remix is for a moderate sloping loss. All stays in the OUT folder; nothing is fetched.
    """
    from hclarity.audio.encoding import Encoding
    from hclarity.cli.items import Item
    from hclarity.cli.layout import StemLayout
    from hclarity.cli.ready_model import WantedModel, ready_model
    from hclarity.cli.remix_order import RemixOrder
    from hclarity.cli.remix_words import WantedRemix
    from hclarity.cli.remixing import SongRemixer
    from hclarity.cli.separating import SongSeparator
    from hclarity.cli.sources import Sources
    from hclarity.cli.wanted_stems import wanted_stems
    from hclarity.hearing.standard import example_listener
    from hclarity.registry.models import find_card
    from hclarity.remixing.planning import plan_for
    from hclarity.remixing.presets import DEFAULT_PRESET, preset_gains
    from hclarity.report.tables import score_table

    reporter = Reporter(quiet=quiet)
    flac = Encoding("flac")
    reporter.say(f"1. a generated song with known stems, in {out / 'song'}")
    truth, song = _song(out / "song")
    reporter.say(f"2. its stems by the bundled model, in {out / 'stems'}")
    ready = ready_model(WantedModel(find_card("demucs"), "bundled"), reporter)
    layout = StemLayout(out / "stems", "{track}/{stem}.{ext}", flac.format)
    item = Item.of(song)
    separator = SongSeparator(ready, layout, flac, wanted_stems(ready.card), reporter)
    stems = separator(item).stems
    reporter.say("   how near they come to the true ones (higher is better):")
    reporter.show(score_table(*_scores(truth, stems)))
    reporter.say(f"3. a remix for a moderate sloping hearing loss, in {out / 'remix'}")
    listener = example_listener()
    plan = plan_for(listener, stem_gains={})
    wanted = WantedRemix(plan, partial(preset_gains, DEFAULT_PRESET), listener)
    order = RemixOrder(wanted, out / "remix", flac, overwrite=True)
    remixer = SongRemixer(order, None, reporter)
    remixed = remixer.remix(Sources.separated(item, stems))
    print_paths([song, *stems.values(), *remixed.files.values()])


def _song(track: Path) -> "tuple[Stems, Path]":
    """The demo song: its true stems, and its mixture's path."""
    from hclarity.datasets.generated.songs import generate_song
    from hclarity.datasets.writing import write_song

    truth = generate_song(SEED, SECONDS)
    named = track / "song.wav"
    if not named.is_file():
        write_song(truth, track, mixture=named.stem)
    return truth, named


def _scores(truth: "Stems", paths: dict[str, Path]) -> tuple[dict[str, float], dict[str, float]]:
    """USDR of each stem, and of a quarter of the mixture in its place."""
    from hclarity.audio.reading import read_audio
    from hclarity.metrics.sdr import usdr

    share = truth.mix().samples / len(truth.names)
    scores = {name: usdr(truth[name].samples, read_audio(paths[name]).samples) for name in paths}
    return scores, {name: usdr(truth[name].samples, share) for name in paths}
