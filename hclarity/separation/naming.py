"""What stems are called."""

__all__ = ["rest_name"]


def rest_name(stem: str) -> str:
    """Return what is called the song without a stem.

    >>> rest_name("vocals")
    'no_vocals'
    """
    return f"no_{stem}"
