"""The door: ``hclarity`` and ``python -m hclarity``.

Nothing is imported before `main` runs, so that Ctrl-C ends the program quietly from the first.
"""

import sys

__all__ = ["main"]

_INTERRUPTED = 130


def main() -> None:
    """Run the program."""
    try:
        from hclarity.cli.app import main as run

        run()
    except KeyboardInterrupt:  # before there was anything that could be told of
        sys.exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
