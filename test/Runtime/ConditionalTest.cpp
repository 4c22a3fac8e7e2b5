//===- ConditionalTest.cpp - Tests of conditional nodes -------------------===//
//
// Part of graph-opt.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

namespace {

/// Adds a kernel to `graph` that adds `amount` to the int32 of buffer 1.
template <int32_t amount>
GoStatus addAmount(GoGraph *graph) {
  auto function = [](void *const *operands, int64_t, int64_t) {
    *static_cast<int32_t *>(operands[0]) += amount;
  };
  return addKernel(graph, {}, {updates(1, 4)}, function, 1);
}

/// Instantiates a graph of one conditional on buffer 0; `fill` fills bodies.
GoExec *buildConditional(GoContext *context, const GoGraphInfo &info,
                         int32_t kind, int64_t numBodies,
                         std::function<GoStatus(GoGraph **)> fill) {
  return build(context, info, [=](GoGraph *graph) -> GoStatus {
    GoRef condition = reads(0, kind == GO_CONDITIONAL_SWITCH ? 8 : 1);
    std::vector<GoGraph *> bodies(numBodies);
    if (GoStatus s =
            goGraphAddConditional(graph, nullptr, 0, kind, &condition, -1,
                                  bodies.data(), numBodies, nullptr))
      return s;
    return fill(bodies.data());
  });
}

TEST(Conditional, If) {
  Context context;
  GoGraphInfo info = makeInfo("if", 2);
  GoExec *exec = buildConditional(
      context, info, GO_CONDITIONAL_IF, 1,
      [](GoGraph **bodies) { return addAmount<1>(bodies[0]); });
  int32_t value = 0;
  for (uint8_t condition : {0, 1, 255, 0})
    ASSERT_EQ(launch(exec, {&condition, &value}), GO_OK);
  EXPECT_EQ(value, 2);
  EXPECT_EQ(context.counters().conditional_nodes, 1u);
  EXPECT_EQ(context.counters().kernel_nodes, 1u);
}

TEST(Conditional, IfElse) {
  Context context;
  GoGraphInfo info = makeInfo("if-else", 2);
  GoExec *exec = buildConditional(context, info, GO_CONDITIONAL_IF, 2,
                                  [](GoGraph **bodies) -> GoStatus {
                                    if (GoStatus s = addAmount<1>(bodies[0]))
                                      return s;
                                    return addAmount<100>(bodies[1]);
                                  });
  int32_t value = 0;
  for (uint8_t condition : {0, 1, 0})
    ASSERT_EQ(launch(exec, {&condition, &value}), GO_OK);
  EXPECT_EQ(value, 201);
}

TEST(Conditional, EmptyBodies) {
  Context context;
  GoGraphInfo info = makeInfo("empty bodies", 2);
  GoExec *exec = buildConditional(context, info, GO_CONDITIONAL_IF, 2,
                                  [](GoGraph **) { return GO_OK; });
  uint8_t condition = 1;
  EXPECT_EQ(launch(exec, {&condition, nullptr}), GO_OK);
}

TEST(Conditional, WhileReadsItsConditionAgain) {
  Context context;
  GoGraphInfo info = makeInfo("while", 2);
  GoExec *exec = buildConditional(
      context, info, GO_CONDITIONAL_WHILE, 1, [](GoGraph **bodies) -> GoStatus {
        if (GoStatus s = addAmount<3>(bodies[0]))
          return s;
        auto countDown = [](void *const *operands, int64_t, int64_t) {
          --*static_cast<uint8_t *>(operands[0]);
        };
        return addKernel(bodies[0], {0}, {updates(0, 1)}, countDown, 1);
      });
  int32_t value = 0;
  for (uint8_t times : {5, 0, 200}) {
    uint8_t condition = times;
    value = 0;
    ASSERT_EQ(launch(exec, {&condition, &value}), GO_OK);
    EXPECT_EQ(value, 3 * times);
    EXPECT_EQ(condition, 0);
  }
}

TEST(Conditional, Switch) {
  Context context;
  GoGraphInfo info = makeInfo("switch", 2);
  GoExec *exec = buildConditional(context, info, GO_CONDITIONAL_SWITCH, 3,
                                  [](GoGraph **bodies) -> GoStatus {
                                    if (GoStatus s = addAmount<1>(bodies[0]))
                                      return s;
                                    if (GoStatus s = addAmount<10>(bodies[1]))
                                      return s;
                                    return addAmount<100>(bodies[2]);
                                  });
  const std::pair<int64_t, int32_t> cases[] = {
      {0, 1},  {1, 10},        {2, 100},      {3, 0},
      {-1, 0}, {INT64_MAX, 0}, {INT64_MIN, 0}};
  for (auto [condition, expected] : cases) {
    int32_t value = 0;
    ASSERT_EQ(launch(exec, {&condition, &value}), GO_OK);
    EXPECT_EQ(value, expected) << condition;
  }
}

TEST(Conditional, SwitchReadsAnyAlignment) {
  Context context;
  GoGraphInfo info = makeInfo("misaligned switch", 2);
  GoExec *exec = buildConditional(
      context, info, GO_CONDITIONAL_SWITCH, 1,
      [](GoGraph **bodies) { return addAmount<1>(bodies[0]); });
  alignas(8) char storage[16] = {};
  int32_t value = 0;
  ASSERT_EQ(launch(exec, {storage + 3, &value}), GO_OK);
  EXPECT_EQ(value, 1);
}

TEST(Conditional, NestedKinds) {
  // while (c0) { c0 -= 1; switch (s) { case 1: if (c1) +1 else +10 } }
  Context context;
  GoGraphInfo info = makeInfo("nested", 4);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    GoRef whileCondition = reads(0, 1), switchCondition = reads(2, 8),
          ifCondition = reads(3, 1);
    GoGraph *loop, *cases[2], *branches[2];
    GoNode node;
    auto countDown = [](void *const *operands, int64_t, int64_t) {
      --*static_cast<uint8_t *>(operands[0]);
    };
    if (GoStatus s =
            goGraphAddConditional(graph, nullptr, 0, GO_CONDITIONAL_WHILE,
                                  &whileCondition, -1, &loop, 1, nullptr))
      return s;
    if (GoStatus s = addKernel(loop, {}, {updates(0, 1)}, countDown, 1, &node))
      return s;
    if (GoStatus s =
            goGraphAddConditional(loop, &node, 1, GO_CONDITIONAL_SWITCH,
                                  &switchCondition, -1, cases, 2, nullptr))
      return s;
    if (GoStatus s =
            goGraphAddConditional(cases[1], nullptr, 0, GO_CONDITIONAL_IF,
                                  &ifCondition, -1, branches, 2, nullptr))
      return s;
    if (GoStatus s = addAmount<1>(branches[0]))
      return s;
    return addAmount<10>(branches[1]);
  });
  auto run = [&](uint8_t times, int64_t which, uint8_t flag) {
    int32_t value = 0;
    EXPECT_EQ(launch(exec, {&times, &value, &which, &flag}), GO_OK);
    return value;
  };
  EXPECT_EQ(run(4, 1, 1), 4);
  EXPECT_EQ(run(4, 1, 0), 40);
  EXPECT_EQ(run(4, 0, 1), 0);
  EXPECT_EQ(run(0, 1, 1), 0);
  EXPECT_EQ(context.counters().conditional_nodes, 3u);
  EXPECT_EQ(context.counters().kernel_nodes, 3u);
}

TEST(Conditional, BodiesMayHoldChildren) {
  static auto buildChild = [](GoGraph *graph) -> GoStatus {
    return addKernel(graph, {}, {updates(0, 4)}, increment, 1);
  };
  static const GoGraphInfo child = {
      "module", "child", 1, 1, 0, 0, [](GoGraph *g) { return buildChild(g); }};
  Context context;
  GoGraphInfo info = makeInfo("child in body", 2);
  GoExec *exec = buildConditional(
      context, info, GO_CONDITIONAL_IF, 1, [](GoGraph **bodies) {
        GoRef buffer = updates(1, 4);
        return goGraphAddChild(bodies[0], nullptr, 0, &child, &buffer, nullptr);
      });
  uint8_t condition = 1;
  int32_t value = 41;
  ASSERT_EQ(launch(exec, {&condition, &value}), GO_OK);
  EXPECT_EQ(value, 42);
}

} // namespace
