"""What shall be done with each song that is remixed, and where that goes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import join

from hclarity.audio.encoding import Encoding
from hclarity.cli.ear_drawing import EarDrawing
from hclarity.cli.remix_words import WantedRemix
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.safety import Safety

__all__ = ["PageWords", "RemixOrder", "gains_file"]

FULL_SCALE_SPL = 100.0
"""How loud a full-scale sine is drawn where nobody knows, in dB SPL; as in Cadenza's challenges."""


@dataclass(frozen=True)
class PageWords:
    """What a listening page says of how its remix was made.

    Args:
        words: that were typed, but for the song and its gains.
        prescription: in words, or the name of its file.
    """

    words: Sequence[str]
    prescription: str

    def command_for(self, song: Path, name: str) -> str:
        """The command that makes another remix of gains that are saved on the page.

        Args:
            song: as it was named.
            name: of the remix, and of what is saved.
        """
        return join(["hclarity", "remix", str(song), *self.words, "--gains", gains_file(name)])


def gains_file(name: str) -> str:
    """What is saved on the listening page of a remix of this name."""
    return f"{name}.gains.json"


@dataclass(frozen=True)
class RemixOrder:
    """One order for all songs of a run.

    Args:
        wanted: what to do.
        out: the folder for the remixes.
        encoding: of the remixes.
        plan_file: where to write the plan, unless it was read there; None for nowhere.
        plot: draw what each ear gets.
        page: what a listening page says of it; None for no page.
        safety: refuse what is not safe; None where nobody knows how loud it will be.
        overwrite: do again what is already done.
    """

    wanted: WantedRemix
    out: Path
    encoding: Encoding
    plan_file: Path | None = None
    plot: bool = False
    page: PageWords | None = None
    safety: Safety | None = None
    overwrite: bool = False

    def plan(self, stems: Collection[str]) -> GainPlan:
        """The plan for a song with these stems; raises `UsageError` where it cannot be."""
        return self.wanted.plan(stems)

    def drawing(self, sample_rate: int) -> EarDrawing | None:
        """Draws a song of this sample rate, if that is wanted."""
        if not self.plot:
            return None
        full_scale_spl = self.safety.full_scale_spl if self.safety else FULL_SCALE_SPL
        return EarDrawing(sample_rate, self.wanted.listener, full_scale_spl)

    def files(self, name: str) -> dict[str, Path]:
        """What is written for a song of this name."""
        files = {
            "remix": self.out / f"{name}.{self.encoding.format}",
            "report": self.out / f"{name}.remix.json",
        }
        if self.plot:
            files["plot"] = self.out / f"{name}.png"
        if self.page:
            files["page"] = self.page_folder(name) / "index.html"
        return files

    def page_folder(self, name: str) -> Path:
        """Where the listening page of a song of this name goes, and its sound."""
        return self.out / f"{name}.page"
