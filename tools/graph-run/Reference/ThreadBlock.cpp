//===- ThreadBlock.cpp - Threads that wait for each other -----------------===//
//
// Implements barriers by handing the interpreter from thread to thread.
//
//===----------------------------------------------------------------------===//

#include "ThreadBlock.h"

#include <thread>

using namespace mlir;
using namespace graphrun;

void ThreadBlock::awaitTurn(std::unique_lock<std::mutex> &lock,
                            int64_t number) {
  changed.wait(lock, [&] { return turn == number; });
}

void ThreadBlock::pass(std::unique_lock<std::mutex> &) {
  int64_t count = states.size();
  auto next = [&] {
    for (int64_t i = 1; i <= count; ++i)
      if (states[(turn + i) % count] == State::Ready)
        return (turn + i) % count;
    return count;
  };
  int64_t chosen = next();
  if (chosen == count) {
    // All are at the barrier, or have ended. The first goes on.
    for (State &state : states)
      if (state == State::Waiting)
        state = State::Ready;
    turn = count - 1;
    chosen = next();
  }
  turn = chosen;
  changed.notify_all();
}

LogicalResult ThreadBlock::wait() {
  Interpreter::Context context = interpreter.getContext();
  std::unique_lock<std::mutex> lock(mutex);
  int64_t number = turn;
  states[number] = State::Waiting;
  pass(lock);
  awaitTurn(lock, number);
  interpreter.setContext(context);
  return failure(hasFailed);
}

LogicalResult
ThreadBlock::run(int64_t count,
                 llvm::function_ref<LogicalResult(int64_t)> body) {
  if (count == 0)
    return success();
  Interpreter::Context context = interpreter.getContext();
  states.assign(count, State::Ready);
  turn = 0;
  std::vector<std::thread> threads;
  for (int64_t number = 0; number < count; ++number)
    threads.emplace_back([&, number] {
      std::unique_lock<std::mutex> lock(mutex);
      awaitTurn(lock, number);
      lock.unlock();
      interpreter.setContext(context);
      bool failedHere = hasFailed || failed(body(number));
      lock.lock();
      hasFailed |= failedHere;
      states[number] = State::Done;
      pass(lock);
    });
  for (std::thread &thread : threads)
    thread.join();
  interpreter.setContext(context);
  return failure(hasFailed);
}
