//===- BuildTest.cpp - Tests of building, replay, cache, dot --------------===//
//
// Part of graph-opt.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

#include <cstdio>
#include <fstream>
#include <numeric>
#include <sstream>

namespace {

TEST(Build, ReplaysAKernel) {
  Context context;
  GoGraphInfo info = makeInfo("increment", 1);
  GoExec *exec = build(context, info, incrementing(100));
  std::vector<int32_t> data(100);
  std::iota(data.begin(), data.end(), 0);
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(launch(exec, {data.data()}), GO_OK);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(data[i], i + 3);

  GoCounters counters = context.counters();
  EXPECT_EQ(counters.graphs, 1u);
  EXPECT_EQ(counters.instantiations, 1u);
  EXPECT_EQ(counters.kernel_nodes, 1u);
  EXPECT_EQ(counters.graph_launches, 3u);
  EXPECT_EQ(counters.updates, 0u);
}

TEST(Build, RunsNodesInOrderThroughTheArena) {
  Context context;
  GoGraphInfo info = makeInfo("chain", 2, /*arenaBytes=*/128);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    GoNode first, second;
    GoRef source = reads(0, 40), temporary = writes(GO_BUFFER_ARENA, 40, 64);
    if (GoStatus s =
            goGraphAddMemcpy(graph, nullptr, 0, &source, &temporary, &first))
      return s;
    if (GoStatus s =
            addKernel(graph, {first}, {updates(GO_BUFFER_ARENA, 40, 64)},
                      increment, 10, &second))
      return s;
    return addKernel(graph, {second, first, second},
                     {reads(GO_BUFFER_ARENA, 40, 64), writes(1, 40)}, twice,
                     10);
  });
  std::vector<int32_t> in(10, 20), out(10);
  ASSERT_EQ(launch(exec, {in.data(), out.data()}), GO_OK);
  EXPECT_EQ(out, std::vector<int32_t>(10, 42));
  EXPECT_EQ(in, std::vector<int32_t>(10, 20));
  EXPECT_EQ(context.counters().memcpy_nodes, 1u);
  EXPECT_EQ(context.counters().kernel_nodes, 2u);
}

TEST(Build, ArenaAndParametersAreAligned) {
  Context context;
  GoGraphInfo info = makeInfo("aligned", 1, 8, 8);
  GoExec *exec = build(context, info, [](GoGraph *graph) {
    auto function = [](void *const *operands, int64_t, int64_t) {
      auto misaligned = [](void *p) {
        return reinterpret_cast<uintptr_t>(p) % 256 != 0;
      };
      *static_cast<int32_t *>(operands[2]) =
          misaligned(operands[0]) + misaligned(operands[1]);
    };
    return addKernel(graph, {},
                     {reads(GO_BUFFER_ARENA, 8), reads(GO_BUFFER_PARAMETERS, 8),
                      writes(0, 4)},
                     function, 1);
  });
  int32_t misaligned = -1;
  int64_t parameters = 0;
  ASSERT_EQ(launch(exec, {&misaligned}, &parameters), GO_OK);
  EXPECT_EQ(misaligned, 0);
}

TEST(Build, PhasesOfAKernelAreSeparatedByABarrier) {
  Context context(GO_DEVICE_HOST, 4);
  constexpr int64_t items = 1 << 20;
  GoGraphInfo info = makeInfo("phases", 1, 4 * items);
  GoExec *exec = build(context, info, [](GoGraph *graph) {
    GoRef operands[] = {updates(GO_BUFFER_ARENA, 4 * items),
                        writes(0, 4 * items)};
    auto first = [](void *const *operands, int64_t begin, int64_t end) {
      int32_t *data = static_cast<int32_t *>(operands[0]);
      for (int64_t i = begin; i < end; ++i)
        data[i] = i;
    };
    auto reversed = [](void *const *operands, int64_t begin, int64_t end) {
      const int32_t *from = static_cast<const int32_t *>(operands[0]);
      int32_t *to = static_cast<int32_t *>(operands[1]);
      for (int64_t i = begin; i < end; ++i)
        to[i] = from[items - 1 - i];
    };
    GoHostPhase phases[] = {{first, items}, {nullptr, 0}, {reversed, items}};
    return goGraphAddHostKernel(graph, nullptr, 0, "phases", operands, 2,
                                phases, 3, nullptr);
  });
  std::vector<int32_t> out(items);
  for (int repeat = 0; repeat < 5; ++repeat) {
    std::fill(out.begin(), out.end(), -1);
    ASSERT_EQ(launch(exec, {out.data()}), GO_OK);
    for (int64_t i = 0; i < items; ++i)
      ASSERT_EQ(out[i], items - 1 - i);
  }
}

