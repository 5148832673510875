"""z = splitmix64(fnv1a64(name) + index): numbers that C++ computes as well, so no golden stores its inputs.

The index runs over the flattened row-major tensor in Keras's layout (HWIO filters, [in,out] dense). A uniform
draw takes the upper 24 bits, u = (z >> 40) / 2^24 in [0,1), and stretches it in double: low + (high - low) u.
A u8 is z >> 56.
"""

import json

import numpy as np


def fnv1a64(text):
    """Hash of a name; fnv1a64("") is the offset basis."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return value


def splitmix64(x):
    """x is an array of uint64; arithmetic is modulo 2^64."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def draws(name, shape):
    """uint64 of the given shape."""
    index = np.arange(np.prod(shape, dtype=np.int64), dtype=np.uint64)
    return splitmix64(np.uint64(fnv1a64(name)) + index).reshape(shape)


def uniform(name, shape, low=-1.0, high=1.0):
    """float64 of the given shape in [low, high)."""
    return low + (high - low) * ((draws(name, shape) >> np.uint64(40)) / 2.0**24)


def bytes_of(name, shape):
    """uint8 of the given shape."""
    return (draws(name, shape) >> np.uint64(56)).astype(np.uint8)


def write_golden(path, value):
    """One line per entry of a top-level list or object: small, and readable in a diff."""
    def line(item):
        return json.dumps(item, separators=(",", ":"))

    if isinstance(value, list):
        text = "[\n" + ",\n".join(line(item) for item in value) + "\n]\n"
    else:
        text = "{\n" + ",\n".join(f"{line(key)}: {line(item)}" for key, item in value.items()) + "\n}\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    print(f"{path}: {len(text)} bytes")
