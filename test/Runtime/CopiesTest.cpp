//===- CopiesTest.cpp - Tests of copies and results that overlap ----------===//
//
// Part of graph-opt.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <random>

namespace {

using Values = std::vector<int32_t>;

Values countUp(size_t count) {
  Values values(count);
  std::iota(values.begin(), values.end(), 0);
  return values;
}

/// A copy of `count` values, from index to index.
struct Move {
  size_t source, destination, count;
};

std::vector<GoCopyItem> itemsOf(Values &values,
                                const std::vector<Move> &moves) {
  std::vector<GoCopyItem> items;
  for (const Move &move : moves)
    items.push_back({&values[move.source], &values[move.destination],
                     int64_t(4 * move.count)});
  return items;
}

/// What `moves` make of `values` if all are read first.
Values moved(const Values &values, const std::vector<Move> &moves) {
  Values result = values;
  for (const Move &move : moves)
    std::copy_n(values.begin() + move.source, move.count,
                result.begin() + move.destination);
  return result;
}

/// Makes `moves` at once, compares, and returns the calls of the device.
int64_t expectMoved(const std::vector<Move> &moves) {
  Context context(GO_DEVICE_FAKE);
  Values values = countUp(64), expected = moved(values, moves);
  std::vector<GoCopyItem> items = itemsOf(values, moves);
  EXPECT_EQ(goCopyAll(context, nullptr, items.data(), items.size()), GO_OK)
      << goLastMessage();
  EXPECT_EQ(values, expected);
  return goFakeCalls(context);
}

TEST(CopyAll, CopiesWithoutOverlapAreOneCallEach) {
  EXPECT_EQ(expectMoved({}), 0);
  EXPECT_EQ(expectMoved({{0, 16, 16}}), 1);
  EXPECT_EQ(expectMoved({{0, 16, 16}, {0, 32, 16}, {0, 48, 16}}), 3);
  // Neighbours.
  EXPECT_EQ(expectMoved({{0, 8, 8}, {16, 24, 8}, {32, 40, 8}}), 3);
  // What overlaps itself is the device's to get right.
  EXPECT_EQ(expectMoved({{0, 8, 16}}), 1);
  EXPECT_EQ(expectMoved({{8, 0, 16}, {24, 32, 16}}), 2);
  // Nothing to do.
  EXPECT_EQ(expectMoved({{0, 0, 16}, {16, 32, 0}}), 0);
}

TEST(CopyAll, OverwrittenSourcesAreReadFirst) {
  // An allocation, and two copies for each source that is overwritten.
  EXPECT_EQ(expectMoved({{16, 0, 16}, {0, 16, 16}}), 5);
  EXPECT_EQ(expectMoved({{16, 0, 16}, {0, 32, 16}}), 4);
  EXPECT_EQ(expectMoved({{16, 8, 4}, {0, 32, 16}}), 4);
  EXPECT_EQ(expectMoved({{40, 15, 2}, {0, 48, 16}}), 4);
  EXPECT_EQ(expectMoved({{40, 0, 1}, {0, 48, 16}}), 4);
  // A rotation, and one destination that covers several sources.
  EXPECT_EQ(expectMoved({{16, 0, 8}, {32, 16, 8}, {0, 32, 8}}), 7);
  EXPECT_EQ(expectMoved({{32, 0, 20}, {0, 52, 4}, {8, 56, 4}}), 6);
}

TEST(CopyAll, RandomCopies) {
  std::mt19937 random(1);
  auto below = [&](size_t limit) { return random() % limit; };
  for (int round = 0; round < 2000; ++round) {
    std::vector<Move> moves;
    // Destinations in order with gaps, then shuffled.
    for (size_t at = below(8); at < 60; at += below(8)) {
      size_t count = 1 + below(std::min<size_t>(64 - at, 12));
      moves.push_back({below(64 - count + 1), at, count});
      at += count;
    }
    std::shuffle(moves.begin(), moves.end(), random);
    expectMoved(moves);
  }
}

TEST(CopyAll, Failures) {
  Values values = countUp(64);
  std::vector<GoCopyItem> swap = itemsOf(values, {{16, 0, 16}, {0, 16, 16}});
  for (int64_t call = 0; call < 5; ++call) {
    Context context(GO_DEVICE_FAKE);
    goFakeFailAfter(context, call, GO_DEVICE_ERROR);
    EXPECT_EQ(goCopyAll(context, nullptr, swap.data(), 2), GO_DEVICE_ERROR);
    EXPECT_EQ(goCopyAll(context, nullptr, swap.data(), 2), GO_DEVICE_ERROR);
    EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  }
  Context context;
  std::vector<GoCopyItem> wrong = {{&values[0], &values[1], -1},
                                   {nullptr, &values[1], 4},
                                   {&values[0], nullptr, 4}};
  for (const GoCopyItem &item : wrong) {
    EXPECT_EQ(goCopyAll(context, nullptr, &item, 1), GO_INVALID_ARGUMENT);
    EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  }
  EXPECT_EQ(goCopyAll(context, nullptr, swap.data(), -1), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goCopyAll(context, nullptr, nullptr, 1), GO_INVALID_ARGUMENT);
}

TEST(PlaceResults, ResultsOnArgumentsOfLaterMove) {
  Context context(GO_DEVICE_FAKE);
  Values values = countUp(64);
  auto place = [&](size_t index, size_t count, int64_t position) {
    return GoPlacement{&values[index], int64_t(4 * count), position};
  };
  // Used before or at the same position, neighbours, and nothing.
  std::vector<GoPlacement> results = {place(16, 16, 4), place(0, 16, 4),
                                      place(40, 0, 2)};
  const std::vector<GoPlacement> before = results;
  std::vector<GoPlacement> arguments = {place(0, 32, 4), place(32, 32, 9),
                                        place(8, 0, 9), place(16, 4, 2)};
  EXPECT_EQ(
      goPlaceResults(context, nullptr, results.data(), 3, arguments.data(), 4),
      nullptr);
  EXPECT_EQ(goFakeCalls(context), 0);
  for (size_t i = 0; i < 3; ++i)
    EXPECT_EQ(results[i].address, before[i].address);

  // One byte is enough, wherever it is.
  for (size_t first : {1, 15, 31}) {
    results = before;
    arguments = {place(first, first == 15 ? 2 : 1, 5)};
    void *memory = goPlaceResults(context, nullptr, results.data(), 3,
                                  arguments.data(), 1);
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(results[0].address != before[0].address, first != 1);
    EXPECT_EQ(results[1].address != before[1].address, first != 31);
    EXPECT_EQ(results[2].address, before[2].address);
    if (first == 15) {
      EXPECT_GE(std::abs(static_cast<char *>(results[1].address) -
                         static_cast<char *>(results[0].address)),
                64);
    }
    goFree(context, nullptr, memory);
  }
}

TEST(PlaceResults, Failures) {
  Context context(GO_DEVICE_FAKE);
  Values values = countUp(16);
  GoPlacement result = {values.data(), 64, 2}, argument = {&values[3], 4, 4};
  goFakeFailAfter(context, 0, GO_OUT_OF_MEMORY);
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(goPlaceResults(context, nullptr, &result, 1, &argument, 1),
              nullptr);
  EXPECT_EQ(result.address, values.data());
  EXPECT_EQ(goContextTakeStatus(context), GO_OUT_OF_MEMORY);
  EXPECT_EQ(goPlaceResults(context, nullptr, nullptr, 1, &argument, 1),
            nullptr);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
}

} // namespace
