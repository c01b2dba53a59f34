"""Recordings as they come from a carrier, a broken line, or an attacker: read in memory, or refused with a reason."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactcenter.recordings.audio import CallAudio, Samples, decode_call, open_call
from contactcenter.recordings.peaks import waveform
from contactcenter.recordings.wav import MAX_BYTES, AudioRefused, Refusal, read_header
from tests.recordings.sound import tone, wav

CODECS = ["pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le", "pcm_alaw", "pcm_mulaw"]
TWO = np.stack([tone(1.0, 440, 8_000), tone(1.0, 880, 8_000)])


def header(tag: int = 1, channels: int = 2, rate: int = 8_000, bits: int = 16, length: int = 32_000) -> bytes:
    """A WAV header by hand, which may claim anything."""
    fmt = struct.pack("<HHIIHH", tag, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    body = b"WAVEfmt " + struct.pack("<I", 16) + fmt + b"data" + struct.pack("<I", length)
    return b"RIFF" + struct.pack("<I", len(body) + length) + body


def refusal(data: bytes) -> Refusal:
    with pytest.raises(AudioRefused) as refused:
        decode_call(data)
    assert refused.value.sentence.endswith(".")
    return refused.value.reason


def loudest_hertz(samples: Samples) -> float:
    return float(np.abs(np.fft.rfft(samples[:16_000])).argmax())


@pytest.mark.parametrize("codec", CODECS)
def test_each_form_of_wav_keeps_its_channels_length_and_sound(codec: str) -> None:
    audio = decode_call(wav(TWO, 8_000, codec))
    assert (len(audio.channels), audio.seconds, audio.rate) == (2, 1.0, 8_000)
    assert all(channel.dtype == np.float32 for channel in audio.channels)
    assert [loudest_hertz(channel) for channel in audio.channels] == [440, 880]
    assert float(np.abs(audio.channels[0]).max()) == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("rate", [4_000, 8_000, 11_025, 16_000, 44_100, 192_000])
def test_each_rate_comes_out_at_sixteen_thousand(rate: int) -> None:
    audio = decode_call(wav(tone(2.0, 440, rate)[None], rate))
    assert len(audio.channels) == 1
    assert len(audio.channels[0]) == pytest.approx(32_000, abs=400)
    assert loudest_hertz(audio.channels[0]) == 440


def test_a_file_is_read_like_bytes_and_its_header_costs_no_decoding() -> None:
    data = wav(TWO, 8_000)
    found = read_header(io.BytesIO(data))
    assert (found.channels, found.rate, found.seconds) == (2, 8_000, 1.0)
    from_bytes, from_file = decode_call(data), decode_call(io.BytesIO(data))
    assert all((a == b).all() for a, b in zip(from_bytes.channels, from_file.channels, strict=True))


def test_what_stands_between_header_and_sound_is_stepped_over() -> None:
    data = wav(TWO, 8_000)
    at = data.index(b"data")
    note = b"LIST" + struct.pack("<I", 7) + b"INFO\xff\xfe\xfd" + b"\0"  # odd length, not UTF-8
    audio = decode_call(data[:at] + note + data[at:])
    assert loudest_hertz(audio.channels[1]) == 880


def test_a_recording_without_bytes_or_without_samples_is_empty() -> None:
    assert refusal(b"") is Refusal.EMPTY
    assert refusal(header(length=0)) is Refusal.EMPTY


@pytest.mark.parametrize(
    "data",
    [b"<html>502 Bad Gateway</html>", b"#EXTM3U\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile '/etc/passwd'\n"],
)
def test_an_error_page_or_a_playlist_named_wav_is_not_audio(data: bytes) -> None:
    assert refusal(data) is Refusal.NOT_AUDIO


def test_a_cut_recording_is_noticed_wherever_it_was_cut() -> None:
    data = wav(TWO, 8_000)
    assert {refusal(data[:length]) for length in (14, 30, 60, 500, len(data) - 1)} == {Refusal.TRUNCATED}


def test_rate_one_and_other_impossible_forms_are_refused_before_anything_is_unpacked() -> None:
    sound = bytes(32_000)
    assert refusal(header(rate=1) + sound) is Refusal.UNSUPPORTED
    assert refusal(header(rate=4_000_000) + sound) is Refusal.UNSUPPORTED
    assert refusal(header(channels=0) + sound) is Refusal.UNSUPPORTED
    assert refusal(header(channels=6) + sound) is Refusal.UNSUPPORTED
    assert refusal(header(tag=85) + sound) is Refusal.UNSUPPORTED  # MP3 in WAV
    assert refusal(header(bits=12) + sound) is Refusal.UNSUPPORTED


def test_a_recording_of_over_four_hours_is_too_long_and_one_over_the_size_is_not_even_read() -> None:
    length = 4 * 3600 * 4_000 + 4_000
    assert refusal(header(tag=7, channels=1, rate=4_000, bits=8, length=length) + bytes(length)) is Refusal.TOO_LONG

    class Endless(io.BytesIO):
        def seek(self, offset: int, whence: int = 0) -> int:
            return MAX_BYTES + 1 if whence == io.SEEK_END else super().seek(offset, whence)

    with pytest.raises(AudioRefused) as refused:
        decode_call(Endless(wav(TWO, 8_000)))
    assert refused.value.reason is Refusal.TOO_LARGE


def test_a_float_recording_with_infinities_is_tamed() -> None:
    wild = np.array([np.nan, np.inf, -np.inf, 1e30, 0.5] * 800, "<f4").tobytes()
    audio = decode_call(header(tag=3, channels=1, rate=16_000, bits=32, length=len(wild)) + wild)
    assert np.isfinite(audio.channels[0]).all()
    assert float(np.abs(audio.channels[0]).max()) <= 1.0


def test_a_call_is_listened_to_in_pieces_as_often_as_one_likes_and_at_several_places_at_once() -> None:
    data = wav(np.stack([tone(70.0, 440, 8_000), tone(70.0, 880, 8_000)]), 8_000)
    whole, call = decode_call(data), open_call(io.BytesIO(data))
    first, second = call.pieces(), call.pieces()
    assert (next(first) == next(second)).all()
    assert [piece.shape for piece in second] == [(2, 480_000), (2, whole.channels[0].size - 960_000)]
    assert (np.concatenate(list(call.pieces()), axis=1) == np.stack(whole.channels)).all()
    assert all((a == b).all() for a, b in zip(call.pieces(), whole.pieces(), strict=True))
    assert (np.concatenate([next(call.pieces()), *first], axis=1) == np.stack(whole.channels)).all()


def test_an_open_line_is_silent_and_one_that_carries_a_voice_is_not() -> None:
    hush = np.zeros(16_000, np.float32)
    assert waveform(CallAudio((hush, hush + 0.0005), 1.0, 8_000)).is_silent
    assert not waveform(CallAudio((hush, tone(1.0, level=0.01)), 1.0, 8_000)).is_silent


def test_the_waveform_has_twenty_peaks_a_second_between_nothing_and_full_scale() -> None:
    audio = CallAudio((np.zeros(32_000, np.float32), tone(2.0, level=1.0)), 2.0, 8_000)
    quiet, loud = waveform(audio).peaks
    assert quiet == [0] * 40
    assert loud == [100] * 40
    assert [len(channel) for channel in waveform(audio, per_second=10).peaks] == [20, 20]


@given(st.binary(max_size=200), st.integers(0, 60))
def test_no_bytes_whatsoever_do_anything_but_decode_or_be_refused(junk: bytes, at: int) -> None:
    data = header(length=4_000) + bytes(4_000)
    for attempt in (junk, b"RIFF\0\0\0\0WAVE" + junk, data[:at] + junk + data[at + len(junk) :]):
        try:
            audio = decode_call(attempt)
        except AudioRefused:
            continue
        assert len(audio.channels) in (1, 2)
        assert audio.seconds < 2.0
