"""Base-two logarithms and exponentials that compilers can take several of at a time.

The machine's mathematics library takes one number in a call; these are a few multiplications and
tricks with the bits of IEEE 754 doubles, right to 1e-15, so a loop over them becomes vector code.
They rely on additions being done as written: never compile a caller with ``reassociate=True``.
"""

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import intrinsic

from hclarity.metrics.haaqi.compiled import compiled

__all__ = ["exp2", "log2"]

_FRACTION_BITS = 52
_INTEGER = 0x433 << _FRACTION_BITS  # the bits of 2**52: integers added to them count by one
_SQRT_HALF = 0x3FE6A09E667F3BCD  # the bits of sqrt(1/2)
_LOG2_E = 1.4426950408889634
_LN_2 = 0.6931471805599453
_ROUNDING = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to a whole number


def _recast(result: types.Type) -> Any:
    """A conversion that keeps a number's bits and takes them for another type."""

    def kept(_context: object, number: types.Type) -> tuple[object, Callable[..., Any]]:
        def generate(target: Any, builder: Any, _signature: object, arguments: Any) -> Any:
            return builder.bitcast(arguments[0], target.get_value_type(result))

        return result(number), generate

    return intrinsic(kept)


_bits: Callable[[float], int] = _recast(types.int64)
_double: Callable[[int], float] = _recast(types.float64)


@compiled()
def log2(x: float) -> float:
    """Logarithm of a normal number above zero (from 2.3e-308 on)."""
    bits = _bits(x)
    # x = 2**exponent * mantissa, the mantissa from sqrt(1/2) to sqrt(2)
    shifted = bits - _SQRT_HALF
    exponent = shifted >> _FRACTION_BITS
    mantissa = _double(bits - (exponent << _FRACTION_BITS))
    whole = _double((exponent + 2048) | _INTEGER) - 4503599627372544.0
    t = (mantissa - 1.0) / (mantissa + 1.0)
    s = t * t
    # artanh(t) / t
    series = 1 / 19 + s * (1 / 21)
    series = 1 / 17 + s * series
    series = 1 / 15 + s * series
    series = 1 / 13 + s * series
    series = 1 / 11 + s * series
    series = 1 / 9 + s * series
    series = 1 / 7 + s * series
    series = 1 / 5 + s * series
    series = 1 / 3 + s * series
    return whole + 2.0 * _LOG2_E * (t + t * s * series)


@compiled()
def exp2(x: float) -> float:
    """Two to the power of a number from -1021 to 1023."""
    rounded = x + _ROUNDING
    t = (x - (rounded - _ROUNDING)) * _LN_2
    series = 1 / 479001600 + t * (1 / 6227020800)
    series = 1 / 39916800 + t * series
    series = 1 / 3628800 + t * series
    series = 1 / 362880 + t * series
    series = 1 / 40320 + t * series
    series = 1 / 5040 + t * series
    series = 1 / 720 + t * series
    series = 1 / 120 + t * series
    series = 1 / 24 + t * series
    series = 1 / 6 + t * series
    series = 1 / 2 + t * series
    series = 1.0 + t * series
    return (1.0 + t * series) * _double((_bits(rounded) + 1023) << _FRACTION_BITS)
