//===- CudaGraphPaths.cpp - Paths of edges --------------------------------===//
//
// Implements the search for paths and the removal of edges that they imply.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/CudaGraph/CudaGraphPaths.h"

using namespace mlir;
using namespace mlir::cudagraph;

void Paths::add(ArrayRef<unsigned> predecessors) {
  unsigned node = chainOf.size();
  std::optional<unsigned> chosen;
  for (unsigned predecessor : predecessors)
    if (chains[chainOf[predecessor]].last == predecessor)
      if (!chosen || predecessor > *chosen)
        chosen = predecessor;
  unsigned chain = chosen ? chainOf[*chosen] : chains.size();
  if (!chosen)
    chains.emplace_back();
  chains[chain].last = node;
  for (unsigned predecessor : predecessors)
    if (predecessor != chosen)
      chains[chain].incoming.push_back({predecessor, node});
  chainOf.push_back(chain);
}

void Paths::visitIncoming(unsigned node, unsigned lower, unsigned first,
                          function_ref<void(unsigned)> visit) {
  ArrayRef<CrossEdge> edges = chains[chainOf[node]].incoming;
  const CrossEdge *edge =
      llvm::upper_bound(edges, node, [](unsigned value, const CrossEdge &e) {
        return value < e.to;
      });
  while (edge != edges.begin()) {
    --edge;
    if (edge->to < lower || edge->to <= first)
      break;
    visit(edge->from);
  }
}

void Paths::removeImplied(SmallVectorImpl<unsigned> &nodes) {
  if (nodes.size() < 2)
    return;
  unsigned first = *llvm::min_element(nodes);
  /// Of a chain that is reached.
  struct Reached {
    std::optional<unsigned> listed; ///< The last one of `nodes`.
    std::optional<unsigned> passed; ///< The last one with a path to `nodes`.
    std::optional<unsigned> searched;
  };
  DenseMap<unsigned, Reached> reached;
  SmallVector<unsigned> worklist(nodes.begin(), nodes.end());
  for (unsigned node : nodes) {
    std::optional<unsigned> &listed = reached[chainOf[node]].listed;
    listed = std::max(listed.value_or(node), node);
  }
  while (!worklist.empty()) {
    unsigned node = worklist.pop_back_val();
    std::optional<unsigned> &searched = reached[chainOf[node]].searched;
    if (node < first || (searched && *searched >= node))
      continue;
    unsigned lower = searched ? *searched + 1 : 0;
    searched = node;
    visitIncoming(node, lower, first, [&](unsigned from) {
      std::optional<unsigned> &passed = reached[chainOf[from]].passed;
      passed = std::max(passed.value_or(from), from);
      worklist.push_back(from);
    });
  }
  llvm::erase_if(nodes, [&](unsigned node) {
    const Reached &chain = reached[chainOf[node]];
    return node < *chain.listed || (chain.passed && node <= *chain.passed);
  });
}

bool Paths::reaches(unsigned from, unsigned to) {
  unsigned target = chainOf[from];
  // Per chain, the last node whose predecessors have been searched.
  DenseMap<unsigned, unsigned> searched;
  SmallVector<unsigned> worklist = {to};
  while (!worklist.empty()) {
    unsigned node = worklist.pop_back_val();
    if (node < from)
      continue;
    unsigned chain = chainOf[node];
    if (chain == target)
      return true;
    auto [position, isNew] = searched.try_emplace(chain, node);
    if (!isNew && position->second >= node)
      continue;
    unsigned lower = isNew ? 0 : position->second + 1;
    position->second = node;
    visitIncoming(node, lower, from,
                  [&](unsigned source) { worklist.push_back(source); });
  }
  return false;
}

void cudagraph::reduceEdges(Block &block) {
  Paths paths;
  DenseMap<Value, unsigned> numbers;
  for (auto node : block.getOps<NodeOpInterface>()) {
    SmallVector<unsigned> before = llvm::map_to_vector(
        node.getAfter(), [&](Value value) { return numbers.lookup(value); });
    llvm::sort(before);
    before.erase(llvm::unique(before), before.end());
    paths.removeImplied(before);
    paths.add(before);
    if (before.size() < node.getAfter().size()) {
      // Those that stay keep their order.
      SmallVector<Value> after;
      DenseSet<unsigned> left(before.begin(), before.end());
      for (Value value : node.getAfter())
        if (left.erase(numbers.lookup(value)))
          after.push_back(value);
      node.getAfterMutable().assign(after);
    }
    unsigned number = numbers.size();
    numbers[node.getNode()] = number;
  }
}
