"""One number that was measured."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["REMIX", "Ear", "Score"]

REMIX = "remix"  # in the place of a stem's name

Ear = Literal["", "left", "right"]


@dataclass(frozen=True)
class Score:
    """How one row of the table did on one stem of one song.

    Args:
        row: of the table: a model, somebody's estimates, the mixture or the ideal mask.
        song: by the name of its track, or of its excerpt.
        stem: of the song, or `REMIX`.
        metric: "usdr", "csdr" or "sisdr", in dB, or "haaqi", from 0 to 1.
        value: None where it is not defined, as for a stem that is silent; a perfect estimate may
            have infinite dB.
        listener: who heard it, where the metric has one.
        ear: with which ear; none for both together.
        scene: of a challenge, by its id; none elsewhere.
    """

    row: str
    song: str
    stem: str
    metric: str
    value: float | None
    listener: str = ""
    ear: Ear = ""
    scene: str = ""
