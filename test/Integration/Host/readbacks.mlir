// RUN: graph-run %s --device=host --entry=rows --verify --stats=json | FileCheck %s --check-prefix=CASE0
// CASE0: "graph_launches":1,{{.*}}"readbacks":1,"waits":1
// CASE0: verify: ok
// RUN: graph-run %s --device=host --entry=fit --arg 1=0.01 --verify --stats=json | FileCheck %s --check-prefix=CASE1
// CASE1: "graph_launches":1,{{.*}}"readbacks":0,"waits":0
// CASE1: verify: ok
// RUN: graph-run %s --device=host --entry=fit --arg 1=nan --verify --stats=json | FileCheck %s --check-prefix=CASE2
// CASE2: "graph_launches":1,{{.*}}"readbacks":0,"waits":0
// CASE2: verify: ok
// RUN: graph-run %s --device=host --entry=early --verify --stats=json | FileCheck %s --check-prefix=CASE3
// CASE3: "kernel_nodes":1,{{.*}}"conditional_nodes":0,{{.*}}"readbacks":1,"waits":1
// CASE3: verify: ok
// RUN: graph-run %s --device=host --entry=steps --arg 1=3 --verify --stats=json | FileCheck %s --check-prefix=CASE4
// CASE4: "graph_launches":3,{{.*}}"readbacks":1,"waits":1
// CASE4: verify: ok
// RUN: graph-run %s --device=host --entry=steps --arg 1=0 --verify --stats=json | FileCheck %s --check-prefix=CASE5
// CASE5: "graph_launches":0,{{.*}}"readbacks":1,"waits":1
// CASE5: verify: ok
// RUN: graph-run %s --device=host --entry=shrink --arg 1=1 --verify --stats=json | FileCheck %s --check-prefix=CASE6
// CASE6: "graph_launches":1,{{.*}}"conditional_nodes":1,{{.*}}"readbacks":0,"waits":0
// CASE6: verify: ok
// RUN: graph-run %s --device=host --entry=hostif --arg 1=true --verify --stats=json | FileCheck %s --check-prefix=CASE7
// CASE7: "readbacks":0,"waits":0
// CASE7: verify: ok
// RUN: graph-run %s --device=host --entry=hostif --arg 1=false --verify --stats=json | FileCheck %s --check-prefix=CASE8
// CASE8: "readbacks":0,"waits":0
// CASE8: verify: ok

// A host sum over the rows of a tensor is a loop in one scalar program.
func.func @rows(%g: tensor<64x128xf32>, %limit: f64) -> (tensor<64x128xf32>, f64) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<64xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<64xf32>) -> tensor<64xf32>
  %sq = linalg.generic {indexing_maps = [affine_map<(i,j)->(i,j)>, affine_map<(i,j)->(i)>], iterator_types = ["parallel","reduction"]} ins(%g : tensor<64x128xf32>) outs(%z : tensor<64xf32>) {
  ^bb0(%x: f32, %acc: f32):
    %m = arith.mulf %x, %x : f32
    %s = arith.addf %acc, %m : f32
    linalg.yield %s : f32
  } -> tensor<64xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 64 : index
  %init = arith.constant 0.0 : f64
  %sum = scf.for %i = %c0 to %n step %c1 iter_args(%a = %init) -> f64 {
    %v = tensor.extract %sq[%i] : tensor<64xf32>
    %r = math.sqrt %v : f32
    %w = arith.extf %r : f32 to f64
    %w2 = arith.mulf %w, %w : f64
    %b = arith.addf %a, %w2 : f64
    scf.yield %b : f64
  }
  %norm = math.sqrt %sum : f64
  %c = arith.divf %limit, %norm : f64
  %one = arith.constant 1.0 : f64
  %clip = arith.cmpf olt, %c, %one : f64
  %cf = arith.truncf %c : f64 to f32
  %out = scf.if %clip -> tensor<64x128xf32> {
    %e2 = tensor.empty() : tensor<64x128xf32>
    %y = linalg.generic {indexing_maps = [affine_map<(i,j)->(i,j)>, affine_map<(i,j)->(i,j)>], iterator_types = ["parallel","parallel"]} ins(%g : tensor<64x128xf32>) outs(%e2 : tensor<64x128xf32>) {
    ^bb0(%x: f32, %o: f32):
      %m = arith.mulf %x, %cf : f32
      linalg.yield %m : f32
    } -> tensor<64x128xf32>
    scf.yield %y : tensor<64x128xf32>
  } else {
    scf.yield %g : tensor<64x128xf32>
  }
  return %out, %norm : tensor<64x128xf32>, f64
}

