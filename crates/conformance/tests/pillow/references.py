"""Writes references.txt: what Pillow makes of pictures, for `cargo nextest run -p wasmtube-conformance pillow`.

    python3 -m venv pillow && pillow/bin/pip install Pillow
    pillow/bin/python references.py PHOTOS > references.txt

PHOTOS is the folder of photos beside the models. A line is a case:

    SOURCE WIDTHxHEIGHT RESIZE FILTER CHANNELS WIDTHxHEIGHT BYTES

SOURCE is `random`, a picture of seeded bytes, or the file of a photo. BYTES holds the pixels of the result in
hexadecimal, all of them or, of more than 100, those whose numbers are `k * 2654435761` modulo their number.
"""

import random
import sys
from pathlib import Path

from PIL import Image

JPEGS = ["bridge", "cat", "coyote", "dog_bike_man", "flamingo", "labrador", "torch"]
FILTERS = {"nearest": Image.Resampling.NEAREST, "bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
SAMPLES = 100
MASK = (1 << 64) - 1


def numbers(seed):
    """SplitMix64 (Steele, Lea and Flood 2014)."""
    while True:
        seed = (seed + 0x9E3779B97F4A7C15) & MASK
        h = seed
        h = ((h ^ (h >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        h = ((h ^ (h >> 27)) * 0x94D049BB133111EB) & MASK
        yield h ^ (h >> 31)


def seeded(width, height):
    source = numbers(width * 1000 + height)
    return Image.frombytes("RGB", (width, height), bytes(next(source) % 256 for _ in range(3 * width * height)))


def resized(picture, resize, algorithm, size):
    name, *rest = resize.split(":")
    (w, h), (width, height) = picture.size, size
    if name == "stretch":
        return picture.resize(size, algorithm)
    if name == "shorter-side":
        # torchvision's Resize and CenterCrop, for a box with the aspect ratio of the result.
        if picture.size == size:
            return picture
        pixels, shorter = int(rest[0]), min(size)
        box_width, box_height = ((2 * side * pixels + shorter) // (2 * shorter) for side in size)
        if w * height <= h * width:
            larger = (box_width, int(box_width * h / w))
        else:
            larger = (int(box_height * w / h), box_height)
        left, top = (int(round((a - b) / 2.0)) for a, b in zip(larger, size))
        return picture.resize(larger, algorithm).crop((left, top, left + width, top + height))
    # YOLOX's preproc, with Pillow for the resizing.
    place, fill = rest
    ratio = min(width / w, height / h)
    inner = (max(int(w * ratio), 1), max(int(h * ratio), 1))
    left, top = (0, 0) if place == "top-left" else ((width - inner[0]) // 2, (height - inner[1]) // 2)
    frame = Image.new("RGB", size, tuple(int(byte) for byte in fill.split(",")))
    frame.paste(picture.resize(inner, algorithm), (left, top))
    return frame


def case(source, picture, resize, algorithm, channels, size):
    result = resized(picture, resize, FILTERS[algorithm], size)
    if channels == "gray":
        result = result.convert("L")
    pixels, count, step = result.tobytes(), size[0] * size[1], 1 if channels == "gray" else 3
    chosen = range(count) if count <= SAMPLES else [k * 2654435761 % count for k in range(SAMPLES)]
    text = b"".join(pixels[step * pixel :][:step] for pixel in chosen).hex()
    (w, h), (width, height) = picture.size, size
    print(source, f"{w}x{h}", resize, algorithm, channels, f"{width}x{height}", text)


def random_cases():
    draw = random.Random(1)
    sizes = [
        # Reduced, enlarged, both, as it is.
        ((61, 47), (8, 6)), ((4, 3), (17, 11)), ((20, 3), (3, 20)), ((13, 9), (13, 9)), ((13, 9), (13, 5)), ((13, 9), (6, 9)),
        # One pixel.
        ((1, 1), (5, 4)), ((50, 40), (1, 1)), ((1, 90), (7, 7)), ((90, 1), (7, 7)), ((1, 1), (1, 1)),
        # More rows in one than are kept, long and thin.
        ((3, 1000), (4, 3)), ((1000, 3), (3, 4)), ((2, 16384), (3, 2)), ((16384, 2), (2, 3)), ((1, 2), (40, 2)),
        # Ratios where the nearest pixel is a tie.
        ((10, 10), (15, 15)), ((14, 6), (21, 10)), ((100, 7), (30, 21)), ((9, 15), (6, 6)), ((200, 150), (16, 12)),
    ]
    sizes += [((draw.randint(1, 80), draw.randint(1, 80)), (draw.randint(1, 20), draw.randint(1, 20))) for _ in range(30)]
    for source, size in sizes:
        for algorithm in FILTERS:
            case("random", seeded(*source), "stretch", algorithm, "rgb", size)
    for source, size, pixels in [
        ((50, 33), (14, 14), 16), ((33, 50), (14, 14), 16), ((5, 7), (14, 14), 16), ((14, 14), (14, 14), 16),
        ((100, 75), (10, 14), 11), ((75, 100), (14, 10), 10), ((1, 300), (6, 6), 7), ((300, 1), (6, 6), 6), ((31, 29), (9, 7), 20),
    ]:
        for algorithm in FILTERS:
            case("random", seeded(*source), f"shorter-side:{pixels}", algorithm, "rgb", size)
    for source, size in [
        ((50, 33), (14, 14)), ((33, 50), (14, 14)), ((5, 7), (14, 14)), ((14, 14), (14, 14)), ((786, 60), (40, 12)),
        ((1, 300), (6, 9)), ((300, 1), (9, 6)), ((31, 29), (12, 17)),
    ]:
        for algorithm, place in [("bilinear", "top-left"), ("bicubic", "center"), ("nearest", "center")]:
            case("random", seeded(*source), f"letterbox:{place}:114,0,255", algorithm, "rgb", size)
    for resize, size in [("stretch", (16, 12)), ("shorter-side:16", (14, 14)), ("letterbox:center:10,100,200", (16, 16))]:
        case("random", seeded(40, 33), resize, "bilinear", "gray", size)


def photo_cases(folder):
    for name in ["src/astronaut.png"] + [f"224/{name}_224.png" for name in JPEGS]:
        photo = Image.open(folder / name).convert("RGB")
        for size in [(16, 16), (96, 96), (320, 240), (1500, 400), (40, 30)]:
            case(name, photo, "stretch", "bilinear", "rgb", size)
        case(name, photo, "stretch", "nearest", "rgb", (200, 300))
        case(name, photo, "stretch", "bicubic", "rgb", (320, 240))
        case(name, photo, "shorter-side:256", "bilinear", "rgb", (224, 224))
        case(name, photo, "shorter-side:64", "bicubic", "rgb", (48, 64))
        case(name, photo, "letterbox:center:114,114,114", "bilinear", "rgb", (416, 320))
    for name in JPEGS:
        photo = Image.open(folder / "src" / f"{name}.jpg").convert("RGB")
        for size in [(16, 16), (96, 96), (640, 480)]:
            case(f"src/{name}.jpg", photo, "stretch", "bilinear", "rgb", size)
        case(f"src/{name}.jpg", photo, "shorter-side:256", "bilinear", "rgb", (224, 224))
        case(f"src/{name}.jpg", photo, "letterbox:top-left:114,114,114", "bilinear", "rgb", (416, 416))


random_cases()
photo_cases(Path(sys.argv[1]))
