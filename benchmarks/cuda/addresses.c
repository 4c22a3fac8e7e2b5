/* Measures what it costs the CPU that arguments of a program move.
 *
 *   addresses LIBRARY.so TABLE FIRST REST
 *
 * TABLE is the name of the library's GoProgramInfo (NAME_program), all of whose
 * arguments are buffers of f32, updated in place or read. A call on ones leaves
 * FIRST in all elements of argument 0 and REST in all others. Prints one line
 * of JSON, medians in microseconds of the host's clock for a call without the
 * wait for it:
 *
 *   bare         cuGraphLaunch of the same nodes, captured from a call
 *   unchanged    all arguments where they were
 *   one          the first argument moved
 *   all          all arguments moved
 *   alternating  all arguments there and back, after the runtime got used to it
 *
 * and, for each but the first, the nodes written to and CUDA graphs built per
 * call. Results are checked after each; a wrong one ends the program.
 */

#define _GNU_SOURCE
#include "GraphOpt/Runtime/GraphProgram.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SETS = 9, CALLS = 400, WARM = 400 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e6 + time.tv_nsec * 1e-3;
}

static void fail(const char *what, const char *why) {
  fprintf(stderr, "addresses: %s: %s\n", what, why);
  exit(1);
}

static void check(GoStatus status, const char *what) {
  if (status != GO_OK)
    fail(what, goLastMessage());
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, int count) {
  qsort(values, count, sizeof(*values), compare);
  return values[count / 2];
}

/* The program and its arguments. */
static GoContext *context;
static const GoFunctionInfo *function;
static void *stream;
static int64_t count;     /* of arguments */
static void **sets[SETS]; /* arguments at different addresses */
static void **current;    /* what the last call was made with */
static float expected[2]; /* of argument 0 and of the others */

static int64_t elements(int64_t argument) {
  const GoValueInfo *value = &function->arguments[argument];
  int64_t size = 1;
  for (int64_t i = 0; i < value->rank; ++i)
    size *= value->shape[i];
  return size;
}

static void call(void) {
  check(function->entry(context, stream, current, NULL), "call");
}

static void checkResults(const char *kind) {
  for (int64_t i = 0; i < count; ++i) {
    int64_t size = elements(i);
    float *ones = malloc(size * sizeof(float));
    for (int64_t j = 0; j < size; ++j)
      ones[j] = 1;
    check(goUpload(context, stream, ones, current[i], size * sizeof(float)),
          "upload");
    free(ones);
  }
  call();
  for (int64_t i = 0; i < count; ++i) {
    int64_t size = elements(i);
    float *values = malloc(size * sizeof(float));
    check(goReadback(context, stream, current[i], values, size * sizeof(float)),
          "readback");
    check(goWait(context, stream), "wait");
    float wanted = expected[i > 0];
    for (int64_t j = 0; j < size; ++j)
      if (!(fabsf(values[j] - wanted) <= 1e-5f * fabsf(wanted))) {
        fprintf(stderr, "addresses: %s: argument %d [%d] is %g, not %g\n", kind,
                (int)i, (int)j, values[j], wanted);
        exit(1);
      }
    free(values);
  }
}

/* Arguments of call number `number`. */
typedef void (*Mover)(int number);
static void stay(int number) { (void)number; }
static void moveOne(int number) { current[0] = sets[1 + number % 8][0]; }
static void moveAll(int number) { current = sets[number % SETS]; }
static void alternate(int number) { current = sets[number % 2]; }

static void measure(const char *kind, Mover move, const char *end) {
  static double times[CALLS];
  for (int i = 0; i < WARM; ++i) {
    move(i);
    call();
    check(goWait(context, stream), "wait");
  }
  GoCounters before, after;
  goContextCounters(context, &before);
  for (int i = 0; i < CALLS; ++i) {
    move(i);
    double start = now();
    call();
    times[i] = now() - start;
    check(goWait(context, stream), "wait");
  }
  goContextCounters(context, &after);
  checkResults(kind);
  printf("\"%s\":%.3f,\"%s_nodes\":%.3f,\"%s_builds\":%.3f%s", kind,
         median(times, CALLS), kind,
         (double)(after.node_updates - before.node_updates) / CALLS, kind,
         (double)(after.builds - before.builds) / CALLS, end);
}

