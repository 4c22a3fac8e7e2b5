//===- Columns.cpp - Conversion between stored elements and columns -------===//
//
// Every loop here is branch free so that it vectorises: the reference
// evaluator reads and writes hundreds of millions of elements through it.
//
//===----------------------------------------------------------------------===//

#include "HostTensor.h"

#include <cmath>
#include <cstring>

using namespace graphrun;

template <typename To, typename From>
static To bitCast(From value) {
  static_assert(sizeof(To) == sizeof(From), "same size");
  To result;
  std::memcpy(&result, &value, sizeof(To));
  return result;
}

/// Rounds to f32 by round-to-odd: a second rounding of the result to a type of
/// at most 22 bits of precision gives the same as rounding `value` once.
static float roundToOdd(double value) {
  float nearest = static_cast<float>(value);
  double back = nearest;
  uint32_t bits = bitCast<uint32_t>(nearest);
  bool adjust = (back != value) & (value == value) & !(bits & 1);
  uint32_t step = std::fabs(back) < std::fabs(value) ? 1u : ~0u;
  return bitCast<float>(bits + (adjust ? step : 0));
}

uint16_t graphrun::bfloatBits(double value) {
  float single = roundToOdd(value);
  uint32_t bits = bitCast<uint32_t>(single);
  uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
  uint32_t quiet = (bits >> 16) | 0x40;
  return static_cast<uint16_t>(single != single ? quiet : rounded);
}

uint16_t graphrun::halfBits(double value) {
  float single = roundToOdd(value);
  uint32_t bits = bitCast<uint32_t>(single);
  uint32_t sign = bits & 0x80000000u;
  uint32_t magnitude = bits ^ sign;
  // At or above 65520 (and NaN): infinity, or a quiet NaN.
  uint32_t special =
      magnitude > 0x7f800000u ? 0x7e00u | ((bits >> 13) & 0x1ff) : 0x7c00u;
  // Below 2^-14: adding 0.5 aligns the half's subnormal unit with f32's last
  // bit, so the addition rounds to nearest even.
  float aligned = bitCast<float>(magnitude) + 0.5f;
  uint32_t subnormal = bitCast<uint32_t>(aligned) - bitCast<uint32_t>(0.5f);
  // Otherwise: rebias the exponent and round away 13 bits to nearest even.
  uint32_t odd = (magnitude >> 13) & 1;
  uint32_t normal = (magnitude - (112u << 23) + 0xfff + odd) >> 13;
  uint32_t result = magnitude < (113u << 23) ? subnormal : normal;
  result = magnitude >= 0x477ff000u ? special : result;
  return static_cast<uint16_t>(result | (sign >> 16));
}

double graphrun::bfloatValue(uint16_t bits) {
  return bitCast<float>(uint32_t(bits) << 16);
}

double graphrun::halfValue(uint16_t bits) {
  // Shift into f32's fields and rebias by a multiplication, which also
  // normalises subnormals; infinities and NaN get the full exponent.
  uint32_t magnitude = uint32_t(bits & 0x7fff) << 13;
  float scaled = bitCast<float>(magnitude) * bitCast<float>((254u - 15u) << 23);
  uint32_t result = bitCast<uint32_t>(scaled);
  result = magnitude >= (31u << 23) ? magnitude | 0x7f800000u : result;
  return bitCast<float>(result | (uint32_t(bits & 0x8000) << 16));
}

/// Calls `body` with a compile-time stride where that helps the vectoriser.
template <typename Stored, typename Cell, typename Convert>
static void load(const char *source, int64_t stride, int64_t n, void *column,
                 Convert convert) {
  const Stored *__restrict from = reinterpret_cast<const Stored *>(source);
  Cell *__restrict to = static_cast<Cell *>(column);
  if (stride == 1) {
    for (int64_t i = 0; i < n; ++i)
      to[i] = convert(from[i]);
    return;
  }
  if (stride == 0) {
    Cell value = convert(from[0]);
    for (int64_t i = 0; i < n; ++i)
      to[i] = value;
    return;
  }
  for (int64_t i = 0; i < n; ++i)
    to[i] = convert(from[i * stride]);
}

