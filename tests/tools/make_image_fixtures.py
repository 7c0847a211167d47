#!/usr/bin/env python3
"""Writes tests/data/images: small pictures of every kind that is read, and in expected.npz what Pillow makes of them.

Needs pillow below 13 (12.3.0 wrote what is committed) and numpy: to make a picture lower but not narrower, Pillow 13.0.0
makes it lower first, and all before make it wider first. 16-bit and interlaced PNG, which Pillow does not write, are
written here.
"""

import pathlib
import struct
import zlib

import numpy as np
from PIL import Image

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "data/images"
WIDTH, HEIGHT = 45, 31


def picture():
    """Slopes, edges and noise."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    rng = np.random.default_rng(3)
    pixels = np.stack([x * 255 / WIDTH, y * 255 / HEIGHT, 255 * ((x // 7 + y // 5) % 2)], axis=-1)
    return np.clip(pixels + rng.integers(-30, 30, pixels.shape), 0, 255).astype(np.uint8)


def png(path, bit_depth, color_type, passes, extra=b""):
    """`passes`: rows of bytes for each pass; one pass: not interlaced."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, bit_depth, color_type, 0, 0, int(len(passes) > 1))
    data = b"".join(b"\0" + row for rows in passes for row in rows)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(data, 9))
                     + chunk(b"IEND", b""))


def adam7(pixels):
    steps = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    return [[row.tobytes() for row in pixels[y::dy, x::dx]] for y, x, dy, dx in steps]


def write_files(pixels):
    image = Image.fromarray(pixels)
    image.save(FOLDER / "colour.jpg", quality=85)
    image.save(FOLDER / "progressive.jpg", quality=60, progressive=True, subsampling=1)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    image.save(FOLDER / "turned.jpeg", quality=90, subsampling=0, exif=exif)
    image.convert("L").save(FOLDER / "grey.JPG", quality=80)
    image.convert("CMYK").save(FOLDER / "cmyk.jpg", quality=80)
    image.save(FOLDER / "colour.png")
    image.convert("L").save(FOLDER / "grey.png")
    image.crop((0, 0, 16, 12)).save(FOLDER / "small.png")
    image.convert("1").save(FOLDER / "black_white.png")
    image.quantize(16).save(FOLDER / "palette.png", transparency=3, bits=4)
    alpha = np.dstack([pixels, np.arange(pixels[..., 0].size, dtype=np.uint8).reshape(HEIGHT, WIDTH)])
    Image.fromarray(alpha).save(FOLDER / "alpha.png")
    png(FOLDER / "colour16.png", 16, 2, [[row.astype(">u2").tobytes() for row in pixels.astype(np.uint16) * 256 + 77]])
    png(FOLDER / "grey16.png", 16, 0, [[row.astype(">u2").tobytes() for row in pixels[..., 0].astype(np.uint16) * 256 + 200]])
    png(FOLDER / "interlaced.png", 8, 2, adam7(pixels))
    gamma = b"gAMA" + struct.pack(">I", 100000)
    png(FOLDER / "gamma.png", 8, 2, [[row.tobytes() for row in pixels]],
        struct.pack(">I", 4) + gamma + struct.pack(">I", zlib.crc32(gamma)))


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    pixels = picture()
    write_files(pixels)
    expected = {}
    for path in sorted(FOLDER.iterdir()):
        if path.suffix == ".npz" or path.name in ("cmyk.jpg", "grey16.png"):
            continue
        expected[path.name] = np.asarray(Image.open(path).convert("RGB"))
    # Pillow makes white of all 16-bit greys.
    expected["grey16.png"] = np.repeat(pixels[..., :1], 3, axis=-1)
    image = Image.open(FOLDER / "colour.png")
    expected["luma"] = np.asarray(image.convert("L"))
    filters = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
    for name, filter_ in filters.items():
        for width, height in ((16, 12), (45, 7), (100, 80), (13, 31), (1, 1), (44, 30), (90, 17), (17, 60)):
            expected[f"{name} {width}x{height}"] = np.asarray(image.resize((width, height), filter_))
    expected["bilinear grey 17x9"] = np.asarray(image.convert("L").resize((17, 9), filters["bilinear"]))
    np.savez_compressed(FOLDER / "expected.npz", **expected)


main()
