// RUN: not graph-opt %s --shape-graphs=shape=round 2>&1 | FileCheck %s

// CHECK: Cannot find option named 'round'