void graphrun::loadColumn(ElementKind kind, const char *source, int64_t stride,
                          int64_t n, void *column) {
  auto asDouble = [](auto value) { return static_cast<double>(value); };
  auto asInt = [](auto value) { return static_cast<int64_t>(value); };
  if (n <= 0)
    return;
  switch (kind) {
  case ElementKind::F16:
    return load<uint16_t, double>(source, stride, n, column, halfValue);
  case ElementKind::BF16:
    return load<uint16_t, double>(source, stride, n, column, bfloatValue);
  case ElementKind::F32:
    return load<float, double>(source, stride, n, column, asDouble);
  case ElementKind::F64:
    return load<double, double>(source, stride, n, column, asDouble);
  case ElementKind::I1:
    return load<uint8_t, int64_t>(source, stride, n, column, [](uint8_t value) {
      return -static_cast<int64_t>(value & 1);
    });
  case ElementKind::I8:
    return load<int8_t, int64_t>(source, stride, n, column, asInt);
  case ElementKind::I16:
    return load<int16_t, int64_t>(source, stride, n, column, asInt);
  case ElementKind::I32:
    return load<int32_t, int64_t>(source, stride, n, column, asInt);
  case ElementKind::I64:
  case ElementKind::Index:
    return load<int64_t, int64_t>(source, stride, n, column, asInt);
  }
}

template <typename Stored, typename Cell, typename Convert>
static void store(char *destination, int64_t stride, int64_t n,
                  const void *column, Convert convert) {
  Stored *__restrict to = reinterpret_cast<Stored *>(destination);
  const Cell *__restrict from = static_cast<const Cell *>(column);
  if (stride == 1) {
    for (int64_t i = 0; i < n; ++i)
      to[i] = convert(from[i]);
    return;
  }
  for (int64_t i = 0; i < n; ++i)
    to[i * stride] = convert(from[i]);
}

void graphrun::storeColumn(ElementKind kind, char *destination, int64_t stride,
                           int64_t n, const void *column) {
  switch (kind) {
  case ElementKind::F16:
    return store<uint16_t, double>(destination, stride, n, column, halfBits);
  case ElementKind::BF16:
    return store<uint16_t, double>(destination, stride, n, column, bfloatBits);
  case ElementKind::F32:
    return store<float, double>(destination, stride, n, column,
                                [](double v) { return static_cast<float>(v); });
  case ElementKind::F64:
    return store<double, double>(destination, stride, n, column,
                                 [](double v) { return v; });
  case ElementKind::I1:
    return store<uint8_t, int64_t>(
        destination, stride, n, column,
        [](int64_t v) { return static_cast<uint8_t>(v & 1); });
  case ElementKind::I8:
    return store<int8_t, int64_t>(
        destination, stride, n, column,
        [](int64_t v) { return static_cast<int8_t>(v); });
  case ElementKind::I16:
    return store<int16_t, int64_t>(
        destination, stride, n, column,
        [](int64_t v) { return static_cast<int16_t>(v); });
  case ElementKind::I32:
    return store<int32_t, int64_t>(
        destination, stride, n, column,
        [](int64_t v) { return static_cast<int32_t>(v); });
  case ElementKind::I64:
  case ElementKind::Index:
    return store<int64_t, int64_t>(destination, stride, n, column,
                                   [](int64_t v) { return v; });
  }
}

void graphrun::roundColumn(ElementKind kind, double *column, int64_t n) {
  switch (kind) {
  case ElementKind::F16:
    for (int64_t i = 0; i < n; ++i)
      column[i] = halfValue(halfBits(column[i]));
    return;
  case ElementKind::BF16:
    for (int64_t i = 0; i < n; ++i)
      column[i] = bfloatValue(bfloatBits(column[i]));
    return;
  case ElementKind::F32:
    for (int64_t i = 0; i < n; ++i)
      column[i] = static_cast<double>(static_cast<float>(column[i]));
    return;
  default:
    return;
  }
}

void graphrun::wrapColumn(unsigned width, int64_t *column, int64_t n) {
  if (width >= 64)
    return;
  unsigned shift = 64 - width;
  for (int64_t i = 0; i < n; ++i)
    column[i] =
        static_cast<int64_t>(static_cast<uint64_t>(column[i]) << shift) >>
        shift;
}
