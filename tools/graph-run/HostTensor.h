//===- HostTensor.h - Typed n-d arrays in host memory -----------*- C++ -*-===//
//
// The one representation of data that graph-run's inputs, outputs, files and
// reference evaluator share. Arithmetic never happens on stored elements: it
// happens on *columns*, arrays of `double` (float kinds) or `int64_t` (integer
// kinds, sign-extended), which are loaded from and stored to arrays here.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_HOSTTENSOR_H
#define GRAPHOPT_TOOLS_GRAPHRUN_HOSTTENSOR_H

#include "mlir/IR/Types.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace graphrun {

/// Types of elements that can be stored.
enum class ElementKind : uint8_t {
  F16,
  BF16,
  F32,
  F64,
  I1,
  I8,
  I16,
  I32,
  I64,
  Index
};

/// The kind that stores values of `type`, if there is one.
std::optional<ElementKind> elementKindOf(mlir::Type type);
/// Size of one stored element in bytes.
int64_t bytesOf(ElementKind kind);
/// True if columns of `kind` hold doubles, false if they hold int64_t.
bool isFloatKind(ElementKind kind);
/// Width of an integer kind in bits; `index` has 64.
unsigned widthOf(ElementKind kind);
/// NumPy's name of `kind` ("float32"), for messages.
llvm::StringRef numpyName(ElementKind kind);
/// MLIR's name of `kind` ("f32"), for messages.
llvm::StringRef mlirName(ElementKind kind);

/// A fixed block of memory, aligned to 64 bytes. Not initialised.
class Bytes {
public:
  explicit Bytes(int64_t size);
  /// Memory of somebody else, who frees it.
  Bytes(void *borrowed, int64_t size)
      : pointer(static_cast<char *>(borrowed)), length(size), isOwner(false) {}
  ~Bytes();
  Bytes(const Bytes &) = delete;
  Bytes &operator=(const Bytes &) = delete;

  char *data() const { return pointer; }
  int64_t size() const { return length; }

private:
  char *pointer;
  int64_t length;
  bool isOwner = true;
};

/// A strided view of shared bytes. `offset` and `strides` count elements.
/// Copying a HostTensor shares the bytes.
struct HostTensor {
  ElementKind kind = ElementKind::F32;
  llvm::SmallVector<int64_t, 4> shape, strides;
  int64_t offset = 0;
  std::shared_ptr<Bytes> bytes;

  /// A new row-major array with uninitialised elements.
  static HostTensor allocate(ElementKind kind, llvm::ArrayRef<int64_t> shape);
  /// A row-major array over `bytes`, or without bytes if null.
  static HostTensor view(ElementKind kind, llvm::ArrayRef<int64_t> shape,
                         std::shared_ptr<Bytes> bytes);

  int64_t numElements() const;
  int64_t rank() const { return shape.size(); }
  /// True if the elements are row-major without gaps (from any offset).
  bool isContiguous() const;
  /// Address of element (0, ..., 0).
  char *data() const { return bytes->data() + offset * bytesOf(kind); }
  /// Smallest and one past the largest element offset that the view touches.
  std::pair<int64_t, int64_t> extent() const;
  /// A row-major copy with bytes of its own.
  HostTensor clone() const;
  /// For rank 0 or one element: the value as a column of length one.
  double readFloat() const;
  int64_t readInt() const;
  void writeFloat(double value);
  void writeInt(int64_t value);
};

/// Row-major strides of `shape`, in elements.
llvm::SmallVector<int64_t, 4> rowMajorStrides(llvm::ArrayRef<int64_t> shape);
/// "[3, 4]".
std::string shapeString(llvm::ArrayRef<int64_t> shape);
/// "arg3[1, 2]"-style index of the `linear`-th element in row-major order.
std::string indexString(llvm::ArrayRef<int64_t> shape, int64_t linear);

/// Converts `n` stored elements, `stride` elements apart from `source` on, to
/// a column, and back. Storing rounds floats to nearest even and wraps ints.
void loadColumn(ElementKind kind, const char *source, int64_t stride, int64_t n,
                void *column);
void storeColumn(ElementKind kind, char *destination, int64_t stride, int64_t n,
                 const void *column);
/// Rounds a column of doubles in place to the values of a float kind.
void roundColumn(ElementKind kind, double *column, int64_t n);
/// Wraps a column of integers in place to `width` bits, sign-extended.
void wrapColumn(unsigned width, int64_t *column, int64_t n);

/// Copies all elements of `source` to `destination`; kind and shape agree.
void copyElements(const HostTensor &source, const HostTensor &destination);

/// Bit patterns of half floats, rounded to nearest even from a double.
uint16_t halfBits(double value);
uint16_t bfloatBits(double value);
double halfValue(uint16_t bits);
double bfloatValue(uint16_t bits);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_HOSTTENSOR_H
