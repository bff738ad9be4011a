"""The scores page in a real browser: its tables, its picture of songs, and what is to be heard."""

import base64
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from evaluation_scores import report_of
from listening_pages import page_data
from page_browser import NEEDS_CHROMIUM, Opened, chromium_browser, violations
from scores_pages import EXCERPT, SIGNALS, example_sounds, many_scores, tone, write_page

from hclarity.evaluation.examples import Excerpt, telling_cases

pytestmark = NEEDS_CHROMIUM

RATE = 48000
MINUS, INFINITY = "\N{MINUS SIGN}", "\N{INFINITY}"
TABLE = "table.scores >> nth=0"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    report = many_scores()
    folder = tmp_path_factory.mktemp("scores") / "page"
    return write_page(folder, report, broken=telling_cases(report)[-1:])


@pytest.fixture
def opened(browser: Any, page: Path) -> Iterator[Opened]:
    opened = Opened(browser, page)
    opened.until("window.hclarity")
    yield opened
    opened.close()


def heading(opened: Opened, name: str) -> Any:
    return opened.page.locator(TABLE).locator(f"thead button:text-is('{name}')")


def order(opened: Opened) -> list[str]:
    return opened.texts(f"{TABLE} >> tbody >> nth=0 >> th")


def dots(opened: Opened) -> list[str]:
    return [str(dot.get_attribute("aria-label")) for dot in opened.page.locator(".dot").all()]


def songs_shown(opened: Opened) -> list[str]:
    names = "all => all.map(name => name.firstChild.textContent)"
    return list(opened.page.locator("#dots .song").evaluate_all(names))


def samples(channels: list[str]) -> np.ndarray:
    return np.array([np.frombuffer(base64.b64decode(one), "<f4") for one in channels])


def rendered(opened: Opened, signal: str, offset: float, seconds: float) -> np.ndarray:
    words = "([s, o, t]) => hclarity.render({number: 0, start_s: 0, seconds: 1}, s, o, t)"
    return samples(opened.page.evaluate(words, [signal, offset, seconds]))


def level_db(sound: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(sound)) + 1e-20))


def pitch(sound: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound[0])))) * RATE / sound.shape[1]


# Tables


def test_headings_sort(opened: Opened) -> None:
    assert order(opened) == ["mixture", "theirs †", "net", "ideal ratio mask"]
    heading(opened, "vocals").click()
    assert order(opened) == ["ideal ratio mask", "theirs †", "net", "mixture"]
    assert heading(opened, "vocals").locator("..").get_attribute("aria-sort") == "descending"
    heading(opened, "vocals").focus()
    opened.press("Enter")
    assert order(opened) == ["mixture", "net", "theirs †", "ideal ratio mask"]
    assert heading(opened, "vocals").locator("..").get_attribute("aria-sort") == "ascending"
    heading(opened, "Separator").focus()
    opened.press("Space")
    assert order(opened) == ["ideal ratio mask", "mixture", "net", "theirs †"]
    assert opened.page.locator("[aria-sort]").count() == 1
    assert not opened.state()["playing"]


def test_what_is_infinite_is_the_best(opened: Opened) -> None:
    heading(opened, "drums").click()
    assert order(opened)[0] == "theirs †"
    assert "∞" in opened.text(f"{TABLE} >> tbody >> nth=0 >> tr >> nth=0")


def test_a_cell_says_all_that_the_table_has(opened: Opened, page: Path) -> None:
    line = page_data(page)["metrics"][0]["measured"][2]
    shown = opened.text(f"{TABLE} >> tbody >> nth=0 >> tr >> nth=2 >> td >> nth=1")
    for part in ("headline", "other", "interval", "gain"):
        assert line["cells"][1][part] in shown
    assert "over the mixture" in shown


def test_notes_and_published_rows_are_told(opened: Opened) -> None:
    assert "Somebody [1]" in opened.text(TABLE)
    notes = opened.text(".notes >> nth=0")
    for words in (
        "† trained on these songs",
        "silent, without a value",
        "[1] MUSDB18-HQ, test: a paper",
    ):
        assert words in notes


# Songs


def test_a_mark_for_each_row_and_song(opened: Opened) -> None:
    assert len(dots(opened)) == 4 * 12
    opened.page.select_option("#stem", "vocals")
    assert len(dots(opened)) == 4 * 11
    assert "silent: no score" in opened.page.text_content(".dots svg")
    opened.page.select_option("#metric", "csdr")
    assert opened.page.input_value("#stem") == "vocals"
    assert opened.page.get_attribute(".dots svg", "aria-label").startswith("cSDR of vocals")


