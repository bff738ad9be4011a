"""The table of faults says what the tests show, of every fault and command."""

from cells import COMMANDS, FAULTS, TABLE, declared, table


def test_the_table_is_that_of_the_tests() -> None:
    assert TABLE.read_text(encoding="utf-8") == table(declared())


def test_no_cell_is_empty() -> None:
    rows = [line for line in table(declared()).splitlines() if line.startswith("|")][2:]
    assert len(rows) == len(FAULTS)
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 1 + len(COMMANDS)
        assert all(cells), row
