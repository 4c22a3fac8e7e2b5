"""Writes and reads .npy files with the standard library alone.

  npy.py write FILE DESCR SHAPE CODE VALUE...   (CODE as in the struct module)
  npy.py show FILE CODE                         prints the header and the values
"""
import ast
import struct
import sys


def write(path, descr, shape, code, *values):
    number = float if code in "efd" else int
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %s, }" % (descr, shape)
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)))
        file.write(header.encode())
        for value in values:
            file.write(struct.pack("<" + code, number(value)))


def show(path, code):
    with open(path, "rb") as file:
        data = file.read()
    assert data[:8] == b"\x93NUMPY\x01\x00" and data.index(b"\n") % 64 == 63
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10 : 10 + length].decode())
    values = [v for (v,) in struct.iter_unpack("<" + code, data[10 + length :])]
    print(header["descr"], header["fortran_order"], header["shape"], values)


globals()[sys.argv[1]](*sys.argv[2:])
