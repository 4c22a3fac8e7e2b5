//===- Inputs.cpp - Arguments of the entry function -----------------------===//
//
// Implements parsing of argument values, the random generator and the checks of
// shapes and types against the entry's signature.
//
//===----------------------------------------------------------------------===//

#include "Inputs.h"

#include "Npy.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/Parallel.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>

using namespace mlir;
using namespace graphrun;
using llvm::createStringError;
using llvm::Expected;
using llvm::Twine;

static std::string text(Type type) {
  std::string result;
  llvm::raw_string_ostream(result) << type;
  return result;
}

//===----------------------------------------------------------------------===//
// Random numbers
//===----------------------------------------------------------------------===//

/// SplitMix64's output function; its state advances by `goldenGamma`.
static uint64_t mix(uint64_t state) {
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9ull;
  state = (state ^ (state >> 27)) * 0x94d049bb133111ebull;
  return state ^ (state >> 31);
}
static constexpr uint64_t goldenGamma = 0x9e3779b97f4a7c15ull;

/// The sum of four uniform 16-bit numbers, centred and scaled to deviation 1:
/// close to a normal number, and computed without rounding before the last
/// multiplication, so that every machine draws the same.
static double normal(uint64_t bits) {
  int64_t sum = int64_t(bits & 0xffff) + int64_t(bits >> 16 & 0xffff) +
                int64_t(bits >> 32 & 0xffff) + int64_t(bits >> 48);
  // sqrt(3) / 2^16; the variance of the sum is (2^32 - 1) / 3.
  return static_cast<double>(sum - 2 * 65535) * 2.6429e-05;
}

void graphrun::fillRandom(const HostTensor &array, uint64_t seed) {
  if (!array.isContiguous()) {
    HostTensor rows = HostTensor::allocate(array.kind, array.shape);
    fillRandom(rows, seed);
    return copyElements(rows, array);
  }
  constexpr int64_t tile = 4096;
  int64_t count = array.numElements();
  uint64_t start = mix(seed + goldenGamma);
  auto fillTile = [&](size_t number) {
    alignas(64) double floats[tile];
    int64_t integers[tile];
    int64_t begin = number * tile, length = std::min(tile, count - begin);
    uint64_t mask = array.kind == ElementKind::I1 ? 1 : 7;
    bool isFloat = isFloatKind(array.kind);
    for (int64_t i = 0; i < length; ++i) {
      uint64_t bits = mix(start + uint64_t(begin + i) * goldenGamma);
      floats[i] = normal(bits);
      integers[i] = bits & mask;
    }
    storeColumn(
        array.kind, array.data() + begin * bytesOf(array.kind), 1, length,
        isFloat ? static_cast<void *>(floats) : static_cast<void *>(integers));
  };
  llvm::parallelFor(0, (count + tile - 1) / tile, fillTile);
}

//===----------------------------------------------------------------------===//
// Types
//===----------------------------------------------------------------------===//

Expected<HostTensor> graphrun::allocateFor(Type type, const Twine &what) {
  auto refuse = [&](const Twine &why) {
    return createStringError(what + " has type " + text(type) + ": " + why);
  };
  std::optional<ElementKind> kind = elementKindOf(getElementTypeOrSelf(type));
  auto shaped = dyn_cast<ShapedType>(type);
  if (!kind || (shaped && !isa<RankedTensorType, MemRefType>(type)))
    return refuse("graph-run can not pass values of this type");
  if (!shaped)
    return HostTensor::allocate(*kind, {});
  if (!shaped.hasStaticShape())
    return refuse("its shape is dynamic");
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || memref.getLayout().isIdentity())
    return HostTensor::allocate(*kind, shaped.getShape());
  SmallVector<int64_t> strides;
  int64_t offset;
  if (failed(memref.getStridesAndOffset(strides, offset)))
    return refuse("its layout is not strided");
  // Dynamic strides and offsets are free to choose: row-major, from 0.
  HostTensor array = HostTensor::view(*kind, shaped.getShape(), nullptr);
  array.offset = ShapedType::isDynamic(offset) ? 0 : offset;
  for (size_t dim = 0; dim < strides.size(); ++dim)
    if (!ShapedType::isDynamic(strides[dim]))
      array.strides[dim] = strides[dim];
  auto [low, high] = array.extent();
  if (low < 0)
    return refuse("it starts before its buffer");
  array.bytes = std::make_shared<Bytes>(high * bytesOf(*kind));
  return array;
}