TEST(Build, WritesTheParameterBlockAtEachLaunch) {
  Context context;
  GoGraphInfo info = makeInfo("parameters", 1, 0, 16);
  GoExec *exec = build(context, info, [](GoGraph *graph) {
    return addKernel(graph, {},
                     {reads(GO_BUFFER_PARAMETERS, 4, 12), writes(0, 4)}, twice,
                     1);
  });
  int32_t out = 0;
  for (int32_t value : {1, 7, -3}) {
    int32_t parameters[4] = {0, 0, 0, value};
    ASSERT_EQ(launch(exec, {&out}, parameters, 4), GO_OK);
    EXPECT_EQ(out, 2 * value);
  }
  EXPECT_EQ(context.counters().uploads, 12u);
}

TEST(Build, FollowsAddressesThatChange) {
  Context context;
  GoGraphInfo info = makeInfo("updates", 2);
  GoExec *exec = build(context, info, [](GoGraph *graph) {
    return addKernel(graph, {}, {reads(0, 4), writes(1, 4, 4)}, twice, 1);
  });
  int32_t a = 1, b = 10, x[2] = {0, 0}, y[2] = {0, 0};
  ASSERT_EQ(launch(exec, {&a, x}), GO_OK);
  EXPECT_EQ(x[1], 2);
  EXPECT_EQ(context.counters().updates, 0u);
  ASSERT_EQ(launch(exec, {&b, x}), GO_OK);
  EXPECT_EQ(x[1], 20);
  ASSERT_EQ(launch(exec, {&b, x}), GO_OK);
  EXPECT_EQ(context.counters().updates, 1u);
  ASSERT_EQ(launch(exec, {&a, y}), GO_OK);
  EXPECT_EQ(y[1], 2);
  EXPECT_EQ(x[1], 20);
  EXPECT_EQ(context.counters().updates, 2u);

  // An update ahead of the launch leaves nothing to find.
  void *buffers[] = {&b, y};
  ASSERT_EQ(goExecUpdate(exec, buffers), GO_OK);
  ASSERT_EQ(launch(exec, {&b, y}), GO_OK);
  EXPECT_EQ(y[1], 20);
  EXPECT_EQ(context.counters().updates, 2u);
}

TEST(Build, BufferMayBeUsedByManyNodesOrNone) {
  Context context;
  GoGraphInfo info = makeInfo("shared", 3);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    GoNode node;
    if (GoStatus s = addKernel(graph, {}, {updates(2, 4)}, increment, 1, &node))
      return s;
    return addKernel(graph, {node}, {reads(2, 4), writes(0, 4)}, twice, 1);
  });
  int32_t a = 0, b = 4, c = 5;
  ASSERT_EQ(launch(exec, {&a, nullptr, &b}), GO_OK);
  ASSERT_EQ(launch(exec, {&a, nullptr, &c}), GO_OK);
  EXPECT_EQ(a, 12);
}

//===----------------------------------------------------------------------===//
// Cache
//===----------------------------------------------------------------------===//

TEST(Cache, EqualDescriptionsShareOneEntry) {
  Context context;
  std::string name = "same", copy = "same";
  GoGraphInfo first = makeInfo(name.c_str(), 1);
  GoGraphInfo second = makeInfo(copy.c_str(), 1);
  GoExec *a = build(context, first, incrementing(1));
  GoExec *b = build(context, second, incrementing(1));
  EXPECT_EQ(a, b);
  EXPECT_EQ(context.counters().graphs, 1u);
  EXPECT_EQ(context.counters().instantiations, 1u);
  EXPECT_EQ(context.counters().cache_hits, 1u);
}

