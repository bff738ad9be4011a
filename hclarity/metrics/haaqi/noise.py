"""Standard normal noise, number for number what ``numpy.random.seed`` and ``standard_normal`` give.

NumPy promises that its legacy generator never changes: a Mersenne Twister, whose uniform numbers
become normal ones by pairs, the second of a pair first. Here a whole turn of the twister is taken
at a time, so that its steps, and the logarithms, become vector code.

Sources: M. Matsumoto and T. Nishimura, ACM TOMACS 8, 1998; G. Marsaglia and T. A. Bray, SIAM
Review 6, 1964 (the polar method).
"""

import numpy as np
from numpy.typing import NDArray

from hclarity.metrics.haaqi.compiled import compiled
from hclarity.metrics.haaqi.logarithms import log2

__all__ = ["Noise"]

Signal = NDArray[np.float64]
Words = NDArray[np.uint32]

_WORDS, _AHEAD = 624, 397
_PAIRS = _WORDS // 4  # a uniform number takes two words
_UPPER, _LOWER = np.uint32(0x80000000), np.uint32(0x7FFFFFFF)
_TWIST = np.uint32(0x9908B0DF)
_TEMPER_7, _TEMPER_15 = np.uint32(0x9D2C5680), np.uint32(0xEFC60000)
_LN_2 = float(np.log(2.0))


class Noise:
    """An endless stream of independent standard normal numbers.

    Args:
        seed: of the stream, 0 to 2**32 - 1.
    """

    def __init__(self, seed: int) -> None:
        self._words: Words = np.random.RandomState(seed).get_state(legacy=False)["state"]["key"]
        self._ready = np.empty(2 * _PAIRS)
        self._left = 0

    def fill(self, row: Signal) -> None:
        """Fill an array with the next numbers."""
        self._left = _fill(self._words, self._ready, self._left, row)


@compiled()
def _fill(words: Words, ready: Signal, left: int, row: Signal) -> int:
    """Fill a row with what is left at the end of ``ready``, and more; return what is left then."""
    filled = 0
    while filled < row.size:
        if left == 0:
            _turn(words)
            left = _normal(words, ready)
        taken = min(left, row.size - filled)
        row[filled : filled + taken] = ready[ready.size - left : ready.size - left + taken]
        filled += taken
        left -= taken
    return left


@compiled()
def _turn(words: Words) -> None:
    """Turn the twister: every word of its state is new."""
    for n in range(_WORDS - _AHEAD):
        words[n] = words[n + _AHEAD] ^ _twisted(words[n], words[n + 1])
    for n in range(_WORDS - _AHEAD, _WORDS - 1):
        words[n] = words[n + _AHEAD - _WORDS] ^ _twisted(words[n], words[n + 1])
    words[_WORDS - 1] = words[_AHEAD - 1] ^ _twisted(words[_WORDS - 1], words[0])


@compiled()
def _twisted(upper: np.uint32, lower: np.uint32) -> np.uint32:
    word = (upper & _UPPER) | (lower & _LOWER)
    return (word >> np.uint32(1)) ^ ((np.uint32(0) - (word & np.uint32(1))) & _TWIST)


@compiled()
def _tempered(word: np.uint32) -> np.uint32:
    word ^= word >> np.uint32(11)
    word ^= (word << np.uint32(7)) & _TEMPER_7
    word ^= (word << np.uint32(15)) & _TEMPER_15
    return word ^ (word >> np.uint32(18))


@compiled()
def _normal(words: Words, ready: Signal) -> int:
    """Write normal numbers to the end of ``ready``; return how many, about pi/4 of its size."""
    uniform = np.empty(2 * _PAIRS)
    for n in range(2 * _PAIRS):
        high, low = _tempered(words[2 * n]) >> np.uint32(5), _tempered(words[2 * n + 1])
        number = (high * 67108864.0 + (low >> np.uint32(6))) / 9007199254740992.0
        uniform[n] = 2.0 * number - 1.0
    square = np.empty(_PAIRS)
    kept = 0
    for pair in range(_PAIRS):
        first, second = uniform[2 * pair], uniform[2 * pair + 1]
        distance = first * first + second * second
        uniform[2 * kept] = second
        uniform[2 * kept + 1] = first
        square[kept] = distance
        kept += distance < 1.0 and distance != 0.0
    for pair in range(kept):
        square[pair] = np.sqrt(-2.0 * _LN_2 * log2(square[pair]) / square[pair])
    begin = ready.size - 2 * kept
    for n in range(2 * kept):
        ready[begin + n] = uniform[n] * square[n // 2]
    return 2 * kept