/// Checks what a file holds against the argument's type.
static llvm::Error checkFile(const HostTensor &array, Type type, unsigned index,
                             llvm::StringRef path) {
  std::optional<ElementKind> kind = elementKindOf(getElementTypeOrSelf(type));
  auto shaped = dyn_cast<ShapedType>(type);
  bool sameKind = kind && numpyName(*kind) == numpyName(array.kind);
  bool sameShape =
      shaped
          ? shaped.hasRank() &&
                succeeded(verifyCompatibleShape(shaped.getShape(), array.shape))
          : array.numElements() == 1;
  if (sameKind && sameShape)
    return llvm::Error::success();
  return createStringError("argument " + Twine(index) + ": " + path +
                           " holds " + numpyName(array.kind) + " " +
                           shapeString(array.shape) + ", the function wants " +
                           text(type));
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// Sets every element to the number `value`.
static llvm::Error fillNumber(const HostTensor &array, llvm::StringRef value,
                              Type type, unsigned index) {
  HostTensor number = HostTensor::allocate(array.kind, {});
  bool valid;
  if (isFloatKind(array.kind)) {
    std::string buffer = value.str();
    char *end = nullptr;
    number.writeFloat(std::strtod(buffer.c_str(), &end));
    valid = !value.empty() && *end == '\0';
  } else {
    int64_t parsed = value == "true";
    valid =
        value == "true" || value == "false" || !value.getAsInteger(0, parsed);
    number.writeInt(parsed);
    // Both readings of the bits are fine: -1 and 255 are an i8.
    unsigned width = widthOf(array.kind);
    if (width < 64)
      valid &= parsed >= -(int64_t(1) << (width - 1)) &&
               parsed < (int64_t(1) << width);
  }
  if (!valid)
    return createStringError("argument " + Twine(index) + ": '" + value +
                             "' is not a value of type " + text(type) +
                             " (a number, a .npy file or random:SEED)");
  number.shape = array.shape;
  number.strides.assign(array.rank(), 0);
  copyElements(number, array);
  return llvm::Error::success();
}

static Expected<HostTensor> makeArgument(Type type, unsigned index,
                                         std::optional<llvm::StringRef> value,
                                         uint64_t seed) {
  std::optional<HostTensor> file;
  if (value && value->ends_with(".npy")) {
    Expected<HostTensor> read = readNpy(*value);
    if (!read)
      return createStringError("argument " + Twine(index) + ": " +
                               llvm::toString(read.takeError()));
    if (llvm::Error error = checkFile(*read, type, index, *value))
      return std::move(error);
    file = std::move(*read);
    file->kind = *elementKindOf(getElementTypeOrSelf(type));
    auto shaped = dyn_cast<ShapedType>(type);
    if (shaped && !shaped.hasStaticShape())
      return std::move(*file);
  }
  auto shaped = dyn_cast<ShapedType>(type);
  if (shaped && shaped.hasRank() && !shaped.hasStaticShape() &&
      elementKindOf(shaped.getElementType()))
    return createStringError("argument " + Twine(index) + " has type " +
                             text(type) +
                             ": a dynamic shape needs a .npy file");
  Expected<HostTensor> array = allocateFor(type, "argument " + Twine(index));
  if (!array)
    return array.takeError();
  if (file) {
    file->shape = array->shape;
    file->strides = rowMajorStrides(file->shape);
    copyElements(*file, *array);
    return array;
  }
  if (value && value->consume_front("random:")) {
    if (value->getAsInteger(0, seed))
      return createStringError("argument " + Twine(index) + ": '" + *value +
                               "' is not a seed");
    fillRandom(*array, seed);
    return array;
  }
  if (value || !shaped) {
    if (llvm::Error error =
            fillNumber(*array, value.value_or("1"), type, index))
      return std::move(error);
    return array;
  }
  fillRandom(*array, seed + goldenGamma * (index + 1));
  return array;
}

Expected<std::vector<HostTensor>>
graphrun::makeArguments(FunctionType type, ArrayRef<std::string> specs,
                        uint64_t seed) {
  SmallVector<std::optional<llvm::StringRef>> values(type.getNumInputs());
  for (llvm::StringRef spec : specs) {
    auto [number, value] = spec.split('=');
    unsigned index;
    if (!spec.contains('=') || number.getAsInteger(10, index))
      return createStringError("--arg " + spec +
                               ": expected INDEX=VALUE, INDEX=file.npy or "
                               "INDEX=random:SEED");
    if (index >= values.size())
      return createStringError("--arg " + spec + ": the function has " +
                               Twine(values.size()) +
                               " arguments, counted "
                               "from 0");
    if (values[index])
      return createStringError("--arg " + spec + ": argument " + number +
                               " is given twice");
    values[index] = value;
  }
  std::vector<HostTensor> arguments;
  for (auto [index, input] : llvm::enumerate(type.getInputs())) {
    Expected<HostTensor> argument =
        makeArgument(input, index, values[index], seed);
    if (!argument)
      return argument.takeError();
    arguments.push_back(std::move(*argument));
  }
  return arguments;
}
