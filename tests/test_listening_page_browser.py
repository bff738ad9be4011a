"""The listening page in a real browser: its sound, its keys, what it says, what it saves."""

import base64
import json
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import page_browser
import pytest
from audio_files import stempeg_example
from cli_program import hclarity, music, write_song
from listening_pages import page_data, page_streams
from page_browser import NEEDS_CHROMIUM, chromium_browser, violations

from hclarity.audio.limiter import Limiter
from hclarity.audio.reading import AudioReader, read_audio
from hclarity.audio.resampling import resample
from hclarity.audio.third_octaves import ThirdOctaveMeter
from hclarity.hearing.amplifier import Amplifier
from hclarity.hearing.insertion_gains import AUDIOMETRIC_HZ, InsertionGains

pytestmark = NEEDS_CHROMIUM

RATE = 48000
TITLE = "Falcon 69"
WORDS = ("--audiogram", "N3")
OFF = -40
LEVEL = 0.25  # the sum of the stems, which was mastered after, peaks below full scale then
CHOICES = {
    "as it begins": {},
    "some of all": {"stem-vocals": 6, "stem-drums": -9, "strength": 60, "balance": 4},
    "vocals alone": {"stem-bass": OFF, "stem-drums": OFF, "stem-other": OFF},
    "beat, for healthy ears": {"stem-drums": 10, "stem-bass": 10, "strength": 0, "balance": -12},
}

LIVE = pytest.mark.slow  # what is heard as time goes by may stutter on a busy machine

# Hears what goes to the loudspeakers, on the audio thread, where nothing is dropped.
RECORDER = """
const code = `registerProcessor("recorder", class extends AudioWorkletProcessor {
  process([[left, right]]) { this.port.postMessage([left.slice(), right.slice()]); return true; }
});`;
const connect = AudioNode.prototype.connect;
window.recorded = [];
AudioNode.prototype.connect = function (target, ...rest) {
  if (this.context instanceof AudioContext && target === this.context.destination) record(this);
  return connect.call(this, target, ...rest);
};
async function record(source) {
  await source.context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(code)}`);
  const recorder = new AudioWorkletNode(source.context, "recorder");
  connect.call(source, recorder);
  connect.call(recorder, source.context.destination);
  recorder.port.onmessage = ({ data }) => {
    if (window.recording) window.recorded.push(data.map((ear) => Array.from(ear)));
    if (window.askedAt && !window.firstSound && data[0].some((x) => Math.abs(x) > 1e-4))
      window.firstSound = performance.now() - window.askedAt;
  };
}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the stems of a real song, played twice, and what the command made of them."""
    place = tmp_path_factory.mktemp("listening")
    for stream, name in enumerate(("drums", "bass", "other", "vocals"), 1):
        with AudioReader(stempeg_example(), stream=stream) as reader:
            samples = np.concatenate(list(reader.blocks()), axis=1)
        write_song(place / TITLE / f"{name}.flac", np.tile(LEVEL * samples, 2), rate=44100)
    assert hclarity("remix", place / TITLE, *WORDS, "--page", "-o", place / "remixed").code == 0
    return place


@pytest.fixture(scope="module")
def page_folder(place: Path) -> Path:
    return place / "remixed" / f"{TITLE}.page"


@pytest.fixture(scope="module")
def song(page_folder: Path) -> dict[str, Any]:
    return page_data(page_folder / "index.html")


@pytest.fixture(scope="module")
def streams(page_folder: Path) -> np.ndarray:
    """The streams as another decoder reads them, ``[streams, 2, frames]``."""
    return page_streams(page_folder / "index.html")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with chromium_browser() as browser:
        yield browser


