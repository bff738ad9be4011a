"""`hclarity audiogram show`."""

from typing import TYPE_CHECKING, Any

from hclarity.cli import options
from hclarity.cli.heard import HeardSong, LevelOpt, SongOpt
from hclarity.report.console import Reporter

if TYPE_CHECKING:
    from hclarity.hearing.audiogram import Audiogram
    from hclarity.hearing.formats.reading import Reading

__all__ = ["show"]


def show(
    source: options.AudiogramArg,
    listener: options.ListenerOpt = None,
    other_ear: options.OtherEarOpt = None,
    song: SongOpt = None,
    level: LevelOpt = None,
    json: options.JsonOpt = False,
) -> None:
    """Show an audiogram as a chart, with its thresholds, their average and the WHO's grade.

    What lies below an ear's line on the page is heard by it. This is no diagnosis.
    """
    from rich.console import Console

    from hclarity.cli.heard import hear_song, read_told
    from hclarity.cli.output import print_document, print_text
    from hclarity.report.audiogram_chart import audiogram_chart

    reporter = Reporter()
    reading = read_told(source, listener, other_ear, reporter)
    heard = hear_song(song, level, reporter)
    if json:
        print_document(_document(reading, heard))
        return
    chart = audiogram_chart(
        reading.listener, heard.levels if heard else None, heard.words if heard else ""
    )
    terminal = Console(highlight=False)  # which knows whether stdout takes colours
    with terminal.capture() as printed:
        terminal.print(chart, soft_wrap=True)
    print_text(printed.get())


def _document(reading: "Reading", heard: HeardSong | None) -> dict[str, Any]:
    from hclarity.hearing.grades import grade, grade_is_bound, grade_is_estimated

    listener, found = reading.listener, grade(reading.listener)
    return {
        "name": listener.name,
        "format": reading.format,
        "left": _ear(listener.left),
        "right": _ear(listener.right),
        "grade": found
        and {
            "name": found.name,
            "range": found.range,
            "experience": found.experience,
            "at_least": grade_is_bound(listener),
            "estimated": grade_is_estimated(listener),
        },
        "notes": list(reading.notes),
        **({"song": _song(heard)} if heard else {}),
    }


def _ear(ear: "Audiogram") -> dict[str, Any]:
    from hclarity.hearing.grades import (
        average_is_bound,
        average_is_known,
        pure_tone_average,
        untested_in_average,
    )

    return {
        "hz": list(ear.frequencies),
        "db_hl": list(ear.thresholds),
        "no_response_hz": list(ear.no_response),
        "no_response_db_hl": list(ear.no_response.values()),
        "pure_tone_average_db_hl": pure_tone_average(ear) if average_is_known(ear) else None,
        "pure_tone_average_untested_hz": list(untested_in_average(ear)),
        "pure_tone_average_at_least": average_is_bound(ear),
    }


def _song(heard: HeardSong) -> dict[str, Any]:
    levels = heard.levels
    return {
        "mean_db_spl": heard.level,
        "hz": list(levels.hz),
        "p30_db_hl": list(levels.soft),
        "p99_db_hl": list(levels.loud),
    }
