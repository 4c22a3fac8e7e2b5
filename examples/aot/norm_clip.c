/* Calls a program that was compiled ahead of time: the norm of three gradients,
 * then clipping (examples/norm_clip.mlir), checked against plain loops.
 *
 *   graph-compile examples/norm_clip.mlir -o norm_clip
 *   cc examples/aot/norm_clip.c -I. -IPREFIX/include ./norm_clip.so \
 *     -LPREFIX/lib -lgraphopt_runtime -lm -Wl,-rpath,$PWD:PREFIX/lib -o norm_clip
 *   ./norm_clip
 *
 * The same source serves both devices; for a GPU compile the program with
 * --graph-opt-pipeline="device=cuda chip=sm_90".
 */

#include "norm_clip.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUM_GRADIENTS = 3 };
static const int64_t sizes[NUM_GRADIENTS] = {768 * 2304, 2304, 2304};

static void check(GoStatus status, const char *what) {
  if (status == GO_OK)
    return;
  fprintf(stderr, "%s: status %d: %s\n", what, (int)status, goLastMessage());
  exit(1);
}

/* Numbers in [-1, 1) that depend on the seed and the index alone. */
static float makeNumber(uint64_t seed, uint64_t index) {
  uint64_t state = (index + 1) * 0x9E3779B97F4A7C15u + seed;
  state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9u;
  state = (state ^ (state >> 27)) * 0x94D049BB133111EBu;
  return (float)((double)(state >> 40) / (1 << 23) - 1.0);
}

static double relativeError(double value, double expected) {
  return fabs(value - expected) / fmax(fabs(expected), 1e-30);
}

/* One call with `maxNorm`; returns the largest relative error. */
static double runOnce(GoContext *context, float **host, float **device,
                      double maxNorm) {
  double sum = 0, norm = 0, worst;
  for (int i = 0; i < NUM_GRADIENTS; ++i) {
    for (int64_t j = 0; j < sizes[i]; ++j) {
      host[i][j] = makeNumber(i, j);
      sum += (double)host[i][j] * host[i][j];
    }
    check(goUpload(context, NULL, host[i], device[i], sizes[i] * sizeof(float)),
          "goUpload");
  }
  check(norm_clip_clip(context, NULL, device[0], device[1], device[2], maxNorm,
                       &norm),
        "norm_clip_clip");

  double expectedNorm = sqrt(sum);
  double coefficient = maxNorm / (expectedNorm + 1e-6);
  double scale = coefficient < 1.0 ? coefficient : 1.0;
  worst = relativeError(norm, expectedNorm);
  for (int i = 0; i < NUM_GRADIENTS; ++i) {
    check(goReadback(context, NULL, device[i], host[i],
                     sizes[i] * sizeof(float)),
          "goReadback");
    check(goWait(context, NULL), "goWait");
    for (int64_t j = 0; j < sizes[i]; ++j) {
      double error = relativeError(host[i][j], makeNumber(i, j) * scale);
      worst = fmax(worst, error);
    }
  }
  printf("max_norm %g: norm %.9g (expected %.9g), worst relative error %.2g\n",
         maxNorm, norm, expectedNorm, worst);
  return worst;
}

int main(void) {
  GoContext *context;
  check(goProgramCreateContext(&norm_clip_program, 0, &context), "context");
  GoDeviceDescription device;
  check(goContextDescribe(context, &device), "device");
  printf("%s, device %s\n", norm_clip_program.name, device.name);

  float *host[NUM_GRADIENTS], *gradients[NUM_GRADIENTS];
  for (int i = 0; i < NUM_GRADIENTS; ++i) {
    int64_t bytes = sizes[i] * sizeof(float);
    host[i] = malloc(bytes);
    gradients[i] = goAllocate(context, NULL, bytes);
    if (!host[i] || !gradients[i])
      check(GO_OUT_OF_MEMORY, "memory");
  }
  /* Clipped, and left alone. */
  double worst = fmax(runOnce(context, host, gradients, 1.0),
                      runOnce(context, host, gradients, 1e6));

  GoCounters counters;
  goContextCounters(context, &counters);
  printf("%d graph, %d launches\n", (int)counters.graphs,
         (int)counters.graph_launches);
  for (int i = 0; i < NUM_GRADIENTS; ++i) {
    goFree(context, NULL, gradients[i]);
    free(host[i]);
  }
  goContextDestroy(context);
  if (worst < 1e-5)
    return 0;
  fprintf(stderr, "the results are wrong\n");
  return 1;
}
