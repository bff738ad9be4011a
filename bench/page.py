"""BENCH.md: each benchmark rewrites its own section and leaves the others as they are."""

from pathlib import Path

__all__ = ["write_section"]

BENCH = Path(__file__).parent.parent / "BENCH.md"


def write_section(name: str, text: str) -> None:
    """Put Markdown in its place of BENCH.md, or at the end of it."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    whole = BENCH.read_text(encoding="utf-8") if BENCH.exists() else "# Bench\n\n"
    before, _, rest = whole.partition(begin)
    _, _, after = rest.partition(end)
    separator = "" if rest or before.endswith("\n\n") else "\n"
    BENCH.write_text(f"{before}{separator}{begin}\n{text}\n{end}{after or chr(10)}", "utf-8")