TEST(Cache, EveryPartOfTheKeyCounts) {
  Context context;
  GoGraphInfo base = makeInfo("graph", 1);
  GoGraphInfo module = base, name = base, fingerprint = base;
  module.module = "another module";
  name.name = "another graph";
  fingerprint.fingerprint = 2;
  std::vector<GoExec *> execs;
  for (const GoGraphInfo &info : {base, module, name, fingerprint})
    execs.push_back(build(context, info, incrementing(1)));
  for (size_t i = 0; i < execs.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      EXPECT_NE(execs[i], execs[j]);
  EXPECT_EQ(context.counters().graphs, 4u);
  EXPECT_EQ(context.counters().cache_hits, 0u);
}

TEST(Cache, ContextsDoNotShare) {
  Context a, b;
  GoGraphInfo info = makeInfo("graph", 1);
  EXPECT_NE(build(a, info, incrementing(1)), build(b, info, incrementing(1)));
}

TEST(Cache, ResetKeepsWhatDescribesTheCache) {
  Context context;
  GoGraphInfo info = makeInfo("graph", 1);
  int32_t a = 0, b = 0, value = 0;
  for (int32_t *data : {&a, &b}) {
    ASSERT_EQ(launch(build(context, info, incrementing(1)), {data}, nullptr, 1),
              GO_OK);
    ASSERT_EQ(goReadback(context, nullptr, data, &value, 4), GO_OK);
    ASSERT_EQ(goWait(context, nullptr), GO_OK);
  }
  GoCounters before = context.counters();
  EXPECT_EQ(before.graph_launches, 2u);
  EXPECT_EQ(before.updates, 1u);
  EXPECT_EQ(before.readbacks, 2u);
  EXPECT_EQ(before.waits, 2u);
  EXPECT_EQ(before.uploads, 2u);
  EXPECT_EQ(before.cache_hits, 1u);

  goContextResetCounters(context);
  GoCounters after = context.counters();
  EXPECT_EQ(after.graph_launches, 0u);
  EXPECT_EQ(after.updates, 0u);
  EXPECT_EQ(after.readbacks, 0u);
  EXPECT_EQ(after.waits, 0u);
  EXPECT_EQ(after.uploads, 0u);
  EXPECT_EQ(after.cache_hits, 0u);
  EXPECT_EQ(after.graphs, 1u);
  EXPECT_EQ(after.kernel_nodes, 1u);
  EXPECT_EQ(after.instantiations, 1u);
}

//===----------------------------------------------------------------------===//
// Children
//===----------------------------------------------------------------------===//

/// Doubles argument 0 into argument 1, 4 bytes at offset 4 of both.
GoStatus buildDoubling(GoGraph *graph) {
  return addKernel(graph, {}, {reads(0, 4, 4), writes(1, 4, 4)}, twice, 1);
}
const GoGraphInfo doubling = {"module", "doubling", 1, 2, 0, 0, buildDoubling};

/// Doubles argument 1 into argument 0 through a child of its own.
GoStatus buildSwapped(GoGraph *graph) {
  GoRef buffers[] = {reads(1, 8), writes(0, 8)};
  return goGraphAddChild(graph, nullptr, 0, &doubling, buffers, nullptr);
}
const GoGraphInfo swapped = {"module", "swapped", 1, 2, 0, 0, buildSwapped};

TEST(Child, RunsOnTheBuffersOfTheParent) {
  Context context;
  GoGraphInfo info = makeInfo("parent", 2, /*arenaBytes=*/8);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    GoRef down[] = {reads(0, 8, 8), writes(GO_BUFFER_ARENA, 8)};
    GoRef up[] = {writes(1, 8), reads(GO_BUFFER_ARENA, 8)};
    GoNode node;
    if (GoStatus s = goGraphAddChild(graph, nullptr, 0, &doubling, down, &node))
      return s;
    return goGraphAddChild(graph, &node, 1, &swapped, up, nullptr);
  });
  int32_t in[4] = {0, 0, 0, 5}, out[2] = {0, 0};
  ASSERT_EQ(launch(exec, {in, out}), GO_OK);
  EXPECT_EQ(out[1], 20);
  EXPECT_EQ(context.counters().kernel_nodes, 2u);
  EXPECT_EQ(context.counters().graphs, 1u);
}

