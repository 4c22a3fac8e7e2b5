//===- Kernels.cpp - Kernels of the fake CUDA driver ----------------------===//
//
// Part of graph-opt. The functions that every module of the fake driver has.
//
//===----------------------------------------------------------------------===//

#include "Driver.h"

#include "GraphOpt/Runtime/GraphRuntime.h"

#include <cstring>

using namespace fakecuda;

namespace {

int32_t &number(uint64_t address) {
  return *reinterpret_cast<int32_t *>(address);
}
uint8_t &byte(uint64_t address) {
  return *reinterpret_cast<uint8_t *>(address);
}

/// ++a
void increment(const uint64_t *slots, const Launch &) { ++number(slots[0]); }

/// a += host scalar
void add(const uint64_t *slots, const Launch &) {
  number(slots[0]) += static_cast<int32_t>(slots[1]);
}

/// a = 2 * b
void twice(const uint64_t *slots, const Launch &) {
  number(slots[0]) = 2 * number(slots[1]);
}

/// flag = source; sets a condition to it.
void setFlag(const uint64_t *slots, const Launch &) {
  byte(slots[0]) = byte(slots[1]) != 0;
  if (slots[2])
    setCondition(slots[2], byte(slots[0]));
}

/// --flag; sets a condition to it.
void countDown(const uint64_t *slots, const Launch &) {
  --byte(slots[0]);
  if (slots[1])
    setCondition(slots[1], byte(slots[0]));
}

/// selector = source; sets a condition to it.
void select(const uint64_t *slots, const Launch &) {
  int64_t value = 0;
  std::memcpy(&value, reinterpret_cast<void *>(slots[1]), sizeof(value));
  std::memcpy(reinterpret_cast<void *>(slots[0]), &value, sizeof(value));
  bool isBody = value >= 0 && value < INT32_MAX;
  if (slots[2])
    setCondition(slots[2], isBody ? static_cast<unsigned>(value) : INT32_MAX);
}

/// By table: a = 2 * b + host scalar
void tableTwice(const uint64_t *parameter, const Launch &) {
  const auto *slots = reinterpret_cast<const uint64_t *>(parameter[0]);
  if (!checkMemory(parameter[0], 24, "a table"))
    return;
  number(slots[0]) = 2 * number(slots[1]) + static_cast<int32_t>(slots[2]);
}

/// a = the sum of 599 others
void wideSum(const uint64_t *slots, const Launch &) {
  int32_t sum = 0;
  for (int i = 1; i < 600; ++i)
    sum += number(slots[i]);
  number(slots[0]) = sum;
}

/// a[0..7] = how it was launched
void describe(const uint64_t *slots, const Launch &launch) {
  int32_t values[8] = {};
  for (int i = 0; i < 3; ++i) {
    values[i] = launch.grid[i];
    values[3 + i] = launch.block[i];
  }
  values[6] = launch.sharedBytes;
  values[7] = launch.cooperative;
  std::memcpy(reinterpret_cast<void *>(slots[0]), values, sizeof(values));
}

/// Posts b to the mailbox a: see GoMailbox.
void post(const uint64_t *slots, const Launch &) {
  auto *mailbox = reinterpret_cast<GoMailbox *>(slots[0]);
  if (!checkMemory(slots[0], sizeof(GoMailbox), "a mailbox"))
    return;
  uint64_t number = mailbox->count++;
  uint64_t *slot = mailbox->slots + 2 * (number % GO_MAILBOX_SLOTS);
  uint64_t value = *reinterpret_cast<uint64_t *>(slots[1]);
  uint64_t mark = (number + 1) << 32;
  __atomic_store_n(&slot[1], mark | value >> 32, __ATOMIC_RELEASE);
  __atomic_store_n(&slot[0], mark | uint32_t(value), __ATOMIC_RELEASE);
}

void nothing(const uint64_t *, const Launch &) {}

const Kernel kernels[] = {
    {"increment", 8, increment},
    {"add", 16, add},
    {"twice", 16, twice},
    {"set_flag", 24, setFlag},
    {"count_down", 16, countDown},
    {"select", 24, select},
    {"table_twice", 8, tableTwice},
    {"wide_sum", 4800, wideSum},
    {"post", 16, post},
    {"describe", 8, describe},
    {"nothing", 0, nothing},
};

} // namespace

const Kernel *fakecuda::findKernel(const char *name) {
  for (const Kernel &kernel : kernels)
    if (!std::strcmp(kernel.name, name))
      return &kernel;
  return nullptr;
}
