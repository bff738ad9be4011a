"""How much louder or softer each stem shall be."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from hclarity.errors import BadDataError, UsageError

__all__ = ["LOUDEST_DB", "SOFTEST_DB", "Balance", "StemGains", "parse_gain", "parse_gains"]

# At -60 dB a stem is gone: nobody hears softer ones. +10 dB is the most that the ICASSP 2024
# Cadenza challenge asks for, and lays bare what the separation got wrong.
SOFTEST_DB, LOUDEST_DB = -60.0, 10.0


class StemGains(Mapping[str, float]):
    """Stem names and their gains in dB. A stem that is not named keeps its level.

    Args:
        gains_db: -60 to +10 dB for each stem.

    Raises:
        BadDataError: for a gain out of range or a stem without a printable name.

    >>> StemGains({"vocals": 3, "drums": -2})
    StemGains({'vocals': 3.0, 'drums': -2.0})
    """

    def __init__(self, gains_db: Mapping[str, float]) -> None:
        self._gains_db = {stem: float(gain) for stem, gain in gains_db.items()}
        for stem, gain in self._gains_db.items():
            if not (stem and stem.isprintable()):
                raise BadDataError(f"a stem needs a printable name, got {stem[:40]!a}")
            if not SOFTEST_DB <= gain <= LOUDEST_DB:
                limits = f"{SOFTEST_DB:g} to +{LOUDEST_DB:g} dB"
                raise BadDataError(f"{gain:g} dB for {stem} is outside {limits}")

    def __getitem__(self, stem: str) -> float:
        return self._gains_db[stem]

    def __iter__(self) -> Iterator[str]:
        return iter(self._gains_db)

    def __len__(self) -> int:
        return len(self._gains_db)

    def factor(self, stem: str) -> float:
        """How many times larger a stem's samples shall be: none of it at the softest."""
        gain = self._gains_db[stem]
        return 10 ** (gain / 20) if gain > SOFTEST_DB else 0.0

    @property
    def changed(self) -> tuple[str, ...]:
        """The stems whose gain is not 0 dB."""
        return tuple(stem for stem, gain in self.items() if gain)

    def refuse_missing(self, stems: Collection[str]) -> None:
        """Raise `UsageError` where a stem shall change that is not among these."""
        for stem in self.changed:
            if stem not in stems:
                there = ", ".join(stems) or "none, only the song itself"
                raise UsageError(f"no stem named {stem!a} to change; there are: {there}")

    def __repr__(self) -> str:
        return f"StemGains({self._gains_db})"


Balance = Callable[[Collection[str]], StemGains]
"""The gains for the stems that there are, by their names, or `UsageError`."""


def parse_gain(text: str) -> tuple[str, float]:
    """Read one gain as it is typed.

    Raises:
        UsageError: when it is not ``STEM=DB``, or the gain is out of range.

    >>> parse_gain("vocals=+3")
    ('vocals', 3.0)
    """
    stem, _, number = (part.strip() for part in text.partition("="))
    try:
        gain = float(number)
        StemGains({stem: gain})
    except BadDataError as error:
        raise UsageError(f"{error}; write STEM=DB, such as vocals=+3") from None
    except ValueError:
        raise UsageError(f"expected STEM=DB, such as vocals=+3, got {text[:40]!a}") from None
    return stem, gain


def parse_gains(texts: Iterable[str]) -> StemGains:
    """Read several gains, each for another stem.

    Raises:
        UsageError: as `parse_gain`, or when a stem is named twice.
    """
    gains_db: dict[str, float] = {}
    for stem, gain in map(parse_gain, texts):
        if stem in gains_db:
            raise UsageError(f"{stem} is given twice: {gains_db[stem]:+g} dB and {gain:+g} dB")
        gains_db[stem] = gain
    return StemGains(gains_db)
