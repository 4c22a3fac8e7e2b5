//===- HostTensor.cpp - Typed n-d arrays in host memory -------------------===//
//
// Implements allocation and views of arrays. Conversion between stored
// elements and columns is in Columns.cpp.
//
//===----------------------------------------------------------------------===//

#include "HostTensor.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <sys/mman.h>

using namespace graphrun;
using llvm::ArrayRef;
using llvm::SmallVector;

namespace {
/// What is fixed about each kind, in the order of the enumeration.
struct KindInfo {
  const char *mlirName, *numpyName;
  int8_t bytes, bits;
  bool isFloat;
};
constexpr KindInfo kinds[] = {
    {"f16", "float16", 2, 16, true}, {"bf16", "bfloat16", 2, 16, true},
    {"f32", "float32", 4, 32, true}, {"f64", "float64", 8, 64, true},
    {"i1", "bool", 1, 1, false},     {"i8", "int8", 1, 8, false},
    {"i16", "int16", 2, 16, false},  {"i32", "int32", 4, 32, false},
    {"i64", "int64", 8, 64, false},  {"index", "int64", 8, 64, false},
};
const KindInfo &infoOf(ElementKind kind) { return kinds[size_t(kind)]; }
} // namespace

std::optional<ElementKind> graphrun::elementKindOf(mlir::Type type) {
  if (type.isF16())
    return ElementKind::F16;
  if (type.isBF16())
    return ElementKind::BF16;
  if (type.isF32())
    return ElementKind::F32;
  if (type.isF64())
    return ElementKind::F64;
  if (type.isIndex())
    return ElementKind::Index;
  auto integer = llvm::dyn_cast<mlir::IntegerType>(type);
  if (!integer)
    return std::nullopt;
  switch (integer.getWidth()) {
  case 1:
    return ElementKind::I1;
  case 8:
    return ElementKind::I8;
  case 16:
    return ElementKind::I16;
  case 32:
    return ElementKind::I32;
  case 64:
    return ElementKind::I64;
  default:
    return std::nullopt;
  }
}

int64_t graphrun::bytesOf(ElementKind kind) { return infoOf(kind).bytes; }
bool graphrun::isFloatKind(ElementKind kind) { return infoOf(kind).isFloat; }
unsigned graphrun::widthOf(ElementKind kind) { return infoOf(kind).bits; }
llvm::StringRef graphrun::numpyName(ElementKind kind) {
  return infoOf(kind).numpyName;
}
llvm::StringRef graphrun::mlirName(ElementKind kind) {
  return infoOf(kind).mlirName;
}

namespace {

/// Blocks of memory that are free again. The reference makes an array per op;
/// having the kernel clear each anew took most of its time.
class BlockPool {
public:
  static constexpr size_t hugePage = size_t(2) << 20;
  static constexpr size_t smallest = 2 * hugePage;
  static constexpr size_t mostKept = size_t(4) << 30;

  static size_t round(size_t size) {
    return (size + hugePage - 1) / hugePage * hugePage;
  }

  /// A block of `size` bytes, which is rounded, or null.
  char *take(size_t size) {
    std::lock_guard<std::mutex> lock(mutex);
    auto found = llvm::find_if(llvm::reverse(blocks), [&](const Block &block) {
      return block.size == size;
    });
    if (found == blocks.rend())
      return nullptr;
    char *pointer = found->pointer;
    kept -= size;
    blocks.erase(std::next(found).base());
    return pointer;
  }

  /// Keeps a block of `size` bytes, in place of the ones kept longest.
  void give(char *pointer, size_t size) {
    std::lock_guard<std::mutex> lock(mutex);
    blocks.push_back({pointer, size});
    kept += size;
    while (kept > mostKept) {
      kept -= blocks.front().size;
      std::free(blocks.front().pointer);
      blocks.pop_front();
    }
  }

private:
  struct Block {
    char *pointer;
    size_t size;
  };
  std::mutex mutex;
  std::deque<Block> blocks;
  size_t kept = 0;
};

} // namespace

/// Never destroyed: arrays in static storage may outlive it.
static BlockPool &pool() {
  static auto *pool = new BlockPool;
  return *pool;
}

/// Memory for a large array, in huge pages where the kernel has them.
static char *allocateBlock(size_t size) {
  size_t rounded = BlockPool::round(size);
  if (char *pointer = pool().take(rounded))
    return pointer;
  auto *pointer =
      static_cast<char *>(std::aligned_alloc(BlockPool::hugePage, rounded));
  if (pointer)
    (void)madvise(pointer, rounded, MADV_HUGEPAGE); // Only advice.
  return pointer;
}

Bytes::Bytes(int64_t size) : length(size) {
  // aligned_alloc wants a multiple of the alignment, and never zero.
  pointer = size_t(size) >= BlockPool::smallest
                ? allocateBlock(size)
                : static_cast<char *>(
                      std::aligned_alloc(64, (size_t(size) + 64) / 64 * 64));
  if (!pointer)
    llvm::report_fatal_error("out of memory", /*gen_crash_diag=*/false);
}

