"""Programs of different kinds, of about as many ops as asked for, as lines of IR.

Each function of `KINDS` takes the number of ops. What must not be cheap because
it is all alike has ops of several kinds.
"""

TENSOR = "tensor<256xf32>"
BUFFER = "memref<256xf32>"
MAPS = ("#id = affine_map<(d0) -> (d0)>", "#all = affine_map<(d0) -> ()>")


def buffers(count):
    return ", ".join(f"%m{i}: {BUFFER}" for i in range(count))


def read(i):
    return (f"  %t{i} = bufferization.to_tensor %m{i} restrict writable : "
            f"{BUFFER} to {TENSOR}")


def write(value, i):
    return (f"  bufferization.materialize_in_destination {value} in restrict "
            f"writable %m{i} : ({TENSOR}, {BUFFER}) -> ()")


def square_sum(result, tensor, init="%init"):
    """Six ops: what a sum of squares is before any optimization."""
    return [f"  %{result} = linalg.generic {{indexing_maps = [#id, #all], "
            'iterator_types = ["reduction"]}',
            f"      ins({tensor} : {TENSOR}) outs({init} : tensor<f32>) {{",
            "  ^bb0(%x: f32, %acc: f32):",
            "    %q = arith.mulf %x, %x : f32",
            "    %n = arith.addf %acc, %q : f32",
            "    linalg.yield %n : f32",
            "  } -> tensor<f32>"]


def scale(result, tensor, factor):
    return [f"  %{result} = linalg.generic {{indexing_maps = [#id, #id], "
            'iterator_types = ["parallel"]}',
            f"      ins({tensor} : {TENSOR}) outs(%full : {TENSOR}) {{",
            "  ^bb0(%x: f32, %o: f32):",
            f"    %q = arith.mulf %x, {factor} : f32",
            "    linalg.yield %q : f32",
            f"  }} -> {TENSOR}"]


def constants():
    return ["  %zero = arith.constant 0.0 : f32",
            "  %one = arith.constant 1.0 : f32",
            "  %e = tensor.empty() : tensor<f32>",
            f"  %full = tensor.empty() : {TENSOR}",
            "  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) "
            "-> tensor<f32>"]


def chain(ops):
    """Elementwise tensor ops, each reads the one before."""
    names = ["addf", "mulf", "subf", "maximumf"]
    lines = [f"func.func @chain(%v0: {TENSOR}, %b: {TENSOR}) -> {TENSOR} {{"]
    lines += [f"  %v{i + 1} = arith.{names[i % 4]} %v{i}, %b : {TENSOR}"
              for i in range(ops)]
    return lines + [f"  return %v{ops} : {TENSOR}", "}"]