// Host while on scalars read back: halves a scale until it fits.
func.func @fit(%g: tensor<1000xf32>, %max: f32) -> tensor<1000xf32> {
  %ninf = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<f32>
  %z = linalg.fill ins(%ninf : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %amax = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%g : tensor<1000xf32>) outs(%z : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %m = math.absf %x : f32
    %s = arith.maximumf %acc, %m : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  %a = tensor.extract %amax[] : tensor<f32>
  %one = arith.constant 1.0 : f32
  %half = arith.constant 0.5 : f32
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c40 = arith.constant 40 : i32
  %r:2 = scf.while (%s = %one, %i = %c0) : (f32, i32) -> (f32, i32) {
    %p = arith.mulf %a, %s : f32
    %big = arith.cmpf ogt, %p, %max : f32
    %more = arith.cmpi slt, %i, %c40 : i32
    %go = arith.andi %big, %more : i1
    scf.condition(%go) %s, %i : f32, i32
  } do {
  ^bb0(%s: f32, %i: i32):
    %h = arith.mulf %s, %half : f32
    %j = arith.addi %i, %c1 : i32
    scf.yield %h, %j : f32, i32
  }
  %e2 = tensor.empty() : tensor<1000xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->(i)>], iterator_types = ["parallel"]} ins(%g : tensor<1000xf32>) outs(%e2 : tensor<1000xf32>) {
  ^bb0(%x: f32, %o: f32):
    %m = arith.mulf %x, %r#0 : f32
    linalg.yield %m : f32
  } -> tensor<1000xf32>
  return %y : tensor<1000xf32>
}

