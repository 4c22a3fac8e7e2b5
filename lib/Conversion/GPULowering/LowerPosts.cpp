//===- LowerPosts.cpp - Stores that the host awaits -----------------------===//
//
// Makes a store to a mailbox what GoMailbox says: a count, and words in memory
// of the host that have the number of the launch.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Requests.h"
#include "GraphOpt/Conversion/Passes.h"
#include "GraphOpt/Runtime/GraphRuntime.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace graphopt {
#define GEN_PASS_DEF_LOWERPOSTS
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

namespace {
/// Emits one post.
class PostBuilder {
public:
  explicit PostBuilder(LLVM::StoreOp store)
      : store(store), builder(store), loc(store.getLoc()),
        i64(builder.getI64Type()) {}

  void emit();

private:
  void goToStart();
  Value constant(int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, i64,
                                    builder.getI64IntegerAttr(value));
  }
  Value shift(Value value, int64_t bits, bool isLeft) {
    if (isLeft)
      return LLVM::ShlOp::create(builder, loc, value, constant(bits));
    return LLVM::LShrOp::create(builder, loc, value, constant(bits));
  }
  /// The bits of what is stored, in 64.
  Value getBits();
  /// Writes `word` at once, visible to the host.
  void write(Value word, Value address) {
    LLVM::StoreOp::create(builder, loc, word, address, /*alignment=*/8,
                          /*isVolatile=*/false, /*isNonTemporal=*/false,
                          /*isInvariantGroup=*/false,
                          LLVM::AtomicOrdering::monotonic);
  }
  Value element(Value address, Value index) {
    return LLVM::GEPOp::create(builder, loc, address.getType(), i64, address,
                               LLVM::GEPArg(index));
  }

  LLVM::StoreOp store;
  OpBuilder builder;
  Location loc;
  Type i64;
};
} // namespace

Value PostBuilder::getBits() {
  Value value = store.getValue();
  unsigned width = value.getType().getIntOrFloatBitWidth();
  if (isa<FloatType>(value.getType()))
    value = LLVM::BitcastOp::create(builder, loc, builder.getIntegerType(width),
                                    value);
  return width == 64 ? value
                     : Value(LLVM::ZExtOp::create(builder, loc, i64, value));
}

/// Goes to where the loads from the mailbox can start: the beginning of the
/// block, if the address is an operand of the kernel, since only this post
/// writes there; what else the block loads arrives at the same time.
void PostBuilder::goToStart() {
  auto address = store.getAddr().getDefiningOp<LLVM::LoadOp>();
  Block *block = store->getBlock();
  if (!address || address->getBlock() != block)
    return;
  Operation *slot = address.getAddr().getDefiningOp();
  bool isOperand =
      !slot || (isa<LLVM::GEPOp>(slot) && slot->getNumOperands() == 1 &&
                isa<BlockArgument>(slot->getOperand(0)));
  if (!isOperand)
    return;
  address->moveBefore(block, block->begin());
  if (slot && slot->getBlock() == block)
    slot->moveBefore(address);
  builder.setInsertionPointAfter(address);
}

void PostBuilder::emit() {
  goToStart();
  Value mailbox = store.getAddr();
  Value number = LLVM::LoadOp::create(builder, loc, i64, mailbox);
  Value slots = LLVM::LoadOp::create(builder, loc, mailbox.getType(),
                                     element(mailbox, constant(1)));
  builder.setInsertionPoint(store);
  Value next = LLVM::AddOp::create(builder, loc, number, constant(1));
  LLVM::StoreOp::create(builder, loc, next, mailbox);
  static_assert((GO_MAILBOX_SLOTS & (GO_MAILBOX_SLOTS - 1)) == 0);
  Value slot =
      LLVM::AndOp::create(builder, loc, number, constant(GO_MAILBOX_SLOTS - 1));
  Value place = element(slots, shift(slot, 1, /*isLeft=*/true));
  Value mark = shift(next, 32, /*isLeft=*/true);
  Value bits = getBits();
  Value low = LLVM::AndOp::create(builder, loc, bits, constant(0xffffffff));
  write(LLVM::OrOp::create(builder, loc, mark, low), place);
  if (store.getValue().getType().getIntOrFloatBitWidth() > 32)
    write(LLVM::OrOp::create(builder, loc, mark,
                             shift(bits, 32, /*isLeft=*/false)),
          element(place, constant(1)));
  store.erase();
}

namespace {
struct LowerPosts : public graphopt::impl::LowerPostsBase<LowerPosts> {
  void runOnOperation() override {
    SmallVector<LLVM::StoreOp> stores;
    WalkResult result = getOperation().walk([&](Operation *op) {
      if (!op->hasAttr(kPostedAttribute))
        return WalkResult::advance();
      auto store = dyn_cast<LLVM::StoreOp>(op);
      Type type = store ? store.getValue().getType() : Type();
      if (!type || !type.isIntOrFloat() || type.getIntOrFloatBitWidth() > 64) {
        op->emitError() << kPostedAttribute
                        << " is for an llvm.store of a scalar of at most 64 "
                           "bits";
        return WalkResult::interrupt();
      }
      stores.push_back(store);
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    for (LLVM::StoreOp store : stores)
      PostBuilder(store).emit();
  }
};
} // namespace
