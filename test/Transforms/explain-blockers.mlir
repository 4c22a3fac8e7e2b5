// RUN: graph-opt %s --load-calibration=file=%S/Inputs/explain-blockers.json --explain-blockers --remarks-filter="graph-opt.*" \
// RUN:   --verify-diagnostics --split-input-file -o /dev/null

// Without a listener the pass does nothing, and it never changes the program.
// RUN: graph-opt %s --split-input-file -o %t.before
// RUN: graph-opt %s --explain-blockers --split-input-file -o %t.after
// RUN: diff %t.before %t.after

// Tests that a call between two regions is named with what it costs, and that
// the readback that only the call uses goes with it.
func.func private @ask(f32) -> f32
func.func @call_splits(%a: tensor<f32>) -> tensor<f32> {
  %r = tseq.graph "call_splits.graph0" (%x = %a) : (tensor<f32>) -> tensor<f32> {
    %s = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
    ^bb0(%e: f32):
      %q = math.sqrt %e : f32
      tseq.yield %q : f32
    }
    tseq.yield %s : tensor<f32>
  }
  // expected-remark-re @+1 {{Blocker=readback-observed, Microseconds=7.3{{.*}}without this readback a call would save about 7.3 microseconds}}
  %h = tseq.item %r use(observed) : tensor<f32>
  // expected-remark-re @+1 {{Blocker=region-split, Microseconds={{.*}}without this call regions call_splits.graph0 and call_splits.graph1 would merge, about 13.2 microseconds a call}}
  %v = func.call @ask(%h) : (f32) -> f32
  %t = tseq.graph "call_splits.graph1" (%x = %v) : (f32) -> tensor<f32> {
    %s = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
    ^bb0(%e: f32):
      %q = math.absf %e : f32
      tseq.yield %q : f32
    }
    tseq.yield %s : tensor<f32>
  }
  return %t : tensor<f32>
}

// -----

// Tests that two blockers of one gap name each other, and give no figure.
func.func private @ask() -> f32
func.func @two_blockers(%a: tensor<f32>) -> tensor<f32> {
  %r = tseq.graph "g0" (%x = %a) : (tensor<f32>) -> tensor<f32> {
    %s = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
    ^bb0(%e: f32):
      %q = math.sqrt %e : f32
      tseq.yield %q : f32
    }
    tseq.yield %s : tensor<f32>
  }
  // expected-remark-re @+1 {{Blocker=region-split, Remark="without this call and without 'func.call' at {{.*}} regions g0 and g1 would merge"}}
  %v = func.call @ask() : () -> f32
  // expected-remark-re @+1 {{Blocker=region-split, Remark="without this call and without 'func.call' at {{.*}} regions g0 and g1 would merge"}}
  %w = func.call @ask() : () -> f32
  %t = tseq.graph "g1" (%x = %r, %y = %v, %z = %w) : (tensor<f32>, f32, f32) -> tensor<f32> {
    %s = tseq.scalar ins(%x, %y, %z : tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<f32> {
    ^bb0(%e: f32, %f: f32, %g: f32):
      %p = arith.mulf %f, %g : f32
      %q = arith.mulf %e, %p : f32
      tseq.yield %q : f32
    }
    tseq.yield %s : tensor<f32>
  }
  return %t : tensor<f32>
}

// -----

// Tests that a call splits what writes a buffer of the caller's behind it, and
// nothing that only computes: that moved across it.
func.func private @tick()
func.func @written(%a: tensor<f32>, %m: memref<f32>) -> tensor<f32> {
  %r = tseq.graph "g0" (%x = %a) : (tensor<f32>) -> tensor<f32> {
    %s = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
    ^bb0(%e: f32):
      %q = math.sqrt %e : f32
      tseq.yield %q : f32
    }
    tseq.yield %s : tensor<f32>
  }
  // expected-remark-re @+1 {{Blocker=region-split, Microseconds=5.9{{.*}}without this call regions g0 and g1 would merge}}
  func.call @tick() : () -> ()
  %t = tseq.graph "g1" (%x = %r) : (tensor<f32>) -> tensor<f32> {
    %s = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
    ^bb0(%e: f32):
      %q = math.absf %e : f32
      tseq.yield %q : f32
    }
    tseq.yield %s : tensor<f32>
  }
  bufferization.materialize_in_destination %t in restrict writable %m : (tensor<f32>, memref<f32>) -> ()
  return %r : tensor<f32>
}

// -----