class Opened(page_browser.Opened):
    """A listening page, and what goes to the loudspeakers."""

    def __init__(self, chromium: Any, folder: Path, **context: Any) -> None:
        super().__init__(chromium, folder / "index.html", script=RECORDER, **context)

    def focus(self, id: str) -> None:
        self.page.focus(f"#{id}")

    def slide(self, id: str, value: float) -> None:
        move = "(i, v) => { i.value = v; i.dispatchEvent(new Event('input')); }"
        self.page.eval_on_selector(f"#{id}", move, value)

    def render(self, version: str, **options: float) -> np.ndarray:
        got = self.page.evaluate("o => hclarity.offlineRender(o)", {"version": version, **options})
        return np.array([np.frombuffer(base64.b64decode(got[e]), "<f4") for e in ("left", "right")])

    def recorded(self, seconds: float) -> np.ndarray:
        self.page.evaluate("recording = true")
        self.page.wait_for_timeout(1000 * seconds)
        self.page.evaluate("recording = false")
        return np.concatenate(self.page.evaluate("recorded.splice(0)"), axis=1)


@pytest.fixture
def opened(chromium: Any, page_folder: Path) -> Iterator[Opened]:
    opened = Opened(chromium, page_folder)
    opened.until("window.hclarity")
    yield opened
    opened.close()


def amplified(samples: np.ndarray, song: dict[str, Any], strength: float) -> np.ndarray:
    left, right = (
        InsertionGains(tuple(points["hz"]), tuple(strength * db for db in points["db"]))
        for points in (song["gains"]["left"], song["gains"]["right"])
    )
    amplifier = Amplifier(left, right, RATE)
    return np.concatenate([amplifier.push(samples.astype(np.float32)), amplifier.flush()], axis=1)


def factors(state: dict[str, Any], song: dict[str, Any]) -> np.ndarray:
    gains = [state["gains_db"].get(stream["name"], 0) for stream in song["streams"]]
    return np.array([0 if db is None else 10 ** (db / 20) for db in gains])


def lufs(samples: np.ndarray) -> float:
    pyloudnorm = pytest.importorskip("pyloudnorm")
    meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
    return float(meter.integrated_loudness(samples.T.astype(float)))


def third_octaves(samples: np.ndarray) -> np.ndarray:
    meter = ThirdOctaveMeter(RATE, 1)
    meter.push(samples[None].astype(np.float32))
    return np.array(meter.levels().mean)


def level_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples)) + 1e-20))


# Sound


def test_before_is_the_sum_of_the_streams(
    opened: Opened, streams: np.ndarray, song: dict[str, Any]
) -> None:
    before = opened.render("before")
    expected = streams.sum(axis=0) * 10 ** (opened.state()["before_offset_db"] / 20)
    assert before.shape == expected.shape
    assert level_db(before - expected) < level_db(expected) - 50


@pytest.mark.parametrize("strength", [100, 50])
def test_after_is_what_the_command_computes(
    opened: Opened, streams: np.ndarray, song: dict[str, Any], strength: int
) -> None:
    opened.slide("strength", strength)
    opened.slide("stem-vocals", 6)
    opened.slide("balance", -3)
    state = opened.state()
    assert (state["left_db"], state["right_db"]) == (0, -3)
    mixed = np.tensordot(factors(state, song), streams, 1)
    ears = amplified(mixed, song, strength / 100)
    balance = np.array([[state["left_db"]], [state["right_db"]]])
    ears *= 10 ** ((balance + state["offset_db"]) / 20)
    limiter = Limiter(RATE, 2, song["ceiling_dbtp"])
    expected = np.concatenate([limiter.push(ears.astype(np.float32)), limiter.flush()], axis=1)
    after = opened.render("after")
    assert level_db(after - expected) < level_db(expected) - 30
    calm = np.abs(ears).max() < 10 ** (song["ceiling_dbtp"] / 20)
    assert not calm or level_db(after - expected) < level_db(expected) - 50


def test_filters_give_what_is_prescribed(opened: Opened, song: dict[str, Any]) -> None:
    for strength in (0, 35, 100):
        opened.slide("strength", strength)
        realised = opened.page.evaluate("hclarity.filterGainsDb()")
        for side in ("left", "right"):
            points = song["gains"][side]
            gains = InsertionGains(tuple(points["hz"]), tuple(points["db"]))
            for hz in AUDIOMETRIC_HZ:
                wanted = strength / 100 * gains.at(hz)
                assert realised[side][f"{hz:g}"] == pytest.approx(wanted, abs=0.5)


