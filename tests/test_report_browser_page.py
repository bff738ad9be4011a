from pathlib import Path

import pytest

from hclarity.report.browser_page import LISTENING, SCORES, is_page


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "page"
    (page / "sound").mkdir(parents=True)
    (page / "sound" / "00000.js").touch()
    (page / "index.html").write_text(f"<!doctype html>{LISTENING}")
    return page


def test_a_page_is_known_by_what_it_holds(page: Path) -> None:
    assert is_page(page, LISTENING)
    assert not is_page(page, SCORES)
    for litter in (".DS_Store", "sound/Thumbs.db"):
        (page / litter).touch()
    assert is_page(page, LISTENING)
    (page / "index.html").unlink()
    assert is_page(page, SCORES)


@pytest.mark.parametrize("name", ["diary.txt", "sound/app.js", "sound/00000.js.bak", ".hidden"])
def test_what_holds_more_is_none(page: Path, name: str) -> None:
    (page / name).touch()
    assert not is_page(page, LISTENING)


def test_links_and_files_are_none(page: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(page)
    assert not is_page(tmp_path / "link", LISTENING)
    (page / "sound").rename(tmp_path / "theirs")
    (page / "sound").symlink_to(tmp_path / "theirs")
    assert not is_page(page, LISTENING)
    (page / "sound").unlink()
    (page / "sound").touch()
    assert not is_page(page, LISTENING)
    assert not is_page(page / "index.html", LISTENING)


def test_an_empty_folder_may_become_one(tmp_path: Path) -> None:
    assert is_page(tmp_path, LISTENING)