// An early exit per tensor is dropped: one reduction, one flag.
func.func @early(%g0: tensor<3xf32>, %g1: tensor<4xf32>, %g2: tensor<5xf32>, %g3: tensor<6xf32>, %g4: tensor<7xf32>, %g5: tensor<8xf32>, %g6: tensor<9xf32>, %g7: tensor<3xf32>, %g8: tensor<4xf32>, %g9: tensor<5xf32>) -> i1 {
  %zero = arith.constant 0.0 : f32
  %true = arith.constant true
  %false = arith.constant false
  %inf = arith.constant 0x7F800000 : f32
  %e0 = tensor.empty() : tensor<f32>
  %z0 = linalg.fill ins(%zero : f32) outs(%e0 : tensor<f32>) -> tensor<f32>
  %r0 = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%g0 : tensor<3xf32>) outs(%z0 : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.addf %acc, %x : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  %s0 = tensor.extract %r0[] : tensor<f32>
  %a0 = math.absf %s0 : f32
  %isinf0 = arith.cmpf oeq, %a0, %inf : f32
  %isnan0 = arith.cmpf uno, %s0, %s0 : f32
  %bad0 = arith.ori %isinf0, %isnan0 : i1
  %o0 = scf.if %bad0 -> i1 {
    scf.yield %true : i1
  } else {
    %e1 = tensor.empty() : tensor<f32>
    %z1 = linalg.fill ins(%zero : f32) outs(%e1 : tensor<f32>) -> tensor<f32>
    %r1 = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%g1 : tensor<4xf32>) outs(%z1 : tensor<f32>) {
    ^bb0(%x: f32, %acc: f32):
      %s = arith.addf %acc, %x : f32
      linalg.yield %s : f32
    } -> tensor<f32>
    %s1 = tensor.extract %r1[] : tensor<f32>
    %a1 = math.absf %s1 : f32
    %isinf1 = arith.cmpf oeq, %a1, %inf : f32
    %isnan1 = arith.cmpf uno, %s1, %s1 : f32
    %bad1 = arith.ori %isinf1, %isnan1 : i1
    %o1 = scf.if %bad1 -> i1 {
      scf.yield %true : i1
    } else {
      %e2 = tensor.empty() : tensor<f32>
      %z2 = linalg.fill ins(%zero : f32) outs(%e2 : tensor<f32>) -> tensor<f32>
      %r2 = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%g2 : tensor<5xf32>) outs(%z2 : tensor<f32>) {
      ^bb0(%x: f32, %acc: f32):
        %s = arith.addf %acc, %x : f32
        linalg.yield %s : f32
      } -> tensor<f32>
      %s2 = tensor.extract %r2[] : tensor<f32>
      %a2 = math.absf %s2 : f32
      %isinf2 = arith.cmpf oeq, %a2, %inf : f32
      %isnan2 = arith.cmpf uno, %s2, %s2 : f32
      %bad2 = arith.ori %isinf2, %isnan2 : i1
      %o2 = scf.if %bad2 -> i1 {
        scf.yield %true : i1
      } else {
        %e3 = tensor.empty() : tensor<f32>
        %z3 = linalg.fill ins(%zero : f32) outs(%e3 : tensor<f32>) -> tensor<f32>
        %r3 = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%g3 : tensor<6xf32>) outs(%z3 : tensor<f32>) {
        ^bb0(%x: f32, %acc: f32):
          %s = arith.addf %acc, %x : f32
          linalg.yield %s : f32
        } -> tensor<f32>
        %s3 = tensor.extract %r3[] : tensor<f32>
        %a3 = math.absf %s3 : f32
        %isinf3 = arith.cmpf oeq, %a3, %inf : f32
        %isnan3 = arith.cmpf uno, %s3, %s3 : f32
        %bad3 = arith.ori %isinf3, %isnan3 : i1
        %o3 = scf.if %bad3 -> i1 {
          scf.yield %true : i1
        } else {
          %e4 = tensor.empty() : tensor<f32>
          %z4 = linalg.fill ins(%zero : f32) outs(%e4 : tensor<f32>) -> tensor<f32>
          %r4 = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%g4 : tensor<7xf32>) outs(%z4 : tensor<f32>) {
          ^bb0(%x: f32, %acc: f32):
            %s = arith.addf %acc, %x : f32
            linalg.yield %s : f32
          } -> tensor<f32>
          %s4 = tensor.extract %r4[] : tensor<f32>
          %a4 = math.absf %s4 : f32
          %isinf4 = arith.cmpf oeq, %a4, %inf : f32
          %isnan4 = arith.cmpf uno, %s4, %s4 : f32
          %bad4 = arith.ori %isinf4, %isnan4 : i1
          %o4 = scf.if %bad4 -> i1 {
            scf.yield %true : i1
          } else {
            %e5 = tensor.empty() : tensor<f32>
            %z5 = linalg.fill ins(%zero : f32) outs(%e5 : tensor<f32>) -> tensor<f32>
            %r5 = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%g5 : tensor<8xf32>) outs(%z5 : tensor<f32>) {
            ^bb0(%x: f32, %acc: f32):
              %s = arith.addf %acc, %x : f32
              linalg.yield %s : f32
            } -> tensor<f32>
            %s5 = tensor.extract %r5[] : tensor<f32>
            %a5 = math.absf %s5 : f32
            %isinf5 = arith.cmpf oeq, %a5, %inf : f32
            %isnan5 = arith.cmpf uno, %s5, %s5 : f32
            %bad5 = arith.ori %isinf5, %isnan5 : i1
            %o5 = scf.if %bad5 -> i1 {
              scf.yield %true : i1
            } else {
              %e6 = tensor.empty() : tensor<f32>
              %z6 = linalg.fill ins(%zero : f32) outs(%e6 : tensor<f32>) -> tensor<f32>
              %r6 = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%g6 : tensor<9xf32>) outs(%z6 : tensor<f32>) {
              ^bb0(%x: f32, %acc: f32):
                %s = arith.addf %acc, %x : f32
                linalg.yield %s : f32
              } -> tensor<f32>
              %s6 = tensor.extract %r6[] : tensor<f32>
              %a6 = math.absf %s6 : f32
              %isinf6 = arith.cmpf oeq, %a6, %inf : f32
              %isnan6 = arith.cmpf uno, %s6, %s6 : f32
              %bad6 = arith.ori %isinf6, %isnan6 : i1
              %o6 = scf.if %bad6 -> i1 {
                scf.yield %true : i1
              } else {
                %e7 = tensor.empty() : tensor<f32>
                %z7 = linalg.fill ins(%zero : f32) outs(%e7 : tensor<f32>) -> tensor<f32>
                %r7 = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%g7 : tensor<3xf32>) outs(%z7 : tensor<f32>) {
                ^bb0(%x: f32, %acc: f32):
                  %s = arith.addf %acc, %x : f32
                  linalg.yield %s : f32
                } -> tensor<f32>
                %s7 = tensor.extract %r7[] : tensor<f32>
                %a7 = math.absf %s7 : f32
                %isinf7 = arith.cmpf oeq, %a7, %inf : f32
                %isnan7 = arith.cmpf uno, %s7, %s7 : f32
                %bad7 = arith.ori %isinf7, %isnan7 : i1
                %o7 = scf.if %bad7 -> i1 {
                  scf.yield %true : i1
                } else {
                  %e8 = tensor.empty() : tensor<f32>
                  %z8 = linalg.fill ins(%zero : f32) outs(%e8 : tensor<f32>) -> tensor<f32>
                  %r8 = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%g8 : tensor<4xf32>) outs(%z8 : tensor<f32>) {
                  ^bb0(%x: f32, %acc: f32):
                    %s = arith.addf %acc, %x : f32
                    linalg.yield %s : f32
                  } -> tensor<f32>
                  %s8 = tensor.extract %r8[] : tensor<f32>
                  %a8 = math.absf %s8 : f32
                  %isinf8 = arith.cmpf oeq, %a8, %inf : f32
                  %isnan8 = arith.cmpf uno, %s8, %s8 : f32
                  %bad8 = arith.ori %isinf8, %isnan8 : i1
                  %o8 = scf.if %bad8 -> i1 {
                    scf.yield %true : i1
                  } else {
                    %e9 = tensor.empty() : tensor<f32>
                    %z9 = linalg.fill ins(%zero : f32) outs(%e9 : tensor<f32>) -> tensor<f32>
                    %r9 = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%g9 : tensor<5xf32>) outs(%z9 : tensor<f32>) {
                    ^bb0(%x: f32, %acc: f32):
                      %s = arith.addf %acc, %x : f32
                      linalg.yield %s : f32
                    } -> tensor<f32>
                    %s9 = tensor.extract %r9[] : tensor<f32>
                    %a9 = math.absf %s9 : f32
                    %isinf9 = arith.cmpf oeq, %a9, %inf : f32
                    %isnan9 = arith.cmpf uno, %s9, %s9 : f32
                    %bad9 = arith.ori %isinf9, %isnan9 : i1
                    %o9 = scf.if %bad9 -> i1 {
                      scf.yield %true : i1
                    } else {
                      %f10 = arith.constant false
                      scf.yield %f10 : i1
                    }
                    scf.yield %o9 : i1
                  }
                  scf.yield %o8 : i1
                }
                scf.yield %o7 : i1
              }
              scf.yield %o6 : i1
            }
            scf.yield %o5 : i1
          }
          scf.yield %o4 : i1
        }
        scf.yield %o3 : i1
      }
      scf.yield %o2 : i1
    }
    scf.yield %o1 : i1
  }
  return %o0 : i1
}

