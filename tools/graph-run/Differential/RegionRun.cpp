//===- RegionRun.cpp - One launch, node by node ---------------------------===//

#include "RegionRun.h"

#include "../DeviceHandle.h"
#include "../Verify.h"

#include "llvm/ADT/STLExtras.h"

#include <cstring>

using namespace graphrun;
using llvm::createStringError;
using llvm::Error;
using llvm::Twine;

/// What cudaMalloc aligns to: copies keep their place within it, as kernels
/// may choose their loads by it.
static constexpr int64_t kAlignment = 256;

RegionRun::RegionRun(Differential &owner, Differential::Region &region,
                     void *stream, const void *parameters)
    : owner(owner), region(region), stream(stream), parameters(parameters) {
  memory.parameters.resize(region.info->parameter_bytes);
  if (!memory.parameters.empty())
    std::memcpy(memory.parameters.data(), parameters, memory.parameters.size());
}

RegionRun::~RegionRun() {
  for (Block &block : blocks)
    goFree(owner.context, stream, block.allocation);
}

Error graphrun::deviceError() { return runtimeError("the device failed"); }

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

char *RegionRun::shadowOf(int64_t buffer) {
  if (buffer == GO_BUFFER_ARENA)
    return region.arenaShadow.data();
  if (buffer == GO_BUFFER_PARAMETERS)
    return memory.parameters.data();
  auto [block, offset] = places[buffer];
  return blocks.empty() ? nullptr : blocks[block].shadow.data() + offset;
}

std::string RegionRun::nameOf(int64_t buffer, int64_t offset) const {
  std::string place = offset ? (" at byte " + Twine(offset)).str() : "";
  if (buffer == GO_BUFFER_PARAMETERS)
    return "host scalars" + place;
  if (buffer == GO_BUFFER_ARENA) {
    // A slot is named by the argument that it is for, if that has a name.
    for (auto [argument, start] : slots)
      if (std::string name = nameOf(argument, 0);
          offset == start && !llvm::StringRef(name).starts_with("buffer"))
        return "the copy of " + name;
    return "temporary" + (place.empty() ? " at byte 0" : place);
  }
  auto [block, start] = places[buffer];
  std::string name;
  if (owner.nameOf && !blocks.empty())
    name = owner.nameOf(blocks[block].address + start);
  if (name.empty())
    name = ("buffer " + Twine(buffer)).str();
  return name + place;
}

void RegionRun::findSlots() {
  llvm::DenseSet<int64_t> direct;
  forEachNode(region.graph, [&](const RecordedNode &node) {
    if (node.kind != RecordedNode::Kind::Memcpy)
      for (const GoRef &ref : node.refs)
        direct.insert(ref.buffer);
  });
  auto note = [&](const GoRef &argument, const GoRef &slot) {
    if (argument.buffer >= 0 && slot.buffer == GO_BUFFER_ARENA &&
        !direct.count(argument.buffer))
      slots.try_emplace(argument.buffer, slot.offset - argument.offset);
  };
  forEachNode(region.graph, [&](const RecordedNode &node) {
    if (node.kind != RecordedNode::Kind::Memcpy)
      return;
    note(node.refs[0], node.refs[1]);
    note(node.refs[1], node.refs[0]);
  });
}

NodeOut RegionRun::resolve(NodeOut out) const {
  auto slot = slots.find(out.buffer);
  if (slot == slots.end())
    return out;
  out.buffer = GO_BUFFER_ARENA;
  out.offset += slot->second;
  return out;
}

