//===- Launches.cpp - Launches, copies and fills that become nodes --------===//
//
// Attaches CapturableOpInterface to the ops by which other compilers launch
// their kernels, and says which of them can be nodes.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Launches.h"

#include "GraphOpt/Analysis/BufferRange.h"
#include "GraphOpt/Analysis/ElementTypes.h"
#include "GraphOpt/Analysis/KernelEffects.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/LLVMIR/LLVMTypes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// What a kernel gets without asking the driver for more: CUDA C++ Programming
/// Guide, "Compute Capabilities".
static constexpr int64_t kMaxSharedBytes = 48 << 10;

//===----------------------------------------------------------------------===//
// Parts of launches
//===----------------------------------------------------------------------===//

/// CUDA C++ Programming Guide, "Compute Capabilities", technical
/// specifications: the same for all chips.
static bool fitsDevice(const LaunchShape &shape) {
  auto [gridX, gridY, gridZ] = shape.grid;
  auto [x, y, z] = shape.block;
  return gridY <= 65535 && gridZ <= 65535 && x <= 1024 && y <= 1024 &&
         z <= 64 && x * y * z <= 1024;
}

bool LaunchShape::hasStaticGrid() const {
  return llvm::none_of(grid, ShapedType::isDynamic);
}

std::optional<LaunchShape> graphopt::getLaunchShape(gpu::LaunchFuncOp launch) {
  LaunchShape shape;
  bool isGrid = true;
  auto read = [&](gpu::KernelDim3 from, std::array<int64_t, 3> &to) {
    for (auto [value, extent] :
         llvm::zip_equal(std::array<Value, 3>{from.x, from.y, from.z}, to)) {
      APInt number;
      if (!matchPattern(value, m_ConstantInt(&number))) {
        extent = ShapedType::kDynamic;
        if (isGrid)
          continue;
        return false;
      }
      extent = number.getSExtValue();
      if (extent < 1 || extent > std::numeric_limits<int32_t>::max())
        return false;
    }
    return true;
  };
  if (!read(launch.getGridSizeOperandValues(), shape.grid))
    return std::nullopt;
  isGrid = false;
  if (!read(launch.getBlockSizeOperandValues(), shape.block))
    return std::nullopt;
  shape.sharedBytes = 0;
  if (Value bytes = launch.getDynamicSharedMemorySize()) {
    APInt number;
    if (!matchPattern(bytes, m_ConstantInt(&number)))
      return std::nullopt;
    shape.sharedBytes = number.getSExtValue();
  }
  return shape;
}

Value graphopt::getStaticMemRef(Value memref) {
  auto isStatic = [](MemRefType type) {
    SmallVector<int64_t> strides;
    int64_t offset = 0;
    return type && type.hasStaticShape() && !type.getMemorySpace() &&
           isKernelElement(type.getElementType()) &&
           succeeded(cudagraph::getLayout(type, strides, offset)) &&
           llvm::all_of(strides, [](int64_t stride) {
             return ShapedType::isStatic(stride) && stride >= 0;
           });
  };
  while (!isStatic(dyn_cast<MemRefType>(memref.getType()))) {
    auto cast = memref.getDefiningOp<memref::CastOp>();
    if (!cast)
      return {};
    memref = cast.getSource();
  }
  return memref;
}

IntegerAttr graphopt::getFillPattern(gpu::MemsetOp memset) {
  Attribute value;
  if (!matchPattern(memset.getValue(), m_Constant(&value)))
    return {};
  APInt bits;
  if (auto number = dyn_cast<FloatAttr>(value))
    bits = number.getValue().bitcastToAPInt();
  else if (auto number = dyn_cast<IntegerAttr>(value))
    bits = number.getValue();
  else
    return {};
  if (bits.getBitWidth() < 8)
    bits = bits.zext(8);
  // Wide values are often zero, or repeat themselves in another way.
  while (bits.getBitWidth() > 32) {
    unsigned half = bits.getBitWidth() / 2;
    if (bits.trunc(half) != bits.lshr(half).trunc(half))
      return {};
    bits = bits.trunc(half);
  }
  return IntegerAttr::get(
      IntegerType::get(memset.getContext(), bits.getBitWidth()), bits);
}