def test_songs_in_the_order_of_a_row(opened: Opened, page: Path) -> None:
    values = page_data(page)["metrics"][0]["values"]["drums"]["net"]
    opened.page.select_option("#order", "net")
    best = [str(song) for song in np.argsort(values)[::-1]]
    assert songs_shown(opened) == best
    assert opened.page.locator("#songs-table tbody th").all_text_contents() == [
        str(song) for song in best
    ]
    opened.page.select_option("#order", "")
    assert songs_shown(opened) == [str(song) for song in range(12)]


def test_marks_are_told_to_the_keyboard(opened: Opened, page: Path) -> None:
    opened.page.select_option("#order", "")
    opened.page.focus("#order")
    opened.press("Tab")
    words = "document.activeElement.getAttribute('aria-label')"
    assert opened.page.evaluate(words).startswith(f"mixture, 0: {MINUS}")
    opened.press("ArrowDown", "ArrowRight")
    values = page_data(page)["metrics"][0]["values"]["drums"]
    value, row = min((values[row][1], row) for row in ("net", "theirs"))
    assert opened.page.evaluate(words) == f"{row}, 1: {value:.2f} dB"
    assert opened.text(".readout") == f"{value:.2f} dB {row}, in 1"
    opened.press("ArrowUp", "ArrowDown", "ArrowDown", *["ArrowRight"] * 3)
    assert opened.page.evaluate(words) == f"theirs, 2: {INFINITY} dB"
    opened.press("Tab")
    assert opened.page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_marks_are_told_to_the_pointer(opened: Opened) -> None:
    mark = opened.page.locator(".dot[aria-label^='ideal ratio mask, 5:']")
    mark.scroll_into_view_if_needed()
    box = mark.bounding_box()
    opened.page.mouse.move(box["x"] + box["width"] / 2 + 3, box["y"] + box["height"] / 2)
    assert opened.text(".readout").endswith("ideal ratio mask, in 5")
    opened.page.mouse.move(0, 0)
    assert opened.text(".readout").startswith("Point at a mark")


@pytest.mark.parametrize("songs", [1, 60])
def test_few_songs_and_many(browser: Any, tmp_path: Path, songs: int) -> None:
    values = [one for one in many_scores(60).scores if int(one.song) < songs]
    report = report_of(values, rows=many_scores().rows)
    opened = Opened(browser, write_page(tmp_path / "page", report))
    opened.until("window.hclarity")
    names = [text.bounding_box() for text in opened.page.locator("#dots .song").all()]
    assert len(names) == songs
    assert all(b["y"] >= a["y"] + a["height"] for a, b in pairwise(names))
    opened.close()


# Listening


def test_each_signal_is_played(opened: Opened, page: Path) -> None:
    sounds = example_sounds(page.parent / "sound" / "0000.js")
    assert opened.page.locator(".panel").count() == 0
    for signal, hz in zip(SIGNALS, (500, 700, 700, 900), strict=True):
        sound = rendered(opened, signal, 0, 1)
        assert level_db(sound - sounds[signal]) < level_db(sound) - 60, signal
        assert pitch(sound) == pytest.approx(hz, abs=2), signal


def test_it_goes_round_in_step(opened: Opened) -> None:
    for signal in SIGNALS:
        once = rendered(opened, signal, 0, 1)
        later = rendered(opened, signal, 0.7, 1)
        np.testing.assert_allclose(later, np.roll(once, -round(0.7 * RATE), axis=1), atol=1e-4)


def test_what_is_too_loud_is_softer_alike(browser: Any, tmp_path: Path) -> None:
    loud = Excerpt(0.0, EXCERPT.sample_rate, tone(500, 0.8), tone(500, 0.4), tone(500, -1.6))
    opened = Opened(browser, write_page(tmp_path / "page", many_scores(), loud))
    opened.until("window.hclarity")
    levels = [np.abs(rendered(opened, signal, 0, 1)).max() for signal in SIGNALS]
    assert levels == pytest.approx([0.4, 0.2, 0.8, 1.0], rel=0.04)
    opened.page.click(".example >> nth=0")
    opened.until("hclarity.state().loaded")
    assert "All four are made 6.1 dB softer" in opened.text(".panel")
    opened.close()


def test_switching_goes_on_at_the_same_place(opened: Opened) -> None:
    card = opened.page.locator(".example >> nth=0")
    card.click()
    opened.until("hclarity.state().position_s > 0.1")
    assert opened.state() | {"position_s": 0} == {
        "playing": True, "heard": "estimate", "example": 0, "loaded": True, "position_s": 0,
    }  # fmt: skip
    assert card.get_attribute("aria-expanded") == "true"
    for key, signal in zip("mtew", SIGNALS, strict=True):
        before = opened.state()["position_s"]
        opened.press(key)
        state = opened.state()
        assert (state["heard"], state["playing"]) == (signal, True)
        assert (state["position_s"] - before) % 1 < 0.3
        assert opened.page.get_attribute(f"#hear-{signal}", "aria-pressed") == "true"
        assert opened.page.locator(".panel [aria-pressed=true]").count() == 1
    assert opened.text("#heard") == "You hear: what is wrong"
    opened.page.click("#hear-truth")
    assert opened.text("#heard") == "You hear: true stem"


