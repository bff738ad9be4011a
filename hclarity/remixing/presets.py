"""Balances to begin with, and what is known of who prefers them.

All are averages: individual tastes differ widely, and beyond 3 dB each is an experiment. None
mutes a stem: with the rest kept at -6 dB, the artefacts of separation went unheard (Pons et al.,
JASA 140, 2016).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hclarity.errors import UsageError
from hclarity.remixing.stem_gains import StemGains
from hclarity.separation.naming import rest_name

__all__ = ["DEFAULT_PRESET", "PRESETS", "Preset", "preset_gains"]

DEFAULT_PRESET = "ha-mild"


@dataclass(frozen=True)
class Preset:
    """A balance.

    Args:
        title: what to call it where people choose by ear.
        gains: for the stems of all models that it makes sense for; `preset_gains` picks.
        words: the gains in few words.
        evidence: who was found to prefer it, and where that is published.
    """

    title: str
    gains: StemGains
    words: str
    evidence: str


PRESETS: Mapping[str, Preset] = {
    "original": Preset("As it was mixed", StemGains({}), "none changed", "as the song was mixed"),
    "ha-mild": Preset(
        "A little more voice",
        StemGains(
            {
                "vocals": 1,
                "drums": -1,
                "bass": -1,
                "other": -1,
                "accompaniment": -1,
                rest_name("vocals"): -1,
            }
        ),
        "vocals +1 dB, others -1",
        "hearing-aid wearers preferred 2 dB more voice against the rest: Benjamin and Siedenburg,"
        " JASA 154, 2023, as cited by the second Cadenza challenge",
    ),
    "lyrics": Preset(
        "More voice",
        StemGains({"vocals": 3}),
        "vocals +3",
        "no study of this step; more voice is what listeners with hearing loss ask for: the same",
    ),
    "lyrics-strong": Preset(
        "Much more voice",
        StemGains({"vocals": 6}),
        "vocals +6",
        "no study; the most voice that the second Cadenza challenge asks for",
    ),
    "beat": Preset(
        "More beat",
        StemGains({"drums": 3, "bass": 3}),
        "drums and bass +3",
        "cochlear-implant users raised drums and bass beside the voice: Buyens et al.,"
        " IEEE TBME 62, 2015; no study of these numbers",
    ),
    "ci": Preset(
        "For cochlear implants",
        StemGains({"vocals": 8, "other": -6}),
        "vocals +8, other -6",
        "cochlear-implant users preferred vocals 8 dB up: Tahmasebi et al., Front. Neurosci. 14,"
        " 2020; and bass and drums above the other instruments: Buyens et al., Int. J. Audiol. 53,"
        " 2014",
    ),
}


def preset_gains(preset: str, stems: Collection[str]) -> StemGains:
    """Return what a preset does to the stems that there are.

    Args:
        preset: one of `PRESETS`.
        stems: their names.

    Raises:
        UsageError: when it would change stems, but none of those that there are.

    >>> preset_gains("ha-mild", ["vocals", "accompaniment"])
    StemGains({'vocals': 1.0, 'accompaniment': -1.0})
    """
    changed = PRESETS[preset].gains
    there = {stem: gain for stem, gain in changed.items() if stem in stems}
    if changed and not there:
        raise UsageError(
            f"the preset {preset} changes {', '.join(changed)}; there are: {', '.join(stems)};"
            " choose gains with --gain STEM=DB"
        )
    return StemGains(there)
