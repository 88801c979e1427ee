#!/usr/bin/env python3
"""Makes the sounds and images of the tests, and golden.json, what they should become.

    pip install numpy scipy librosa soundfile pillow pypng
    python3 make_fixtures.py

Log-mel features come from librosa, pre-emphasis from scipy; PNG pixels from pypng, JPEG pixels from Pillow,
compositing, area averages and patch features from numpy in double precision.
"""

import json
import pathlib

import librosa
import numpy as np
import png
import scipy.signal
import soundfile
from PIL import Image

FOLDER = pathlib.Path(__file__).parent
rng = np.random.default_rng(7)
golden = {}


# --- Sound -------------------------------------------------------------------

def log_mel(samples, rate, window, hop, bands, scale, low, high, emphasis, floor):
    samples = scipy.signal.lfilter([1, -emphasis], [1], samples)
    length = 2
    while length < window:
        length *= 2
    # librosa centres a short window in the transform: frames begin that much earlier. At the end it wants the
    # same again, to count as many whole windows.
    before = (length - window) // 2
    samples = np.pad(samples, (before, length - window - before))
    mel = librosa.feature.melspectrogram(
        y=samples, sr=rate, n_fft=length, win_length=window, hop_length=hop, window="hann", center=False, power=2,
        n_mels=bands, fmin=low, fmax=high, htk=scale == "htk", norm="slaney" if scale == "slaney" else None)
    return np.log(np.maximum(mel, floor)).T


def make_sounds():
    rate = 16000
    time = np.arange(int(0.12 * rate)) / rate
    voice = sum(np.sin(2 * np.pi * 140 * k * time * (1 + 0.3 * time)) / k for k in range(1, 20))
    sound = 0.15 * voice * np.hanning(len(time)) + 0.002 * rng.standard_normal(len(time))
    sound = np.round(sound * 32768).astype(np.int16)
    soundfile.write(FOLDER / "voice.wav", sound, rate)
    soundfile.write(FOLDER / "voice.flac", sound, rate)
    soundfile.write(FOLDER / "voice.ogg", sound, rate, format="OGG", subtype="VORBIS")
    # Of several frames, to damage them.
    tone = np.round(0.3 * 32767 * np.sin(np.arange(16000) / 10)).astype(np.int16)
    soundfile.write(FOLDER / "tone.flac", tone, rate)
    soundfile.write(FOLDER / "tone.mp3", tone, rate, format="MP3")
    samples = sound / 32768
    cases = [
        dict(rate=rate, window=400, hop=160, bands=40, scale="htk", low=0, high=8000, emphasis=0, floor=1e-10),
        dict(rate=rate, window=400, hop=160, bands=40, scale="slaney", low=0, high=8000, emphasis=0, floor=1e-10),
        dict(rate=rate, window=320, hop=100, bands=23, scale="htk", low=20, high=7600, emphasis=0.97, floor=1e-3),
        dict(rate=rate, window=512, hop=256, bands=20, scale="slaney", low=60, high=6000, emphasis=0.5, floor=1e-10),
    ]
    golden["log_mel"] = []
    for case in cases:
        features = log_mel(samples, **case)
        golden["log_mel"].append(case | {
            "frames": len(features), "values": [float(f"{value:.6g}") for value in features.ravel()]})


# --- Images ------------------------------------------------------------------

def composite(rgba, background):
    alpha = rgba[..., 3:]
    return rgba[..., :3] * alpha + (1 - alpha) * np.array(background)


def area_average(image, height, width):
    """Every pixel becomes height × width equal ones; then whole blocks are averaged."""
    rows, columns = image.shape[:2]
    fine = image.repeat(height, axis=0).repeat(width, axis=1)
    return fine.reshape(height, rows, width, columns, -1).mean(axis=(1, 3))


def smooth(height, width, channels):
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([
        0.5 + 0.5 * np.sin(0.35 * (channel + 1) * x + 0.2 * y + channel) * np.cos(0.3 * y)
        for channel in range(channels)], axis=-1)


def read_png(path):
    """Red, green, blue and alpha, from 0 to 1, by pypng; 16 bits are rounded to 8, as the reader does."""
    width, height, rows, info = png.Reader(str(path)).asRGBA()
    pixels = np.array([list(row) for row in rows], float).reshape(height, width, 4)
    most = 2 ** info["bitdepth"] - 1
    return np.round(pixels / most * 255) / 255