def test_space_pauses_and_another_example_takes_its_place(opened: Opened) -> None:
    opened.page.click(".example >> nth=0")
    opened.until("hclarity.state().position_s > 0.1")
    opened.page.evaluate("document.activeElement.blur()")
    opened.press("Space")
    paused = opened.state()
    opened.page.wait_for_timeout(200)
    assert opened.state() == paused
    assert not paused["playing"]
    opened.press("Space")
    opened.until("hclarity.state().playing")
    opened.page.click(".example >> nth=3")
    opened.until("hclarity.state().loaded")
    assert opened.state()["example"] == 3
    assert opened.page.locator(".example[aria-expanded=true]").count() == 1
    assert (
        opened.page.locator(".card:has(.panel) .example").get_attribute("aria-expanded") == "true"
    )


def test_letters_can_be_switched_off(opened: Opened) -> None:
    opened.unfold()
    opened.page.uncheck("#keys-on")
    opened.press("m")
    assert opened.state()["heard"] == "estimate"


def test_all_by_keyboard(opened: Opened) -> None:
    opened.page.focus(".example >> nth=0")
    opened.press("Enter")
    opened.until("hclarity.state().loaded")
    for id in ("play", "hear-mixture", "hear-truth", "hear-estimate", "hear-wrong"):
        opened.press("Tab")
        assert opened.page.evaluate("document.activeElement.id") == id
    opened.press("Enter")
    assert opened.state()["heard"] == "wrong"


def test_what_could_not_be_made_is_told(opened: Opened) -> None:
    assert opened.page.locator(".example:disabled").count() == 1
    assert opened.texts(".problem") == ["It cannot be heard: its file is damaged"]


def test_nothing_is_loaded_before_it_is_played(opened: Opened) -> None:
    assert len(opened.requests) == 1
    opened.page.click(".example >> nth=1")
    opened.until("hclarity.state().loaded")
    assert [url.rsplit("/", 1)[1] for url in opened.requests] == ["index.html", "0001.js"]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (None, "sound/0000.js is missing"),
        ('hclarityExample(0,["AA==","","",""]);', "cannot read the sound"),
        ("hclarityExample(0,[]);", "sound/0000.js beside this page is damaged"),
    ],
)
def test_lost_and_damaged_sound_is_told(
    browser: Any, page: Path, tmp_path: Path, script: str | None, told: str
) -> None:
    shutil.copytree(page.parent, tmp_path / "page")
    sound = tmp_path / "page" / "sound" / "0000.js"
    sound.unlink()
    if script is not None:
        sound.write_text(script)
    opened = Opened(browser, tmp_path / "page" / "index.html")
    opened.page.click(".example >> nth=0")
    opened.page.wait_for_selector("#alert:visible")
    assert told in opened.text("#alert")
    assert not opened.state()["playing"]
    opened.context.close()


# For everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(browser: Any, page: Path, scheme: str) -> None:
    opened = Opened(browser, page, color_scheme=scheme, bypass_csp=True)
    opened.until("window.hclarity")
    opened.unfold()
    heading(opened, "all").click()
    assert violations(opened) == []
    opened.page.click(".example >> nth=0")
    opened.until("hclarity.state().loaded")
    assert violations(opened) == []
    opened.close()


def test_fits_a_phone(browser: Any, page: Path) -> None:
    opened = Opened(browser, page, viewport={"width": 360, "height": 740}, has_touch=True)
    opened.until("window.hclarity")
    opened.unfold()
    opened.page.click(".example >> nth=0")
    opened.until("hclarity.state().loaded")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360
    small = "all => all.filter(b => b.offsetParent && b.offsetHeight < 44).map(b => b.outerHTML)"
    assert opened.page.locator("button, select, summary").evaluate_all(small) == []
    table = opened.page.locator(".scrolling >> nth=0")
    assert table.get_attribute("tabindex") == "0"
    assert table.evaluate("it => it.scrollWidth > it.clientWidth")
    opened.close()


def test_a_page_without_scores_says_so(browser: Any, page: Path, tmp_path: Path) -> None:
    built = Path(__file__).parents[1] / "hclarity" / "report" / "pages" / "scores.html"
    opened = Opened(browser, shutil.copy(built, tmp_path / "index.html"))
    assert "holds no scores" in opened.text("#alert")
    opened.close()
