//===- ErrorTest.cpp - Tests of what the runtime refuses ------------------===//
//
// Part of graph-opt.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

namespace {

bool lastMessageHas(const std::string &part) {
  return std::string(goLastMessage()).find(part) != std::string::npos;
}

/// Expects that a graph with two buffers, an arena of 64 and parameters of 16
/// bytes is refused, that the message holds `parts`, and that the next one is
/// built.
void expectRefused(Builder builder, std::vector<std::string> parts,
                   GoStatus status = GO_INVALID_ARGUMENT) {
  Context context;
  GoGraphInfo info = makeInfo("refused", 2, 64, 16);
  GoExec *exec = nullptr;
  EXPECT_EQ(instantiate(context, info, builder, &exec), status);
  EXPECT_EQ(exec, nullptr);
  parts.push_back("graph 'refused'");
  for (const std::string &part : parts)
    EXPECT_TRUE(lastMessageHas(part)) << part << "\nin: " << goLastMessage();
  EXPECT_EQ(context.counters().graphs, 0u);
  EXPECT_EQ(context.counters().instantiations, 0u);
  EXPECT_EQ(goContextTakeStatus(context), status);
  EXPECT_NE(build(context, info, incrementing(1)), nullptr);
  EXPECT_EQ(goContextTakeStatus(context), GO_OK);
}

Builder kernelOn(GoRef reference) {
  return [=](GoGraph *graph) {
    return addKernel(graph, {}, {reads(0, 4), reference}, increment, 1, nullptr,
                     "bad");
  };
}

TEST(Refused, ReferencesOutOfRange) {
  expectRefused(kernelOn(reads(2, 4)),
                {"node 0", "kernel 'bad'", "operand 1", "no buffer 2"});
  expectRefused(kernelOn(reads(-4, 4)), {"no buffer -4"});
  expectRefused(kernelOn(reads(GO_BUFFER_ARENA, 65)), {"byte 65", "arena"});
  expectRefused(kernelOn(reads(GO_BUFFER_ARENA, 1, 64)), {"arena"});
  expectRefused(kernelOn(reads(GO_BUFFER_PARAMETERS, 8, 9)),
                {"parameter block"});
  expectRefused(kernelOn(writes(GO_BUFFER_PARAMETERS, 8)),
                {"may not write to the parameter block"});
  expectRefused(kernelOn(reads(0, -1)), {"no range of memory"});
  expectRefused(kernelOn(reads(0, 1, -1)), {"no range of memory"});
  expectRefused(kernelOn(reads(0, INT64_MAX, 1)), {"no range of memory"});
  expectRefused(kernelOn({0, 0, 0, 4}), {"kind of access"});
  expectRefused(kernelOn({0, 4, 0, 4}), {"kind of access"});
}

TEST(Refused, DependencesOnOtherThanEarlierNodes) {
  for (GoNode after : {-1, 0, 7})
    expectRefused(
        [=](GoGraph *graph) {
          return goGraphAddEmpty(graph, &after, 1, nullptr);
        },
        {"node 0 (empty)", "runs after node " + std::to_string(after)});
  expectRefused(
      [](GoGraph *graph) {
        return goGraphAddEmpty(graph, nullptr, 1, nullptr);
      },
      {"null or has a negative length"});
}

TEST(Refused, DamagedKernels) {
  auto addRaw = [](const GoRef *operands, int64_t numOperands,
                   const GoHostPhase *phases, int64_t numPhases) -> Builder {
    return [=](GoGraph *graph) {
      return goGraphAddHostKernel(graph, nullptr, 0, "bad", operands,
                                  numOperands, phases, numPhases, nullptr);
    };
  };
  GoHostPhase noFunction = {nullptr, 1}, negative = {increment, -1};
  expectRefused(addRaw(nullptr, 1, nullptr, 0), {"list of operands"});
  expectRefused(addRaw(nullptr, -1, nullptr, 0), {"list of operands"});
  expectRefused(addRaw(nullptr, 0, nullptr, 1), {"list of phases"});
  expectRefused(addRaw(nullptr, 0, &noFunction, 1), {"no function"});
  expectRefused(addRaw(nullptr, 0, &negative, 1), {"negative number of items"});
}

TEST(Refused, DamagedCopiesAndFills) {
  expectRefused(
      [](GoGraph *graph) {
        GoRef source = reads(0, 8), destination = writes(1, 4);
        return goGraphAddMemcpy(graph, nullptr, 0, &source, &destination,
                                nullptr);
      },
      {"node 0 (memcpy)", "8 bytes to 4"});
  expectRefused(
      [](GoGraph *graph) {
        GoRef source = reads(0, 8);
        return goGraphAddMemcpy(graph, nullptr, 0, &source, nullptr, nullptr);
      },
      {"reference is null"});
  for (int64_t width : {0, 3, 8, -1})
    expectRefused(
        [=](GoGraph *graph) {
          GoRef destination = writes(0, 24);
          return goGraphAddMemset(graph, nullptr, 0, &destination, 0, width,
                                  nullptr);
        },
        {"pattern has " + std::to_string(width) + " bytes"});
  expectRefused(
      [](GoGraph *graph) {
        GoRef destination = writes(0, 6);
        return goGraphAddMemset(graph, nullptr, 0, &destination, 0, 4, nullptr);
      },
      {"not a multiple"});
}

TEST(Refused, DamagedConditionals) {
  auto add = [](int32_t kind, GoRef condition, int64_t numBodies) -> Builder {
    return [=](GoGraph *graph) {
      GoGraph *bodies[4];
      return goGraphAddConditional(graph, nullptr, 0, kind, &condition, -1,
                                   bodies, numBodies, nullptr);
    };
  };
  expectRefused(add(3, reads(0, 1), 1), {"3 is no kind of conditional"});
  expectRefused(add(GO_CONDITIONAL_IF, reads(0, 8), 1), {"has 8 bytes, not 1"});
  expectRefused(add(GO_CONDITIONAL_SWITCH, reads(0, 1), 1),
                {"has 1 bytes, not 8"});
  expectRefused(add(GO_CONDITIONAL_IF, reads(0, 1), 3), {"3 bodies"});
  expectRefused(add(GO_CONDITIONAL_WHILE, reads(0, 1), 2), {"2 bodies"});
  expectRefused(add(GO_CONDITIONAL_SWITCH, reads(0, 8), 0), {"0 bodies"});
}

TEST(Refused, DamagedConditions) {
  auto add = [](int64_t first, int64_t second) -> Builder {
    return [=](GoGraph *graph) -> GoStatus {
      int64_t condition;
      GoGraph *body;
      GoRef value = reads(0, 1);
      if (GoStatus s = goGraphAddCondition(graph, &condition))
        return s;
      if (GoStatus s =
              goGraphAddConditional(graph, nullptr, 0, GO_CONDITIONAL_IF,
                                    &value, first, &body, 1, nullptr))
        return s;
      return goGraphAddConditional(body, nullptr, 0, GO_CONDITIONAL_IF, &value,
                                   second, &body, 1, nullptr);
    };
  };
  expectRefused(add(1, -1), {"no condition 1; the graph has 1"});
  expectRefused(add(-2, -1), {"no condition -2"});
  expectRefused(add(0, 0), {"body 0 of node 0: node 0 (if)",
                            "another node has condition 0"});
  expectRefused([](GoGraph *g) { return goGraphAddCondition(g, nullptr); },
                {"the result of goGraphAddCondition is null"});
  expectRefused(kernelOn({GO_BUFFER_CONDITION, GO_ACCESS_READ, 0, 8}),
                {"operand 1", "only CUDA kernels can refer to a condition"});
  EXPECT_EQ(goGraphAddCondition(nullptr, nullptr), GO_INVALID_ARGUMENT);
}

TEST(Refused, DamagedModes) {
  expectRefused([](GoGraph *g) { return goGraphSetMode(g, 2); },
                {"graph", "2 is no mode"});
  expectRefused([](GoGraph *g) { return goGraphSetMode(g, -1); },
                {"-1 is no mode"});
  EXPECT_EQ(goGraphSetMode(nullptr, GO_MODE_GRAPH), GO_INVALID_ARGUMENT);
}

TEST(Refused, FailuresInBodiesNameTheBody) {
  expectRefused(
      [](GoGraph *graph) {
        GoRef condition = reads(0, 1);
        GoGraph *bodies[2];
        goGraphAddConditional(graph, nullptr, 0, GO_CONDITIONAL_IF, &condition,
                              -1, bodies, 2, nullptr);
        GoNode outside = 0;
        return goGraphAddEmpty(bodies[1], &outside, 1, nullptr);
      },
      {"body 1 of node 0: node 0 (empty)"});
}

TEST(Refused, NestingWithoutEnd) {
  static const GoGraphInfo endless = {
      "module", "endless", 1, 0, 0, 0, [](GoGraph *graph) -> GoStatus {
        return goGraphAddChild(graph, nullptr, 0, &endless, nullptr, nullptr);
      }};
  Context context;
  GoExec *exec = nullptr;
  EXPECT_EQ(goGraphInstantiate(context, &endless, &exec), GO_INVALID_ARGUMENT);
  EXPECT_TRUE(lastMessageHas("nested deeper")) << goLastMessage();
}

TEST(Refused, Children) {
  static const GoGraphInfo reading = {
      "module", "reading", 1, 1, 0, 0, [](GoGraph *graph) -> GoStatus {
        return addKernel(graph, {}, {updates(0, 8)}, increment, 2);
      }};
  static const GoGraphInfo deciding = {
      "module", "deciding", 1, 1, 0, 0, [](GoGraph *graph) -> GoStatus {
        GoRef condition = reads(0, 1);
        GoGraph *body;
        return goGraphAddConditional(graph, nullptr, 0, GO_CONDITIONAL_IF,
                                     &condition, -1, &body, 1, nullptr);
      }};
  static GoGraphInfo withArena = reading;
  withArena.arena_bytes = 8;
  auto add = [](const GoGraphInfo *child, GoRef buffer) -> Builder {
    return [=](GoGraph *graph) {
      return goGraphAddChild(graph, nullptr, 0, child, &buffer, nullptr);
    };
  };
  expectRefused(add(&deciding, updates(0, 8)), {"conditional"}, GO_UNSUPPORTED);
  expectRefused(add(&withArena, updates(0, 8)), {"arena"});
  expectRefused(add(&reading, updates(9, 8)), {"no buffer 9"});
  expectRefused(add(nullptr, updates(0, 8)), {"node 0 (child)", "null"});
  for (auto [buffer, what] :
       {std::pair(reads(0, 8), "writes argument 0"),
        std::pair(updates(0, 4), "bytes up to 8 of argument 0")}) {
    Context context;
    GoGraphInfo info = makeInfo("parent", 1);
    GoExec *exec = nullptr;
    EXPECT_EQ(instantiate(context, info, add(&reading, buffer), &exec),
              GO_INVALID_ARGUMENT);
    EXPECT_TRUE(lastMessageHas("graph 'reading'")) << goLastMessage();
    EXPECT_TRUE(lastMessageHas(what)) << goLastMessage();
  }
}

TEST(Refused, BuilderThatIgnoresAFailure) {
  expectRefused(
      [](GoGraph *graph) -> GoStatus {
        addKernel(graph, {}, {reads(5, 4)}, increment, 1);
        EXPECT_NE(addKernel(graph, {}, {reads(0, 4)}, increment, 1), GO_OK);
        return GO_OK;
      },
      {"no buffer 5"});
}

TEST(Refused, BuilderThatFails) {
  expectRefused([](GoGraph *) { return GO_UNSUPPORTED; }, {"status 4"},
                GO_UNSUPPORTED);
  expectRefused([](GoGraph *) { return 99; }, {"status 99"});
}

TEST(Refused, BuilderThatInstantiatesItself) {
  Context context;
  static GoContext *raw;
  raw = context;
  static const GoGraphInfo self = {
      "module", "self", 1, 0, 0, 0, [](GoGraph *) -> GoStatus {
        GoExec *exec;
        return goGraphInstantiate(raw, &self, &exec);
      }};
  GoExec *exec = nullptr;
  EXPECT_EQ(goGraphInstantiate(context, &self, &exec), GO_INVALID_ARGUMENT);
}

TEST(Refused, NodesAfterTheBuilderReturned) {
  Context context;
  GoGraphInfo info = makeInfo("late", 1);
  static GoGraph *kept;
  build(context, info, [](GoGraph *graph) -> GoStatus {
    kept = graph;
    return GO_OK;
  });
  EXPECT_EQ(goGraphAddEmpty(kept, nullptr, 0, nullptr), GO_INVALID_ARGUMENT);
  EXPECT_TRUE(lastMessageHas("graph 'late'"));
}

TEST(Refused, DamagedDescriptions) {
  Context context;
  GoExec *exec = nullptr;
  EXPECT_EQ(goGraphInstantiate(context, nullptr, &exec), GO_INVALID_ARGUMENT);
  GoGraphInfo good = makeInfo("graph", 1);
  GoGraphInfo infos[] = {good, good, good, good, good};
  infos[0].name = nullptr;
  infos[1].build = nullptr;
  infos[2].num_buffers = -1;
  infos[3].arena_bytes = -1;
  infos[4].num_buffers = INT64_MAX;
  for (const GoGraphInfo &info : infos)
    EXPECT_EQ(goGraphInstantiate(context, &info, &exec), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goGraphInstantiate(context, &good, nullptr), GO_INVALID_ARGUMENT);
}

TEST(Refused, EqualKeysOfDifferentGraphs) {
  Context context;
  GoGraphInfo one = makeInfo("graph", 1), two = makeInfo("graph", 2);
  build(context, one, incrementing(1));
  GoExec *exec = nullptr;
  EXPECT_EQ(instantiate(context, two, incrementing(1), &exec),
            GO_INVALID_ARGUMENT);
  EXPECT_EQ(exec, nullptr);
}

TEST(Refused, ArenaLargerThanMemory) {
  Context context;
  GoGraphInfo info = makeInfo("huge", 1, INT64_MAX);
  GoExec *exec = nullptr;
  EXPECT_EQ(instantiate(context, info, incrementing(1), &exec),
            GO_OUT_OF_MEMORY);
  EXPECT_TRUE(lastMessageHas("graph 'huge'")) << goLastMessage();
  EXPECT_TRUE(lastMessageHas("arena")) << goLastMessage();
  EXPECT_EQ(context.counters().graphs, 0u);
}

TEST(Refused, NullAddressesNameNodeAndBuffer) {
  Context context;
  GoGraphInfo info = makeInfo("launched", 2, 0, 4);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    if (GoStatus s = goGraphAddEmpty(graph, nullptr, 0, nullptr))
      return s;
    return addKernel(graph, {}, {reads(0, 4), writes(1, 4)}, twice, 1, nullptr,
                     "twice");
  });
  int32_t a = 1, b = 0, parameters = 0;
  ASSERT_EQ(launch(exec, {&a, &b}, &parameters), GO_OK);

  EXPECT_EQ(launch(exec, {&a, nullptr}, &parameters), GO_INVALID_ARGUMENT);
  for (const char *part :
       {"graph 'launched'", "node 1", "kernel 'twice'", "buffer 1"})
    EXPECT_TRUE(lastMessageHas(part)) << goLastMessage();
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);

  EXPECT_EQ(goExecLaunch(exec, nullptr, nullptr, &parameters, 0),
            GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  EXPECT_EQ(launch(exec, {&a, &b}, nullptr), GO_INVALID_ARGUMENT);
  EXPECT_TRUE(lastMessageHas("parameter block"));
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);

  // What was refused has left no trace.
  a = 21;
  ASSERT_EQ(launch(exec, {&a, &b}, &parameters), GO_OK);
  EXPECT_EQ(b, 42);
  EXPECT_EQ(context.counters().graph_launches, 2u);
  EXPECT_EQ(context.counters().updates, 0u);
}