// A loop whose trip count only the host knows, with device work in it.
func.func @steps(%x: tensor<256xf32>, %n: index) -> (tensor<256xf32>, f64) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %init = arith.constant 0.0 : f64
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%t = %x, %a = %init) -> (tensor<256xf32>, f64) {
    %e = tensor.empty() : tensor<f32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
    %q = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%t : tensor<256xf32>) outs(%z : tensor<f32>) {
    ^bb0(%v: f32, %acc: f32):
      %m = arith.mulf %v, %v : f32
      %s = arith.addf %acc, %m : f32
      linalg.yield %s : f32
    } -> tensor<f32>
    %s = tensor.extract %q[] : tensor<f32>
    %w = arith.extf %s : f32 to f64
    %b = arith.addf %a, %w : f64
    %inv = arith.divf %init, %w : f64
    %f = arith.truncf %b : f64 to f32
    %e2 = tensor.empty() : tensor<256xf32>
    %y = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->(i)>], iterator_types = ["parallel"]} ins(%t : tensor<256xf32>) outs(%e2 : tensor<256xf32>) {
    ^bb0(%v: f32, %o: f32):
      %m = arith.divf %v, %f : f32
      linalg.yield %m : f32
    } -> tensor<256xf32>
    scf.yield %y, %b : tensor<256xf32>, f64
  }
  return %r#0, %r#1 : tensor<256xf32>, f64
}

