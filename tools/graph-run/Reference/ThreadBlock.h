//===- ThreadBlock.h - Threads that wait for each other ---------*- C++ -*-===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_THREADBLOCK_H
#define GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_THREADBLOCK_H

#include "Interpreter.h"

#include <condition_variable>
#include <mutex>

namespace graphrun {

/// Runs the threads of one block of a kernel with barriers. Each has a thread
/// of the machine, for its stack, but only one runs at a time: in order, from
/// one barrier to the next.
class ThreadBlock {
public:
  explicit ThreadBlock(Interpreter &interpreter) : interpreter(interpreter) {}

  /// Calls `body` with the numbers 0 to `count` - 1. Fails if one of them does.
  mlir::LogicalResult
  run(int64_t count, llvm::function_ref<mlir::LogicalResult(int64_t)> body);

  /// Called by the thread whose turn it is: returns when all threads that have
  /// not ended have called it. Fails if one has failed meanwhile.
  mlir::LogicalResult wait();

private:
  enum class State { Ready, Waiting, Done };

  /// Gives the turn to the next thread that can go on, and to the caller of
  /// `run` if there is none.
  void pass(std::unique_lock<std::mutex> &lock);
  void awaitTurn(std::unique_lock<std::mutex> &lock, int64_t number);

  Interpreter &interpreter;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<State> states;
  int64_t turn = 0;
  bool hasFailed = false;
};

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_THREADBLOCK_H