/* The driver, for what the runtime is compared with. */
typedef int (*StreamCreate)(void **, unsigned);
typedef int (*BeginCapture)(void *, int);
typedef int (*EndCapture)(void *, void **);
typedef int (*Instantiate)(void **, void *, unsigned long long);
typedef int (*Launch)(void *, void *);
typedef int (*Retain)(void **, int);
typedef int (*SetCurrent)(void *);
typedef int (*Init)(unsigned);

static void *find(void *library, const char *name) {
  void *symbol = dlsym(library, name);
  if (!symbol)
    fail(name, dlerror());
  return symbol;
}

static void driverCheck(int result, const char *what) {
  if (result)
    fail(what, "the driver reports an error");
}

static void *openDriver(void) {
  const char *path = getenv("GRAPHOPT_CUDA_DRIVER");
  void *driver = dlopen(path ? path : "libcuda.so.1", RTLD_NOW);
  if (!driver)
    fail("the CUDA driver", dlerror());
  void *primary;
  driverCheck(((Init)find(driver, "cuInit"))(0), "cuInit");
  driverCheck(((Retain)find(driver, "cuDevicePrimaryCtxRetain"))(&primary, 0),
              "cuDevicePrimaryCtxRetain");
  driverCheck(((SetCurrent)find(driver, "cuCtxSetCurrent"))(primary),
              "cuCtxSetCurrent");
  enum { nonBlocking = 1 };
  driverCheck(
      ((StreamCreate)find(driver, "cuStreamCreate"))(&stream, nonBlocking),
      "cuStreamCreate");
  return driver;
}

static double measureBare(void *driver) {
  static double times[CALLS];
  void *graph, *exec;
  enum { relaxed = 2 };
  driverCheck(
      ((BeginCapture)find(driver, "cuStreamBeginCapture_v2"))(stream, relaxed),
      "cuStreamBeginCapture");
  call();
  driverCheck(((EndCapture)find(driver, "cuStreamEndCapture"))(stream, &graph),
              "cuStreamEndCapture");
  driverCheck(((Instantiate)find(driver, "cuGraphInstantiateWithFlags"))(
                  &exec, graph, 0),
              "cuGraphInstantiate");
  Launch launch = (Launch)find(driver, "cuGraphLaunch");
  for (int i = -WARM; i < CALLS; ++i) {
    double start = now();
    driverCheck(launch(exec, stream), "cuGraphLaunch");
    if (i >= 0)
      times[i] = now() - start;
    check(goWait(context, stream), "wait");
  }
  return median(times, CALLS);
}

int main(int argc, char **argv) {
  if (argc != 5)
    fail("usage", "addresses LIBRARY.so TABLE FIRST REST");
  expected[0] = atof(argv[3]);
  expected[1] = atof(argv[4]);
  void *library = dlopen(argv[1], RTLD_NOW);
  if (!library)
    fail(argv[1], dlerror());
  const GoProgramInfo *program = find(library, argv[2]);
  void *driver = program->device == GO_DEVICE_CUDA ? openDriver() : NULL;
  check(goProgramCreateContext(program, 0, &context), "context");
  function = &program->functions[0];
  count = function->num_arguments;
  current = malloc(count * sizeof(void *));
  for (int set = 0; set < SETS; ++set) {
    sets[set] = malloc(count * sizeof(void *));
    for (int64_t i = 0; i < count; ++i) {
      sets[set][i] = goAllocate(context, stream, 4 * elements(i));
      if (!sets[set][i])
        fail("goAllocate", goLastMessage());
    }
  }
  memcpy(current, sets[0], count * sizeof(void *));

  printf("{\"arguments\":%d,", (int)count);
  checkResults("first call");
  if (driver)
    printf("\"bare\":%.3f,", measureBare(driver));
  measure("unchanged", stay, ",");
  measure("one", moveOne, ",");
  measure("all", moveAll, ",");
  measure("alternating", alternate, "}\n");
  for (int set = 0; set < SETS; ++set)
    for (int64_t i = 0; i < count; ++i)
      goFree(context, stream, sets[set][i]);
  check(goContextTakeStatus(context), "the end");
  goContextDestroy(context);
  return 0;
}
