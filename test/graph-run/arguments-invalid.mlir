// RUN: rm -rf %t && mkdir %t
// RUN: %python %S/Inputs/npy.py write %t/f4.npy "<f4" "(3, 4)" f 1 2 3 4 5 6 7 8 9 10 11 12
// RUN: %python %S/Inputs/npy.py write %t/cut.npy "<f4" "(4, 4)" f 1 2 3
// RUN: %python %S/Inputs/npy.py write %t/big.npy ">f4" "(4, 4)" f 1 2 3

// RUN: not graph-run %s --entry=f --arg 0=%t/f4.npy 2>&1 | FileCheck %s --check-prefix=SHAPE
// SHAPE: graph-run: error: argument 0: {{.*}}f4.npy holds float32 [3, 4], the function wants tensor<4x4xf32>
// RUN: not graph-run %s --entry=f --arg 2=%t/f4.npy 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: graph-run: error: argument 2: {{.*}}f4.npy holds float32 [3, 4], the function wants memref<3x4xbf16>
// RUN: not graph-run %s --entry=f --arg 0=%t/cut.npy 2>&1 | FileCheck %s --check-prefix=CUT
// CUT: graph-run: error: argument 0: {{.*}}cut.npy: holds 12 bytes of data
// RUN: not graph-run %s --entry=f --arg 0=%t/big.npy 2>&1 | FileCheck %s --check-prefix=ENDIAN
// ENDIAN: graph-run: error: argument 0: {{.*}}big.npy: elements of type '>f4' are not supported
// RUN: not graph-run %s --entry=f --arg 0=%s.npy 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: graph-run: error: argument 0: {{.*}}: No such file or directory
// RUN: not graph-run %s --entry=f --arg 1=300 2>&1 | FileCheck %s --check-prefix=RANGE
// RANGE: graph-run: error: argument 1: '300' is not a value of type i8
// RUN: not graph-run %s --entry=f --arg 3=1 2>&1 | FileCheck %s --check-prefix=INDEX
// INDEX: graph-run: error: --arg 3=1: the function has 3 arguments, counted from 0
// RUN: not graph-run %s --entry=f --arg 1 2>&1 | FileCheck %s --check-prefix=FORM
// FORM: graph-run: error: --arg 1: expected INDEX=VALUE, INDEX=file.npy or INDEX=random:SEED
// RUN: not graph-run %s --entry=dynamic 2>&1 | FileCheck %s --check-prefix=DYNAMIC
// DYNAMIC: graph-run: error: argument 0 has type tensor<?xf32>: a dynamic shape needs a .npy file
// RUN: not graph-run %s --entry=vectors 2>&1 | FileCheck %s --check-prefix=VECTOR
// VECTOR: graph-run: error: argument 0 has type vector<4xf32>: graph-run can not pass values of this type

// RUN: not graph-run %s --entry=g 2>&1 | FileCheck %s --check-prefix=ENTRY
// ENTRY: graph-run: error: there is no function 'g'; there are: f, dynamic, vectors
// RUN: not graph-run %s 2>&1 | FileCheck %s --check-prefix=CHOOSE
// CHOOSE: graph-run: error: choose a function by --entry; there are: f, dynamic, vectors
// RUN: not graph-run %s --entry=f --repeat 0 2>&1 | FileCheck %s --check-prefix=REPEAT
// REPEAT: graph-run: error: --repeat: 0 is not a number of calls
// RUN: not graph-run %s --entry=f --device=abacus 2>&1 | FileCheck %s --check-prefix=DEVICE
// DEVICE: graph-run: for the --device option: Cannot find option named 'abacus'!
// RUN: not graph-run %s --entry=f --out %s/folder 2>&1 | FileCheck %s --check-prefix=OUT
// OUT: graph-run: error: can not write to the folder
// RUN: not graph-run %s --entry=f --shared-lib %t/nothing.so 2>&1 | FileCheck %s --check-prefix=LIBRARY
// LIBRARY: graph-run: error: --shared-lib: {{.*}}nothing.so
// RUN: not graph-run %t/nothing.mlir 2>&1 | FileCheck %s --check-prefix=FILE
// FILE: graph-run: error: cannot open input file
// RUN: not graph-run %t/f4.npy 2>&1 | FileCheck %s --check-prefix=SYNTAX
// SYNTAX: graph-run: error: the input is not valid

func.func @f(%a: tensor<4x4xf32>, %b: i8, %c: memref<3x4xbf16>) {
  return
}
func.func @dynamic(%a: tensor<?xf32>) {
  return
}
func.func @vectors(%a: vector<4xf32>) {
  return
}
