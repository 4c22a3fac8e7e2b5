"""Prints what functions of a library of names.mlir return.

Arguments: the library and the start of its names.
"""

import ctypes
import os
import sys

path, name = sys.argv[1:]
# What the module declares is looked up when it is called.
library = ctypes.CDLL(path, mode=os.RTLD_LAZY | os.RTLD_GLOBAL)
context = ctypes.c_void_p()
GO_DEVICE_HOST = 0
if library.goContextCreate(GO_DEVICE_HOST, 0, ctypes.byref(context)):
    sys.exit("no context")
for suffix in ["a_b_1", "a_b", "f_packed_1", "f", "program_1"]:
    result = ctypes.c_double()
    function = getattr(library, f"{name}_{suffix}")
    if function(context, None, ctypes.byref(result)):
        sys.exit(f"{suffix} failed")
    print(f"{name}_{suffix}: {result.value}")
library.goContextDestroy.argtypes = [ctypes.c_void_p]
library.goContextDestroy(context)
