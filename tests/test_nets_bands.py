import pytest
from hypothesis import given
from hypothesis import strategies as st

from hclarity.nets.bands import SCHEMES, band_count, band_widths, band_widths_by_edges

RULES = (band_widths, band_widths_by_edges)


def runs(widths: tuple[int, ...]) -> list[tuple[int, int]]:
    """Neighbours that are as wide, as (how many, how wide)."""
    found: list[tuple[int, int]] = []
    for width in widths:
        if found and found[-1][1] == width:
            found[-1] = (found[-1][0] + 1, width)
        else:
            found.append((1, width))
    return found


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [
        ("vocals", [(10, 4), (12, 11), (8, 23), (8, 46), (2, 92), (1, 117)]),
        ("bass", [(10, 2), (5, 4), (6, 23), (4, 46), (4, 92), (1, 295)]),
        ("drums", [(20, 2), (10, 4), (8, 11), (8, 23), (8, 46), (1, 305)]),
        ("joint", [(20, 2), (10, 4), (8, 11), (8, 23), (8, 46), (2, 92), (1, 121)]),
    ],
)
def test_the_schemes_of_the_authors_code(scheme, expected):
    assert runs(band_widths(scheme, sample_rate=44100, n_fft=2048)) == expected


def test_the_papers_numbers_of_bands():
    numbers = {f"v{number}": band_count(f"v{number}") for number in range(1, 8)}
    assert numbers == {"v1": 22, "v2": 19, "v3": 14, "v4": 23, "v5": 28, "v6": 26, "v7": 41}


def test_schemes_of_as_many_bands_are_the_same():
    by_number = {}
    for name, scheme in SCHEMES.items():
        assert by_number.setdefault(band_count(name), scheme) == scheme


def test_bands_by_edges_hold_the_bins_between_them():
    widths = band_widths_by_edges("v7", sample_rate=44100, n_fft=2048)
    edges = [sum(widths[:number]) for number in range(1, len(widths))]
    hz = [*range(100, 1000, 100), *range(1000, 4000, 250), *range(4000, 8000, 500)]
    hz += [*range(8000, 16000, 1000), 16000, 18000, 20000]
    assert edges == [sum(bin_ * 44100 / 2048 < edge for bin_ in range(1025)) for edge in hz]


def test_a_bin_on_an_edge_belongs_above_it():
    # Bins are 25 Hz apart.
    widths = band_widths_by_edges("v7", sample_rate=51200, n_fft=2048)
    assert widths[:12] == (*[4] * 10, 10, 10)


@pytest.mark.parametrize("rule", RULES)
@given(
    scheme=st.sampled_from(sorted(SCHEMES)),
    sample_rate=st.integers(1, 200_000),
    n_fft=st.integers(0, 4096).map(lambda half: 2 * half),
)
def test_bands_share_all_bins_or_are_refused(rule, scheme, sample_rate, n_fft):
    try:
        widths = rule(scheme, sample_rate=sample_rate, n_fft=n_fft)
    except ValueError:
        return
    assert sum(widths) == n_fft // 2 + 1
    assert len(widths) == band_count(scheme)
    assert min(widths) >= 1


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("scheme", "sample_rate", "n_fft", "message"),
    [
        ("voice", 44100, 2048, "no band scheme 'voice'; there are v1"),
        ("joint", 44100, 256, "band .* would hold 0 bins with n_fft=256 at 44100 Hz"),
        ("v7", 32000, 2048, "band 41 of the band scheme 'v7' would hold"),
        ("v7", 44100, 2047, "no spectrogram has n_fft=2047"),
        ("v7", 0, 2048, "at 0 Hz"),
    ],
)
def test_what_does_not_fit_is_refused(rule, scheme, sample_rate, n_fft, message):
    with pytest.raises(ValueError, match=message):
        rule(scheme, sample_rate=sample_rate, n_fft=n_fft)