Bytes::~Bytes() {
  if (!isOwner)
    return;
  if (size_t(length) >= BlockPool::smallest)
    pool().give(pointer, BlockPool::round(length));
  else
    std::free(pointer);
}

SmallVector<int64_t, 4> graphrun::rowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t, 4> strides(shape.size(), 1);
  for (int64_t i = int64_t(shape.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

HostTensor HostTensor::view(ElementKind kind, ArrayRef<int64_t> shape,
                            std::shared_ptr<Bytes> bytes) {
  HostTensor tensor;
  tensor.kind = kind;
  tensor.shape.assign(shape.begin(), shape.end());
  tensor.strides = rowMajorStrides(shape);
  tensor.bytes = std::move(bytes);
  return tensor;
}

HostTensor HostTensor::allocate(ElementKind kind, ArrayRef<int64_t> shape) {
  int64_t size = bytesOf(kind);
  for (int64_t extent : shape)
    if (llvm::MulOverflow(size, extent, size))
      llvm::report_fatal_error("out of memory", /*gen_crash_diag=*/false);
  HostTensor tensor = view(kind, shape, nullptr);
  tensor.bytes = std::make_shared<Bytes>(size);
  return tensor;
}

int64_t HostTensor::numElements() const {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  return count;
}

bool HostTensor::isContiguous() const {
  int64_t expected = 1;
  for (int64_t i = rank() - 1; i >= 0; --i) {
    if (shape[i] != 1 && strides[i] != expected)
      return shape[i] == 0 || numElements() == 0;
    expected *= shape[i];
  }
  return true;
}

std::pair<int64_t, int64_t> HostTensor::extent() const {
  if (numElements() == 0)
    return {offset, offset};
  int64_t low = offset, high = offset + 1;
  for (auto [size, stride] : llvm::zip(shape, strides))
    (stride < 0 ? low : high) += (size - 1) * stride;
  return {low, high};
}

HostTensor HostTensor::clone() const {
  HostTensor copy = allocate(kind, shape);
  copyElements(*this, copy);
  return copy;
}

double HostTensor::readFloat() const {
  double value;
  loadColumn(kind, data(), 1, 1, &value);
  return value;
}
int64_t HostTensor::readInt() const {
  int64_t value;
  loadColumn(kind, data(), 1, 1, &value);
  return value;
}
void HostTensor::writeFloat(double value) {
  storeColumn(kind, data(), 1, 1, &value);
}
void HostTensor::writeInt(int64_t value) {
  storeColumn(kind, data(), 1, 1, &value);
}

std::string graphrun::shapeString(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '[';
  llvm::interleaveComma(shape, os);
  os << ']';
  return text;
}

std::string graphrun::indexString(ArrayRef<int64_t> shape, int64_t linear) {
  SmallVector<int64_t, 4> index(shape.size());
  for (int64_t i = int64_t(shape.size()) - 1; i >= 0; --i) {
    index[i] = shape[i] ? linear % shape[i] : 0;
    linear = shape[i] ? linear / shape[i] : 0;
  }
  return shape.empty() ? std::string() : shapeString(index);
}

/// Copies one row: `n` elements of `size` bytes, strides in bytes.
static void copyRow(const char *from, int64_t fromStride, char *to,
                    int64_t toStride, int64_t n, int64_t size) {
  if (fromStride == size && toStride == size) {
    std::memmove(to, from, n * size);
    return;
  }
  for (int64_t i = 0; i < n; ++i)
    std::memcpy(to + i * toStride, from + i * fromStride, size);
}

void graphrun::copyElements(const HostTensor &source,
                            const HostTensor &destination) {
  int64_t size = bytesOf(source.kind), count = source.numElements();
  if (count == 0)
    return;
  if (source.isContiguous() && destination.isContiguous()) {
    std::memmove(destination.data(), source.data(), count * size);
    return;
  }
  // Odometer over all but the innermost dimension.
  int64_t outer = source.rank() - 1;
  SmallVector<int64_t, 4> index(std::max<int64_t>(outer, 0), 0);
  int64_t inner = source.shape.back();
  int64_t from = 0, to = 0;
  while (true) {
    copyRow(source.data() + from * size, source.strides.back() * size,
            destination.data() + to * size, destination.strides.back() * size,
            inner, size);
    int64_t dim = outer - 1;
    for (; dim >= 0; --dim) {
      from += source.strides[dim];
      to += destination.strides[dim];
      if (++index[dim] < source.shape[dim])
        break;
      from -= source.shape[dim] * source.strides[dim];
      to -= source.shape[dim] * destination.strides[dim];
      index[dim] = 0;
    }
    if (dim < 0)
      return;
  }
}
