"""What the report beside a remix says of it: whether it is ours, of what it is, and made how."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hclarity.errors import BadDataError, CannotCreateError
from hclarity.hearing.formats.contents import text_in
from hclarity.hearing.strict_json import as_list, as_object, as_text, parse
from hclarity.remixing.plan import GainPlan
from hclarity.remixing.plan_file import read_plan
from hclarity.remixing.safety import Safety

__all__ = ["EarlierRemix", "earlier_remix"]


@dataclass(frozen=True)
class EarlierRemix:
    """A remix that an earlier run made.

    Args:
        plan: what was done.
        encoding: format and bits of its file.
        sources: digests of the files it was made of.
        audio: names of the files of sound, itself and those in other formats before it.
        plot: name of its picture; None for none.
        page: digest of what its listening page was made of; None for none.
        listening: what a week of it was taken to be; None where nobody knew how loud it is.
    """

    plan: GainPlan
    encoding: str
    sources: tuple[str, ...]
    audio: tuple[str, ...]
    plot: str | None
    page: str | None
    listening: Mapping[str, object] | None

    def holds(self, plan: GainPlan, encoding: str, sources: tuple[str, ...]) -> bool:
        """Whether this was made of these files, with this plan, in this encoding."""
        return (self.plan, self.encoding, self.sources) == (plan, encoding, sources)

    def is_safe(self, safety: Safety | None) -> bool:
        """Whether it was found safe enough for that, and its report says so."""
        if safety is None or self.listening is None:
            return safety is None and self.listening is None
        known = [self.listening.get(key) for key in ("full_scale_spl", "planned_hours_a_week")]
        if known != [safety.full_scale_spl, safety.weekly_hours]:
            return False
        dose = self.listening.get("weekly_dose_percent")
        return safety.allow_loud or (isinstance(dose, float) and dose <= 100)


def earlier_remix(report: Path) -> EarlierRemix | None:
    """Read the report on a remix; None where there is none.

    Raises:
        CannotCreateError: when the file of that name is none of ours, and so must not be replaced.
    """
    if not report.exists():
        return None
    try:
        return _read(text_in(report, "a report on a remix"))
    except (BadDataError, KeyError):
        raise CannotCreateError(
            f"{report} is there already and is no report of hclarity's; choose another --out"
        ) from None


def _read(text: str) -> EarlierRemix:
    content = as_object(parse(text), "a report")
    files = as_object(content["files"], "files")
    sources = as_object(content["sources"], "sources")
    plot, page, listening = files["plot"], files.get("page"), content["listening"]
    before = as_list(files["before"], "before")
    return EarlierRemix(
        plan=read_plan(text),
        encoding=as_text(content["encoding"], "encoding"),
        sources=tuple(
            as_text(as_object(source, "a source").get("sha256"), "sha256")
            for source in as_list(sources["files"], "files")
        ),
        audio=tuple(as_text(name, "a file") for name in (files["remix"], *before)),
        plot=None if plot is None else as_text(plot, "plot"),
        page=None if page is None else as_text(page, "page"),
        listening=None if listening is None else as_object(listening, "listening"),
    )
