import numpy as np

from hclarity.audio.waveform import WaveformMeter


def test_the_peaks_of_a_song_whatever_the_blocks() -> None:
    song = np.zeros((2, 2050), np.float32)
    song[1, 5], song[0, 199], song[0, 2049] = -0.5, 1.5, 0.001
    meter = WaveformMeter(2000, 2)
    whole = WaveformMeter(2000, 2)
    whole.push(song)
    for block in np.array_split(song, 7, axis=1):
        meter.push(block)
    peaks = meter.flush()
    assert peaks == whole.flush()
    assert len(peaks) == 21
    assert (peaks[0], peaks[1], peaks[2], peaks[20]) == (128, 255, 0, 1)
    assert WaveformMeter(2000, 2).flush() == b""