@pytest.mark.parametrize(
    ("vocals", "drums", "strength", "balance"),
    [(1, -1, 100, 0), (10, -20, 60, 0), (-40, 10, 35, 4), (0, 0, 0, -12)],
)
def test_both_versions_are_equally_loud(
    opened: Opened, vocals: float, drums: float, strength: float, balance: float
) -> None:
    for id, value in (
        ("stem-vocals", vocals), ("stem-drums", drums), ("strength", strength), ("balance", balance)
    ):  # fmt: skip
        opened.slide(id, value)
    after, before = lufs(opened.render("after")), lufs(opened.render("before"))
    assert after == pytest.approx(before, abs=0.5)
    assert after == pytest.approx(opened.state()["lufs"], abs=0.5)


def test_nothing_passes_the_ceiling(opened: Opened, song: dict[str, Any]) -> None:
    for stem in opened.state()["gains_db"]:
        opened.slide(f"stem-{stem}", 10)
    opened.slide("stem-drums", -6)
    ceiling = 10 ** (song["ceiling_dbtp"] / 20)
    for version in ("before", "after"):
        assert np.abs(opened.render(version)).max() <= ceiling


@LIVE
def test_what_is_heard_live_is_what_is_rendered(opened: Opened) -> None:
    opened.press("Space")
    live = opened.recorded(7)
    rendered = opened.render("after")
    opened.press("Space")
    # Where in the song the recording begins: its second second, found by correlation.
    pattern = live[0, RATE : 2 * RATE].astype(float)
    size = 1 << (rendered.shape[1] + RATE).bit_length()
    spectrum = np.fft.rfft(rendered[0], size) * np.conj(np.fft.rfft(pattern, size))
    start = int(np.argmax(np.fft.irfft(spectrum, size)[: 4 * RATE])) - RATE
    live = live[:, max(0, -start) :]
    expected = rendered[:, max(0, start) :][:, : live.shape[1]]
    assert expected.shape[1] > 5.5 * RATE  # over the border between two segments
    wrong = np.flatnonzero(np.abs(live[:, : expected.shape[1]] - expected).max(axis=0) > 1e-3)
    assert wrong.size == 0, f"{wrong.size} frames of the song, {(wrong + max(0, start))[[0, -1]]}"


def test_the_first_sound_comes_when_it_is_asked_for(opened: Opened) -> None:
    opened.page.wait_for_timeout(500)
    asked = "askedAt = 0, addEventListener('keydown', () => (askedAt = performance.now()), true)"
    opened.page.evaluate(asked)
    opened.press("Space")
    opened.until("window.firstSound")
    assert opened.page.evaluate("firstSound") > 0


