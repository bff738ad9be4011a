import pytest

from hclarity.errors import BadDataError
from hclarity.hearing.audiogram import Audiogram
from hclarity.hearing.formats.csv_table import ear_named
from hclarity.hearing.formats.reading import read_listener

LEFT = Audiogram((250, 500, 1000, 2000), (20, 35.5, 40, 45))
RIGHT = Audiogram((250, 500, 1000, 2000), (15, 30, -5, 40))

NO_4_KHZ = "no threshold at 4000 Hz, taken from the frequencies beside"

WIDE = "ear,250,500,1000,2000\nleft,20,35.5,40,45\nright,15,30,-5,40\n"
HEADER = "frequency_hz,left_db_hl,right_db_hl"
BY_HZ = HEADER + "\n250,20,15\n500,35.5,30\n1000,40,-5\n2000,45,40\n"
BY_THRESHOLD = (
    "ear,frequency,threshold\nleft,250,20\nleft,500,35.5\nleft,1000,40\nleft,2000,45\n"
    "right,250,15\nright,500,30\nright,1000,-5\nright,2000,40\n"
)


@pytest.fixture
def read(tmp_path):
    def read(content, **options):
        path = tmp_path / "me.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_listener(path, **options)

    return read


@pytest.mark.parametrize(
    "text",
    [
        WIDE,
        BY_HZ,
        BY_THRESHOLD,
        BY_HZ.replace("\n", "\r\n"),
        BY_HZ.replace("\n", "\n\n \n"),
        "# made by hand\n" + WIDE,
        "\n".join(reversed(WIDE.splitlines()[1:])).join(["ear,250,500,1000,2000\n", "\n"]),
        WIDE.replace(",", ";"),
        WIDE.replace(",", "\t"),
        WIDE.replace(",", " , "),
        BY_HZ.replace(",", ";").replace(".", ","),
        BY_HZ.replace("35.5", '"35,5"'),
        BY_HZ.replace(",", "\t").replace(".", ","),
        BY_HZ.replace("-5", "\u22125"),
        BY_HZ.replace(HEADER, "Frequency (Hz),Left ear,Right [dB HL]"),
        BY_HZ.replace(HEADER, "Hz,AS,AD"),
        BY_HZ.replace(HEADER, ",L,R"),
        BY_HZ.replace("frequency_hz", "kHz").replace("\n250", "\n0.25").replace("\n500", "\n0.5")
        .replace("\n1000", "\n1").replace("\n2000", "\n2"),
        WIDE.replace("250,500,1000,2000", "250 Hz,0.5 kHz,1k,2 kHz").replace("ear", "Side"),
        WIDE.replace("left", "Left ear").replace("right", "AD"),
        WIDE.replace("40,45", "40 dB,45 dB HL"),
        BY_THRESHOLD.replace("threshold", "Threshold (dB HL)").replace("left", "L"),
        "\n".join(reversed(BY_THRESHOLD.splitlines()[1:])).join(["side,Freq.,level\n", ""]),
        WIDE + ",,,\n",
        BY_HZ.replace(HEADER, "FREQ,LE,RE"),
        BY_HZ.replace(HEADER, "FREQUENCY,LEFT,RIGHT"),
        WIDE.replace("left", "LE").replace("right", "RE"),
        "sep=;\n" + WIDE.replace(",", ";"),
        "Audiogram of 3 May\n\n" + BY_HZ,
        '"Audiogram, by hand";;\n' + BY_HZ.replace(",", ";"),
        WIDE.replace("250,500,1000,2000", "0.25,0.5,1,2"),
        WIDE.replace("ear,250,500,1000,2000", "kHz,0.25,0.5,1,2"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_same_audiogram_in_every_spelling(read, text, encoding):
    reading = read(text.encode(encoding))
    assert (reading.listener.left, reading.listener.right) == (LEFT, RIGHT)
    assert reading.format == "CSV"
    assert reading.notes == tuple(f"{side} ear: {NO_4_KHZ}" for side in ("left", "right"))


def test_a_table_of_an_older_program(read):
    text = "Gehörtest für Zoë\n" + BY_HZ
    assert read(text.encode("cp1252")).listener.right == RIGHT
    with pytest.raises(BadDataError, match="not UTF-8 text"):
        read(b"\x80\x81" + BY_HZ.encode())


def test_empty_cells_were_not_tested(read):
    listener = read(
        BY_HZ.replace("250,20,15", "250,,15").replace("2000,45,40", "2000,45,")
    ).listener
    assert listener.left.frequencies == (500, 1000, 2000)
    assert listener.right.frequencies == (250, 500, 1000)


def test_codes_of_nhanes(read):
    reading = read(BY_HZ + "6000,666,888\n8000,NR 110,CNT\n")
    assert reading.listener.left == Audiogram(
        (*LEFT.frequencies, 8000), (*LEFT.thresholds, 115), {6000: None, 8000: 110}
    )
    assert reading.listener.right == RIGHT
    assert reading.notes[:4] == (
        "left ear: no response at 8000 Hz, 115 dB HL taken, 5 dB above the loudest tone",
        "left ear: no response at 6000 Hz, at a level that is not told; left out of all that is"
        " computed",
        f"left ear: {NO_4_KHZ}",
        "right ear: no threshold could be obtained at 6000, 8000 Hz; left out",
    )


def test_a_column_for_one_ear(read):
    text = "frequency,right\n500,10\n1000,20\n2000,30\n"
    reading = read(text, other_ear="normal")
    assert reading.listener.right.thresholds == (10, 20, 30)
    assert reading.listener.left.thresholds == (0, 0, 0)


@pytest.mark.parametrize("word", ["l", "L", "left", "LEFT EAR", "AS", "Left (dB HL)"])
def test_words_for_the_left_ear(word):
    assert ear_named(word) == "left"


@pytest.mark.parametrize("word", ["r", "Right", "ad", "right_ear"])
def test_words_for_the_right_ear(word):
    assert ear_named(word) == "right"


@pytest.mark.parametrize("word", ["", "ear", "both", "1", "lr", "left right", "AU", "links", "bad"])
def test_no_ear_is_guessed(word):
    with pytest.raises(BadDataError, match="where an ear is expected: left or right"):
        ear_named(word)


def test_a_row_without_an_ear(read):
    with pytest.raises(BadDataError, match="line 4: '' where an ear is expected"):
        read(WIDE + ",1,,\n")
