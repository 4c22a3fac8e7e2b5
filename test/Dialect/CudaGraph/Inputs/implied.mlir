cudagraph.graph @implied(%a: memref<8xf32>, %b: memref<8xf32>, %c: memref<8xf32>) {
  %0 = cudagraph.memset %a value(0 : i8) : memref<8xf32>
  %1 = cudagraph.memcpy %a to %b after(%0) : memref<8xf32> to memref<8xf32>
  %2 = cudagraph.memcpy %b to %c after(%0, %1) : memref<8xf32> to memref<8xf32>
}