// Tests that a readback that decides a branch of the host around a region is
// what keeps the two regions apart, not the branch.
func.func @branch(%a: tensor<f32>) -> tensor<f32> {
  %r, %p = tseq.graph "g0" (%x = %a) : (tensor<f32>) -> (tensor<f32>, tensor<i1>) {
    %s, %c = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32>, tensor<i1> {
    ^bb0(%e: f32):
      %q = math.sqrt %e : f32
      %b = arith.cmpf olt, %e, %q : f32
      tseq.yield %q, %b : f32, i1
    }
    tseq.yield %s, %c : tensor<f32>, tensor<i1>
  }
  // expected-remark-re @+1 {{Blocker=readback-kept, Microseconds=1.32{{.*}}without this readback regions g0 and g1 would merge, about 13.2 microseconds a call}}
  %h = tseq.item %p use(decisive) : tensor<i1>
  %t = scf.if %h -> tensor<f32> {
    %u = tseq.graph "g1" (%x = %r) : (tensor<f32>) -> tensor<f32> {
      %s = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
      ^bb0(%e: f32):
        %q = math.absf %e : f32
        tseq.yield %q : f32
      }
      tseq.yield %s : tensor<f32>
    }
    scf.yield %u : tensor<f32>
  } else {
    scf.yield %r : tensor<f32>
  }
  return %t : tensor<f32>
}

// -----

// Tests that a branch on a value of the caller's is the blocker itself, and that
// its two sides, of which one runs, are not called apart.
func.func @host_branch(%a: tensor<f32>, %host: i1) -> tensor<f32> {
  %r = tseq.graph "g0" (%x = %a) : (tensor<f32>) -> tensor<f32> {
    %s = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
    ^bb0(%e: f32):
      %q = math.sqrt %e : f32
      tseq.yield %q : f32
    }
    tseq.yield %s : tensor<f32>
  }
  // expected-remark-re @+1 {{Blocker=host-control, Microseconds=5.9{{.*}}without this branch regions g0 and g1 would merge, about 5.9 microseconds a call}}
  %t = scf.if %host -> tensor<f32> {
    %u = tseq.graph "g1" (%x = %r) : (tensor<f32>) -> tensor<f32> {
      %s = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
      ^bb0(%e: f32):
        %q = math.absf %e : f32
        tseq.yield %q : f32
      }
      tseq.yield %s : tensor<f32>
    }
    scf.yield %u : tensor<f32>
  } else {
    %u = tseq.graph "g2" (%x = %r) : (tensor<f32>) -> tensor<f32> {
      %s = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
      ^bb0(%e: f32):
        %q = arith.negf %e : f32
        tseq.yield %q : f32
      }
      tseq.yield %s : tensor<f32>
    }
    scf.yield %u : tensor<f32>
  }
  return %t : tensor<f32>
}

// -----

// Tests that a readback that decides whether a loop goes on costs once a turn.
func.func @turns(%a: tensor<f32>) -> tensor<f32> {
  %t = scf.while (%v = %a) : (tensor<f32>) -> tensor<f32> {
    %r, %p = tseq.graph "g0" (%x = %v) : (tensor<f32>) -> (tensor<f32>, tensor<i1>) {
      %s, %c = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32>, tensor<i1> {
      ^bb0(%e: f32):
        %q = math.sqrt %e : f32
        %b = arith.cmpf olt, %e, %q : f32
        tseq.yield %q, %b : f32, i1
      }
      tseq.yield %s, %c : tensor<f32>, tensor<i1>
    }
    // expected-remark-re @+1 {{Blocker=readback-kept, Microseconds=1.32{{.*}}without this readback the turns of region g0 would be one graph, about 13.2 microseconds a turn}}
    %h = tseq.item %p use(decisive) : tensor<i1>
    scf.condition(%h) %r : tensor<f32>
  } do {
  ^bb0(%v: tensor<f32>):
    scf.yield %v : tensor<f32>
  }
  return %t : tensor<f32>
}

// -----

// Tests that a device op that was not captured is the blocker of the regions
// before and after it.
func.func @not_captured(%a: tensor<8xf32>, %n: index) -> tensor<8xf32> {
  %r = tseq.graph "g0" (%x = %a) : (tensor<8xf32>) -> tensor<8xf32> {
    %s = linalg.copy ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
    tseq.yield %s : tensor<8xf32>
  }
  // expected-remark-re @+1 {{Blocker=host-operand, Microseconds={{.*}}with this op captured regions g0 and g1 would merge, about}}
  %m = tensor.generate {
  ^bb0(%i: index):
    %j = arith.remui %i, %n : index
    %e = tensor.extract %r[%j] : tensor<8xf32>
    tensor.yield %e : f32
  } : tensor<8xf32>
  %t = tseq.graph "g1" (%x = %m) : (tensor<8xf32>) -> tensor<8xf32> {
    %s = linalg.copy ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
    tseq.yield %s : tensor<8xf32>
  }
  return %t : tensor<8xf32>
}

