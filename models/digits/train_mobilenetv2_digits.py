"""Trains a reduced-width MobileNetV2 on scikit-learn's handwritten digits and writes it as ONNX.

    python models/digits/train_mobilenetv2_digits.py [--epochs 40] [--output FOLDER]

Needs PyTorch and tools/requirements/training.txt, no network and no GPU: the digits ship inside scikit-learn.
Writes mobilenetv2_digits.onnx (BatchNormalization kept), mobilenetv2_digits_folded.onnx (as deployed), heldout.npz and
calibration.npz.
"""

import argparse
import pathlib
import warnings

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.nn import functional

HELD_OUT = 1000  # of 1,797: one image is then 0.1 point of accuracy
CALIBRATION = 256  # of the images that training saw: those that accuracy is measured on are to stay unseen
IMAGE = 32  # pixels: the 8x8 digits enlarged four times, so that three strides of two leave 4x4
PIXEL_SCALE, PIXEL_OFFSET = 1.0 / 127.5, -1.0  # uint8 to -1..1
# Expansion, output channels, repeats, stride of the first: table 2 of Sandler et al., arXiv:1801.04381, narrower and
# with fewer strides, for small images.
BLOCKS = ((1, 8, 1, 1), (6, 12, 2, 2), (6, 16, 3, 2), (6, 24, 2, 1), (6, 32, 2, 2), (6, 48, 1, 1))
STEM, HEAD, CLASSES = 16, 160, 10


class ConvBatchNorm(nn.Sequential):
    def __init__(self, inputs, outputs, kernel, stride=1, groups=1, activation=True):
        layers = [
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
            nn.BatchNorm2d(outputs),
        ]
        if activation:
            layers.append(nn.ReLU6(inplace=True))
        super().__init__(*layers)


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, stride, expansion):
        super().__init__()
        hidden = inputs * expansion
        self.residual = stride == 1 and inputs == outputs
        layers = [ConvBatchNorm(inputs, hidden, 1)] if expansion != 1 else []
        layers.append(ConvBatchNorm(hidden, hidden, 3, stride, groups=hidden))
        layers.append(ConvBatchNorm(hidden, outputs, 1, activation=False))
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return x + self.layers(x) if self.residual else self.layers(x)


class MobileNetV2Digits(nn.Module):
    def __init__(self):
        super().__init__()
        layers, channels = [ConvBatchNorm(1, STEM, 3, 2)], STEM
        for expansion, outputs, repeats, stride in BLOCKS:
            for i in range(repeats):
                layers.append(InvertedResidual(channels, outputs, stride if i == 0 else 1, expansion))
                channels = outputs
        layers.append(ConvBatchNorm(channels, HEAD, 1))
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(HEAD, CLASSES)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


def digits():
    """Images as uint8 [N, 1, 32, 32] and labels, in two parts with the same share of each digit."""
    data = load_digits()
    small = torch.from_numpy(data.images.astype(np.float32))[:, None] * (255.0 / 16.0)
    large = functional.interpolate(small, size=(IMAGE, IMAGE), mode="bilinear", align_corners=False)
    images = large.round().clamp(0, 255).to(torch.uint8).numpy()
    labels = data.target.astype(np.int64)
    return train_test_split(images, labels, test_size=HELD_OUT, stratify=labels, random_state=0)


def as_input(images):
    return torch.from_numpy(images).float() * PIXEL_SCALE + PIXEL_OFFSET


def distorted(batch, generator):
    """Each image turned by up to 12 degrees, scaled by up to 12 % and moved by up to 2 pixels of 32."""
    n = batch.shape[0]
    uniform = lambda reach: (torch.rand(n, generator=generator) * 2 - 1) * reach
    angle, scale = torch.deg2rad(uniform(12.0)), 1.0 + uniform(0.12)
    cosine, sine = torch.cos(angle) * scale, torch.sin(angle) * scale
    affine = torch.stack(
        [torch.stack([cosine, -sine, uniform(0.125)], 1), torch.stack([sine, cosine, uniform(0.125)], 1)], 1
    )
    grid = functional.affine_grid(affine, batch.shape, align_corners=False)
    # Outside of the image is background: -1, so shifted by one before sampling fills with zeros.
    return functional.grid_sample(batch + 1.0, grid, align_corners=False) - 1.0


def accuracy(model, images, labels):
    model.eval()
    with torch.no_grad():
        return (model(as_input(images)).argmax(1).numpy() == labels).mean()


def train(model, images, labels, epochs):
    generator = torch.Generator().manual_seed(0)
    inputs, targets = as_input(images), torch.from_numpy(labels)
    batch = 64
    steps = len(inputs) // batch
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.2, epochs=epochs, steps_per_epoch=steps)
    for epoch in range(epochs):
        model.train()
        order = torch.randperm(len(inputs), generator=generator)
        total = 0.0
        for step in range(steps):
            chosen = order[step * batch : (step + 1) * batch]
            loss = functional.cross_entropy(
                model(distorted(inputs[chosen], generator)), targets[chosen], label_smoothing=0.05
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}/{epochs}: loss {total / steps:.4f}", flush=True)


def export(model, path, folded):
    """Opset 17, dynamic batch. `folded`: BatchNormalization lies in the convolutions' weights, as PyTorch exports a
    model for use; otherwise the graph is as it was trained, and optimisers have something to do."""
    model.eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the TorchScript exporter says that it is not the newest
        torch.onnx.export(
            model,
            (torch.zeros(1, 1, IMAGE, IMAGE),),
            str(path),
            dynamo=False,
            opset_version=17,
            do_constant_folding=folded,
            training=torch.onnx.TrainingMode.EVAL if folded else torch.onnx.TrainingMode.PRESERVE,
            input_names=["image"],
            output_names=["logits"],
            dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}},
        )


def save(path, images, labels):
    np.savez_compressed(
        path,
        **{
            "image": images,
            "image.scale": np.float32(PIXEL_SCALE),
            "image.offset": np.float32(PIXEL_OFFSET),
            "labels": labels,
        },
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    arguments = parser.parse_args()

    torch.manual_seed(0)
    torch.set_num_threads(1)  # the sums' order, and so the result, would depend on the number of cores
    torch.use_deterministic_algorithms(True)
    train_images, heldout_images, train_labels, heldout_labels = digits()
    model = MobileNetV2Digits()
    train(model, train_images, train_labels, arguments.epochs)
    print(f"training images: {accuracy(model, train_images, train_labels):.2%}")
    print(f"held-out images: {accuracy(model, heldout_images, heldout_labels):.2%}")

    export(model, arguments.output / "mobilenetv2_digits.onnx", folded=False)
    export(model, arguments.output / "mobilenetv2_digits_folded.onnx", folded=True)
    save(arguments.output / "heldout.npz", heldout_images, heldout_labels)
    save(arguments.output / "calibration.npz", train_images[:CALIBRATION], train_labels[:CALIBRATION])


if __name__ == "__main__":
    main()
