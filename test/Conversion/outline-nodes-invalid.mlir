// RUN: graph-opt %s --outline-nodes --verify-diagnostics

// Tests that a node is refused whose memory is not known.
func.func @f(%a: memref<8xf32>, %n: memref<index>) {
  tseq.graph "f.graph0" (%x = %a, %i = %n) : (memref<8xf32>, memref<index>) -> () {
    %at = memref.load %i[] : memref<index>
    %view = memref.subview %x[%at] [2] [1]
        : memref<8xf32> to memref<2xf32, strided<[1], offset: ?>>
    %zero = arith.constant 0.0 : f32
    // expected-error @below {{it is not known where the node writes}}
    linalg.fill ins(%zero : f32) outs(%view : memref<2xf32, strided<[1], offset: ?>>)
    tseq.yield
  }
  return
}
