//===- ElementLoop.cpp - Loops over the elements of a piece ---------------===//
//
// A unit is a run of elements that one thread loads with accesses of up to 16
// bytes. A piece is a head of single elements up to where all streams are
// aligned, units, and a tail of single elements. Where the streams can not be
// aligned at the same element, all of the piece is head.
//
//===----------------------------------------------------------------------===//

#include "KernelFunction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace graphopt;

/// Widest access of a thread, in bytes.
static constexpr int64_t kAccessBytes = 16;
/// Bytes that a thread asks for before it waits for the first.
static constexpr int64_t kBytesInFlight = 96;
static constexpr int64_t kMaxUnroll = 4;
/// The same of the head: most have a few elements, and all code of a kernel has
/// the registers of the part that needs the most.
static constexpr int64_t kMaxHeadUnroll = 2;
/// Of a register that holds a part of a vector.
static constexpr int64_t kWordBytes = 4;

int64_t KernelFunction::getStoredBytes(Type type) {
  return isa<IndexType>(type)
             ? 8
             : llvm::divideCeil(type.getIntOrFloatBitWidth(), 8);
}

/// Elements of a unit: one access of the widest. With more, the accesses of
/// neighbouring threads to that list would lie apart.
static int64_t getUnitWidth(ArrayRef<KernelFunction::Stream> streams) {
  int64_t most = 1;
  for (const KernelFunction::Stream &stream : streams)
    most = std::max(most, KernelFunction::getStoredBytes(stream.element));
  return kAccessBytes / most;
}

/// Units of `width` elements that a thread loads before it computes: a power of
/// 2.
static int64_t getUnroll(ArrayRef<KernelFunction::Stream> streams,
                         int64_t width) {
  int64_t bytes = 0;
  for (const KernelFunction::Stream &stream : streams)
    if (stream.isRead || stream.isWritten)
      bytes += width * KernelFunction::getStoredBytes(stream.element);
  uint64_t fitting = kBytesInFlight / std::max<int64_t>(bytes, 1);
  return std::clamp<int64_t>(llvm::bit_floor(fitting), 1, kMaxUnroll);
}

int64_t KernelFunction::getRoundElements(ArrayRef<Stream> streams,
                                         int64_t threads) {
  int64_t width = getUnitWidth(streams);
  return threads * width * getUnroll(streams, width);
}

SmallVector<Value> KernelFunction::loadUnit(const Stream &stream, Value start,
                                            int64_t width) {
  if (width == 1)
    return {load(stream.address, start, stream.element)};
  Type stored = getStoredType(stream.element);
  int64_t bytes = getStoredBytes(stream.element);
  int64_t lanes = std::min(width, kAccessBytes / bytes);
  auto type = VectorType::get({lanes}, stored);
  Value first = getElement(stream.address, start, stored);
  SmallVector<Value> values;
  for (int64_t i = 0; i < width; i += lanes) {
    Value address = getElement(first, constant(i), stored);
    Value vector =
        LLVM::LoadOp::create(builder, loc, type, address, lanes * bytes);
    for (int64_t lane = 0; lane < lanes; ++lane)
      values.push_back(fromStored(
          LLVM::ExtractElementOp::create(builder, loc, vector, constant(lane)),
          stream.element));
  }
  return values;
}

void KernelFunction::storeUnit(ArrayRef<Value> values, const Stream &stream,
                               Value start) {
  if (values.size() == 1) {
    store(values.front(), stream.address, start);
    return;
  }
  Type stored = getStoredType(stream.element);
  int64_t width = values.size(), bytes = getStoredBytes(stream.element);
  int64_t lanes = std::min(width, kAccessBytes / bytes);
  auto type = VectorType::get({lanes}, stored);
  Value first = getElement(stream.address, start, stored);
  for (int64_t i = 0; i < width; i += lanes) {
    Value vector = LLVM::PoisonOp::create(builder, loc, type);
    for (int64_t lane = 0; lane < lanes; ++lane)
      vector = LLVM::InsertElementOp::create(
          builder, loc, vector, toStored(values[i + lane]), constant(lane));
    Value address = getElement(first, constant(i), stored);
    if (stream.isStreaming && lanes * bytes >= kWordBytes)
      storeStreaming(vector, address, lanes * bytes);
    else
      LLVM::StoreOp::create(builder, loc, vector, address, lanes * bytes);
  }
}