//===----------------------------------------------------------------------===//
// Graphviz
//===----------------------------------------------------------------------===//

std::string dotOf(GoContext *context) {
  std::string path = ::testing::TempDir() + "graphopt-runtime-test.dot";
  EXPECT_EQ(goContextWriteDot(context, path.c_str()), GO_OK) << goLastMessage();
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  std::remove(path.c_str());
  return text.str();
}

TEST(Dot, ShowsNodesEdgesAndBodies) {
  Context context;
  GoGraphInfo info = makeInfo("drawn", 2, 64, 8);
  goSetOwner(9);
  build(context, info, [](GoGraph *graph) -> GoStatus {
    GoNode fill, child;
    GoRef all = writes(0, 8), condition = reads(0, 1);
    GoRef buffers[] = {reads(0, 8), writes(1, 8)};
    GoGraph *bodies[2];
    if (GoStatus s = goGraphAddMemset(graph, nullptr, 0, &all, 0, 4, &fill))
      return s;
    if (GoStatus s =
            goGraphAddChild(graph, &fill, 1, &doubling, buffers, &child))
      return s;
    if (GoStatus s = goGraphAddConditional(graph, &child, 1, GO_CONDITIONAL_IF,
                                           &condition, -1, bodies, 2, nullptr))
      return s;
    return addKernel(bodies[0], {},
                     {updates(1, 4, 4), reads(GO_BUFFER_PARAMETERS, 8),
                      updates(GO_BUFFER_ARENA, 16, 32)},
                     increment, 1, nullptr, "a \"quoted\\name &amp;");
  });
  goSetOwner(0);
  std::string text = dotOf(context);
  EXPECT_EQ(text, dotOf(context));
  for (const char *part :
       {"digraph", "subgraph \"cluster_g0\"",
        "label=\"module::drawn\\nowner 9, launched as a graph\\n2 launch "
        "arguments, 64 bytes of arena, 8 bytes of parameters\"",
        "memset\\nwrites 8 bytes of argument 0\"",
        "child\\ndoubling\\nreads 8 bytes of argument 0\\nwrites 8 bytes of "
        "argument 1\"",
        "\"g0_n0\" -> \"g0_n1\"", "\"g0_n1\" -> \"g0_n2\"", "label=\"then\"",
        "label=\"else\"",
        "kernel\\na \\\"quoted\\\\name &amp;amp;\\nupdates 4 bytes of argument "
        "1 "
        "+ 4\\nreads 8 bytes of parameters\\nupdates 16 bytes of arena + 32\"",
        "lhead=\"cluster_g0_n2_b1\""})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '{'),
            std::count(text.begin(), text.end(), '}'));
}

TEST(Dot, ManyReferencesAreCounted) {
  Context context;
  GoGraphInfo info = makeInfo("many", 20);
  build(context, info, [](GoGraph *graph) {
    std::vector<GoRef> operands;
    for (int64_t i = 0; i < 20; ++i)
      operands.push_back(reads(i, 4));
    return addKernel(graph, {}, operands, increment, 0);
  });
  std::string text = dotOf(context);
  EXPECT_NE(text.find("reads 4 bytes of argument 15\\nand 4 more\""),
            std::string::npos)
      << text;
}

TEST(Dot, EmptyCacheIsAnEmptyGraph) {
  Context context;
  EXPECT_NE(dotOf(context).find("digraph"), std::string::npos);
}

TEST(Dot, UnwritablePathIsAnError) {
  Context context;
  EXPECT_EQ(goContextWriteDot(context, "/nonexistent/folder/graph.dot"),
            GO_INVALID_ARGUMENT);
  EXPECT_NE(std::string(goLastMessage()).find("/nonexistent/folder/graph.dot"),
            std::string::npos);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
}

} // namespace