TEST(Refused, NullHandles) {
  EXPECT_EQ(goExecLaunch(nullptr, nullptr, nullptr, nullptr, 0),
            GO_INVALID_ARGUMENT);
  EXPECT_EQ(goExecUpdate(nullptr, nullptr), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goWait(nullptr, nullptr), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goCopy(nullptr, nullptr, nullptr, nullptr, 0), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goCopyAll(nullptr, nullptr, nullptr, 0), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goPlaceResults(nullptr, nullptr, nullptr, 0, nullptr, 0), nullptr);
  EXPECT_EQ(goReadback(nullptr, nullptr, nullptr, nullptr, 0),
            GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextTakeStatus(nullptr), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextWriteDot(nullptr, "x"), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goGraphAddEmpty(nullptr, nullptr, 0, nullptr), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goAllocate(nullptr, nullptr, 1), nullptr);
  goFree(nullptr, nullptr, nullptr);
  goContextDestroy(nullptr);
  GoContext *context = nullptr;
  EXPECT_EQ(goContextCreate(77, 0, &context), GO_UNSUPPORTED);
  EXPECT_EQ(goContextCreate(GO_DEVICE_HOST, -1, &context), GO_INVALID_ARGUMENT);
  EXPECT_EQ(context, nullptr);
}

TEST(Sticky, FirstErrorIsKeptUntilTaken) {
  Context context;
  GoGraphInfo info = makeInfo("graph", 1);
  GoExec *exec = build(context, info, incrementing(1));
  int32_t value = 0, copy = 7;
  EXPECT_EQ(goReadback(context, nullptr, nullptr, &copy, 4),
            GO_INVALID_ARGUMENT);
  EXPECT_EQ(copy, 0) << "a failed readback gives zeros";
  std::string first = goLastMessage();
  EXPECT_EQ(goAllocate(context, nullptr, INT64_MAX), nullptr);
  EXPECT_NE(first, goLastMessage());

  copy = 7;
  void *buffers[] = {&value};
  EXPECT_EQ(launch(exec, {&value}), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goLastMessage(), first);
  EXPECT_EQ(goExecUpdate(exec, buffers), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goWait(context, nullptr), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goCopy(context, nullptr, &copy, &value, 4), GO_INVALID_ARGUMENT);
  EXPECT_EQ(value, 0);
  EXPECT_EQ(context.counters().graph_launches, 0u);

  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goLastMessage(), first);
  EXPECT_EQ(goContextTakeStatus(context), GO_OK);
  EXPECT_EQ(launch(exec, {&value}), GO_OK);
  EXPECT_EQ(value, 1);
}

} // namespace
