"""Renders lines of text, upright and turned by 180 degrees, for PP-OCR's text direction classifier.

    python models/text_direction/render_text_lines.py [--lines 512] [--output FILE]

Needs tools/requirements/training.txt and, for the Chinese lines, Debian's package fonts-droid-fallback. The same
seed and the same versions give the same file. Every line is there twice: as it is, and turned.
"""

import argparse
import pathlib
import random

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

HEIGHT, WIDTH = 48, 192  # what ch_ppocr_mobile_v2.0_cls_infer.onnx takes
# (x / 255 - 0.5) / 0.5, as PP-OCR's resize_norm_img does for this model.
PIXEL_SCALE, PIXEL_OFFSET = 1.0 / 127.5, -1.0
STEP = 4  # of 256 greys: the file is two thirds of the size, and the classifier does not mind
PADDING = 127  # PP-OCR pads with 0 after the normalisation, which is 127.5
CHINESE_FONT = "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf"
LATIN_FONTS = (
    "DejaVuSans.ttf",
    "DejaVuSans-Bold.ttf",
    "DejaVuSans-Oblique.ttf",
    "DejaVuSansMono.ttf",
    "DejaVuSerif.ttf",
    "DejaVuSerif-Bold.ttf",
    "DejaVuSerif-Italic.ttf",
    "STIXGeneral.ttf",
    "STIXGeneralBol.ttf",
    "STIXGeneralItalic.ttf",
)
WORDS = (
    "account address amount article balance between building business capital careful certain chapter circle company "
    "contract country customer daily delivery different direction discount distance electric engine evening example "
    "factory family finger flight garden general government hospital hundred important industry information invoice "
    "journey kitchen language library machine market material measure medicine minute morning mountain national "
    "number office package paper payment people picture platform position problem product quality question railway "
    "receipt regular remember report salary science season second service signature station street student summer "
    "telephone temperature together total traffic university vegetable village weather window winter"
).split()
CHARACTERS = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经三"
    "之进着等部度家电力里如水化高自理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间"
    "样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员"
)


def words(random_):
    return " ".join(random_.choice(WORDS) for _ in range(random_.randint(1, 3)))


def sentence(random_):
    text = words(random_)
    return random_.choice((text.capitalize(), text.title(), text.upper() if random_.random() < 0.3 else text))


def number(random_):
    return random_.choice(
        (
            f"Invoice {random_.randint(10000, 99999)}",
            f"Total: {random_.randint(1, 9999)}.{random_.randint(0, 99):02} EUR",
            f"{random_.randint(1, 28)} {random_.choice(('January', 'March', 'April', 'July', 'October'))} "
            f"{random_.randint(1990, 2029)}",
            f"Tel. +{random_.randint(10, 99)} {random_.randint(100, 999)} {random_.randint(10000, 99999)}",
            f"{random_.choice(WORDS)}@{random_.choice(WORDS)}.com",
        )
    )


def chinese(random_):
    return "".join(random_.choice(CHARACTERS) for _ in range(random_.randint(3, 9)))


def greys(random_):
    """Ink and paper, apart by at least 70 of 255, either one the darker."""
    while True:
        ink, paper = random_.randint(0, 255), random_.randint(0, 255)
        if abs(ink - paper) >= 70:
            return ink, paper


def draw_line(random_, fonts):
    kind = random_.random()
    if kind < 0.35:
        text, font = chinese(random_), CHINESE_FONT
    else:
        text, font = (sentence if kind < 0.75 else number)(random_), fonts / random_.choice(LATIN_FONTS)
    size = random_.randint(18, 44)
    font = ImageFont.truetype(str(font), size, layout_engine=ImageFont.Layout.BASIC)
    left, top, right, bottom = font.getbbox(text)
    # The detector before the classifier cuts lines out with a little room around them.
    margin = [max(1, round(size * random_.uniform(0.04, 0.25))) for _ in range(4)]
    ink, paper = greys(random_)
    image = Image.new("L", (right - left + margin[0] + margin[2], bottom - top + margin[1] + margin[3]), paper)
    ImageDraw.Draw(image).text((margin[0] - left, margin[1] - top), text, font=font, fill=ink)
    image = image.rotate(random_.uniform(-2.0, 2.0), Image.Resampling.BICUBIC, fillcolor=paper)
    if random_.random() < 0.3:
        image = image.filter(ImageFilter.GaussianBlur(random_.uniform(0.3, 1.2)))
    return image


def noisy(random_, pixels):
    """Grain, as a sensor's, on a fifth of the images."""
    if random_.random() >= 0.2:
        return pixels
    return pixels + np.random.default_rng(random_.getrandbits(32)).normal(0.0, random_.uniform(3.0, 10.0), pixels.shape)


def as_input(random_, image):
    """PP-OCR's resize_norm_img up to its normalisation: height 48, ratio kept up to width 192, padded on the right."""
    width = min(WIDTH, -(-HEIGHT * image.width // image.height))
    pixels = noisy(random_, np.asarray(image.resize((width, HEIGHT), Image.Resampling.BILINEAR), np.float64))
    padded = np.full((HEIGHT, WIDTH), PADDING, np.uint8)
    padded[:, :width] = np.clip(np.round(pixels / STEP) * STEP, 0, 255)
    return np.stack([padded] * 3)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=512)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent / "text_lines.npz")
    arguments = parser.parse_args()

    random_ = random.Random(arguments.seed)
    fonts = pathlib.Path(matplotlib.get_data_path(), "fonts", "ttf")
    images, labels = [], []
    for _ in range(arguments.lines):
        line, grain = draw_line(random_, fonts), random_.getrandbits(32)
        for label, image in enumerate((line, line.transpose(Image.Transpose.ROTATE_180))):
            images.append(as_input(random.Random(grain), image))
            labels.append(label)
    np.savez_compressed(
        arguments.output,
        **{
            "x": np.stack(images),
            "x.scale": np.float32(PIXEL_SCALE),
            "x.offset": np.float32(PIXEL_OFFSET),
            "labels": np.array(labels, np.int64),
        },
    )


if __name__ == "__main__":
    main()
