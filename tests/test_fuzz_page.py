"""The fuzzer writes its own page, and nobody types its numbers."""

from pathlib import Path

from fuzz.campaign import Outcome, _outcome
from fuzz.page import PAGE, add_outcome, rows_in, with_rows
from fuzz.targets import TARGETS

EMPTY = "Before.\n\n<!-- table -->\n<!-- end -->\n\nAfter.\n"


def test_what_was_executed_in_former_runs_counts_on(tmp_path: Path) -> None:
    page = tmp_path / "FUZZ.md"
    page.write_text(EMPTY)
    add_outcome("plans", Outcome(100, 7, 3), "2026-01-31", page)
    add_outcome("cards", Outcome(50, 9, 4, "it hung", Path("x")), "2026-01-31", page)
    add_outcome("plans", Outcome(20, 8, 5), "2026-02-01", page)
    text = page.read_text()
    assert "| plans | 120 | 2026-02-01 | 20 | 8 | 5 | no |\n" in text
    assert "| cards | 50 | 2026-01-31 | 50 | 9 | 4 | yes |\n" in text
    assert "Executions in all: 170.\n" in text
    assert (text.startswith("Before."), text.endswith("After.\n")) == (True, True)
    assert with_rows(text, rows_in(text).values()) == text


def test_what_libfuzzer_says_is_understood() -> None:
    said = (
        "#2\tINITED cov: 5 ft: 6 corp: 1/1b exec/s: 0 rss: 9Mb\n"
        "#3000\tDONE   cov: 63 ft: 99 corp: 26/777b lim: 4 exec/s: 5 rss: 92Mb\n"
        "stat::number_of_executed_units: 3000\n"
    )
    assert _outcome(said, 0, None) == Outcome(3000, 63, 26)
    assert _outcome("ModuleNotFoundError: no atheris", 1, None).failure
    assert _outcome(said, 77, Path("crash-1")).file == Path("crash-1")


def test_the_page_has_a_row_for_every_reader_and_more_than_a_million_in_all() -> None:
    rows = rows_in(PAGE.read_text(encoding="utf-8"))
    assert rows.keys() == TARGETS.keys()
    assert sum(row.executions for row in rows.values()) >= 1_000_000
    assert not any(row.failed for row in rows.values())