/// Copies block by block: arguments that overlap are in one block.
Error RegionRun::copyIn(void *const *buffers) {
  llvm::StringRef name = region.info->name;
  int64_t count = region.info->num_buffers;
  findSlots();
  std::vector<int64_t> sizes(count, 0);
  int64_t arenaSize = region.info->arena_bytes;
  forEachNode(region.graph, [&](const RecordedNode &node) {
    for (const GoRef &ref : node.refs)
      if (ref.buffer >= 0)
        sizes[ref.buffer] = std::max(sizes[ref.buffer], ref.offset + ref.bytes);
  });
  if (region.isKnown) {
    arenaSize = std::max(arenaSize,
                         owner.reference->bufferBytes(name, GO_BUFFER_ARENA));
    for (int64_t i = 0; i < count; ++i)
      sizes[i] = std::max(sizes[i], owner.reference->bufferBytes(name, i));
  }

  std::vector<int64_t> order;
  for (int64_t i = 0; i < count; ++i)
    if (sizes[i] > 0)
      order.push_back(i);
  llvm::stable_sort(order, [&](int64_t a, int64_t b) {
    return std::less<void *>()(buffers[a], buffers[b]);
  });
  places.resize(count);
  for (int64_t i : order) {
    char *address = static_cast<char *>(buffers[i]);
    if (blocks.empty() || blocks.back().address + blocks.back().size <= address)
      blocks.emplace_back().address = address;
    Block &block = blocks.back();
    places[i] = {blocks.size() - 1, address - block.address};
    block.size = std::max(block.size, places[i].second + sizes[i]);
  }
  GoContext *context = owner.context;
  for (Block &block : blocks) {
    block.shadow.resize(block.size);
    block.allocation = goAllocate(context, stream, block.size + kAlignment);
    if (!block.allocation)
      return deviceError();
    block.copy = static_cast<char *>(block.allocation) +
                 reinterpret_cast<uintptr_t>(block.address) % kAlignment;
    if (goCopy(context, stream, block.address, block.copy, block.size) ||
        goReadback(context, stream, block.address, block.shadow.data(),
                   block.size))
      return deviceError();
  }
  if (!region.arena && arenaSize > 0) {
    region.arenaShadow.assign(arenaSize, 0);
    region.arena = goAllocate(context, stream, arenaSize);
    if (!region.arena || goUpload(context, stream, region.arenaShadow.data(),
                                  region.arena, arenaSize))
      return deviceError();
  }
  if (goWait(context, stream))
    return deviceError();
  for (int64_t i = 0; i < count; ++i) {
    addresses.push_back(sizes[i] > 0
                            ? blocks[places[i].first].copy + places[i].second
                            : nullptr);
    memory.buffers.push_back(sizes[i] > 0 ? shadowOf(i) : nullptr);
    if (auto slot = slots.find(i); slot != slots.end())
      memory.buffers.back() = region.arenaShadow.data() + slot->second;
  }
  addresses.push_back(region.arena);
  memory.arena = region.arenaShadow.data();
  if (region.isKnown)
    copyForRegion();
  return Error::success();
}

Error RegionRun::launch(const RecordedNode &node) {
  lastRun[&node] = ++owner.numNodes;
  if (owner.runner.run(owner.context, *region.info, node, stream, addresses,
                       parameters))
    return deviceError();
  for (const GoRef &ref : writtenBy(node)) {
    int64_t buffer =
        ref.buffer == GO_BUFFER_ARENA ? addresses.size() - 1 : ref.buffer;
    char *source = static_cast<char *>(addresses[buffer]) + ref.offset;
    if (ref.bytes > 0 &&
        goReadback(owner.context, stream, source,
                   shadowOf(ref.buffer) + ref.offset, ref.bytes))
      return deviceError();
  }
  return goWait(owner.context, stream) ? deviceError() : Error::success();
}

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

/// The array `out` in the bytes at `data`.
static HostTensor viewOf(const NodeOut &out, char *data) {
  return HostTensor::view(out.kind, out.shape,
                          std::make_shared<Bytes>(data, out.bytes()));
}

NodeOut graphrun::bytesAt(const GoRef &ref) {
  return {ref.buffer, ref.offset, ElementKind::I8, {ref.bytes}};
}

Error RegionRun::compare(const Twine &who, const NodeOut &out, char *value,
                         char *expected, bool isBitwise) {
  std::string name = nameOf(out.buffer, out.offset);
  HostTensor actual = viewOf(out, value), reference = viewOf(out, expected);
  if (isBitwise) {
    auto difference = findBitDifference(name, actual, reference);
    return difference ? createStringError(who + ": " + *difference)
                      : Error::success();
  }
  Comparison comparison(owner.rules.tolerance);
  comparison.add(name, actual, reference);
  return comparison.succeeded()
             ? Error::success()
             : createStringError(who + ": " + comparison.findings());
}

std::string RegionRun::describe(const RecordedNode &node) const {
  auto name = [&](const GoRef &ref) { return nameOf(ref.buffer, ref.offset); };
  switch (node.kind) {
  case RecordedNode::Kind::Memcpy:
    return "the memcpy of " + name(node.refs[0]) + " to " + name(node.refs[1]);
  case RecordedNode::Kind::Memset:
    return "the memset of " + name(node.refs[0]);
  default:
    return "node '" + node.name + "'";
  }
}

