//===- ArenaPacker.cpp - Places of temporaries in an arena ----------------===//
//
// Goes over lifetimes in the order of their begin and keeps the free places by
// offset and by size.
//
//===----------------------------------------------------------------------===//

#include "ArenaPacker.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <map>
#include <queue>
#include <set>

using namespace llvm;
using namespace graphopt;

/// Free places that are looked at for one temporary, so that the time for each
/// does not grow with their number.
static constexpr int kMaxTries = 64;

namespace {
/// The free places below the end of the arena.
class FreePlaces {
public:
  int64_t getSize() const { return size; }

  /// A place of `bytes` for what begins at `begin`.
  int64_t take(int64_t bytes, const Clock &begin);
  /// Frees a place. Who takes it must begin behind `end`.
  void release(int64_t offset, int64_t bytes, Clock end);

private:
  struct Place {
    int64_t bytes;
    Clock end; ///< All that touched it.
  };
  using Places = std::map<int64_t, Place>; // By offset.

  Places::iterator insert(int64_t offset, Place place) {
    bySize.emplace(place.bytes, offset);
    return places.emplace(offset, std::move(place)).first;
  }
  void erase(Places::iterator it) {
    bySize.erase({it->second.bytes, it->first});
    places.erase(it);
  }
  static bool isNextTo(Places::iterator left, Places::iterator right) {
    return left->first + left->second.bytes == right->first;
  }
  /// Makes one place of two neighbours; returns it.
  Places::iterator merge(Places::iterator left, Places::iterator right);
  std::optional<int64_t> takeBestFit(int64_t bytes, const Clock &begin);
  void mergeWithin(const Clock &begin);
  int64_t takeEnd(int64_t bytes, const Clock &begin);

  Places places;
  std::set<std::pair<int64_t, int64_t>> bySize; // Bytes, offset.
  int64_t size = 0;
};
} // namespace

FreePlaces::Places::iterator FreePlaces::merge(Places::iterator left,
                                               Places::iterator right) {
  int64_t offset = left->first;
  Place place = {left->second.bytes + right->second.bytes, left->second.end};
  joinClock(place.end, right->second.end);
  erase(left);
  erase(right);
  return insert(offset, std::move(place));
}

void FreePlaces::release(int64_t offset, int64_t bytes, Clock end) {
  auto it = insert(offset, {bytes, std::move(end)});
  // A merged place is as hard to take as the harder of the two. Places that
  // became free on paths that do not know of each other stay apart.
  auto isComparable = [](Places::iterator a, Places::iterator b) {
    return isWithin(a->second.end, b->second.end) ||
           isWithin(b->second.end, a->second.end);
  };
  auto next = std::next(it);
  if (next != places.end() && isNextTo(it, next) && isComparable(it, next))
    it = merge(it, next);
  if (it == places.begin())
    return;
  auto previous = std::prev(it);
  if (isNextTo(previous, it) && isComparable(previous, it))
    merge(previous, it);
}

std::optional<int64_t> FreePlaces::takeBestFit(int64_t bytes,
                                               const Clock &begin) {
  auto fit = bySize.lower_bound({bytes, 0});
  for (int tries = 0; fit != bySize.end() && tries < kMaxTries;
       ++fit, ++tries) {
    auto it = places.find(fit->second);
    if (!isWithin(it->second.end, begin))
      continue;
    auto [offset, place] = *it;
    erase(it);
    if (place.bytes > bytes)
      insert(offset + bytes, {place.bytes - bytes, std::move(place.end)});
    return offset;
  }
  return std::nullopt;
}

/// Joins neighbours that are all open to what begins at `begin`.
void FreePlaces::mergeWithin(const Clock &begin) {
  auto it = places.begin();
  for (int tries = 0; it != places.end() && tries < kMaxTries; ++tries) {
    auto next = std::next(it);
    bool joins = next != places.end() && isNextTo(it, next) &&
                 isWithin(it->second.end, begin) &&
                 isWithin(next->second.end, begin);
    it = joins ? merge(it, next) : next;
  }
}

/// Enlarges the arena, behind or together with what is free at its end.
int64_t FreePlaces::takeEnd(int64_t bytes, const Clock &begin) {
  int64_t offset = size;
  if (!places.empty()) {
    auto last = std::prev(places.end());
    if (last->first + last->second.bytes == size &&
        last->second.bytes <= bytes && isWithin(last->second.end, begin)) {
      offset = last->first;
      erase(last);
    }
  }
  size = offset + bytes;
  return offset;
}

int64_t FreePlaces::take(int64_t bytes, const Clock &begin) {
  if (std::optional<int64_t> offset = takeBestFit(bytes, begin))
    return *offset;
  mergeWithin(begin);
  if (std::optional<int64_t> offset = takeBestFit(bytes, begin))
    return *offset;
  return takeEnd(bytes, begin);
}

int64_t graphopt::packArena(ArrayRef<Lifetime *> lifetimes) {
  SmallVector<Lifetime *> sorted(lifetimes);
  // Of those that begin together the large ones choose first.
  llvm::stable_sort(sorted, [](const Lifetime *a, const Lifetime *b) {
    return std::pair(a->first, -a->bytes) < std::pair(b->first, -b->bytes);
  });
  auto endsLater = [](const Lifetime *a, const Lifetime *b) {
    return std::pair(a->last, a->offset) > std::pair(b->last, b->offset);
  };
  std::priority_queue<Lifetime *, std::vector<Lifetime *>, decltype(endsLater)>
      live(endsLater);
  FreePlaces free;
  for (Lifetime *lifetime : sorted) {
    while (!live.empty() && live.top()->last < lifetime->first) {
      Lifetime *over = live.top();
      live.pop();
      free.release(over->offset, alignTo(over->bytes, kArenaAlignment),
                   over->end);
    }
    if (lifetime->bytes == 0)
      continue;
    lifetime->offset =
        free.take(alignTo(lifetime->bytes, kArenaAlignment), lifetime->begin);
    live.push(lifetime);
  }
  return free.getSize();
}
