// RUN: graph-opt %s --write-report="json=%t.json dot=%t.dot" | FileCheck %s
// RUN: FileCheck %s --check-prefix=JSON < %t.json
// RUN: FileCheck %s --check-prefix=DOT < %t.dot
// RUN: graph-opt %s --write-report="summary" -o /dev/null 2>&1 | FileCheck %s --check-prefix=SUMMARY
// RUN: not graph-opt %s --write-report="json=%t.none/report.json" 2>&1 | FileCheck %s --check-prefix=ERROR

// Tests that the facts are written and leave the module, and that names are
// quoted as each format wants.
// CHECK-NOT: graphopt.report
// CHECK:     func.func @f

// JSON:      {
// JSON-NEXT:   "functions": [
// JSON-NEXT:     {
// JSON-NEXT:       "location": "a \"b\\c.mlir:1:2",
// JSON-NEXT:       "name": "f",
// JSON-NEXT:       "regions": []
// JSON-NEXT:     }
// JSON-NEXT:   ],
// JSON-NEXT:   "microseconds": 1.50,
// JSON-NEXT:   "version": 1
// JSON-NEXT: }

// DOT: label="@f\na \"b\\c.mlir:1:2"

// Tests that what was not noted is a dash.
// SUMMARY:      @f at a "b\c.mlir:1:2
// SUMMARY-NEXT:   per call op by op graphs
// SUMMARY-NEXT:   regions - -
// SUMMARY-NEXT:   kernels - -

// ERROR: error: can not write the report to
module attributes {graphopt.report = {
    functions = [{location = "a \22b\\c.mlir:1:2", name = "f", regions = []}],
    microseconds = 1.5 : f64}} {
  func.func @f() {
    return
  }
}