// -----

// Tests that nothing is said where there is one region and nothing left.
func.func @one_region(%a: tensor<f32>) -> tensor<f32> {
  %r = tseq.graph "g0" (%x = %a) : (tensor<f32>) -> tensor<f32> {
    %s = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
    ^bb0(%e: f32):
      %q = math.sqrt %e : f32
      tseq.yield %q : f32
    }
    tseq.yield %s : tensor<f32>
  }
  return %r : tensor<f32>
}

// -----

// Tests that readbacks that share a wait save nothing one by one, and that what
// they save together is told.
func.func @shared_wait(%a: tensor<f32>) -> (f32, f32, f32) {
  %r, %q = tseq.graph "g0" (%x = %a) : (tensor<f32>) -> (tensor<f32>, tensor<f32>) {
    %s, %t = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32>, tensor<f32> {
    ^bb0(%e: f32):
      %u = math.sqrt %e : f32
      tseq.yield %u, %e : f32, f32
    }
    tseq.yield %s, %t : tensor<f32>, tensor<f32>
  }
  // expected-remark @+1 {{a call would save nothing; 1 other readback shares the wait: without it as well, about 7.3 microseconds}}
  %h = tseq.item %r use(observed) : tensor<f32>
  // expected-remark @+1 {{a call would save nothing; 1 other readback shares the wait: without it as well, about 7.3 microseconds}}
  %i = tseq.item %q use(observed) : tensor<f32>
  %v = tseq.graph "g1" (%x = %a) : (tensor<f32>) -> tensor<f32> {
    %s = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
    ^bb0(%e: f32):
      %u = math.absf %e : f32
      tseq.yield %u : f32
    }
    tseq.yield %s : tensor<f32>
  }
  // Another place, another wait.
  // expected-remark @+1 {{without this readback a call would save about 7.3 microseconds"}}
  %j = tseq.item %v use(observed) : tensor<f32>
  return %h, %i, %j : f32, f32, f32
}

// -----

// Tests that of many blockers of one gap three are named, and the rest counted.
func.func private @ask() -> f32
func.func @five_blockers(%a: tensor<f32>) -> tensor<f32> {
  %r = tseq.graph "g0" (%x = %a) : (tensor<f32>) -> tensor<f32> {
    %s = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
    ^bb0(%e: f32):
      %q = math.sqrt %e : f32
      tseq.yield %q : f32
    }
    tseq.yield %s : tensor<f32>
  }
  // expected-remark-re @+1 {{Remark="without this call and without 'func.call' at {{[^ ]*}}, 'func.call' at {{[^ ]*}}, 'func.call' at {{[^ ]*}} and 1 other regions g0 and g1 would merge"}}
  %0 = func.call @ask() : () -> f32
  // expected-remark-re @+1 {{'func.call' at {{[^ ]*}} and 1 other regions}}
  %1 = func.call @ask() : () -> f32
  // expected-remark-re @+1 {{'func.call' at {{[^ ]*}} and 1 other regions}}
  %2 = func.call @ask() : () -> f32
  // expected-remark-re @+1 {{'func.call' at {{[^ ]*}} and 1 other regions}}
  %3 = func.call @ask() : () -> f32
  // expected-remark-re @+1 {{'func.call' at {{[^ ]*}} and 1 other regions}}
  %4 = func.call @ask() : () -> f32
  %t = tseq.graph "g1" (%x = %r, %x0 = %0, %x1 = %1, %x2 = %2, %x3 = %3, %x4 = %4) : (tensor<f32>, f32, f32, f32, f32, f32) -> tensor<f32> {
    %s = tseq.scalar ins(%x, %x0, %x1, %x2, %x3, %x4 : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> tensor<f32> {
    ^bb0(%e: f32, %e0: f32, %e1: f32, %e2: f32, %e3: f32, %e4: f32):
      %p0 = arith.mulf %e, %e0 : f32
      %p1 = arith.mulf %p0, %e1 : f32
      %p2 = arith.mulf %p1, %e2 : f32
      %p3 = arith.mulf %p2, %e3 : f32
      %p4 = arith.mulf %p3, %e4 : f32
      tseq.yield %p4 : f32
    }
    tseq.yield %s : tensor<f32>
  }
  return %t : tensor<f32>
}
