"""Calls libraries that graph-compile wrote, by ctypes.

    program = graph_program.load("./norm_clip.so")
    context = program.create_context()
    norm = program.functions["clip"](context, g0, g1, g2, 1.0)[0]

Arrays are torch tensors, NumPy arrays, other objects with one of their array
interfaces (CuPy's, say), or ctypes arrays; on the device that the program was
compiled for, of the right type, contiguous. They are passed by address: nothing
is copied. Only the standard library is needed.
"""

import ctypes
from ctypes import POINTER, Structure, byref, c_char_p, c_int32, c_int64, c_void_p

OK, UNSUPPORTED = 0, 4
DEVICE_HOST, DEVICE_CUDA = 0, 2
SCALAR, DATA, DESCRIPTOR = 0, 1, 2

SCALARS = {"f32": ctypes.c_float, "f64": ctypes.c_double, "i1": ctypes.c_bool,
           "i8": ctypes.c_int8, "i16": ctypes.c_int16, "i32": ctypes.c_int32,
           "i64": ctypes.c_int64, "index": ctypes.c_int64}
# Names of element types in torch, NumPy and the array interface.
DTYPES = {"f16": ("float16", "f2"), "bf16": ("bfloat16", None),
          "f32": ("float32", "f4"), "f64": ("float64", "f8"), "i1": ("bool", "b1"),
          "i8": ("int8", "i1"), "i16": ("int16", "i2"), "i32": ("int32", "i4"),
          "i64": ("int64", "i8"), "index": ("int64", "i8")}

ENTRY = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, POINTER(c_void_p),
                         POINTER(c_void_p))


class GoValueInfo(Structure):
    _fields_ = [("name", c_char_p), ("element", c_char_p),
                ("element_bytes", c_int64), ("kind", c_int32), ("access", c_int32),
                ("rank", c_int64), ("shape", POINTER(c_int64))]


class GoFunctionInfo(Structure):
    _fields_ = [("name", c_char_p), ("entry", c_void_p), ("async_entry", c_void_p),
                ("num_arguments", c_int64), ("arguments", POINTER(GoValueInfo)),
                ("num_results", c_int64), ("results", POINTER(GoValueInfo))]


class GoProgramInfo(Structure):
    _fields_ = [("abi_version", c_int32), ("device", c_int32), ("name", c_char_p),
                ("chip", c_char_p), ("num_functions", c_int64),
                ("functions", POINTER(GoFunctionInfo))]


class RuntimeFailure(Exception):
    """A call of the runtime, or of a program, failed."""


class Value:
    """An argument or result: name, element (MLIR's name), shape, kind."""

    def __init__(self, info):
        self.name = info.name.decode()
        self.element = info.element.decode()
        self.kind = info.kind
        self.shape = tuple(info.shape[i] for i in range(info.rank))
        self.bytes = info.element_bytes
        for extent in self.shape:
            self.bytes *= extent

    def __repr__(self):
        return f"{self.name}: {self.element}{list(self.shape) if self.kind else ''}"


def address_of(array, value):
    """The address of an array's data; a TypeError if it is not what `value` says."""
    dtype, code = DTYPES.get(value.element, (None, None))

    def require(holds, what):
        if not holds:
            raise TypeError(f"{value}: got {what}")

    if hasattr(array, "data_ptr"):  # torch
        require(str(array.dtype) == f"torch.{dtype}", array.dtype)
        require(tuple(array.shape) == value.shape, f"shape {tuple(array.shape)}")
        require(array.is_contiguous(), "a tensor that is not contiguous")
        return array.data_ptr()
    for name in ("__cuda_array_interface__", "__array_interface__"):
        interface = getattr(array, name, None)
        if interface is None:
            continue
        require(code and interface["typestr"][1:] == code, interface["typestr"])
        require(tuple(interface["shape"]) == value.shape, f"shape {interface['shape']}")
        require(interface.get("strides") is None, "an array that is not contiguous")
        return interface["data"][0]
    require(isinstance(array, ctypes.Array), type(array).__name__)
    require(ctypes.sizeof(array) == value.bytes, f"{ctypes.sizeof(array)} bytes")
    return ctypes.addressof(array)


