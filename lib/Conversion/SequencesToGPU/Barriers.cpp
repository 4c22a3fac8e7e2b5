//===- Barriers.cpp - Threads and blocks that work together ---------------===//
//
// Implements reductions over a warp and a block, and barriers over the grid.
//
//===----------------------------------------------------------------------===//

#include "KernelFunction.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace graphopt;

/// Exchanges a value of any scalar type, 32 bits at a time.
Value KernelFunction::shuffle(Value value, int64_t mask) {
  Type type = value.getType();
  Type i32 = builder.getI32Type();
  auto exchange = [&](Value word) -> Value {
    return gpu::ShuffleOp::create(builder, loc, word, constant(mask),
                                  constant(kWarp), gpu::ShuffleMode::XOR)
        .getShuffleResult();
  };
  unsigned bits = isa<IndexType>(type) ? 64 : type.getIntOrFloatBitWidth();
  Type asInteger = builder.getIntegerType(bits);
  Value word = value;
  if (isa<IndexType>(type))
    word = arith::IndexCastOp::create(builder, loc, asInteger, value);
  else if (isa<FloatType>(type))
    word = arith::BitcastOp::create(builder, loc, asInteger, value);
  if (bits < 32) {
    word = arith::ExtUIOp::create(builder, loc, i32, word);
    word = arith::TruncIOp::create(builder, loc, asInteger, exchange(word));
  } else if (bits == 32) {
    word = exchange(word);
  } else {
    auto pair = VectorType::get({2}, i32);
    Value halves = LLVM::BitcastOp::create(builder, loc, pair, word);
    Value result = LLVM::PoisonOp::create(builder, loc, pair);
    for (int64_t i : {0, 1}) {
      Value half =
          LLVM::ExtractElementOp::create(builder, loc, halves, constant(i));
      result = LLVM::InsertElementOp::create(builder, loc, result,
                                             exchange(half), constant(i));
    }
    word = LLVM::BitcastOp::create(builder, loc, asInteger, result);
  }
  if (isa<IndexType>(type))
    return arith::IndexCastOp::create(builder, loc, type, word);
  if (isa<FloatType>(type))
    return arith::BitcastOp::create(builder, loc, type, word);
  return word;
}

Value KernelFunction::joinWarp(Value value,
                               function_ref<Value(Value, Value)> join) {
  for (int64_t mask = kWarp / 2; mask > 0; mask /= 2)
    value = join(value, shuffle(value, mask));
  return value;
}

Value KernelFunction::joinBlock(Value value, Value shared,
                                function_ref<Value(Value, Value)> join) {
  value = joinWarp(value, join);
  auto toIndex = [&](Value number) -> Value {
    return arith::IndexCastUIOp::create(builder, loc, builder.getIndexType(),
                                        number);
  };
  Value lane = arith::RemUIOp::create(builder, loc, thread, constant(kWarp));
  Value warp = arith::DivUIOp::create(builder, loc, thread, constant(kWarp));
  // What an earlier join left in `shared` has been read.
  barrier();
  ifThen(isEqual(lane, 0), [&] { storeShared(value, shared, toIndex(warp)); });
  barrier();
  // Every thread joins the same values in the same order.
  auto get = [&](int64_t i) {
    return loadShared(shared, toIndex(constant(i)), value.getType());
  };
  Value result = get(0);
  for (int64_t i = 1, e = threads / kWarp; i < e; ++i)
    result = join(result, get(i));
  return result;
}

/// Where the order of memory is that of all blocks.
static constexpr llvm::StringLiteral kDevice = "device";

/// The kernel's state: blocks that have come to the barrier, and barriers that
/// are done (of a cooperative kernel).
static constexpr int64_t kWordBytes = 4;

/// Orders memory, together with relaxed atomics, between all blocks: acquiring
/// and releasing ones would each have fences of their own.
void KernelFunction::fence() {
  LLVM::FenceOp::create(builder, loc, LLVM::AtomicOrdering::acq_rel, kDevice);
}

Value KernelFunction::takeTicket(Value lastTicket) {
  if (!sharedTicket)
    sharedTicket = createShared(1, builder.getI32Type());
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  // Writes of this block happen before its ticket, tickets before the last.
  barrier();
  ifThen(isEqual(thread, 0), [&] {
    fence();
    // Counts from 0 to the last ticket and then is 0 again, ready for the next
    // barrier or launch.
    Value ticket = LLVM::AtomicRMWOp::create(
        builder, loc, LLVM::AtomicBinOp::uinc_wrap, getState(kWordBytes),
        lastTicket, LLVM::AtomicOrdering::monotonic, kDevice);
    ifThen(arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, ticket,
                                 lastTicket),
           [&] { fence(); });
    memref::StoreOp::create(builder, loc, ticket, sharedTicket, zero);
  });
  barrier();
  return memref::LoadOp::create(builder, loc, sharedTicket, zero);
}

void KernelFunction::inLastBlock(int64_t blocks, function_ref<void()> body) {
  if (blocks <= 1) {
    barrier();
    body();
    return;
  }
  Value lastTicket =
      node.isCooperative ? sub(gridSize, constant(1)) : constant(blocks - 1);
  Value isLast = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                       takeTicket(lastTicket), lastTicket);
  ifThen(isLast, body);
}

void KernelFunction::gridBarrier(function_ref<void()> body) {
  Type i32 = builder.getI32Type();
  Value state = getState(2 * kWordBytes);
  Value numDone = getElement(state, constant(1), i32);
  auto loadNumDone = [&]() -> Value {
    return LLVM::LoadOp::create(builder, loc, i32, numDone, kWordBytes,
                                /*isVolatile=*/false, /*isNonTemporal=*/false,
                                /*isInvariant=*/false,
                                /*isInvariantGroup=*/false,
                                LLVM::AtomicOrdering::monotonic, kDevice);
  };
  // It changes only when this block has come, too.
  Value before = loadNumDone();
  Value lastTicket = sub(gridSize, constant(1));
  Value isLast = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                       takeTicket(lastTicket), lastTicket);
  auto branch =
      scf::IfOp::create(builder, loc, isLast, /*withElseRegion=*/true);
  builder.setInsertionPointToStart(&branch.getThenRegion().front());
  body();
  barrier();
  ifThen(isEqual(thread, 0), [&] {
    fence();
    LLVM::AtomicRMWOp::create(builder, loc, LLVM::AtomicBinOp::add, numDone,
                              constant(1), LLVM::AtomicOrdering::monotonic,
                              kDevice);
  });
  builder.setInsertionPointToStart(&branch.getElseRegion().front());
  ifThen(isEqual(thread, 0), [&] {
    scf::WhileOp::create(
        builder, loc, TypeRange(), ValueRange(),
        [&](OpBuilder &, Location, ValueRange) {
          Value now = loadNumDone();
          Value waits = arith::CmpIOp::create(
              builder, loc, arith::CmpIPredicate::eq, now, before);
          scf::ConditionOp::create(builder, loc, waits, ValueRange());
        },
        [&](OpBuilder &, Location, ValueRange) {
          scf::YieldOp::create(builder, loc);
        });
    fence();
  });
  builder.setInsertionPointAfter(branch);
  barrier();
}
