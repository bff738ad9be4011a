"""What an estimate is compared with: a true stem, or the sum of those that it stands for."""

from collections.abc import Mapping, Sequence

from hclarity.audio.values import Samples
from hclarity.evaluation.songs import Song

__all__ = ["is_sum", "summed", "truth_sources", "truths"]

ACCOMPANIMENT = "accompaniment"
_REST = "no_"
_SINGER = "vocals"  # whom an accompaniment accompanies, where nothing else is said


def is_sum(stem: str) -> bool:
    """Whether a stem is what others sound like together, by its name."""
    return stem == ACCOMPANIMENT or stem.startswith(_REST)


def truth_sources(names: Sequence[str], stems: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return which stems of a song add up to each of the stems that a separator has.

    ``no_X`` is all but X. An ``accompaniment`` is all but the other stems of the separator; of one
    that has all, or nothing else, it is all but the vocals, as MUSDB has it.

    Args:
        names: the stems of a song.
        stems: of a separator.

    Returns:
        Their sources; none for a stem that has nothing to do with the song.

    >>> truth_sources(("drums", "bass", "vocals"), ("vocals", "accompaniment", "piano"))
    {'vocals': ('vocals',), 'accompaniment': ('drums', 'bass'), 'piano': ()}
    """
    return {stem: _sources(stem, names, stems) for stem in stems}


def truths(song: Song, stems: Sequence[str]) -> dict[str, Samples]:
    """Return what each stem of a separator should sound like, ``[channels, frames]``.

    Those that have nothing to do with the song are left out. Raises what `Song.stems` does.
    """
    sources = truth_sources(song.track.names, stems)
    return {stem: summed(song.stems, of) for stem, of in sources.items() if of}


def summed(stems: Mapping[str, Samples], names: Sequence[str]) -> Samples:
    """Return what some stems, one or more, sound like together."""
    first, *others = (stems[name] for name in names)
    total = first
    for sound in others:
        total = total + sound
    return total


def _sources(stem: str, names: Sequence[str], stems: Sequence[str]) -> tuple[str, ...]:
    if stem in names:
        return (stem,)
    apart: set[str] = set()
    if stem == ACCOMPANIMENT:
        apart = _accompanied(names, stems)
    elif stem.startswith(_REST):
        apart = {stem.removeprefix(_REST)} & set(names)
    return tuple(name for name in names if name not in apart) if apart else ()


def _accompanied(names: Sequence[str], stems: Sequence[str]) -> set[str]:
    others = {stem for stem in stems if not is_sum(stem)}
    shared = others & set(names)
    if others and shared != set(names):
        return shared
    return {_SINGER} & set(names)
