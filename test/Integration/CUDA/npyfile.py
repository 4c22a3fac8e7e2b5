"""Arrays in .npy files, with the standard library alone."""

import random
import struct

# Elements with random values at the start of a file; zeros follow.
RANDOM_ELEMENTS = 1 << 20
TILE = 4096


def encode(dtype, value):
    """Bytes of one element: f32, f16, or bf16 cut off from f32."""
    if dtype == "f16":
        return struct.pack("<e", value)
    data = struct.pack("<f", value)
    return data if dtype == "f32" else data[2:]


def write(path, dtype, shape, last):
    """Random values of deviation 1, then zeros, and `last` as last element.

    The zeros are a hole in the file, so that a long list costs no disk.
    """
    descr = {"f32": "<f4", "bf16": "|V2", "f16": "<f2"}[dtype]
    size = {"f32": 4, "bf16": 2, "f16": 2}[dtype]
    text = repr(tuple(shape))
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {text}, }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    count = 1
    for extent in shape:
        count *= extent
    generator = random.Random(1)
    tile = b"".join(encode(dtype, generator.gauss(0, 1)) for _ in range(TILE))
    start = 10 + len(header)
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
        file.write(header.encode())
        values = min(count, RANDOM_ELEMENTS)
        data = tile * (values // TILE + 1)
        file.write(data[:values * size])
        file.truncate(start + count * size)
        file.seek(start + (count - 1) * size)
        file.write(encode(dtype, last))


def same(first, second):
    """True if two files hold the same bytes."""
    with open(first, "rb") as a, open(second, "rb") as b:
        while True:
            left, right = a.read(1 << 20), b.read(1 << 20)
            if left != right:
                return False
            if not left:
                return True
