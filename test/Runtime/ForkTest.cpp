//===- ForkTest.cpp - Tests of processes that fork ------------------------===//
//
// Part of graph-opt. What a child of a process finds of its parent's contexts,
// on the host.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

#include <sys/wait.h>
#include <unistd.h>

namespace {

/// Runs `check` in a child process; it returns the number of the first thing
/// that is wrong, or 0.
int inChild(const std::function<int()> &check) {
  pid_t child = fork();
  if (child == 0)
    _exit(check());
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Fork, ContextsOfTheParentSayThatTheyAreItsOwn) {
  Context context(GO_DEVICE_HOST, 2);
  GoGraphInfo info = makeInfo("forked", 1), other = makeInfo("other", 1);
  int32_t launches = 0;
  GoExec *exec = build(context, info, incrementing(1));
  EXPECT_EQ(launch(exec, {&launches}), GO_OK);
  GoPending *pending = nullptr;
  int32_t value = 5, fetched = 0;
  GoFetchItem item = {&value, &fetched, 4};
  ASSERT_EQ(goFetch(context, nullptr, &item, 1, &pending), GO_OK);
  GoTimer *timer = nullptr;
  ASSERT_EQ(goTimerCreate(context, &timer), GO_OK);

  int wrong = inChild([&] {
    int number = 0, wrong = 0;
    auto expect = [&](bool isRight) {
      ++number;
      bool isNamed = std::string(goLastMessage())
                         .find("the parent of this "
                               "process") != std::string::npos;
      if (!wrong && !(isRight && isNamed))
        wrong = number;
    };
    GoExec *none = nullptr;
    GoPending *fetch = nullptr;
    GoDeviceDescription description;
    GoCacheLimits limits = {1, 1};
    int32_t result = 0;
    double time = 0;
    void *buffers[] = {&result};
    expect(instantiate(context, other, incrementing(1), &none) ==
           GO_UNSUPPORTED);
    expect(goExecLaunch(exec, nullptr, buffers, nullptr, 0) == GO_UNSUPPORTED);
    expect(goExecUpdate(exec, buffers) == GO_UNSUPPORTED);
    expect(!goAllocate(context, nullptr, 4));
    expect(!goConstant(context, nullptr, &value, 4));
    goFree(context, nullptr, &value);
    expect(goUpload(context, nullptr, &value, &result, 4) == GO_UNSUPPORTED);
    expect(goReadback(context, nullptr, &value, &result, 4) == GO_UNSUPPORTED);
    expect(goCopy(context, nullptr, &value, &result, 4) == GO_UNSUPPORTED);
    expect(goFetch(context, nullptr, &item, 1, &fetch) == GO_UNSUPPORTED);
    expect(goAwait(pending) == GO_UNSUPPORTED);
    expect(goWait(context, nullptr) == GO_UNSUPPORTED);
    expect(goTimerStart(timer, nullptr) == GO_UNSUPPORTED);
    expect(goTimerStop(timer, nullptr) == GO_UNSUPPORTED);
    expect(goTimerRead(timer, &time) == GO_UNSUPPORTED);
    expect(goContextDescribe(context, &description) == GO_UNSUPPORTED);
    expect(goContextSetMode(context, GO_MODE_STREAM) == GO_UNSUPPORTED);
    expect(goContextWriteDot(context, "/dev/null") == GO_UNSUPPORTED);
    expect(goContextSetCacheLimits(context, &limits) == GO_UNSUPPORTED);
    expect(goReleaseOwner(context, 0) == GO_UNSUPPORTED);
    expect(goContextTakeStatus(context) == GO_UNSUPPORTED);
    expect(context.counters().graph_launches == 0);
    goTimerDestroy(timer);
    goContextDestroy(context);
    // The child can have its own.
    ++number;
    GoContext *own = nullptr;
    bool isRight = goContextCreate(GO_DEVICE_HOST, 2, &own) == GO_OK &&
                   instantiate(own, info, incrementing(1), &none) == GO_OK &&
                   goExecLaunch(none, nullptr, buffers, nullptr, 0) == GO_OK &&
                   result == 1;
    goContextDestroy(own);
    return wrong || isRight ? wrong : number;
  });
  EXPECT_EQ(wrong, 0);

  // Nothing of that is known here.
  EXPECT_EQ(goContextTakeStatus(context), GO_OK);
  EXPECT_EQ(launch(exec, {&launches}), GO_OK);
  EXPECT_EQ(launches, 2);
  EXPECT_EQ(context.counters().graph_launches, 2u);
  EXPECT_EQ(goAwait(pending), GO_OK);
  EXPECT_EQ(fetched, 5);
  goTimerDestroy(timer);
}

} // namespace
