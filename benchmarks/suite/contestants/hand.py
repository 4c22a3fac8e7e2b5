"""Kernels written by hand (the folder hand), called through their C interface."""

import ctypes

from contestants import Contestant, Unavailable

LIBRARY = None


def load(path):
    """The library, loaded once."""
    global LIBRARY  # pylint: disable=global-statement
    if LIBRARY is None:
        LIBRARY = ctypes.CDLL(path)
        LIBRARY.handError.restype = ctypes.c_char_p
        LIBRARY.handCreate.restype = ctypes.c_void_p
        LIBRARY.handCreate.argtypes = [
            ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int64,
            ctypes.c_int64, ctypes.POINTER(ctypes.c_int64),
            ctypes.POINTER(ctypes.c_void_p)]
        LIBRARY.handLaunch.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_double),
                                       ctypes.c_void_p]
        LIBRARY.handRead.argtypes = LIBRARY.handLaunch.argtypes
        LIBRARY.handDestroy.argtypes = [ctypes.c_void_p]
    return LIBRARY


def check(failed):
    if failed:
        raise RuntimeError(LIBRARY.handError().decode())


class Hand(Contestant):
    """`name` is hand-KIND: see hand.h."""

    def __init__(self, data, path, name):
        super().__init__(data)
        if data.device != "cuda":
            raise Unavailable("needs a GPU")
        self.library = load(path)
        self.handle = self.stream.cuda_stream
        self.result = ctypes.c_double()
        self.scalars = [self.pack(data.scalars_of(number)) for number in range(2)]
        tensors = [tensor for name, _ in data.case.lists for tensor in data.lists[name]]
        counts = [tensor.numel() for tensor in next(iter(data.lists.values()))]
        self.program = self.library.handCreate(
            data.case.spec.program.encode(), name.removeprefix("hand-").encode(),
            data.case.dtype.encode(), len(data.lists), len(counts),
            (ctypes.c_int64 * len(counts))(*counts),
            (ctypes.c_void_p * len(tensors))(*(t.data_ptr() for t in tensors)))
        check(not self.program)

    def pack(self, scalars):
        return (ctypes.c_double * max(1, len(scalars)))(*scalars.values())

    def call(self, number):
        scalars = self.scalars[1 if number % 10 else 0]
        check(self.library.handLaunch(self.program, scalars, self.handle))

    def value(self):
        check(self.library.handRead(self.program, ctypes.byref(self.result),
                                    self.handle))
        return self.result.value

    def close(self):
        if self.program:
            self.data.torch.cuda.synchronize()
            self.library.handDestroy(self.program)
            self.program = None