@LIVE
def test_switching_changes_only_the_version(opened: Opened) -> None:
    """Both versions are made alike, so that switching in mid-song leaves no trace."""
    opened.slide("strength", 0)
    opened.page.click("#presets button >> nth=0")  # the song as it was
    opened.page.click("#play")
    opened.until("hclarity.state().position_s > 0.3")
    opened.page.evaluate("recording = true")
    for _ in range(4):
        opened.page.wait_for_timeout(300)
        opened.press("b")
    live = opened.recorded(0.3)
    rendered = opened.render("before")
    pattern = live[0, : RATE // 2].astype(float)
    size = 1 << (rendered.shape[1] + RATE).bit_length()
    spectrum = np.fft.rfft(rendered[0], size) * np.conj(np.fft.rfft(pattern, size))
    start = int(np.argmax(np.fft.irfft(spectrum, size)[: 4 * RATE]))
    expected = rendered[:, start : start + live.shape[1]]
    assert np.abs(live - expected).max() < 1e-3


# Playing


def test_space_plays_and_pauses(opened: Opened) -> None:
    opened.press("Space")
    opened.until("hclarity.state().position_s > 0.3")
    assert opened.text("#play") == "Pause"
    opened.press("Space")
    paused = opened.state()
    opened.page.wait_for_timeout(300)
    assert not opened.state()["playing"]
    assert opened.state()["position_s"] == paused["position_s"] > 0.3


def test_space_on_a_button_presses_that_button(opened: Opened) -> None:
    opened.focus("before")
    opened.press("Space")
    assert opened.state()["hearing"] == "before"
    assert not opened.state()["playing"]


def test_b_switches_and_is_told(opened: Opened) -> None:
    assert opened.text("#heard") == "You hear: after"
    opened.press("b")
    assert opened.text("#heard") == "You hear: before"
    assert opened.page.get_attribute("#before", "aria-pressed") == "true"
    opened.press("b")
    assert opened.state()["hearing"] == "after"


def test_letters_can_be_switched_off(opened: Opened) -> None:
    opened.page.click("summary:has-text('Keys')")
    opened.page.uncheck("#keys-on")
    opened.press("b")
    assert opened.state()["hearing"] == "after"


@LIVE
def test_arrows_seek_while_it_plays(opened: Opened) -> None:
    opened.press("Space")
    opened.until("hclarity.state().position_s > 0.1")
    opened.focus("position")
    opened.press(*["ArrowRight"] * 8)
    assert 7.5 < opened.state()["position_s"] < 10
    opened.page.wait_for_timeout(800)
    assert np.abs(opened.recorded(0.5)).max() > 0.01
    assert "seconds of 12 seconds" in str(opened.page.get_attribute("#position", "aria-valuetext"))


def test_the_waveform_seeks(opened: Opened) -> None:
    box = opened.page.locator("#waveform").bounding_box()
    opened.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    assert opened.state()["position_s"] == pytest.approx(6.08, abs=0.1)


@LIVE
def test_a_passage_is_repeated(opened: Opened) -> None:
    opened.focus("position")
    opened.press(*["ArrowRight"] * 4, "[", *["ArrowRight"] * 2, "]")
    loop = opened.state()["loop"]
    assert (loop["on"], loop["start_s"], loop["end_s"]) == (True, 4, 6)
    opened.press("Space")
    positions = []
    for _ in range(30):
        opened.page.wait_for_timeout(150)
        positions.append(opened.state()["position_s"])
    assert all(4 <= position <= 6 for position in positions)
    assert sum(b < a for a, b in pairwise(positions)) >= 2
    opened.press("l")
    opened.until("hclarity.state().position_s > 6.2")


def test_it_stops_at_the_end(opened: Opened) -> None:
    opened.focus("position")
    opened.press("End", "ArrowLeft", "Space")
    opened.until("!hclarity.state().playing")
    assert opened.state()["position_s"] == 0


# The mix


def test_every_control_by_keyboard(opened: Opened) -> None:
    wanted = {"play", "before", "after", "loop", "loop-start", "loop-end", "position", "save"}
    wanted |= {"stem-vocals", "strength", "balance", "reset", "rounds", "blind-begin"}
    reached = set()
    for _ in range(60):
        opened.press("Tab")
        reached.add(opened.page.evaluate("document.activeElement.id"))
    assert wanted <= reached


def test_sliders_by_keyboard(opened: Opened) -> None:
    opened.focus("stem-vocals")
    opened.press(*["ArrowRight"] * 4)
    assert opened.state()["gains_db"]["vocals"] == 3
    assert opened.page.get_attribute("#stem-vocals", "aria-valuetext") == "vocals plus 3 decibels"
    opened.press("Home")
    assert opened.state()["gains_db"]["vocals"] is None
    assert opened.page.get_attribute("#stem-vocals", "aria-valuetext") == "vocals off"
    opened.focus("strength")
    opened.press(*["ArrowLeft"] * 5)
    assert opened.state()["strength"] == 0.75
    assert opened.page.get_attribute("#strength", "aria-valuetext") == "75 percent"
    opened.focus("balance")
    opened.press(*["ArrowLeft"] * 5)
    assert opened.state()["right_db"] == -2.5
    assert opened.page.get_attribute("#balance", "aria-valuetext") == "left louder by 2.5 decibels"
    opened.focus("reset")
    opened.press("Enter")
    state = opened.state()
    assert (state["gains_db"]["vocals"], state["strength"], state["balance_db"]) == (1, 1, 0)


def test_mute_solo_and_presets(opened: Opened) -> None:
    opened.page.click("button[aria-label='Mute drums']")
    assert opened.state()["gains_db"]["drums"] is None
    opened.page.click("button[aria-label='Solo vocals']")
    assert {name for name, db in opened.state()["gains_db"].items() if db is not None} == {"vocals"}
    opened.page.click("#presets button:has-text('Much more voice')")
    assert opened.state()["gains_db"] == {"drums": 0, "bass": 0, "other": 0, "vocals": 6}
    assert opened.state()["muted"] == opened.state()["soloed"] == []


@LIVE
def test_changes_are_heard_at_once(opened: Opened) -> None:
    opened.slide("strength", 50)
    opened.press("Space")
    opened.until("hclarity.state().position_s > 0.5")
    for stem in opened.state()["gains_db"]:
        opened.slide(f"stem-{stem}", -40)
    opened.slide("strength", 0)
    opened.slide("strength", 20)
    opened.page.wait_for_timeout(500)
    off = np.abs(opened.recorded(0.5)).max()
    opened.page.click("#reset")
    opened.page.wait_for_timeout(500)
    assert np.abs(opened.recorded(0.5)).max() > 10 * off


def test_the_gain_chart_is_live(opened: Opened) -> None:
    chart = opened.page.locator("#charts svg[role=img] >> nth=1")
    assert "at 100 percent" in chart.get_attribute("aria-label")
    opened.slide("strength", 40)
    assert "at 40 percent" in chart.get_attribute("aria-label")
    opened.page.click("#tables summary")
    assert "Gain at 40 %" in opened.text("#ear-tables")


def test_the_saved_file(opened: Opened, tmp_path: Path) -> None:
    opened.slide("stem-vocals", 3)
    opened.page.click("button[aria-label='Mute drums']")
    opened.slide("strength", 75)
    opened.slide("balance", -2.5)
    opened.focus("save")
    with opened.page.expect_download() as download:
        opened.press("Enter")
    assert download.value.suggested_filename == "Falcon 69.gains.json"
    download.value.save_as(tmp_path / "gains.json")
    assert json.loads((tmp_path / "gains.json").read_text()) == {
        "stem_gains_db": {"drums": -60, "bass": -1, "other": -1, "vocals": 3},
        "prescription_percent": 75,
        "left_db": 0,
        "right_db": -2.5,
    }
    assert opened.text("#saved").startswith("Saved as")
    assert opened.text("#command").endswith("--gains 'Falcon 69.gains.json'")


@pytest.mark.parametrize("choice", sorted(CHOICES))
def test_a_file_of_what_was_chosen_sounds_like_the_page(
    opened: Opened, place: Path, tmp_path: Path, choice: str
) -> None:
    for id, value in CHOICES[choice].items():
        opened.slide(id, value)
    with opened.page.expect_download() as download:
        opened.page.click("#save")
    download.value.save_as(tmp_path / "gains.json")
    made = hclarity(
        "remix", place / TITLE, *WORDS, "--gains", tmp_path / "gains.json", "-o", tmp_path
    )
    assert made.code == 0
    remixed = resample(read_audio(tmp_path / f"{TITLE}.flac"), RATE).samples
    heard = opened.render("after")
    assert lufs(heard) == pytest.approx(lufs(remixed), abs=0.5)
    for ear in range(2):
        assert level_db(heard[ear]) == pytest.approx(level_db(remixed[ear]), abs=0.5)
        ours, theirs = (third_octaves(samples[ear]) for samples in (heard, remixed))
        loud = theirs > theirs.max() - 40
        assert np.abs(ours - theirs)[loud].max() < 1.0


@pytest.mark.parametrize(
    "words",
    [
        (*WORDS, "--loudness", -10),
        (*WORDS, "--ceiling", -9, "--gain", "vocals=3"),
        ("--prescription", "none", "--preset", "original", "--ceiling", -15),
    ],
    ids=["loud", "low ceiling", "untouched"],
)
def test_neither_version_is_squeezed(
    chromium: Any, place: Path, tmp_path: Path, words: tuple[object, ...]
) -> None:
    assert hclarity("remix", place / TITLE, *words, "--page", "-o", tmp_path).code == 0
    opened = Opened(chromium, tmp_path / f"{TITLE}.page")
    opened.until("window.hclarity")
    state = opened.state()
    before, after = opened.render("before"), opened.render("after")
    assert lufs(before) == pytest.approx(lufs(after), abs=0.5)
    assert lufs(before) == pytest.approx(state["lufs"], abs=0.5)
    told = opened.text("#loudness")
    song = page_data(tmp_path / f"{TITLE}.page" / "index.html")["song_lufs"]
    assert ("softer than the song" in told) == (state["lufs"] < song - 0.5), told
    opened.close()


@pytest.mark.parametrize(
    ("seconds", "rate", "channels"), [(0.3, 44100, 2), (2.0, 8000, 1), (1.0, 96000, 2)]
)
def test_songs_of_any_form(
    chromium: Any, tmp_path: Path, seconds: float, rate: int, channels: int
) -> None:
    for seed, name in enumerate(("bass", "vocals")):
        player = 0.5 * music(seconds, channels=channels, rate=rate, seed=seed)
        write_song(tmp_path / "it" / f"{name}.flac", player, rate=rate)
    assert hclarity("remix", tmp_path / "it", *WORDS, "--page", "-o", tmp_path / "out").code == 0
    opened = Opened(chromium, tmp_path / "out" / "it.page")
    opened.until("window.hclarity")
    heard = opened.render("after")
    remixed = resample(read_audio(tmp_path / "out" / "it.flac"), RATE).samples
    assert level_db(heard) == pytest.approx(level_db(remixed), abs=1.0)
    opened.close()


def test_what_is_all_off_is_silent_in_the_file_too(
    opened: Opened, place: Path, tmp_path: Path
) -> None:
    for stem in opened.state()["gains_db"]:
        opened.slide(f"stem-{stem}", OFF)
    with opened.page.expect_download() as download:
        opened.page.click("#save")
    download.value.save_as(tmp_path / "gains.json")
    words = (*WORDS, "--gains", tmp_path / "gains.json", "-o", tmp_path)
    assert hclarity("remix", place / TITLE, *words).code == 0
    assert level_db(opened.render("after")) < -90
    assert level_db(read_audio(tmp_path / f"{TITLE}.flac").samples) < -90


# The blind test


def test_a_blind_test(opened: Opened) -> None:
    opened.page.select_option("#rounds", "6")
    opened.focus("blind-begin")
    opened.press("Enter")
    for number in range(1, 7):
        assert opened.text("#round") == f"Round {number} of 6"
        assert opened.page.evaluate("document.activeElement.id") == "round"
        opened.until("hclarity.state().playing")
        assert opened.page.is_disabled("#prefer-first")
        assert opened.text("#heard") == "You hear: the first"
        opened.press("b")
        assert opened.text("#heard") == "You hear: the second"
        visible = opened.page.inner_text("main").lower()
        assert not re.search(r"\bbefore\b|\bafter\b|as it was|your mix|louder", visible), visible
        assert opened.state()["hearing"] == "the second"
        for id in ("before", "after"):
            assert opened.page.get_attribute(f"#{id}", "aria-pressed") == "false"
        opened.page.click("#prefer-none" if number == 6 else "#prefer-first")
    words = opened.text("#result")
    times = {"never": 0, "once": 1, "twice": 2, "3 times": 3, "4 times": 4, "5 times": 5}
    found = re.search(r"your mix better (.+), and the song as it was (.+?)\.", words)
    assert found
    assert times[found[1]] + times[found[2]] == 5
    assert words.endswith("You found no difference once.")
    assert "chance" in opened.text("#chance")
    assert opened.page.is_visible("#mix")
    assert opened.text("#heard") == "You hear: after"
    assert not opened.state()["playing"]


def test_a_blind_test_that_is_stopped_at_once(opened: Opened) -> None:
    opened.page.click("#blind-begin")
    opened.page.click("#blind-stop")
    assert opened.page.is_visible("#blind-begin")
    assert opened.page.is_visible("#mix")


def test_no_blind_test_of_the_song_against_itself(opened: Opened) -> None:
    opened.slide("strength", 0)
    opened.page.click("#presets button >> nth=0")
    assert opened.page.is_disabled("#blind-begin")


# For everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(chromium: Any, page_folder: Path, scheme: str) -> None:
    opened = Opened(chromium, page_folder, color_scheme=scheme, bypass_csp=True)
    opened.until("window.hclarity")
    opened.unfold()
    assert violations(opened) == []
    opened.page.click("#blind-begin")
    assert violations(opened) == []
    opened.press("b")
    opened.page.click("#prefer-none")
    opened.page.click("#blind-stop")
    assert violations(opened) == []
    opened.context.close()


def test_fits_a_phone(chromium: Any, page_folder: Path) -> None:
    opened = Opened(chromium, page_folder, viewport={"width": 360, "height": 740}, has_touch=True)
    opened.until("window.hclarity")
    opened.unfold()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 360
    targets = (
        "button:visible, select:visible, summary:visible, label.check, input[type=range]:visible"
    )
    sizes = opened.page.locator(targets).evaluate_all("all => all.map(one => one.offsetHeight)")
    assert len(sizes) > 20
    assert min(sizes) >= 44
    opened.context.close()


def test_a_missing_file_is_told(chromium: Any, page_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(page_folder, tmp_path / "page")
    (tmp_path / "page" / "sound" / "00001.js").unlink()
    opened = Opened(chromium, tmp_path / "page")
    opened.until("window.hclarity")
    opened.focus("position")
    opened.press(*["ArrowRight"] * 6)
    opened.page.wait_for_selector("#alert:visible")
    assert "sound/00001.js is missing" in opened.text("#alert")
    opened.context.close()


def test_damaged_sound_is_told(chromium: Any, page_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(page_folder, tmp_path / "page")
    nonsense = 'hclaritySegment(0, ["AA==", "", "", ""]);'
    (tmp_path / "page" / "sound" / "00000.js").write_text(nonsense)
    opened = Opened(chromium, tmp_path / "page")
    opened.page.wait_for_selector("#alert:visible")
    assert "cannot read the sound" in opened.text("#alert")
    opened.context.close()


def test_no_audio_worklet_is_told(chromium: Any, page_folder: Path) -> None:
    opened = Opened(chromium, page_folder)
    without = "delete window.AudioWorkletNode; delete BaseAudioContext.prototype.audioWorklet"
    opened.page.add_init_script(without)
    opened.page.reload()
    opened.page.wait_for_selector("#alert:visible")
    assert "too old" in opened.text("#alert")
    opened.context.close()


def test_a_page_without_a_song_says_so(chromium: Any, page_folder: Path, tmp_path: Path) -> None:
    html = (page_folder / "index.html").read_text(encoding="utf-8")
    empty = re.sub(r'(id="data">).*?(</script>)', r"\1{}\2", html, count=1, flags=re.DOTALL)
    (tmp_path / "index.html").write_text(empty, encoding="utf-8")
    opened = Opened(chromium, tmp_path)
    assert "holds no song" in opened.text("#alert")
    opened.context.close()


def test_without_ears(chromium: Any, place: Path, tmp_path: Path) -> None:
    """Nobody's audiogram was given: no strength, no charts; the rest works."""
    words = ("--prescription", "none", "--preset", "original", "--page", "-o", tmp_path)
    assert hclarity("remix", place / TITLE, *words).code == 0
    opened = Opened(chromium, tmp_path / f"{TITLE}.page")
    opened.until("window.hclarity")
    assert opened.page.is_hidden("#ears")
    assert opened.page.query_selector("#strength") is None
    assert opened.state()["offset_db"] == 0
    assert np.abs(opened.render("after") - opened.render("before")).max() < 1e-5
    opened.slide("stem-vocals", 6)
    assert opened.state()["offset_db"] < -0.3
    assert lufs(opened.render("after")) == pytest.approx(lufs(opened.render("before")), abs=0.5)
    opened.close()