/// Stores `vector` of 4, 8 or 16 bytes. LLVM's NVPTX backend has no other way
/// to say `.cs`, "likely to be accessed once" (PTX ISA, "Cache Operators").
void KernelFunction::storeStreaming(Value vector, Value address,
                                    int64_t bytes) {
  int64_t count = bytes / kWordBytes;
  auto type = VectorType::get({count}, builder.getI32Type());
  Value words = LLVM::BitcastOp::create(builder, loc, type, vector);
  SmallVector<Value> operands = {address};
  std::string list, constraints = "l";
  for (int64_t i = 0; i < count; ++i) {
    operands.push_back(
        LLVM::ExtractElementOp::create(builder, loc, words, constant(i)));
    list += (i ? ", $" : "$") + std::to_string(i + 1);
    constraints += ",r";
  }
  std::string text = count == 1 ? "st.global.cs.b32 [$0], " + list + ";"
                                : "st.global.cs.v" + std::to_string(count) +
                                      ".b32 [$0], {" + list + "};";
  LLVM::InlineAsmOp::create(
      builder, loc, TypeRange(), operands, text, constraints + ",~{memory}",
      /*has_side_effects=*/true,
      /*is_align_stack=*/false, LLVM::tailcallkind::TailCallKind::None,
      LLVM::AsmDialectAttr(), ArrayAttr());
}

/// The units that start at elements `starts`: all loads, then all arithmetic,
/// then all stores. With `isThere`, a condition per unit, those that are not
/// there are loaded and count for nothing.
SmallVector<Value> KernelFunction::emitUnits(ArrayRef<Stream> streams,
                                             ArrayRef<Value> starts,
                                             ArrayRef<Value> isThere,
                                             int64_t width, ValueRange carried,
                                             ElementBody body, Join join) {
  // By unit, then by stream, then by element.
  SmallVector<SmallVector<SmallVector<Value>>> loaded;
  for (Value start : starts) {
    loaded.emplace_back();
    for (const Stream &stream : streams)
      if (stream.isRead)
        loaded.back().push_back(loadUnit(stream, start, width));
  }
  // By unit, then by element.
  SmallVector<SmallVector<SmallVector<Value>>> computed;
  for (auto &unit : loaded) {
    computed.emplace_back();
    for (int64_t lane = 0; lane < width; ++lane)
      computed.back().push_back(body(llvm::map_to_vector(
          unit, [&](ArrayRef<Value> values) { return values[lane]; })));
  }
  if (!carried.empty())
    return joinUnits(computed, isThere, carried, join);
  for (auto [k, unit] : llvm::enumerate(computed)) {
    auto storeAll = [&, start = starts[k]] {
      unsigned number = 0;
      for (const Stream &stream : streams)
        if (stream.isWritten) {
          storeUnit(
              llvm::map_to_vector(
                  unit, [&](ArrayRef<Value> values) { return values[number]; }),
              stream, start);
          ++number;
        }
    };
    isThere.empty() ? storeAll() : ifThen(isThere[k], storeAll);
  }
  return {};
}

/// Joins what was `computed`, by unit, element and value, into `carried`.
SmallVector<Value>
KernelFunction::joinUnits(ArrayRef<SmallVector<SmallVector<Value>>> computed,
                          ArrayRef<Value> isThere, ValueRange carried,
                          Join join) {
  // As a tree, so that few operations wait for one another.
  auto joinTree = [&](unsigned i, SmallVector<Value> values) {
    for (; values.size() > 1; values.resize(values.size() / 2))
      for (size_t k = 0, e = values.size() / 2; k < e; ++k)
        values[k] = join(i, values[k], values[k + e]);
    return values.front();
  };
  SmallVector<Value> result(carried.begin(), carried.end());
  for (auto [i, accumulator] : llvm::enumerate(result)) {
    SmallVector<Value> values;
    for (auto [k, unit] : llvm::enumerate(computed)) {
      if (!isThere.empty())
        values.clear();
      for (const SmallVector<Value> &element : unit)
        values.push_back(element[i]);
      if (isThere.empty())
        continue;
      Value joined = join(i, accumulator, joinTree(i, values));
      accumulator = arith::SelectOp::create(builder, loc, isThere[k], joined,
                                            accumulator);
    }
    if (isThere.empty())
      accumulator = join(i, accumulator, joinTree(i, values));
  }
  return result;
}

