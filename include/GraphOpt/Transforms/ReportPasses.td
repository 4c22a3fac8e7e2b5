//===- ReportPasses.td - What holds, and what is told ------*- tablegen -*-===//

#ifndef GRAPHOPT_TRANSFORMS_REPORT_PASSES
#define GRAPHOPT_TRANSFORMS_REPORT_PASSES

include "mlir/Pass/PassBase.td"

def ExplainBlockers : Pass<"explain-blockers", "::mlir::func::FuncOp"> {
  let summary = "say what each blocker of regions costs";
  let description = [{
    Finds what keeps device work of a function out of one graph: readbacks that
    are left, ops of the host with effects, loops and branches of the host, and
    device ops that were not captured. For each it emits the remark `what-if`
    with the regions that would merge without it and the microseconds that a
    call would save by the calibration table: one launch of a graph for each
    pair of regions, and the wait for the readbacks that are only there for it.
    Where several blockers keep two regions apart, each remark names the others,
    and no time.

    ```mlir
    %r = tseq.graph "f.graph0" ...
    %h = tseq.item %r : tensor<f32>
    %v = call @ask(%h) : (f32) -> f32    // without this call regions f.graph0 and
    %s = tseq.graph "f.graph1" (... %v)  // f.graph1 would merge, about 13.2 microseconds a call
    ```

    The IR stays as it is. Does nothing if no remarks are asked for.
    Preconditions: state `regions`. Next: `fuse-sequences`.
  }];
}

def VerifyCaptured : Pass<"verify-captured", "::mlir::ModuleOp"> {
  let summary = "fail if device work is in no region";
  let description = [{
    The strict mode of the pipeline. Emits an error for every device op of the
    module that is in no region, with its reason code (`dynamic-shape`,
    `element-type`, `works-on-buffers`, `host-operand`, `no-interface`,
    `synchronizes`, `not-capture-safe`, `not-in-region`, `nested-module`), and,
    if there is any, a warning for each other blocker of regions, so that all are
    seen at once. These come with a note that says what a call would save without
    them. Launches of other compilers' kernels become graphs later; with
    `launches`, after `capture-launches`, those that are left are errors as well,
    `launch-not-captured`.

    ```mlir
    // error: not captured [dynamic-shape]: the shape of 'tensor<?xf32>' is not static
    %r = linalg.generic ... ins(%t : tensor<?xf32>) ...
    ```

    The IR stays as it is. Preconditions: state `regions`, or `graphs` with
    `launches`. Next: `fuse-sequences`, or `shape-graphs`.
  }];
  let options = [Option<"launches", "launches", "bool", /*default=*/"false",
      "launches that are in no graph are errors">];
}

def VerifyAttributes : Pass<"verify-attributes", "::mlir::ModuleOp"> {
  let summary = "fail if an attribute of graph-opt stands where it means nothing";
  let description = [{
    A wish in the wrong place would be ignored without a word. Checks where the
    attributes that users write stand: `graphopt.launch` on functions, graphs and
    ops on tensors or buffers; `graphopt.cooperative` and `graphopt.streaming` on
    functions and such ops; `graphopt.shape` on functions, graphs and conditional
    nodes; `graphopt.calibration` and `graphopt.report` on the outermost module.
    Anywhere else, also among the attributes of arguments and results, they are
    an error.

    ```mlir
    // error: attribute 'graphopt.launch' means nothing on 'builtin.module': it belongs on a function, a graph, ...
    module attributes {graphopt.launch = "graph"} {}
    ```

    The IR stays as it is. Any state. Runs first.
  }];
}

def VerifyState : Pass<"verify-state", "::mlir::ModuleOp"> {
  let summary = "check what must hold in a state of the IR";
  let description = [{
    Emits an error at the first op that must not exist in the state: see the
    table of states in docs/rationale.md. The pipeline runs it after each
    stage.
  }];
  let options = [
    Option<"state", "state", "::graphopt::IRState",
           "::graphopt::IRState::Sequences", "the state to check",
           [{::llvm::cl::values(
             clEnumValN(::graphopt::IRState::Sequences, "sequences", ""),
             clEnumValN(::graphopt::IRState::Hoisted, "hoisted", ""),
             clEnumValN(::graphopt::IRState::Regions, "regions", ""),
             clEnumValN(::graphopt::IRState::Fused, "fused", ""),
             clEnumValN(::graphopt::IRState::Buffers, "buffers", ""),
             clEnumValN(::graphopt::IRState::Graphs, "graphs", ""),
             clEnumValN(::graphopt::IRState::Runtime, "runtime", ""))}]>
  ];
}

def RecordReport : Pass<"record-report", "::mlir::ModuleOp"> {
  let summary = "note what a state of the IR holds, for the report";
  let description = [{
    Adds what the state tells about each function to the attribute
    `graphopt.report` of the module: totals of the program op by op
    (`sequences`), what became of readbacks (`hoisted`), regions and blockers
    (`regions`), kernels (`fused`), memory of temporaries (`buffers`), nodes
    (`graphs`). Facts of other states stay. docs/report.md lists the facts.

    ```mlir
    module {...}
    ```
    becomes
    ```mlir
    module attributes {graphopt.report = {functions = [...], state = "sequences"}} {...}
    ```

    Preconditions: the state that the option names. Next: `write-report`, at the
    end of the pipeline.
  }];
  let options = [
    Option<"state", "state", "::graphopt::IRState",
           "::graphopt::IRState::Sequences", "the state that the IR is in",
           [{::llvm::cl::values(
             clEnumValN(::graphopt::IRState::Sequences, "sequences", ""),
             clEnumValN(::graphopt::IRState::Hoisted, "hoisted", ""),
             clEnumValN(::graphopt::IRState::Regions, "regions", ""),
             clEnumValN(::graphopt::IRState::Fused, "fused", ""),
             clEnumValN(::graphopt::IRState::Buffers, "buffers", ""),
             clEnumValN(::graphopt::IRState::Graphs, "graphs", ""))}]>
  ];
}

def WriteReport : Pass<"write-report", "::mlir::ModuleOp"> {
  let summary = "write what was captured, what was refused, and why";
  let description = [{
    Writes the facts that `record-report` noted, and removes them from the
    module:

    ```mlir
    module attributes {graphopt.report = {functions = [...], state = "graphs"}} {...}
    ```
    becomes
    ```mlir
    module {...}
    ```

    A file appears when all of it is written, or not at all; one that can not be
    written is an error. The name `-` stands for the standard output; the
    summary goes to the standard error. Nothing comes after it.
  }];
  let options = [
    Option<"json", "json", "std::string", "\"\"", "file for the report as JSON">,
    Option<"dot", "dot", "std::string", "\"\"",
           "file for a picture of regions and blockers, for Graphviz">,
    Option<"summary", "summary", "bool", "false",
           "print a summary to read on the standard error">
  ];
}

#endif // GRAPHOPT_TRANSFORMS_REPORT_PASSES
