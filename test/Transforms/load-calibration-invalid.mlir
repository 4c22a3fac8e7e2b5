// RUN: rm -rf %t && split-file %s %t
// RUN: sed '/graph_node_us/d' %root/calibrations/h200.json > %t/missing.json
// RUN: sed 's/"graph_node_us"/"graph_knot_us"/' %root/calibrations/h200.json > %t/unknown.json
// RUN: sed 's/"graph_node_us": [0-9.]*/"graph_node_us": "0.7"/' %root/calibrations/h200.json > %t/text.json
// RUN: sed 's/"graph_node_us": [0-9.]*/"graph_node_us": -1/' %root/calibrations/h200.json > %t/negative.json
// RUN: sed 's/"cache_bytes_per_us": [0-9.]*/"cache_bytes_per_us": 0/' %root/calibrations/h200.json > %t/zero.json
// RUN: sed 's/"device": "[^"]*"/"device": 7/' %root/calibrations/h200.json > %t/device.json
// RUN: sed 's/"readback_us": [0-9.]*/"readback_us": 1e16/' %root/calibrations/h200.json > %t/large.json
// RUN: sed 's/"graph_node_us"/"graph_node_us": 1, "graph_node_us"/' %root/calibrations/h200.json > %t/twice.json
// RUN: sed 's/"graph_node_us"/"graph_node_us": 1, "graph\\u005fnode_us"/' %root/calibrations/h200.json > %t/escaped.json
// RUN: %python -c "print('[' * 200000 + ']' * 200000)" > %t/deep.json
// RUN: %python -c "print('{\"device\": ' * 200000)" > %t/open.json

// Tests that what is wrong with a file is reported with its name and the field.
// RUN: not graph-opt %t/empty.mlir --load-calibration=file=%t/none.json 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: calibration '{{.*}}none.json': No such file or directory
// RUN: not graph-opt %t/empty.mlir --load-calibration=file=%t/missing.json 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: error: calibration '{{.*}}missing.json': field 'graph_node_us' is missing
// RUN: not graph-opt %t/empty.mlir --load-calibration=file=%t/unknown.json 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: error: calibration '{{.*}}unknown.json': there is no field 'graph_knot_us'
// RUN: not graph-opt %t/empty.mlir --load-calibration=file=%t/text.json 2>&1 | FileCheck %s --check-prefix=TEXT
// TEXT: error: calibration '{{.*}}text.json': field 'graph_node_us' must be a number
// RUN: not graph-opt %t/empty.mlir --load-calibration=file=%t/negative.json 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// NEGATIVE: error: calibration '{{.*}}negative.json': field 'graph_node_us' must be 0 or more
// RUN: not graph-opt %t/empty.mlir --load-calibration=file=%t/large.json 2>&1 | FileCheck %s --check-prefix=LARGE
// LARGE: error: calibration '{{.*}}large.json': field 'readback_us' must be at most 1e15
// RUN: not graph-opt %t/empty.mlir --load-calibration=file=%t/zero.json 2>&1 | FileCheck %s --check-prefix=ZERO
// ZERO: error: calibration '{{.*}}zero.json': field 'cache_bytes_per_us' must be positive
// RUN: not graph-opt %t/empty.mlir --load-calibration=file=%t/device.json 2>&1 | FileCheck %s --check-prefix=DEVICE
// DEVICE: error: calibration '{{.*}}device.json': field 'device' must be a string
// RUN: not graph-opt %t/empty.mlir --load-calibration=file=%t/array.json 2>&1 | FileCheck %s --check-prefix=ARRAY
// ARRAY: error: calibration '{{.*}}array.json': must be a JSON object
// RUN: not graph-opt %t/empty.mlir --graph-opt-pipeline="calibration=%t/cut.json" 2>&1 | FileCheck %s --check-prefix=CUT
// CUT: error: calibration '{{.*}}cut.json': [{{.*}}:
// RUN: not graph-opt %t/empty.mlir --load-calibration=file=%t/twice.json 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: not graph-opt %t/empty.mlir --load-calibration=file=%t/escaped.json 2>&1 | FileCheck %s --check-prefix=TWICE
// TWICE: error: calibration '{{.*}}.json': field 'graph_node_us' is there twice
// RUN: not graph-opt %t/empty.mlir --load-calibration=file=%t/deep.json 2>&1 | FileCheck %s --check-prefix=DEEP
// RUN: not graph-opt %t/empty.mlir --load-calibration=file=%t/open.json 2>&1 | FileCheck %s --check-prefix=DEEP
// DEEP: error: calibration '{{.*}}.json': is nested more than 16 levels deep

// Tests that an attribute that is wrong is reported, by the pass and by the
// pipeline.
// RUN: not graph-opt %t/no-dictionary.mlir --load-calibration 2>&1 | FileCheck %s --check-prefix=NO-DICTIONARY
// NO-DICTIONARY: error: attribute 'graphopt.calibration': must be a dictionary
// RUN: not graph-opt %t/integer.mlir --graph-opt-pipeline 2>&1 | FileCheck %s --check-prefix=INTEGER
// INTEGER: error: attribute 'graphopt.calibration': field 'conditional_us' must be a float
// RUN: not graph-opt %t/no-field.mlir --load-calibration 2>&1 | FileCheck %s --check-prefix=NO-FIELD
// NO-FIELD: error: attribute 'graphopt.calibration': there is no field 'conditional'

//--- empty.mlir
module {}
//--- array.json
[1, 2]
//--- cut.json
{"device": "x",
//--- no-dictionary.mlir
module attributes {graphopt.calibration = "fast"} {}
//--- integer.mlir
module attributes {graphopt.calibration = {conditional_us = 5 : i64}} {}
//--- no-field.mlir
module attributes {graphopt.calibration = {conditional = 5.0}} {}