def read_jpeg(path):
    pixels = np.asarray(Image.open(path).convert("RGB"), float) / 255
    return np.concatenate([pixels, np.ones(pixels.shape[:2] + (1,))], axis=-1)


def make_images():
    def write(name, pixels, **settings):
        height, width = pixels.shape[:2]
        most = 2 ** settings.get("bitdepth", 8) - 1
        values = np.round(pixels * most).astype(int).reshape(height, -1)
        with open(FOLDER / name, "wb") as file:
            png.Writer(width, height, **settings).write(file, values.tolist())

    write("rgb.png", smooth(12, 18, 3), greyscale=False)
    write("rgba.png", smooth(13, 11, 4), greyscale=False, alpha=True)
    write("grey16.png", smooth(10, 14, 1), greyscale=True, bitdepth=16)
    write("rgba16.png", smooth(9, 10, 4), greyscale=False, alpha=True, bitdepth=16)
    write("grey1.png", np.round(smooth(16, 20, 1)), greyscale=True, bitdepth=1)
    palette = [(int(r), int(g), int(b), int(a)) for r, g, b, a in rng.integers(0, 256, (16, 4))]
    write("palette.png", rng.integers(0, 16, (11, 13, 1)) / 15, palette=palette, bitdepth=4)
    write("interlaced.png", smooth(12, 16, 3), greyscale=False, interlace=True)
    picture = Image.fromarray(np.round(smooth(24, 32, 3) * 255).astype(np.uint8))
    picture.save(FOLDER / "colour.jpg", quality=90, subsampling=0)
    picture.save(FOLDER / "progressive.jpg", quality=90, subsampling=0, progressive=True)
    picture.convert("L").save(FOLDER / "grey.jpg", quality=90)
    picture.convert("CMYK").save(FOLDER / "cmyk.jpg", quality=90)

    golden["images"] = []
    for name in ["rgb.png", "rgba.png", "grey16.png", "rgba16.png", "grey1.png", "palette.png", "interlaced.png",
                 "colour.jpg", "progressive.jpg", "grey.jpg"]:
        pixels = read_png(FOLDER / name) if name.endswith("png") else read_jpeg(FOLDER / name)
        for height, width in [(6, 9), (4, 4), (16, 20)]:
            background = [1, 0.5, 0.25]
            image = area_average(composite(pixels, background), height, width)
            golden["images"].append({
                "file": name, "height": height, "width": width, "background": background,
                "values": [float(f"{value:.5f}") for value in image.ravel()]})


# --- Patches -----------------------------------------------------------------

def statistics(image, patch):
    brightness = image @ np.array([0.299, 0.587, 0.114])
    padded = np.pad(brightness, 1, mode="edge")
    x = (padded[1:-1, 2:] - padded[1:-1, :-2]) / 2
    y = (padded[2:, 1:-1] - padded[:-2, 1:-1]) / 2
    sector = (np.mod(np.arctan2(y, x), 2 * np.pi) / (2 * np.pi) * 8).astype(int) % 8
    length = np.hypot(x, y)
    features = []
    for top in range(0, image.shape[0], patch):
        for left in range(0, image.shape[1], patch):
            part = (slice(top, top + patch), slice(left, left + patch))
            histogram = [length[part][sector[part] == s].sum() / patch ** 2 for s in range(8)]
            features.append([*image[part].mean((0, 1)), *image[part].std((0, 1)), *histogram])
    return np.array(features)


def pixel_patches(image, patch):
    height, width = image.shape[:2]
    grid = image.reshape(height // patch, patch, width // patch, patch, 3).swapaxes(1, 2)
    return grid.reshape(-1, patch * patch * 3) - 0.5


def make_patches():
    image = np.round(smooth(8, 12, 3), 4)
    golden["patches"] = {
        "height": 8, "width": 12, "patch": 4, "image": image.ravel().tolist(),
        "pixels": [float(f"{value:.5f}") for value in pixel_patches(image, 4).ravel()],
        "statistics": [float(f"{value:.5f}") for value in statistics(image, 4).ravel()]}


make_sounds()
make_images()
make_patches()
(FOLDER / "golden.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
