//===- Npy.cpp - Reading and writing .npy files ---------------------------===//
//
// Implements the header (a Python dictionary literal with three known keys) and
// the data of NumPy's array format.
//
//===----------------------------------------------------------------------===//

#include "Npy.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace llvm;
using namespace graphrun;

static constexpr StringLiteral magic("\x93NUMPY");

/// An error about the file `path`.
static Error fileError(StringRef path, const Twine &message) {
  return createStringError(path + ": " + message);
}

static std::optional<ElementKind> kindOfDescr(StringRef descr) {
  descr.consume_front("<") || descr.consume_front("|") ||
      descr.consume_front("=");
  return StringSwitch<std::optional<ElementKind>>(descr)
      .Case("f2", ElementKind::F16)
      .Case("V2", ElementKind::BF16)
      .Case("f4", ElementKind::F32)
      .Case("f8", ElementKind::F64)
      .Case("b1", ElementKind::I1)
      .Cases({"i1", "u1"}, ElementKind::I8)
      .Cases({"i2", "u2"}, ElementKind::I16)
      .Cases({"i4", "u4"}, ElementKind::I32)
      .Cases({"i8", "u8"}, ElementKind::I64)
      .Default(std::nullopt);
}

static StringRef descrOf(ElementKind kind) {
  switch (kind) {
  case ElementKind::F16:
    return "<f2";
  case ElementKind::BF16:
    return "|V2";
  case ElementKind::F32:
    return "<f4";
  case ElementKind::F64:
    return "<f8";
  case ElementKind::I1:
    return "|b1";
  case ElementKind::I8:
    return "|i1";
  case ElementKind::I16:
    return "<i2";
  case ElementKind::I32:
    return "<i4";
  case ElementKind::I64:
  case ElementKind::Index:
    return "<i8";
  }
  return "";
}

/// The text behind `'key':` in the header, trimmed on the left.
static StringRef entryOf(StringRef header, StringRef key) {
  for (char quote : {'\'', '"'}) {
    std::string quoted = quote + key.str() + quote;
    size_t at = header.find(quoted);
    if (at == StringRef::npos)
      continue;
    StringRef rest = header.drop_front(at + quoted.size()).ltrim();
    if (rest.consume_front(":"))
      return rest.ltrim();
  }
  return "";
}

/// Parses "(3, 4)", "(3,)" or "()".
static bool parseShape(StringRef text, SmallVectorImpl<int64_t> &shape) {
  if (!text.consume_front("("))
    return false;
  text = text.take_until([](char c) { return c == ')'; });
  SmallVector<StringRef> parts;
  text.split(parts, ',', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    if (part.trim().empty())
      continue;
    int64_t extent;
    if (part.trim().getAsInteger(10, extent) || extent < 0)
      return false;
    shape.push_back(extent);
  }
  return true;
}

Expected<HostTensor> graphrun::readNpy(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> file = MemoryBuffer::getFile(
      path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!file)
    return fileError(path, file.getError().message());
  StringRef data = (*file)->getBuffer();
  if (data.size() < 12 || !data.consume_front(magic))
    return fileError(path, "not a .npy file");
  int major = data[0];
  bool isShort = major == 1;
  if (major < 1 || major > 3)
    return fileError(path, "unknown version of the .npy format");
  data = data.drop_front(2);
  size_t length = isShort ? support::endian::read16le(data.data())
                          : support::endian::read32le(data.data());
  data = data.drop_front(isShort ? 2 : 4);
  if (length > data.size())
    return fileError(path, "the .npy header is cut off");
  StringRef header = data.take_front(length);
  data = data.drop_front(length);

  StringRef descr = entryOf(header, "descr");
  if (descr.empty() || (descr[0] != '\'' && descr[0] != '"'))
    return fileError(path, "the .npy file does not hold a plain array");
  descr = descr.drop_front().take_until(
      [](char c) { return c == '\'' || c == '"'; });
  std::optional<ElementKind> kind = kindOfDescr(descr);
  if (!kind)
    return fileError(path,
                     "elements of type '" + descr + "' are not supported");
  SmallVector<int64_t> shape;
  if (!parseShape(entryOf(header, "shape"), shape))
    return fileError(path, "the .npy header has no valid shape");
  if (!entryOf(header, "fortran_order").starts_with("False") &&
      shape.size() > 1)
    return fileError(path, "the array is in Fortran order; save it in C order");

  int64_t bytes = bytesOf(*kind);
  for (int64_t extent : shape)
    if (MulOverflow(bytes, extent, bytes))
      return fileError(path, "the shape is too large");
  if (bytes != int64_t(data.size()))
    return fileError(path, "holds " + Twine(data.size()) +
                               " bytes of data, the shape " +
                               shapeString(shape) + " of " + numpyName(*kind) +
                               " does not fit them");
  HostTensor array = HostTensor::allocate(*kind, shape);
  std::memcpy(array.data(), data.data(), data.size());
  return array;
}

Error graphrun::writeNpy(StringRef path, const HostTensor &array) {
  HostTensor rows = array.isContiguous() ? array : array.clone();
  std::string shape;
  for (int64_t extent : rows.shape)
    shape += std::to_string(extent) + ", ";
  // NumPy writes (), (3,) and (3, 4).
  StringRef list = StringRef(shape).rtrim(rows.rank() == 1 ? " " : ", ");
  std::string header =
      formatv("{{'descr': '{0}', 'fortran_order': False, 'shape': ({1}), }",
              descrOf(rows.kind), list);
  // The data starts at a multiple of 64 bytes.
  size_t prefix = magic.size() + 4;
  header.append(63 - (prefix + header.size()) % 64, ' ');
  header += '\n';
  Error error = writeToOutput(path, [&](raw_ostream &os) -> Error {
    char length[2];
    support::endian::write16le(length, header.size());
    os << magic << StringRef("\x01\x00", 2) << StringRef(length, 2) << header;
    os.write(rows.data(), rows.numElements() * bytesOf(rows.kind));
    return Error::success();
  });
  if (error)
    return fileError(path, toString(std::move(error)));
  return Error::success();
}