// Shrinks a tensor until its norm fits; the host decides each turn.
func.func @shrink(%x: tensor<512xf32>, %max: f32) -> tensor<512xf32> {
  %zero = arith.constant 0.0 : f32
  %half = arith.constant 0.5 : f32
  %r = scf.while (%t = %x) : (tensor<512xf32>) -> tensor<512xf32> {
    %e = tensor.empty() : tensor<f32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
    %q = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%t : tensor<512xf32>) outs(%z : tensor<f32>) {
    ^bb0(%v: f32, %acc: f32):
      %m = arith.mulf %v, %v : f32
      %s = arith.addf %acc, %m : f32
      linalg.yield %s : f32
    } -> tensor<f32>
    %s = tensor.extract %q[] : tensor<f32>
    %n = math.sqrt %s : f32
    %c = arith.cmpf ogt, %n, %max : f32
    scf.condition(%c) %t : tensor<512xf32>
  } do {
  ^bb0(%t: tensor<512xf32>):
    %e2 = tensor.empty() : tensor<512xf32>
    %y = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->(i)>], iterator_types = ["parallel"]} ins(%t : tensor<512xf32>) outs(%e2 : tensor<512xf32>) {
    ^bb0(%v: f32, %o: f32):
      %m = arith.mulf %v, %half : f32
      linalg.yield %m : f32
    } -> tensor<512xf32>
    scf.yield %y : tensor<512xf32>
  }
  return %r : tensor<512xf32>
}

// The host branches, but never sees the norm.
func.func @hostif(%g: tensor<300xf32>, %use: i1) -> tensor<300xf32> {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %k = scf.if %use -> f32 {
    %e = tensor.empty() : tensor<f32>
    %z = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
    %q = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->()>], iterator_types = ["reduction"]} ins(%g : tensor<300xf32>) outs(%z : tensor<f32>) {
    ^bb0(%v: f32, %acc: f32):
      %m = arith.mulf %v, %v : f32
      %s = arith.addf %acc, %m : f32
      linalg.yield %s : f32
    } -> tensor<f32>
    %s = tensor.extract %q[] : tensor<f32>
    %n = math.sqrt %s : f32
    %inv = arith.divf %one, %n : f32
    scf.yield %inv : f32
  } else {
    scf.yield %one : f32
  }
  %e2 = tensor.empty() : tensor<300xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i)->(i)>, affine_map<(i)->(i)>], iterator_types = ["parallel"]} ins(%g : tensor<300xf32>) outs(%e2 : tensor<300xf32>) {
  ^bb0(%v: f32, %o: f32):
    %m = arith.mulf %v, %k : f32
    linalg.yield %m : f32
  } -> tensor<300xf32>
  return %y : tensor<300xf32>
}
