"""The hearing aid of the second Cadenza challenge, with parameters of each listener's own."""

from hclarity.errors import BadDataError
from hclarity.evaluation.hearing_aids import CompressorAid
from hclarity.evaluation.protocols.metadata import Entry
from hclarity.hearing.wdrc import EarCompression, cadenza_wdrc

__all__ = ["PARAMETERS", "hearing_aid"]

PARAMETERS = "compressor_params"


def hearing_aid(parameters: Entry, listener: str) -> CompressorAid:
    """Return the aid of a listener.

    Args:
        parameters: of all listeners, ``compressor_params.SPLIT.json``: ratios ``cr_l`` and ``cr_r``
            and gains in dB ``gain_l`` and ``gain_r``, six each. They were fitted for the challenge
            with CAMFIT by a program that is not in its software.
        listener: whose.

    Raises:
        BadDataError: when any is missing or out of range.
    """
    of_listener = parameters.entry(listener)
    numbers = [
        (of_listener.numbers(f"cr_{ear}"), of_listener.numbers(f"gain_{ear}")) for ear in "lr"
    ]
    try:
        left, right = (EarCompression(ratios, gains) for ratios, gains in numbers)
        return CompressorAid(cadenza_wdrc(left, right))
    except BadDataError as error:
        raise BadDataError(f"{of_listener.where}: {error}") from None
