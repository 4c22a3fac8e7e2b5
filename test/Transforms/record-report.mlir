// RUN: graph-opt %s --record-report="state=sequences" | FileCheck %s
// RUN: graph-opt %s --record-report="state=sequences" --hoist-readbacks --record-report="state=hoisted" \
// RUN:   | FileCheck %s --check-prefix=HOISTED
// RUN: graph-opt %s --record-report="state=sequences" --write-report="json=-" -o /dev/null \
// RUN:   | FileCheck %s --check-prefix=JSON

// Tests that the totals of the program op by op are noted, and that a function
// without a body has none.
// CHECK:      graphopt.report = {functions = [{
// CHECK-SAME: before = {bytes = 44 : i64, kernels = 2 : i64, launches = 2 : i64, microseconds = {{[0-9.e+]+}} : f64,
// CHECK-SAME: op_locations = [{{.*}}], readbacks = 1 : i64, uploads = 2 : i64}
// CHECK-SAME: name = "norm"
// CHECK-SAME: readbacks = [{
// CHECK-SAME: op = "tseq.item", outcome = "given", reason = "the value is returned"
// CHECK-SAME: used_by = "func.return"}
// CHECK-SAME: state = "sequences"
// CHECK-NOT:  "log"

// Tests that later states add to it: nothing that was noted goes away.
// HOISTED:      graphopt.report = {functions = [{after = {readbacks_deferred = 0 : i64, readbacks_kept = 0 : i64,
// HOISTED-SAME: readbacks_observed = 1 : i64, readbacks_removed = 0 : i64}, before = {bytes = 44
// HOISTED-SAME: outcome = "observed"
// HOISTED-SAME: state = "hoisted"

// JSON-LABEL: "before": {
// JSON:         "bytes": 44,
// JSON:         "microseconds": {{[0-9]+\.[0-9][0-9]}},
// JSON:       "state": "sequences",
// JSON-NEXT:  "version": 1

func.func private @log(f32)

func.func @norm(%s: !tseq.seq<2 x tensor<4xf32>>, %f: f32) -> f32 {
  %d = tensor.from_elements %f : tensor<f32>
  %e = tensor.from_elements %f : tensor<f32>
  %n = tseq.reduce [add] ins(%s : !tseq.seq<2 x tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  %r = tseq.scalar ins(%n : tensor<f32>) -> tensor<f32> {
  ^bb0(%x: f32):
    %q = math.sqrt %x : f32
    tseq.yield %q : f32
  }
  %h = tseq.item %r : tensor<f32>
  return %h : f32
}
