//===- AddressPolicy.h - What becomes of a buffer that moved ----*- C++ -*-===//

#ifndef GRAPHOPT_ANALYSIS_ADDRESSPOLICY_H
#define GRAPHOPT_ANALYSIS_ADDRESSPOLICY_H

#include "llvm/ADT/StringRef.h"

#include <optional>

namespace graphopt {

/// How a graph finds a buffer whose address may be another one at each launch.
/// Whatever is chosen, a launch is right at once.
enum class AddressPolicy {
  Auto,       ///< What costs least.
  Baked,      ///< In the nodes, for good: a move builds another graph.
  Parameters, ///< In the nodes, which are written to after a move.
  Table,      ///< In a table on the device, which is copied after a move.
  Slot,       ///< Copied to memory of the graph before and back after it.
};

/// "auto", "baked" and so on, as in options and attributes.
llvm::StringRef stringify(AddressPolicy policy);
std::optional<AddressPolicy> parseAddressPolicy(llvm::StringRef text);

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_ADDRESSPOLICY_H