def lists(ops):
    """A list of tensors (10,000 at 100,000 ops), eight elementwise ops each, step
    by step over the whole list, updated in place."""
    count = max(1, ops // 10)
    names = ["mulf", "addf", "subf", "maximumf"]
    lines = [f"func.func @lists({buffers(count)}) {{"]
    lines += [read(i) for i in range(count)]
    last = [f"%t{i}" for i in range(count)]
    for step in range(8):
        for i in range(count):
            lines.append(f"  %s{step}_{i} = arith.{names[step % 4]} {last[i]}, "
                         f"%t{i} : {TENSOR}")
            last[i] = f"%s{step}_{i}"
    lines += [write(last[i], i) for i in range(count)]
    return lines + ["  return", "}"]


def clip(ops):
    """Per tensor (10,000 at 100,000 ops) a reduction and a readback; host
    arithmetic; a branch that scales all of them in place."""
    count = max(1, ops // 10)
    lines = [*MAPS, f"func.func @clip({buffers(count)}, %max: f32) -> f32 {{",
             *constants()]
    total = "%zero"
    for i in range(count):
        lines.append(read(i))
        lines += square_sum(f"s{i}", f"%t{i}")
        lines += [f"  %v{i} = tensor.extract %s{i}[] : tensor<f32>",
                  f"  %sum{i} = arith.addf {total}, %v{i} : f32"]
        total = f"%sum{i}"
    lines += [f"  %norm = math.sqrt {total} : f32",
              "  %c = arith.divf %max, %norm : f32",
              "  %clips = arith.cmpf olt, %c, %one : f32",
              "  scf.if %clips {"]
    for i in range(count):
        lines += scale(f"r{i}", f"%t{i}", "%c") + [write(f"%r{i}", i)]
    return lines + ["  }", "  return %norm : f32", "}"]


def readbacks(ops):
    """Reduction, readback, host arithmetic and upload, each step needs the one
    before; the host logs every tenth value."""
    count = max(1, ops // 10)
    lines = [*MAPS, "func.func private @log(f32)",
             f"func.func @readbacks(%t: {TENSOR}) -> {TENSOR} {{", *constants()]
    value = "%t"
    for i in range(count):
        lines += square_sum(f"s{i}", value)
        lines += [f"  %v{i} = tensor.extract %s{i}[] : tensor<f32>",
                  f"  %r{i} = math.sqrt %v{i} : f32",
                  f"  %d{i} = arith.addf %r{i}, %one : f32",
                  f"  %f{i} = arith.divf %one, %d{i} : f32",
                  f"  %u{i} = tensor.splat %f{i} : {TENSOR}",
                  f"  %w{i} = arith.mulf {value}, %u{i} : {TENSOR}"]
        value = f"%w{i}"
        if i % 10 == 9:
            lines.append(f"  func.call @log(%r{i}) : (f32) -> ()")
    return lines + [f"  return {value} : {TENSOR}", "}"]


def scalars(ops):
    """One readback, a long chain of host arithmetic, one upload."""
    names = ["addf", "mulf", "subf", "maximumf", "divf"]
    lines = [f"func.func @scalars(%t: {TENSOR}, %s: tensor<f32>, %k: f32) "
             f"-> {TENSOR} {{", "  %v0 = tensor.extract %s[] : tensor<f32>"]
    lines += [f"  %v{i + 1} = arith.{names[(i + i // 7) % 5]} "
              f"%v{i}, %{'k' if i % 3 else 'v0'} : f32" for i in range(ops)]
    return lines + [f"  %u = tensor.splat %v{ops} : {TENSOR}",
                    f"  %w = arith.mulf %t, %u : {TENSOR}",
                    f"  return %w : {TENSOR}", "}"]


def blockers(ops):
    """Short independent chains with an opaque call after each."""
    count = max(1, ops // 6)
    lines = ["func.func private @tick()",
             f"func.func @blockers({buffers(count)}) {{"]
    for i in range(count):
        lines += [read(i),
                  f"  %a{i} = arith.mulf %t{i}, %t{i} : {TENSOR}",
                  f"  %b{i} = arith.addf %a{i}, %t{i} : {TENSOR}",
                  f"  %c{i} = math.absf %b{i} : {TENSOR}",
                  write(f"%c{i}", i), "  func.call @tick() : () -> ()"]
    return lines + ["  return", "}"]


def branch(ops):
    """A check of every tensor; if it holds, everything else: norms, readbacks,
    a scaling and two elementwise updates of every tensor in one branch."""
    count = max(1, ops // 22)
    lines = [*MAPS, f"func.func @branch({buffers(2 * count)}) -> f32 {{",
             *constants()]
    lines += [read(i) for i in range(2 * count)]
    last = "%zero"
    for i in range(count):
        lines += square_sum(f"check{i}", f"%t{i}")
        lines += [f"  %seen{i} = tensor.extract %check{i}[] : tensor<f32>",
                  f"  %all{i} = arith.addf {last}, %seen{i} : f32"]
        last = f"%all{i}"
    lines += [f"  %fine = arith.cmpf oeq, {last}, {last} : f32",
              "  %result = scf.if %fine -> (f32) {"]
    total = "%zero"
    for i in range(count):
        lines += square_sum(f"s{i}", f"%t{count + i}")
        lines += [f"  %v{i} = tensor.extract %s{i}[] : tensor<f32>",
                  f"  %sum{i} = arith.addf {total}, %v{i} : f32"]
        total = f"%sum{i}"
    lines.append(f"  %norm = math.sqrt {total} : f32")
    for i in range(count):
        lines += scale(f"r{i}", f"%t{i}", "%norm")
        lines += [f"  %p{i} = arith.addf %r{i}, %t{count + i} : {TENSOR}",
                  f"  %q{i} = arith.subf %t{count + i}, %p{i} : {TENSOR}",
                  write(f"%p{i}", i), write(f"%q{i}", count + i)]
    return lines + ["    scf.yield %norm : f32", "  } else {",
                    "    scf.yield %zero : f32", "  }",
                    "  return %result : f32", "}"]


KERNELS = [
    "module attributes {gpu.container_module} {",
    "gpu.module @k {",
    f"  gpu.func @copy(%r: {BUFFER}, %w: {BUFFER}) kernel {{",
    "    %i = gpu.thread_id x",
    f"    %x = memref.load %r[%i] : {BUFFER}",
    f"    memref.store %x, %w[%i] : {BUFFER}",
    "    gpu.return",
    "  }",
    f"  gpu.func @scale(%m: {BUFFER}, %f: f32) kernel {{",
    "    %i = gpu.thread_id x",
    f"    %x = memref.load %m[%i] : {BUFFER}",
    "    %y = arith.mulf %x, %f : f32",
    f"    memref.store %y, %m[%i] : {BUFFER}",
    "    gpu.return",
    "  }",
    "}"]
GRID = "blocks in (%1, %1, %1) threads in (%256, %1, %1)"


def launch_function(name, count, body):
    return [*KERNELS, f"func.func @{name}({buffers(count)}, %f: f32) {{",
            "  %1 = arith.constant 1 : index",
            "  %256 = arith.constant 256 : index",
            "  %zero = arith.constant 0.0 : f32", *body, "  return", "}", "}"]


def launches(ops):
    """Kernels of another compiler, fills and copies on 64 buffers, in order."""
    count = 64
    body = []
    for i in range(ops):
        a, b = i % count, (i * 7 + 3) % count
        body.append([
            f"  gpu.launch_func @k::@copy {GRID} "
            f"args(%m{a} : {BUFFER}, %m{b} : {BUFFER})",
            f"  gpu.launch_func @k::@scale {GRID} args(%m{b} : {BUFFER}, %f : f32)",
            f"  gpu.memset %m{a}, %zero : {BUFFER}, f32",
            f"  gpu.memcpy %m{b}, %m{a} : {BUFFER}, {BUFFER}"][i % 4])
    return launch_function("launches", count, body)


def tokens(ops):
    """The same kernels in async chains, one per buffer (10,000 at 100,000 ops),
    that all start after one wait and meet in another."""
    count = max(1, ops // 10)
    body = ["  %start = gpu.wait async"]
    for i in range(count):
        last = "%start"
        for step in range(9):
            body.append(f"  %k{step}_{i} = gpu.launch_func async [{last}] @k::@scale "
                        f"{GRID} args(%m{i} : {BUFFER}, %f : f32)")
            last = f"%k{step}_{i}"
    ends = ", ".join(f"%k8_{i}" for i in range(count))
    return launch_function("tokens", count, [*body, f"  gpu.wait [{ends}]"])


KINDS = {kind.__name__: kind
         for kind in (chain, lists, clip, readbacks, scalars, blockers, branch,
                      launches, tokens)}


def count_ops(lines):
    """Ops of a program of one of the kinds, those in bodies of ops included."""
    starts = ("%", "linalg.yield", "bufferization.", "return", "func.", "scf.",
              "gpu.", "memref.", "module")
    return sum(1 for line in lines if line.strip().startswith(starts))
