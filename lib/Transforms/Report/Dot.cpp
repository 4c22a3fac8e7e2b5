//===- Dot.cpp - Facts as a picture ---------------------------------------===//

#include "Facts.h"
#include "Writers.h"

using namespace mlir;
using namespace graphopt;

/// `text` in quotes, as Graphviz reads it.
static std::string quote(const Twine &text) {
  std::string quoted = "\"";
  for (char c : text.str()) {
    if (c == '"' || c == '\\')
      quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

/// Two lines in quotes.
static std::string quoteLines(const Twine &first, const Twine &second) {
  std::string text = quote(first);
  text.pop_back();
  return text + "\\n" + quote(second).substr(1);
}

namespace {
/// Draws one function.
class Picture {
public:
  Picture(DictionaryAttr function, llvm::raw_ostream &os)
      : function(function), name(getText(function, "name").str()), os(os) {}

  void draw();

private:
  void drawRegion(DictionaryAttr region);
  void drawReadback(DictionaryAttr readback, size_t ordinal);
  void drawBlocker(DictionaryAttr blocker, size_t ordinal);
  /// Draws an edge between regions or other things: an arrow from or to a
  /// region starts or ends at its border.
  void drawEdge(StringRef from, StringRef to, const Twine &attributes);
  std::string getNode(StringRef region, size_t ordinal) const {
    return quote(Twine(region) + "#" + Twine(ordinal));
  }
  std::string getId(StringRef kind, size_t ordinal) const {
    return (Twine(name) + "#" + kind + Twine(ordinal)).str();
  }

  DictionaryAttr function;
  std::string name;
  llvm::raw_ostream &os;
  llvm::StringMap<size_t> sizes; ///< Number of nodes of each region.
};
} // namespace

void Picture::drawEdge(StringRef from, StringRef to, const Twine &attributes) {
  bool fromRegion = sizes.contains(from), toRegion = sizes.contains(to);
  os << "    "
     << (fromRegion ? getNode(from, sizes.lookup(from) - 1) : quote(from))
     << " -> " << (toRegion ? getNode(to, 0) : quote(to)) << " [" << attributes;
  if (fromRegion)
    os << ", ltail=" << quote("cluster " + from);
  if (toRegion)
    os << ", lhead=" << quote("cluster " + to);
  os << "];\n";
}

void Picture::drawRegion(DictionaryAttr region) {
  StringRef name = getText(region, "name");
  SmallVector<DictionaryAttr> nodes = getList(region, "nodes");
  if (nodes.empty())
    return;
  sizes[name] = nodes.size();
  os << "    subgraph " << quote("cluster " + name) << " {\n"
     << "      label=" << quoteLines(name, getText(region, "location"))
     << "; style=filled; color=lightblue;\n";
  for (auto [i, node] : llvm::enumerate(nodes))
    os << "      " << getNode(name, i) << " [shape=box, style=filled, "
       << "fillcolor=white, label="
       << quoteLines(getText(node, "op"), getText(node, "location")) << "];\n";
  for (auto [i, node] : llvm::enumerate(nodes))
    for (Attribute before : node.getAs<ArrayAttr>("after"))
      os << "      " << getNode(name, cast<IntegerAttr>(before).getInt())
         << " -> " << getNode(name, i) << ";\n";
  os << "    }\n";
}

void Picture::drawReadback(DictionaryAttr readback, size_t ordinal) {
  StringRef region = getText(readback, "region");
  std::string user = getId("use", ordinal);
  os << "    " << quote(user) << " [shape=note, label="
     << quoteLines(readback.contains("used_by") ? getText(readback, "used_by")
                                                : "nothing",
                   getText(readback, "used_at"))
     << "];\n";
  std::string source = region.str();
  // Read from what no region made.
  if (!sizes.contains(region)) {
    source = getId("read", ordinal);
    os << "    " << quote(source)
       << " [shape=plaintext, label=" << quote(getText(readback, "location"))
       << "];\n";
  }
  bool isKept = getText(readback, "outcome") == "kept";
  drawEdge(
      source, user,
      Twine(isKept ? "color=red" : "color=orange") + ", label=" +
          quoteLines(getText(readback, "code"), getText(readback, "reason")));
  // What waits for it.
  auto merges = getFacts(readback, "what_if").getAs<ArrayAttr>("merges");
  if (merges && merges.size() > 1)
    for (auto next : merges.getAsRange<StringAttr>())
      if (next.getValue() != region && sizes.contains(next.getValue()))
        drawEdge(user, next.getValue(), "color=red, style=dashed");
}

void Picture::drawBlocker(DictionaryAttr blocker, size_t ordinal) {
  std::string id = getId("blocker", ordinal);
  os << "    " << quote(id)
     << " [shape=octagon, style=filled, fillcolor=salmon, label="
     << quoteLines(getText(blocker, "op") + Twine(": ") +
                       getText(blocker, "code"),
                   getText(blocker, "location"))
     << "];\n";
  auto merges = getFacts(blocker, "what_if").getAs<ArrayAttr>("merges");
  if (!merges)
    return;
  for (auto [i, next] : llvm::enumerate(merges.getAsRange<StringAttr>())) {
    if (!sizes.contains(next.getValue()))
      continue;
    if (i == 0)
      drawEdge(next.getValue(), id, "color=red");
    else
      drawEdge(id, next.getValue(), "color=red");
  }
}

void Picture::draw() {
  os << "  subgraph " << quote("cluster @" + name) << " {\n"
     << "    label=" << quoteLines("@" + name, getText(function, "location"))
     << "; style=solid; color=black;\n";
  for (DictionaryAttr region : getList(function, "regions"))
    drawRegion(region);
  for (DictionaryAttr region : getList(function, "regions"))
    if (auto after = region.getAs<ArrayAttr>("after"))
      for (auto before : after.getAsRange<StringAttr>())
        drawEdge(before.getValue(), getText(region, "name"), "color=blue");
  for (auto [i, readback] : llvm::enumerate(getList(function, "readbacks")))
    if (readback.contains("what_if"))
      drawReadback(readback, i);
  for (auto [i, blocker] : llvm::enumerate(getList(function, "blockers")))
    drawBlocker(blocker, i);
  os << "  }\n";
}

void graphopt::writeDot(DictionaryAttr report, llvm::raw_ostream &os) {
  os << "digraph \"graph-opt\" {\n  compound=true;\n  node [fontsize=10];\n";
  for (DictionaryAttr function : getList(report, "functions"))
    Picture(function, os).draw();
  os << "}\n";
}