/// `count` units of `width` elements from element `begin` on: rounds of all
/// threads with `unroll` units each, then what is left, in one round in which
/// units are missing.
SmallVector<Value> KernelFunction::emitStrip(ArrayRef<Stream> streams,
                                             Value begin, Value count,
                                             int64_t width, int64_t unroll,
                                             bool backward, ValueRange carried,
                                             ElementBody body, Join join) {
  auto startOf = [&](Value unit) {
    return add(begin,
               arith::MulIOp::create(builder, loc, unit, constant(width)));
  };
  Value round = constant(unroll * threads);
  Value end = arith::MulIOp::create(
      builder, loc, arith::DivUIOp::create(builder, loc, count, round), round);
  SmallVector<Value> values(carried.begin(), carried.end());
  auto emitRounds = [&] {
    values = llvm::to_vector(loop(
        constant(0), end, round, values, [&](Value base, ValueRange inner) {
          if (backward)
            base = sub(sub(end, round), base);
          Value unit = add(base, thread);
          SmallVector<Value> starts;
          for (int64_t k = 0; k < unroll; ++k)
            starts.push_back(startOf(add(unit, constant(k * threads))));
          return emitUnits(streams, starts, /*isThere=*/{}, width, inner, body,
                           join);
        }));
  };
  auto emitRest = [&] {
    Value first = add(end, thread);
    values = llvm::to_vector(
        ifThen(isLess(first, count), values, [&]() -> SmallVector<Value> {
          // A missing unit is loaded where the last one is.
          Value last = sub(count, constant(1));
          SmallVector<Value> starts = {startOf(first)};
          SmallVector<Value> isThere = {isLess(first, count)};
          for (int64_t k = 1; k < unroll; ++k) {
            Value unit = add(first, constant(k * threads));
            isThere.push_back(isLess(unit, count));
            starts.push_back(
                startOf(arith::MinUIOp::create(builder, loc, unit, last)));
          }
          if (unroll == 1)
            isThere.clear();
          return emitUnits(streams, starts, isThere, width, values, body, join);
        }));
  };
  if (backward)
    emitRest();
  emitRounds();
  if (!backward)
    emitRest();
  return values;
}

/// Fewer units than threads, from element `begin` on.
SmallVector<Value> KernelFunction::emitFew(ArrayRef<Stream> streams,
                                           Value begin, Value count,
                                           ValueRange carried, ElementBody body,
                                           Join join) {
  return llvm::to_vector(ifThen(isLess(thread, count), carried, [&] {
    return emitUnits(streams, add(begin, thread), /*isThere=*/{}, /*width=*/1,
                     carried, body, join);
  }));
}

SmallVector<Value> KernelFunction::forEachElement(ArrayRef<Stream> streams,
                                                  Value length, bool backward,
                                                  ValueRange inits,
                                                  ElementBody body, Join join) {
  SmallVector<Value> values(inits.begin(), inits.end());
  int64_t width = getUnitWidth(streams);
  if (width == 1)
    return emitStrip(streams, constant(0), length, 1, getUnroll(streams, 1),
                     backward, values, body, join);

  // Elements before the narrowest stream is aligned, and whether then all are.
  auto bits = [&](const Stream &stream) -> Value {
    Value address = LLVM::PtrToIntOp::create(builder, loc, builder.getI64Type(),
                                             stream.address);
    return arith::TruncIOp::create(builder, loc, builder.getI32Type(), address);
  };
  auto andWith = [&](Value value, int64_t mask) -> Value {
    return arith::AndIOp::create(builder, loc, value, constant(mask));
  };
  const Stream *narrowest = &streams.front();
  for (const Stream &stream : streams)
    if (getStoredBytes(stream.element) < getStoredBytes(narrowest->element))
      narrowest = &stream;
  int64_t least = getStoredBytes(narrowest->element);
  Value negated =
      arith::SubIOp::create(builder, loc, constant(0), bits(*narrowest));
  Value head = arith::DivUIOp::create(
      builder, loc, andWith(negated, width * least - 1), constant(least));
  Value misaligned = constant(0);
  for (const Stream &stream : streams) {
    int64_t bytes = getStoredBytes(stream.element);
    Value address = add(bits(stream), arith::MulIOp::create(builder, loc, head,
                                                            constant(bytes)));
    misaligned = arith::OrIOp::create(
        builder, loc, misaligned,
        andWith(address, std::min(kAccessBytes, width * bytes) - 1));
  }
  head = arith::SelectOp::create(builder, loc, isEqual(misaligned, 0), head,
                                 length);
  head = arith::MinUIOp::create(builder, loc, head, length);

  Value numUnits = arith::DivUIOp::create(
      builder, loc, arith::SubIOp::create(builder, loc, length, head),
      constant(width));
  Value tail =
      add(head, arith::MulIOp::create(builder, loc, numUnits, constant(width)));
  Value tailLength = arith::SubIOp::create(builder, loc, length, tail);
  auto emitHead = [&] {
    values = emitStrip(streams, constant(0), head, 1,
                       std::min(getUnroll(streams, 1), kMaxHeadUnroll),
                       backward, values, body, join);
  };
  auto emitTail = [&] {
    values = emitFew(streams, tail, tailLength, values, body, join);
  };
  backward ? emitTail() : emitHead();
  values = emitStrip(streams, head, numUnits, width, getUnroll(streams, width),
                     backward, values, body, join);
  backward ? emitHead() : emitTail();
  return values;
}
