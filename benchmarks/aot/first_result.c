/* Measures how long a program that was compiled ahead of time takes to its
 * first result, and how much of that is the instantiation of its graphs.
 *
 *   first_result LIBRARY.so TABLE [FUNCTION]
 *
 * TABLE is the name of the library's GoProgramInfo (NAME_program). Prints one
 * line of JSON, times in microseconds on the host's clock:
 *   load         dlopen
 *   context      goContextCreate
 *   instantiate  all goGraphInstantiate of the first call (nodes added, code
 *                loaded), and what its goExecLaunch took longer than those of
 *                the second: they instantiate the CUDA graphs
 *   first        the first call and a wait for its results
 *   second       the second call, a replay, and a wait
 * The program's calls of the two come here: this file defines the functions and
 * passes calls on to the runtime. Arguments are ones.
 */

#define _GNU_SOURCE
#include "GraphOpt/Runtime/GraphProgram.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e6 + time.tv_nsec * 1e-3;
}

static double instantiateTime, launchTime;

GoStatus goGraphInstantiate(GoContext *context, const GoGraphInfo *info,
                            GoExec **exec) {
  static GoStatus (*runtimeFunction)(GoContext *, const GoGraphInfo *,
                                     GoExec **);
  if (!runtimeFunction)
    *(void **)&runtimeFunction = dlsym(RTLD_NEXT, "goGraphInstantiate");
  double start = now();
  GoStatus status = runtimeFunction(context, info, exec);
  instantiateTime += now() - start;
  return status;
}

GoStatus goExecLaunch(GoExec *exec, void *stream, void *const *buffers,
                      const void *parameters, int64_t num_uploads) {
  static GoStatus (*runtimeFunction)(GoExec *, void *, void *const *,
                                     const void *, int64_t);
  if (!runtimeFunction)
    *(void **)&runtimeFunction = dlsym(RTLD_NEXT, "goExecLaunch");
  double start = now();
  GoStatus status =
      runtimeFunction(exec, stream, buffers, parameters, num_uploads);
  launchTime += now() - start;
  return status;
}

static void fail(const char *what, const char *why) {
  fprintf(stderr, "first_result: %s: %s\n", what, why);
  exit(1);
}

static void check(GoStatus status, const char *what) {
  if (status != GO_OK)
    fail(what, goLastMessage());
}

static int64_t sizeOf(const GoValueInfo *value) {
  int64_t bytes = value->element_bytes;
  for (int64_t i = 0; i < value->rank; ++i)
    bytes *= value->shape[i];
  return bytes;
}

/* Ones of the value's type. */
static void fill(const GoValueInfo *value, char *bytes, int64_t size) {
  union {
    float f32;
    double f64;
    uint16_t half;
    uint64_t integer;
  } one = {.integer = 1};
  if (!strcmp(value->element, "f32"))
    one.f32 = 1;
  else if (!strcmp(value->element, "f64"))
    one.f64 = 1;
  else if (!strcmp(value->element, "f16"))
    one.half = 0x3C00;
  else if (!strcmp(value->element, "bf16"))
    one.half = 0x3F80;
  for (int64_t i = 0; i < size; i += value->element_bytes)
    memcpy(bytes + i, &one, value->element_bytes);
}

/* Memory of arguments or results, as an entry point takes them. */
static void **makeValues(GoContext *context, const GoValueInfo *values,
                         int64_t count) {
  void **pointers = calloc(count + 1, sizeof(void *));
  for (int64_t i = 0; i < count; ++i) {
    if (values[i].kind == GO_VALUE_DESCRIPTOR)
      fail(values[i].name, "its shape is not known");
    int64_t size = sizeOf(&values[i]);
    char *bytes = malloc(size + 1);
    fill(&values[i], bytes, size);
    if (values[i].kind == GO_VALUE_SCALAR) {
      pointers[i] = bytes;
      continue;
    }
    pointers[i] = goAllocate(context, NULL, size);
    if (!pointers[i])
      check(GO_OUT_OF_MEMORY, values[i].name);
    check(goUpload(context, NULL, bytes, pointers[i], size), values[i].name);
    check(goWait(context, NULL), values[i].name);
    free(bytes);
  }
  return pointers;
}

static void freeValues(GoContext *context, const GoValueInfo *values,
                       int64_t count, void **pointers) {
  for (int64_t i = 0; i < count; ++i)
    if (values[i].kind == GO_VALUE_SCALAR)
      free(pointers[i]);
    else
      goFree(context, NULL, pointers[i]);
  free(pointers);
}

static const GoFunctionInfo *findFunction(const GoProgramInfo *program,
                                          const char *name) {
  for (int64_t i = 0; i < program->num_functions; ++i)
    if (!name || !strcmp(program->functions[i].name, name))
      return &program->functions[i];
  fail(name, "there is no such function");
  return NULL;
}

/* The time of one call and of the wait for its results. */
static double timeCall(const GoFunctionInfo *function, GoContext *context,
                       void **arguments, void **results) {
  GoPending *pending = NULL;
  double start = now();
  check(function->entry ? function->entry(context, NULL, arguments, results)
                        : function->async_entry(context, NULL, arguments,
                                                results, &pending),
        function->name);
  check(goAwait(pending), function->name);
  check(goWait(context, NULL), function->name);
  return now() - start;
}

int main(int argc, char **argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: first_result LIBRARY.so TABLE [FUNCTION]\n");
    return 2;
  }
  double start = now();
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  double load = now() - start;
  if (!library)
    fail(argv[1], dlerror());
  const GoProgramInfo *program = dlsym(library, argv[2]);
  if (!program)
    fail(argv[1], dlerror());
  const GoFunctionInfo *function =
      findFunction(program, argc > 3 ? argv[3] : NULL);

  GoContext *context;
  start = now();
  check(goProgramCreateContext(program, 0, &context), "context");
  double contextTime = now() - start;
  void **arguments =
      makeValues(context, function->arguments, function->num_arguments);
  void **results =
      makeValues(context, function->results, function->num_results);

  double first = timeCall(function, context, arguments, results);
  double instantiate = instantiateTime + launchTime;
  launchTime = 0;
  double second = timeCall(function, context, arguments, results);
  instantiate -= launchTime;
  GoCounters counters;
  goContextCounters(context, &counters);
  printf("{\"load\": %.1f, \"context\": %.1f, \"instantiate\": %.1f, "
         "\"first\": %.1f, \"second\": %.1f, \"ratio\": %.3f, "
         "\"graphs\": %d, \"kernels\": %d}\n",
         load, contextTime, instantiate, first, second, first / instantiate,
         (int)counters.graphs, (int)counters.kernel_nodes);
  freeValues(context, function->arguments, function->num_arguments, arguments);
  freeValues(context, function->results, function->num_results, results);
  goContextDestroy(context);
  return 0;
}
