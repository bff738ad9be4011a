"""What `remix` is asked for, in words, as values."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, cast

from hclarity.cli.heard import read_told
from hclarity.errors import BadDataError, UsageError
from hclarity.hearing.audiogram import Listener
from hclarity.hearing.formats.contents import text_in
from hclarity.hearing.formats.gain_tables import read_gain_table
from hclarity.hearing.prescriptions.names import PRESCRIPTIONS, Prescription
from hclarity.registry.spelling import did_you_mean
from hclarity.remixing.ear_levels import ALL_PRESCRIBED, EarLevels
from hclarity.remixing.gains_file import ChosenGains, read_gains
from hclarity.remixing.plan import GainPlan, Loudness
from hclarity.remixing.plan_file import read_plan
from hclarity.remixing.planning import EarGains, plan_for
from hclarity.remixing.presets import DEFAULT_PRESET, preset_gains
from hclarity.remixing.stem_gains import Balance, StemGains, parse_gains
from hclarity.report.console import Reporter

__all__ = ["RemixWords", "WantedRemix", "prescription_words", "refuse_page", "wanted_remix"]

_NOT_FREE = ("nal-nl", "nalnl", "nal_nl", "dsl")
_FOR_PLOTS = {"audiogram", "listener", "other_ear"}


@dataclass(frozen=True)
class RemixWords:
    """All words that a plan follows from; `hclarity.cli.options` says what each means."""

    audiogram: str | None
    listener: str | None
    other_ear: Literal["same", "normal"] | None
    prescription: str
    wdrc: bool
    compat: Literal["cadenza"] | None
    preset: str | None
    gain: Sequence[str] | None
    gains: Path | None
    gains_id: str | None
    loudness: str
    ceiling: float


@dataclass(frozen=True)
class WantedRemix:
    """What a remix shall do.

    Args:
        prescribed: all of it but for the stem gains, with all that the ears were prescribed.
        balance: what gains the stems get.
        listener: for whom; None where nobody's audiogram was given.
        ears: how much of what was prescribed they get.
    """

    prescribed: GainPlan
    balance: Balance
    listener: Listener | None
    ears: EarLevels = ALL_PRESCRIBED

    def plan(self, stems: Collection[str]) -> GainPlan:
        """The plan for a song with these stems; raises `UsageError` where it cannot be."""
        return self.plan_with(self.balance(stems))

    def plan_with(self, stem_gains: StemGains) -> GainPlan:
        """The plan with these stem gains."""
        return self.ears.applied(replace(self.prescribed, stem_gains=stem_gains))


def wanted_remix(
    words: RemixWords,
    plan: Path | None,
    given: Collection[str],
    reporter: Reporter,
    *,
    plot: bool,
    page: bool,
) -> WantedRemix:
    """Make a plan of words, or read that which was saved.

    Args:
        words: what was typed, or the defaults.
        plan: the file of a plan; None where there is none.
        given: those of the words that were typed.
        reporter: hears what is odd about an audiogram.
        plot: whether an audiogram is wanted for a plot, even with a saved plan.
        page: whether a listening page is wanted, which no saved plan has words for.

    Raises:
        UsageError: for words that do not go together, cannot be, or differ from the saved plan.
        HclarityError: as readers of files do.
    """
    if plan is not None and plan.exists():
        saved = _saved(plan)
        typed = [word for word in vars(words) if word in given]
        if not all(plot and word in _FOR_PLOTS for word in typed):
            return _unless_it_differs(_from_words(words, reporter), saved, plan, typed[0])
        if page:
            raise UsageError(
                f"--page plays what is typed, not a saved plan; leave out --plan {plan}"
            )
        gains = StemGains(saved.stem_gains)
        return WantedRemix(saved, lambda _: gains, _listener(words, reporter))
    return _from_words(words, reporter)


def refuse_page(prescribed: GainPlan) -> None:
    """Refuse a listening page of what it could not play as it is in the file.

    Raises:
        UsageError: with the reason.
    """
    if prescribed.wdrc is not None or prescribed.filter == "cadenza":
        raise UsageError("--page plays linear gain only; leave out --wdrc and --compat")


def _from_words(words: RemixWords, reporter: Reporter) -> WantedRemix:
    listener = _listener(words, reporter)
    prescribed = _plan(words, listener)
    if words.gains is None:
        return WantedRemix(prescribed, _balance(words), listener)
    chosen = _chosen_gains(words, words.gains)
    chosen.ears.applied(prescribed)  # refuses, before anything is heard, what it cannot change
    return WantedRemix(prescribed, lambda _: chosen.stems, listener, chosen.ears)


def _unless_it_differs(wanted: WantedRemix, saved: GainPlan, path: Path, typed: str) -> WantedRemix:
    """What is wanted, if a plan that is saved says so too: the same command goes on."""
    if wanted.plan_with(_balanced(wanted, saved)) == saved:
        return wanted
    raise UsageError(
        f"{path} is there, holds the whole plan, and differs from what is typed; leave out"
        f" --{typed.replace('_', '-')}, or name a new file"
    )


def _balanced(wanted: WantedRemix, saved: GainPlan) -> StemGains:
    """The wanted gains for the stems that a plan was saved with."""
    try:
        return wanted.balance(saved.stem_gains)
    except UsageError:  # as it is for other stems
        return StemGains({})


def _saved(path: Path) -> GainPlan:
    try:
        return read_plan(text_in(path, "a gain plan"))
    except BadDataError as error:
        raise BadDataError(f"{path}: {error}") from None


def _listener(words: RemixWords, reporter: Reporter) -> Listener | None:
    if words.audiogram is None:
        if words.listener is not None or words.other_ear is not None:
            option = "--listener" if words.listener is not None else "--other-ear"
            raise UsageError(f"{option} is about an audiogram; give --audiogram FILE too")
        return None
    return read_told(words.audiogram, words.listener, words.other_ear, reporter).listener


def _plan(words: RemixWords, listener: Listener | None) -> GainPlan:
    prescription = _prescription(words.prescription)
    if listener is None and isinstance(prescription, str) and prescription != "none":
        raise UsageError("give --audiogram FILE, or --prescription none to change the balance only")
    try:
        return plan_for(
            listener,
            prescription=prescription,
            wdrc=words.wdrc,
            as_cadenza=words.compat == "cadenza",
            stem_gains={},
            loudness=_loudness(words.loudness),
            ceiling=words.ceiling,
        )
    except BadDataError as error:  # the audiogram is read by now, so something typed is wrong
        raise UsageError(str(error)) from None


def _prescription(word: str) -> Prescription | EarGains:
    path = Path(word)
    if word.lower() in PRESCRIPTIONS:
        return cast(Prescription, word.lower())
    if path.exists():
        return read_gain_table(path)
    names = ", ".join(PRESCRIPTIONS)
    if word.lower().startswith(_NOT_FREE):
        raise UsageError(
            f"{word!a} is not here, for its formulas are not free; there are {names}, or name a"
            " file with the gains that your audiologist has from it"
        )
    raise UsageError(
        f"no prescription {word!a}{did_you_mean(word, PRESCRIPTIONS)};"
        f" there are {names}, or name a file with gains"
    )


def prescription_words(word: str) -> str:
    """Who says what each ear should get: a rule by its name in books, or a file."""
    if word.lower() in PRESCRIPTIONS:
        name = PRESCRIPTIONS[cast(Prescription, word.lower())].partition(" (")[0]
        return f"{name}, a rule of audiologists,"
    return f"The file {Path(word).name}"


def _loudness(word: str) -> Loudness:
    try:
        return "match" if word == "match" else float(word)
    except ValueError:
        raise UsageError(f"--loudness must be match or a LUFS number, got {word!r}") from None


def _chosen_gains(words: RemixWords, path: Path) -> ChosenGains:
    """What a file of gains holds."""
    _refuse_two_ways(words)
    return read_gains(path, words.gains_id)


def _balance(words: RemixWords) -> Balance:
    """What stem gains to give the stems that there are, where no file says it."""
    _refuse_two_ways(words)
    if words.gains_id is not None:
        raise UsageError("--gains-id chooses from a file; give --gains FILE too")
    if words.gain:
        given = parse_gains(words.gain)
        return lambda _: given
    return partial(preset_gains, words.preset or DEFAULT_PRESET)


def _refuse_two_ways(words: RemixWords) -> None:
    ways = {"--preset": words.preset, "--gain": words.gain, "--gains": words.gains}
    typed = [way for way, value in ways.items() if value]
    if len(typed) > 1:
        raise UsageError(f"give {' or '.join(typed)}, not both")
