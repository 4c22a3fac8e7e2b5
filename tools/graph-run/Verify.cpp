//===- Verify.cpp - Comparing results -------------------------------------===//
//
// Implements the comparison of arrays, element by element over columns.
//
//===----------------------------------------------------------------------===//

#include "Verify.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Parallel.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>
#include <cstring>
#include <numeric>

using namespace graphrun;

static constexpr int64_t tileSize = 4096;

/// Runs `body(tile, begin, length)` over all elements, on all threads.
template <typename Body>
static void forEachTile(int64_t count, Body body) {
  llvm::parallelFor(0, (count + tileSize - 1) / tileSize, [&](size_t tile) {
    int64_t begin = int64_t(tile) * tileSize;
    body(tile, begin, std::min(tileSize, count - begin));
  });
}

static void loadTile(const HostTensor &array, int64_t begin, int64_t length,
                     void *column) {
  loadColumn(array.kind, array.data() + begin * bytesOf(array.kind), 1, length,
             column);
}

/// Mean finite magnitude of a contiguous array of floats.
static double scaleOf(const HostTensor &array) {
  int64_t count = array.numElements();
  std::vector<double> sums((count + tileSize - 1) / tileSize, 0.0);
  forEachTile(count, [&](size_t tile, int64_t begin, int64_t length) {
    double column[tileSize];
    loadTile(array, begin, length, column);
    for (int64_t i = 0; i < length; ++i) {
      double magnitude = std::fabs(column[i]);
      // Divided first: a sum of large f64 must not overflow.
      sums[tile] += magnitude < HUGE_VAL ? magnitude / count : 0.0;
    }
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

/// The error of one element as Comparison defines it.
static double errorOf(double value, double reference, double scale) {
  if (value == reference || (value != value && reference != reference))
    return 0;
  if (!std::isfinite(value) || !std::isfinite(reference))
    return HUGE_VAL;
  double base = std::max(std::fabs(reference), scale);
  return base > 0 ? std::fabs(value - reference) / base : HUGE_VAL;
}

namespace {
/// What one tile, or one array, came to.
struct Difference {
  int64_t count = 0;
  double error = 0;
  int64_t worst = 0;
};
} // namespace

static Difference compareArrays(const HostTensor &value,
                                const HostTensor &reference) {
  int64_t count = value.numElements();
  std::vector<Difference> tiles((count + tileSize - 1) / tileSize);
  bool isFloat = isFloatKind(value.kind);
  double scale = isFloat ? scaleOf(reference) : 0;
  forEachTile(count, [&](size_t tile, int64_t begin, int64_t length) {
    Difference &result = tiles[tile];
    auto note = [&](int64_t i, double error) {
      ++result.count;
      if (error > result.error) {
        result.error = error;
        result.worst = begin + i;
      }
    };
    if (isFloat) {
      double a[tileSize], b[tileSize];
      loadTile(value, begin, length, a);
      loadTile(reference, begin, length, b);
      for (int64_t i = 0; i < length; ++i)
        if (!(a[i] == b[i]) && !(a[i] != a[i] && b[i] != b[i]))
          note(i, errorOf(a[i], b[i], scale));
      return;
    }
    int64_t a[tileSize], b[tileSize];
    loadTile(value, begin, length, a);
    loadTile(reference, begin, length, b);
    for (int64_t i = 0; i < length; ++i)
      if (a[i] != b[i])
        note(i, HUGE_VAL);
  });
  Difference total;
  for (const Difference &tile : tiles) {
    total.count += tile.count;
    if (tile.error > total.error) {
      total.error = tile.error;
      total.worst = tile.worst;
    }
  }
  return total;
}

/// "arg3[1, 2]: 4.5 instead of 4.25".
static std::string describe(llvm::StringRef name, const HostTensor &value,
                            const HostTensor &reference, int64_t element,
                            bool withValues) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << name << indexString(value.shape, element);
  if (!withValues)
    return text;
  if (isFloatKind(value.kind)) {
    double a, b;
    loadTile(value, element, 1, &a);
    loadTile(reference, element, 1, &b);
    os << llvm::format(": %.9g instead of %.9g", a, b);
    return text;
  }
  int64_t a, b;
  loadTile(value, element, 1, &a);
  loadTile(reference, element, 1, &b);
  os << ": " << a << " instead of " << b;
  return text;
}

double Comparison::toleranceFor(ElementKind kind) const {
  if (!isFloatKind(kind))
    return 0;
  if (chosenTolerance)
    return *chosenTolerance;
  switch (kind) {
  case ElementKind::BF16:
    return 1e-2;
  case ElementKind::F16:
    return 2e-3;
  default:
    // f64 too: host scalars are often f64 sums of f32 reductions.
    return 1e-5;
  }
}

void Comparison::add(llvm::StringRef name, const HostTensor &value,
                     const HostTensor &reference) {
  if (value.kind != reference.kind || value.shape != reference.shape) {
    if (problem.empty())
      problem = (name + " is " + mlirName(value.kind) + " " +
                 shapeString(value.shape) + " instead of " +
                 mlirName(reference.kind) + " " + shapeString(reference.shape))
                    .str();
    return;
  }
  HostTensor a = value.isContiguous() ? value : value.clone();
  HostTensor b = reference.isContiguous() ? reference : reference.clone();
  Difference difference = compareArrays(a, b);
  numElements += a.numElements();
  numDifferent += difference.count;
  double tolerance = toleranceFor(value.kind);
  double ratio = difference.count == 0 ? 0
                 : tolerance > 0       ? difference.error / tolerance
                                       : HUGE_VAL;
  if (difference.error == 0 || (ratio <= worstRatio && !worstPlace.empty()))
    return;
  worstRatio = ratio;
  worstError = difference.error;
  worstTolerance = tolerance;
  worstPlace = describe(name, a, b, difference.worst, ratio > 1);
}

std::string Comparison::findings() const {
  if (!problem.empty())
    return problem;
  std::string text;
  llvm::raw_string_ostream os(text);
  os << llvm::format("worst relative error %.2g", worstError);
  if (!worstPlace.empty())
    os << " in " << worstPlace
       << llvm::format(" (tolerance %g)", worstTolerance);
  os << "; " << numDifferent << " of " << numElements << " elements differ";
  return text;
}

std::string Comparison::summary() const {
  return (succeeded() ? "verify: ok, " : "verify: FAILED, ") + findings();
}

std::optional<std::string>
graphrun::findBitDifference(llvm::StringRef name, const HostTensor &value,
                            const HostTensor &reference) {
  int64_t size = bytesOf(value.kind);
  for (int64_t i = 0, count = value.numElements(); i < count; ++i)
    if (std::memcmp(value.data() + i * size, reference.data() + i * size, size))
      return describe(name, value, reference, i, /*withValues=*/true);
  return std::nullopt;
}
