// RUN: graph-opt %s --record-report="state=sequences" | FileCheck %s

// Tests that an attribute that somebody else wrote is replaced, whatever it is.
// CHECK: graphopt.report = {functions = [{
// CHECK-SAME: name = "f"
module attributes {graphopt.report = {functions = [3, {name = 4}], state = 1}} {
  func.func @f() {
    return
  }
}
