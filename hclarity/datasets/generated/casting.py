"""Who may play: some voices, instruments and samples are kept back, to judge nets by."""

from collections.abc import Collection, Sequence
from typing import Literal, TypeVar

__all__ = ["Casting", "cast_from"]

Casting = Literal["training", "held-out"]
Player = TypeVar("Player")


def cast_from(
    pool: Sequence[Player], held_out: Collection[Player], casting: Casting
) -> tuple[Player, ...]:
    """Those of ``pool`` that this casting may use; all of it where nothing was kept back."""
    chosen = tuple(one for one in pool if (one in held_out) == (casting == "held-out"))
    return chosen or tuple(pool)