/// Why `memref` can not be copied or filled as one range of bytes; empty if it
/// can.
static StringRef whyNoRange(Value memref) {
  Value origin = getStaticMemRef(memref);
  if (!origin)
    return "a memref has a dynamic shape, another memory space, or elements "
           "that kernels do not have";
  if (!isContiguous(cast<MemRefType>(origin.getType())))
    return "a memref is not contiguous";
  return "";
}

/// Whether `memref` is memory of the host's stack.
static bool isOnStack(Value memref) {
  return isa_and_nonnull<memref::AllocaOp>(
      getBufferRange(memref).root.getDefiningOp());
}

//===----------------------------------------------------------------------===//
// Models
//===----------------------------------------------------------------------===//

namespace {
struct LaunchModel
    : CapturableOpInterface::ExternalModel<LaunchModel, gpu::LaunchFuncOp> {
  bool isCaptureSafe(Operation *) const { return false; }

  bool canBeNode(Operation *op, std::string &reason) const {
    auto launch = cast<gpu::LaunchFuncOp>(op);
    auto refuse = [&](const Twine &why) {
      reason = why.str();
      return false;
    };
    FunctionOpInterface kernel = lookupKernel(launch);
    if (!isa_and_nonnull<gpu::GPUFuncOp>(kernel))
      return refuse("its kernel is code already, or has no body: the layout of "
                    "its parameters is not known");
    if (Operation *call = findUnknownCall(kernel)) {
      auto callee = dyn_cast<SymbolRefAttr>(
          cast<CallOpInterface>(call).getCallableForCallee());
      std::string name = callee ? "@" + callee.getLeafReference().str()
                                : "a function by its address";
      return refuse("its kernel calls " + name + ", which has no body");
    }
    if (launch.hasClusterSize())
      return refuse("a node has no cluster size");
    std::optional<LaunchShape> shape = getLaunchShape(launch);
    if (!shape)
      return refuse(
          "the sizes of a block and the bytes of shared memory must be "
          "positive constants, and those of the grid positive");
    if (!shape->hasStaticGrid() && !asksForBlocksItself(kernel))
      return refuse("the sizes of its grid are no constants, and the kernel "
                    "asks for its block in a way that is not followed");
    if (!fitsDevice(*shape))
      return refuse(
          "a block has at most 1024 threads and a depth of 64, a grid "
          "at most 65535 blocks in its second and third dimension");
    if (shape->sharedBytes < 0 || shape->sharedBytes > kMaxSharedBytes)
      return refuse("a node has at most " + Twine(kMaxSharedBytes) +
                    " bytes of dynamic shared memory");
    if (Value stream = launch.getAsyncObject())
      if (!isa<LLVM::LLVMPointerType>(stream.getType()))
        return refuse("its stream must be an !llvm.ptr");
    for (Value operand : launch.getKernelOperands()) {
      if (isa<BaseMemRefType>(operand.getType())) {
        if (!getStaticMemRef(operand))
          return refuse("a kernel operand is a memref with a dynamic shape (a "
                        "node must know the bytes that it touches), another "
                        "memory space, or elements that kernels do not have");
        if (isOnStack(operand))
          return refuse("a kernel operand is on the stack of the host");
      } else if (!isKernelElement(operand.getType())) {
        return refuse("a kernel operand is neither a memref nor a scalar of at "
                      "most 8 bytes");
      }
    }
    return true;
  }

  bool collectAccesses(Operation *op,
                       SmallVectorImpl<ValueAccess> &accesses) const {
    auto launch = cast<gpu::LaunchFuncOp>(op);
    KernelEffects effects = getKernelEffects(launch);
    for (auto [operand, use] :
         llvm::zip_equal(launch.getKernelOperands(), effects.arguments))
      if (isa<BaseMemRefType>(operand.getType()) && (use.reads || use.writes))
        accesses.push_back({operand, use.reads, use.writes});
    return !effects.touchesOtherMemory;
  }

  /// Each thread is taken to run every op of the kernel once.
  std::optional<WorkEstimate> estimateWork(Operation *op) const {
    auto launch = cast<gpu::LaunchFuncOp>(op);
    std::optional<LaunchShape> shape = getLaunchShape(launch);
    FunctionOpInterface function = lookupKernel(launch);
    if (!shape || !function)
      return std::nullopt;
    int64_t operations = countArithmetic(function);
    // As many blocks as nobody knows count as one.
    for (int64_t &extent : shape->grid)
      if (ShapedType::isDynamic(extent))
        extent = 1;
    for (int64_t extent : {shape->grid[0], shape->grid[1], shape->grid[2],
                           shape->block[0], shape->block[1], shape->block[2]})
      if (llvm::MulOverflow(operations, extent, operations))
        return std::nullopt;
    return estimateTraffic(op, operations);
  }
};

struct MemcpyModel
    : CapturableOpInterface::ExternalModel<MemcpyModel, gpu::MemcpyOp> {
  bool isCaptureSafe(Operation *) const { return false; }

  bool canBeNode(Operation *op, std::string &reason) const {
    auto copy = cast<gpu::MemcpyOp>(op);
    for (Value memref : {copy.getSrc(), copy.getDst()})
      if (StringRef why = whyNoRange(memref); !why.empty())
        return reason = why, false;
    if (isOnStack(copy.getSrc()) || isOnStack(copy.getDst()))
      return reason = "it copies from or to the stack of the host", false;
    auto type = [](Value memref) {
      return cast<MemRefType>(getStaticMemRef(memref).getType());
    };
    if (type(copy.getSrc()).getShape() != type(copy.getDst()).getShape())
      return reason = "source and destination differ in shape", false;
    BufferRange from = getBufferRange(copy.getSrc());
    BufferRange to = getBufferRange(copy.getDst());
    bool isSame = from.begin && from.begin == to.begin;
    if (from.root == to.root && !isSame &&
        from.mayOverlap(to, /*distinctRoots=*/true))
      return reason = "source and destination may overlap", false;
    return true;
  }

  bool collectAccesses(Operation *op,
                       SmallVectorImpl<ValueAccess> &accesses) const {
    auto copy = cast<gpu::MemcpyOp>(op);
    accesses.push_back({copy.getSrc(), /*reads=*/true, /*writes=*/false});
    accesses.push_back({copy.getDst(), /*reads=*/false, /*writes=*/true});
    return true;
  }

  std::optional<WorkEstimate> estimateWork(Operation *op) const {
    return estimateTraffic(op, /*operations=*/0);
  }
};

struct MemsetModel
    : CapturableOpInterface::ExternalModel<MemsetModel, gpu::MemsetOp> {
  bool isCaptureSafe(Operation *) const { return false; }

  bool canBeNode(Operation *op, std::string &reason) const {
    auto fill = cast<gpu::MemsetOp>(op);
    if (StringRef why = whyNoRange(fill.getDst()); !why.empty())
      return reason = why, false;
    if (isOnStack(fill.getDst()))
      return reason = "it fills memory on the stack of the host", false;
    if (!getFillPattern(fill))
      return reason = "a node fills with a constant pattern of at most 4 bytes",
             false;
    return true;
  }

  bool collectAccesses(Operation *op,
                       SmallVectorImpl<ValueAccess> &accesses) const {
    accesses.push_back({cast<gpu::MemsetOp>(op).getDst(), /*reads=*/false,
                        /*writes=*/true});
    return true;
  }

  std::optional<WorkEstimate> estimateWork(Operation *op) const {
    return estimateTraffic(op, /*operations=*/0);
  }
};
} // namespace

void graphopt::registerLaunchModels(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, gpu::GPUDialect *) {
    gpu::LaunchFuncOp::attachInterface<LaunchModel>(*context);
    gpu::MemcpyOp::attachInterface<MemcpyModel>(*context);
    gpu::MemsetOp::attachInterface<MemsetModel>(*context);
  });
}
