"""Thresholds of the four methods by NumPy, straight from their definitions: what threshold_test.cpp is checked against.

Prints {distribution: {method: threshold}} as JSON. The numbers are those of distributions.h.
"""

import json
import math

import numpy as np

BINS = 4096
LEVELS = 128
NUMBERS = 20000


def numbers_of(name):
    state, numbers = 1, []

    def uniform():
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 11) * 2.0**-53

    for i in range(NUMBERS):
        u, v = uniform(), uniform()
        normal = math.sqrt(-2 * math.log(1 - u)) * math.cos(2 * math.pi * v)
        number = normal
        if name == "exponential":
            number = 0.0 if i % 2 == 0 else -math.log(1 - u)
        if name == "outliers" and i % 1000 == 999:
            number *= 30
        if name == "relu6":
            number = min(max(4 * normal, 0.0), 6.0)
        numbers.append(number)
    return np.abs(np.float32(numbers)).astype(np.float64)


def entropy(magnitudes):
    """S. Migacz, GTC 2017: zeros apart, P with what is clipped in its last bin, Q spread over occupied bins."""
    limit = 2.0 ** (math.frexp(magnitudes.max())[1])
    width = limit / BINS
    bins = np.bincount((magnitudes[magnitudes > 0] / width).astype(int)).astype(np.float64)
    best, least = len(bins), math.inf
    for kept in range(LEVELS, len(bins) + 1):
        if bins[kept - 1] == 0:
            continue
        p = bins[:kept].copy()
        p[-1] += bins[kept:].sum()
        edges = np.arange(LEVELS + 1) * kept // LEVELS
        sums = np.add.reduceat(bins[:kept], edges[:-1])
        occupied = np.add.reduceat((bins[:kept] > 0).astype(np.float64), edges[:-1])
        q = np.repeat(sums / np.maximum(occupied, 1), np.diff(edges)) * (bins[:kept] > 0)
        p, q = p / p.sum(), q / q.sum()
        where = p > 0
        divergence = float(np.sum(p[where] * np.log(p[where] / q[where])))
        if divergence < least - 1e-12:
            best, least = kept, divergence
    return min((best + 0.5) * width, magnitudes.max())


def mean_squared_error(magnitudes, threshold):
    scale = threshold / (LEVELS - 1)
    return float(np.mean((np.clip(np.rint(magnitudes / scale), 0, LEVELS - 1) * scale - magnitudes) ** 2))


def mse(magnitudes):
    """Of the numbers themselves, over a fine grid."""
    candidates = magnitudes.max() * np.arange(20, 1001) / 1000
    errors = [mean_squared_error(magnitudes, threshold) for threshold in candidates]
    return float(candidates[int(np.argmin(errors))]), min(errors)


def main():
    result = {}
    for name in ("normal", "exponential", "outliers", "relu6"):
        magnitudes = numbers_of(name)
        threshold, error = mse(magnitudes)
        result[name] = {
            "min-max": float(magnitudes.max()),
            "percentile 99": float(np.percentile(magnitudes, 99)),
            "percentile 99.9": float(np.percentile(magnitudes, 99.9)),
            "percentile 50": float(np.percentile(magnitudes, 50)),
            "entropy": entropy(magnitudes),
            "mse": threshold,
            "least mean squared error": error,
        }
    print(json.dumps(result, indent=1))


main()