class Function:
    """A function of a program: call it with a context, the arguments and, for
    results that are arrays, the arrays to write to."""

    def __init__(self, program, info):
        self.program = program
        self.name = info.name.decode()
        self.entry = ENTRY(info.entry or 0)
        self.arguments = [Value(info.arguments[i]) for i in range(info.num_arguments)]
        self.results = [Value(info.results[i]) for i in range(info.num_results)]
        # Why it can not be called from here, if so.
        self.refusal = None if info.entry else f"{self.name} has asynchronous results"
        for value in self.arguments + self.results:
            if value.kind == DESCRIPTOR or value.kind == SCALAR and \
                    value.element not in SCALARS:
                self.refusal = f"{self.name}: {value} can not be passed from here"

    def __call__(self, context, *arguments, results=(), stream=None):
        """Returns the results: scalars as numbers, arrays as given in `results`.
        `stream` is the address of a CUDA stream (torch: stream.cuda_stream)."""
        if self.refusal:
            raise TypeError(self.refusal)
        if len(arguments) != len(self.arguments):
            raise TypeError(f"{self.name} takes {len(self.arguments)} arguments, "
                            f"got {len(arguments)}")
        arrays = [value for value in self.results if value.kind == DATA]
        if len(results) != len(arrays):
            raise TypeError(f"{self.name} writes {len(arrays)} arrays, "
                            f"got {len(results)}")
        given, kept = iter(results), []

        def place(value, argument=None):
            if value.kind == DATA:
                kept.append(argument)
                return address_of(argument, value)
            scalar = SCALARS[value.element]
            kept.append(scalar() if argument is None else scalar(argument))
            return ctypes.addressof(kept[-1])

        inputs = [place(v, a) for v, a in zip(self.arguments, arguments)]
        first_result = len(kept)
        outputs = [place(v, next(given) if v.kind == DATA else None)
                   for v in self.results]
        status = self.entry(context, stream, (c_void_p * len(inputs))(*inputs),
                            (c_void_p * len(outputs))(*outputs))
        self.program.check(status)
        return [kept[first_result + i].value if v.kind == SCALAR
                else kept[first_result + i] for i, v in enumerate(self.results)]


class Program:
    """A loaded library; it stays loaded."""

    def __init__(self, path):
        self.library = ctypes.CDLL(path)
        # The runtime's functions, which the library is linked to.
        self.runtime = self.library
        self.runtime.goLastMessage.restype = c_char_p
        self.runtime.goContextDestroy.argtypes = [c_void_p]
        self.runtime.goContextDestroy.restype = None
        self.runtime.goWait.argtypes = [c_void_p, c_void_p]
        name = path.rsplit("/", 1)[-1].removesuffix(".so").removeprefix("lib")
        info = GoProgramInfo.in_dll(self.library, f"{name}_program")
        if self.runtime.goAbiVersion() < info.abi_version:
            raise RuntimeFailure(f"{path} needs a newer runtime")
        self.device = info.device
        self.name = name
        self.functions = {}
        for i in range(info.num_functions):
            function = Function(self, info.functions[i])
            self.functions[function.name] = function

    def check(self, status):
        if status != OK:
            raise RuntimeFailure(self.runtime.goLastMessage().decode())

    def create_context(self, option=None):
        """A context for this program; by default, for CUDA the one that is
        current (torch's), for the host one with all threads."""
        if option is None:
            option = -1 if self.device == DEVICE_CUDA else 0
        context = c_void_p()
        self.check(self.runtime.goContextCreate(self.device, option, byref(context)))
        return context

    def destroy_context(self, context):
        self.runtime.goContextDestroy(context)

    def wait(self, context, stream=None):
        """Waits until the work issued to a stream is done."""
        self.check(self.runtime.goWait(context, stream))


def load(path):
    return Program(path)