/// Whether one of `nodes` says that it writes all of `out`.
static bool isWritten(llvm::ArrayRef<const RecordedNode *> nodes,
                      const NodeOut &out) {
  for (const RecordedNode *node : nodes)
    for (const GoRef &ref : writtenBy(*node))
      if (ref.buffer == out.buffer && ref.offset <= out.offset &&
          out.offset + out.bytes() <= ref.offset + ref.bytes)
        return true;
  return false;
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

Error RegionRun::runKernels(llvm::ArrayRef<const RecordedNode *> nodes,
                            int64_t op) {
  llvm::StringRef name = region.info->name;
  auto outs = owner.reference->outsOf(name, op);
  if (!outs)
    return outs.takeError();
  for (NodeOut &out : *outs)
    out = resolve(out);
  for (const NodeOut &out : *outs)
    if (!isWritten(nodes, out))
      return createStringError(
          describe(*nodes.front()) +
          " writes to other memory than its op: the graph is of another "
          "program");
  // The ops run in place; what they wrote is kept and undone.
  std::vector<std::vector<char>> before, expected;
  auto save = [&](std::vector<std::vector<char>> &copies) {
    for (const NodeOut &out : *outs) {
      char *data = shadowOf(out.buffer) + out.offset;
      copies.emplace_back(data, data + out.bytes());
    }
  };
  save(before);
  if (Error error = owner.reference->evaluate(name, op, memory))
    return error;
  save(expected);
  for (auto [out, bytes] : llvm::zip(*outs, before))
    std::memcpy(shadowOf(out.buffer) + out.offset, bytes.data(), bytes.size());
  for (const RecordedNode *node : nodes)
    if (Error error = launch(*node))
      return error;
  for (auto [out, bytes] : llvm::zip(*outs, expected))
    if (Error error = compare(describe(*nodes.back()), out,
                              shadowOf(out.buffer) + out.offset, bytes.data(),
                              owner.rules.isBitwise))
      return error;
  return Error::success();
}

Error RegionRun::runTransfer(const RecordedNode &node) {
  const GoRef &target = node.refs.back();
  std::vector<char> expected(target.bytes);
  if (node.kind == RecordedNode::Kind::Memcpy)
    std::memcpy(expected.data(),
                shadowOf(node.refs[0].buffer) + node.refs[0].offset,
                expected.size());
  else
    for (size_t i = 0; i < expected.size(); ++i)
      expected[i] = node.value >> (8 * (i % node.valueBytes));
  if (Error error = launch(node))
    return error;
  return compare(describe(node), bytesAt(target),
                 shadowOf(target.buffer) + target.offset, expected.data(),
                 /*isBitwise=*/true);
}

Error RegionRun::runConditional(const RecordedNode &node) {
  const GoRef &ref = node.refs.front();
  auto isTrue = [&] { return shadowOf(ref.buffer)[ref.offset] != 0; };
  switch (node.conditionalKind) {
  case GO_CONDITIONAL_IF: {
    size_t body = isTrue() ? 0 : 1;
    return body < node.bodies.size() ? runGraph(*node.bodies[body])
                                     : Error::success();
  }
  case GO_CONDITIONAL_WHILE:
    while (isTrue())
      if (Error error = runGraph(*node.bodies[0]))
        return error;
    return Error::success();
  default: {
    int64_t body;
    std::memcpy(&body, shadowOf(ref.buffer) + ref.offset, sizeof(body));
    return body >= 0 && body < int64_t(node.bodies.size())
               ? runGraph(*node.bodies[body])
               : Error::success();
  }
  }
}

Error RegionRun::runGraph(const RecordedGraph &graph) {
  llvm::ArrayRef<RecordedNode> nodes = graph.nodes;
  for (size_t i = 0; i < nodes.size();) {
    const RecordedNode &node = nodes[i++];
    auto op = region.opOf.find(&node);
    Error error = Error::success();
    if (node.kind == RecordedNode::Kind::Conditional) {
      error = runConditional(node);
    } else if (!node.isKernel()) {
      error = runTransfer(node);
    } else if (op == region.opOf.end()) {
      // Sets a condition, or came with the program.
      owner.numUnknown += !region.isKnown;
      error = launch(node);
    } else {
      llvm::SmallVector<const RecordedNode *> group{&node};
      while (i < nodes.size() && nodes[i].isKernel() &&
             region.opOf.lookup(&nodes[i]) == op->second &&
             region.opOf.count(&nodes[i]))
        group.push_back(&nodes[i++]);
      error = runKernels(group, op->second);
    }
    if (error)
      return error;
  }
  return Error::success();
}

Error RegionRun::runNodes() {
  if (region.isKnown &&
      region.numOps != owner.reference->numOps(region.info->name))
    return createStringError("has " + Twine(region.numOps) + " kernels, and " +
                             Twine(owner.reference->numOps(region.info->name)) +
                             " in the program that it is compared with");
  return runGraph(region.graph);
}

//===----------------------------------------------------------------------===//
// Numbers of ops
//===----------------------------------------------------------------------===//

/// What the nodes that one op became have in common: their name up to its
/// number. "f.graph0.k3.1" -> "f.graph0.k3".
static llvm::StringRef opName(llvm::StringRef node, llvm::StringRef region) {
  llvm::StringRef rest = node;
  if (!rest.consume_front(region) || !rest.consume_front(".k"))
    return node;
  llvm::StringRef number =
      rest.take_while([](char c) { return llvm::isDigit(c); });
  return node.drop_back(rest.size() - number.size());
}

void graphrun::numberOps(Differential::Region &region) {
  llvm::StringRef previous;
  forEachNode(region.graph, [&](const RecordedNode &node) {
    // Kernels that only set conditions are of no op.
    if (!node.isKernel() || writtenBy(node).empty())
      return;
    llvm::StringRef name = opName(node.name, region.info->name);
    region.numOps += name != previous;
    previous = name;
    region.opOf[&node] = region.numOps - 1;
  });
}
