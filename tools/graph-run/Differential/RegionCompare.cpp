//===- RegionCompare.cpp - One launch, as a whole -------------------------===//
//
// Implements the comparison of what the nodes left one by one with the region
// evaluated as a whole and with the graph.
//
//===----------------------------------------------------------------------===//

#include "RegionRun.h"

#include "llvm/ADT/STLExtras.h"

#include <cstring>

using namespace graphrun;
using llvm::createStringError;
using llvm::Error;

//===----------------------------------------------------------------------===//
// The region
//===----------------------------------------------------------------------===//

void RegionRun::copyForRegion() {
  for (Block &block : blocks)
    block.whole = block.shadow;
  wholeArena = region.arenaShadow;
  for (auto [index, place] : llvm::enumerate(places))
    wholeMemory.buffers.push_back(
        addresses[index] ? blocks[place.first].whole.data() + place.second
                         : nullptr);
  wholeMemory.parameters = memory.parameters;
  wholeMemory.arena = wholeArena.data();
}

Error RegionRun::compareWhole(const NodeOut &out, bool isBitwise) {
  Error error =
      compare("all nodes agree with their ops, but not with the "
              "region as a whole",
              out, shadowOf(out.buffer) + out.offset,
              wholeMemory.buffers[out.buffer] + out.offset, isBitwise);
  if (!error)
    return Error::success();
  const RecordedNode *last = nullptr;
  forEachNode(region.graph, [&](const RecordedNode &node) {
    for (const GoRef &ref : writtenBy(node))
      if (ref.buffer == out.buffer && ref.offset < out.offset + out.bytes() &&
          out.offset < ref.offset + ref.bytes && lastRun.count(&node) &&
          (!last || lastRun.lookup(last) < lastRun.lookup(&node)))
        last = &node;
  });
  return createStringError(
      llvm::toString(std::move(error)) +
      "; a transfer, a condition or the order of the nodes is wrong (" +
      (last ? "last written by " + describe(*last) : "written by no node") +
      ")");
}

Error RegionRun::compareRest(size_t block, llvm::ArrayRef<NodeOut> outs) {
  const Block &memory = blocks[block];
  std::vector<std::pair<int64_t, int64_t>> ranges{{memory.size, memory.size}};
  for (const NodeOut &out : outs)
    if (out.buffer >= 0 && out.bytes() > 0 && places[out.buffer].first == block)
      ranges.push_back({places[out.buffer].second + out.offset,
                        places[out.buffer].second + out.offset + out.bytes()});
  llvm::sort(ranges);
  int64_t end = 0;
  for (auto [begin, next] : ranges) {
    for (int64_t i = end; i < begin; ++i) {
      if (memory.shadow[i] == memory.whole[i])
        continue;
      // The argument that starts last before the byte.
      int64_t buffer = -1;
      for (size_t other = 0; other < places.size(); ++other)
        if (addresses[other] && places[other].first == block &&
            places[other].second <= i &&
            (buffer < 0 || places[buffer].second < places[other].second))
          buffer = other;
      return compareWhole(
          {buffer, i - places[buffer].second, ElementKind::I8, {1}},
          /*isBitwise=*/true);
    }
    end = std::max(end, next);
  }
  return Error::success();
}

Error RegionRun::acceptScratch() {
  Error error = Error::success();
  forEachNode(region.graph, [&](const RecordedNode &node) {
    auto op = region.opOf.find(&node);
    if (error || op == region.opOf.end())
      return;
    auto outs = owner.reference->outsOf(region.info->name, op->second);
    if (!outs) {
      error = outs.takeError();
      return;
    }
    for (const GoRef &ref : writtenBy(node)) {
      bool isOut = llvm::any_of(*outs, [&](const NodeOut &out) {
        return ref.buffer == out.buffer &&
               ref.offset < out.offset + out.bytes() &&
               out.offset < ref.offset + ref.bytes;
      });
      if (ref.buffer >= 0 && ref.bytes > 0 && !isOut)
        std::memcpy(wholeMemory.buffers[ref.buffer] + ref.offset,
                    shadowOf(ref.buffer) + ref.offset, ref.bytes);
    }
  });
  return error;
}

Error RegionRun::compareWithRegion() {
  if (!region.isKnown)
    return Error::success();
  llvm::StringRef name = region.info->name;
  auto outs = owner.reference->outsOfAll(name);
  if (!outs)
    return outs.takeError();
  if (Error error = owner.reference->evaluateAll(name, wholeMemory))
    return error;
  if (Error error = acceptScratch())
    return error;
  for (const NodeOut &out : *outs)
    if (out.buffer >= 0 && out.bytes() > 0)
      if (Error error = compareWhole(out, owner.rules.isBitwise))
        return error;
  for (size_t block = 0; block < blocks.size(); ++block)
    if (Error error = compareRest(block, *outs))
      return error;
  return Error::success();
}

//===----------------------------------------------------------------------===//
// The graph
//===----------------------------------------------------------------------===//

Error RegionRun::compareWithGraph(void *const *buffers) {
  std::vector<NodeOut> outs;
  for (int64_t op = 0; region.isKnown && op < region.numOps; ++op) {
    auto written = owner.reference->outsOf(region.info->name, op);
    if (!written)
      return written.takeError();
    llvm::append_range(outs, *written);
  }
  forEachNode(region.graph, [&](const RecordedNode &node) {
    if (!region.isKnown || !node.isKernel())
      for (const GoRef &ref : writtenBy(node))
        outs.push_back(bytesAt(ref));
  });
  for (const NodeOut &out : outs) {
    if (out.buffer < 0 || out.bytes() == 0)
      continue;
    std::vector<char> actual(out.bytes());
    if (goReadback(owner.context, stream,
                   static_cast<char *>(buffers[out.buffer]) + out.offset,
                   actual.data(), actual.size()) ||
        goWait(owner.context, stream))
      return deviceError();
    if (Error error = compare("the graph, against its nodes one by one", out,
                              actual.data(), shadowOf(out.buffer) + out.offset,
                              /*isBitwise=*/true))
      return error;
  }
  return Error::success();
}
