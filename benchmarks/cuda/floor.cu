//===- floor.cu - Global norm and clip, written by hand -------------------===//
//
// The yardstick for generated code: one CUDA graph of two kernels over a list
// of tensors, with what a careful programmer would do.
//
//   floor LIST.txt f32|bf16
//
// LIST.txt holds element counts, one per line. Every call computes
//
//   norm = sqrt(sum over i of f64(f32 sqrt(sum(f32(g[i])^2)))^2)     in f64
//   c = max_norm / (norm + 1e-6); if c < 1: g[i] *= f32(c)
//
// with max_norm = -1, which clips at every call and keeps the magnitudes. The
// first call is compared with the host. Prints one JSON object; times are in
// microseconds.
//
//===----------------------------------------------------------------------===//

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#define CHECK(call)                                                            \
  do {                                                                         \
    cudaError_t error = (call);                                                \
    if (error != cudaSuccess) {                                                \
      std::fprintf(stderr, "floor: %s:%d: %s: %s\n", __FILE__, __LINE__,       \
                   #call, cudaGetErrorString(error));                          \
      std::exit(1);                                                            \
    }                                                                          \
  } while (false)

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

constexpr int blockSize = 512;
constexpr int blocksPerMultiprocessor = 3;
/// Bytes of a chunk: a block's unit of work, inside of one tensor.
constexpr int64_t chunkBytes = 64 * 1024;
/// 128-bit accesses of a thread in flight.
constexpr int unroll = 4;

/// A piece of a tensor, 16-byte aligned.
struct Chunk {
  void *data;
  int32_t count; ///< Elements.
};

/// What the kernels share, in device memory.
struct State {
  double norm;
  float factor;
  int32_t clips;
  unsigned done; ///< Blocks that have written their sums; 0 between launches.
};

__device__ inline float toFloat(float x) { return x; }
__device__ inline float toFloat(__nv_bfloat16 x) { return __bfloat162float(x); }
__device__ inline void assign(float &to, float x) { to = x; }
__device__ inline void assign(__nv_bfloat16 &to, float x) {
  to = __float2bfloat16_rn(x);
}

/// 16 bytes of elements.
template <typename T>
struct alignas(16) Packet {
  static constexpr int size = 16 / sizeof(T);
  T elements[size];
};

template <typename Value>
__device__ Value sumOfWarp(Value value) {
  for (int offset = 16; offset; offset /= 2)
    value += __shfl_down_sync(~0u, value, offset);
  return value;
}

/// The sum of `value` over the block, in thread 0.
template <typename Value>
__device__ Value sumOfBlock(Value value) {
  __shared__ Value sums[blockSize / 32];
  value = sumOfWarp(value);
  __syncthreads();
  if (threadIdx.x % 32 == 0)
    sums[threadIdx.x / 32] = value;
  __syncthreads();
  if (threadIdx.x < 32)
    value =
        sumOfWarp(threadIdx.x < blockSize / 32 ? sums[threadIdx.x] : Value(0));
  return value;
}

template <typename T>
__device__ float sumOfSquares(Chunk chunk) {
  const T *data = static_cast<const T *>(chunk.data);
  const Packet<T> *packets = static_cast<const Packet<T> *>(chunk.data);
  int numPackets = chunk.count / Packet<T>::size;
  float sums[unroll] = {};
  for (int base = threadIdx.x; base < numPackets; base += unroll * blockSize) {
    Packet<T> loaded[unroll];
#pragma unroll
    for (int k = 0; k < unroll; ++k)
      loaded[k] = base + k * blockSize < numPackets
                      ? packets[base + k * blockSize]
                      : Packet<T>{};
#pragma unroll
    for (int k = 0; k < unroll; ++k)
      for (int e = 0; e < Packet<T>::size; ++e) {
        float x = toFloat(loaded[k].elements[e]);
        sums[k] += x * x;
      }
  }
  int rest = numPackets * Packet<T>::size + threadIdx.x;
  if (rest < chunk.count) {
    float x = toFloat(data[rest]);
    sums[0] += x * x;
  }
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// The last block: norms of the tensors from the sums of their chunks, one warp
/// per tensor, then the total and the factor.
__device__ void finish(const float *chunkSums, const int32_t *firstChunk,
                       int numTensors, double maxNorm, State *state) {
  int lane = threadIdx.x % 32;
  double total = 0;
  for (int tensor = threadIdx.x / 32; tensor < numTensors;
       tensor += blockSize / 32) {
    float sum = 0;
    for (int i = firstChunk[tensor] + lane; i < firstChunk[tensor + 1]; i += 32)
      sum += __ldcg(chunkSums + i);
    sum = sumOfWarp(sum);
    double norm = lane == 0 ? sqrtf(sum) : 0.0f;
    total += norm * norm;
  }
  total = sumOfBlock(total);
  if (threadIdx.x)
    return;
  double norm = sqrt(total), c = maxNorm / (norm + 1e-6);
  state->norm = norm;
  state->factor = static_cast<float>(c);
  state->clips = c < 1;
  state->done = 0;
}

template <typename T>
__global__ void __launch_bounds__(blockSize, blocksPerMultiprocessor)
    normKernel(const Chunk *chunks, int numChunks, float *chunkSums,
               const int32_t *firstChunk, int numTensors, double maxNorm,
               State *state) {
  for (int i = blockIdx.x; i < numChunks; i += gridDim.x) {
    float sum = sumOfBlock(sumOfSquares<T>(chunks[i]));
    if (threadIdx.x == 0)
      chunkSums[i] = sum;
  }
  __shared__ bool isLast;
  if (threadIdx.x == 0) {
    __threadfence();
    isLast = atomicAdd(&state->done, 1) == gridDim.x - 1;
  }
  __syncthreads();
  if (isLast)
    finish(chunkSums, firstChunk, numTensors, maxNorm, state);
}

/// Backwards over the chunks, so as to meet what is still in the L2 cache.
template <typename T>
__global__ void __launch_bounds__(blockSize, blocksPerMultiprocessor)
    scaleKernel(const Chunk *chunks, int numChunks, const State *state) {
  if (!state->clips)
    return;
  float factor = state->factor;
  for (int i = numChunks - 1 - blockIdx.x; i >= 0; i -= gridDim.x) {
    Chunk chunk = chunks[i];
    Packet<T> *packets = static_cast<Packet<T> *>(chunk.data);
    int numPackets = chunk.count / Packet<T>::size;
    for (int base = threadIdx.x; base < numPackets;
         base += unroll * blockSize) {
      uint4 loaded[unroll];
#pragma unroll
      for (int k = 0; k < unroll; ++k)
        if (base + k * blockSize < numPackets)
          loaded[k] =
              __ldcs(reinterpret_cast<uint4 *>(packets + base + k * blockSize));
#pragma unroll
      for (int k = 0; k < unroll; ++k) {
        if (base + k * blockSize >= numPackets)
          break;
        Packet<T> &packet = reinterpret_cast<Packet<T> &>(loaded[k]);
        for (int e = 0; e < Packet<T>::size; ++e)
          assign(packet.elements[e], toFloat(packet.elements[e]) * factor);
        __stcs(reinterpret_cast<uint4 *>(packets + base + k * blockSize),
               loaded[k]);
      }
    }
    int rest = numPackets * Packet<T>::size + threadIdx.x;
    T *data = static_cast<T *>(chunk.data);
    if (rest < chunk.count)
      assign(data[rest], toFloat(data[rest]) * factor);
  }
}

//===----------------------------------------------------------------------===//
// The list
//===----------------------------------------------------------------------===//

static std::vector<int64_t> readCounts(const char *path) {
  std::ifstream file(path);
  std::vector<int64_t> counts;
  for (int64_t count; file >> count;)
    counts.push_back(count);
  if (counts.empty() || !file.eof()) {
    std::fprintf(stderr, "floor: %s: expected element counts\n", path);
    std::exit(1);
  }
  return counts;
}

template <typename T>
static T *copyToDevice(const std::vector<T> &values) {
  T *result = nullptr;
  CHECK(cudaMalloc(&result, std::max<size_t>(values.size(), 1) * sizeof(T)));
  CHECK(cudaMemcpy(result, values.data(), values.size() * sizeof(T),
                   cudaMemcpyHostToDevice));
  return result;
}

/// A list of tensors of T in device memory, each aligned to 256 bytes.
template <typename T>
struct List {
  explicit List(const std::vector<int64_t> &counts) : counts(counts) {
    for (int64_t count : counts) {
      offsets.push_back(size);
      size += (count * sizeof(T) + 255) / 256 * 256 / sizeof(T);
    }
    std::mt19937 generator(1);
    std::normal_distribution<float> normal;
    host.resize(size);
    // A prime period: no two tensors start alike.
    std::vector<T> tile(1000003);
    for (T &value : tile)
      value = T(normal(generator));
    for (int64_t i = 0; i < size; ++i)
      host[i] = tile[i % tile.size()];
    data = copyToDevice(host);
    for (size_t tensor = 0; tensor < counts.size(); ++tensor) {
      firstChunk.push_back(chunks.size());
      int64_t step = chunkBytes / sizeof(T);
      for (int64_t at = 0; at < counts[tensor]; at += step)
        chunks.push_back({data + offsets[tensor] + at,
                          int32_t(std::min(step, counts[tensor] - at))});
    }
    firstChunk.push_back(chunks.size());
  }

  std::vector<int64_t> counts, offsets;
  int64_t size = 0;
  std::vector<T> host; ///< What the list held at first.
  T *data = nullptr;
  std::vector<Chunk> chunks;
  std::vector<int32_t> firstChunk; ///< Per tensor, and the end.
};

/// Compares the first call with the host's own computation.
template <typename T>
static void verify(const List<T> &list, const State &state, double maxNorm) {
  double total = 0;
  for (size_t tensor = 0; tensor < list.counts.size(); ++tensor)
    for (int64_t i = 0; i < list.counts[tensor]; ++i) {
      double x = float(list.host[list.offsets[tensor] + i]);
      total += x * x;
    }
  double norm = std::sqrt(total), c = maxNorm / (norm + 1e-6);
  std::vector<T> result(list.size);
  CHECK(cudaMemcpy(result.data(), list.data, list.size * sizeof(T),
                   cudaMemcpyDeviceToHost));
  double tolerance = sizeof(T) == 2 ? 1e-2 : 1e-5;
  bool isRight = std::fabs(state.norm - norm) <= 1e-5 * norm;
  for (size_t tensor = 0; tensor < list.counts.size(); ++tensor)
    for (int64_t i = 0; i < list.counts[tensor]; ++i) {
      int64_t at = list.offsets[tensor] + i;
      double expected = c * float(list.host[at]);
      isRight &= std::fabs(float(result[at]) - expected) <=
                 tolerance * std::fabs(expected);
    }
  if (!isRight) {
    std::fprintf(stderr, "floor: the kernels compute something else\n");
    std::exit(1);
  }
}

//===----------------------------------------------------------------------===//
// Times
//===----------------------------------------------------------------------===//

struct Timing {
  double median, minimum;
};

/// Repeats `sample`, which makes `calls` calls, for about a second.
template <typename Sample>
static Timing measure(int calls, Sample sample) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  Clock::time_point start = Clock::now();
  while (times.size() < 5 || Clock::now() - start < std::chrono::seconds(1)) {
    Clock::time_point before = Clock::now();
    sample();
    std::chrono::duration<double, std::micro> passed = Clock::now() - before;
    times.push_back(passed.count() / calls);
  }
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times.front()};
}

static void printTiming(const char *name, Timing timing) {
  std::printf(",\"%s\":{\"median_us\":%.3f,\"minimum_us\":%.3f}", name,
              timing.median, timing.minimum);
}

template <typename T>
static void run(const std::vector<int64_t> &counts, const char *dtype) {
  constexpr double maxNorm = -1;
  List<T> list(counts);
  int numChunks = list.chunks.size();
  Chunk *chunks = copyToDevice(list.chunks);
  int32_t *firstChunk = copyToDevice(list.firstChunk);
  float *chunkSums = copyToDevice(std::vector<float>(numChunks));
  State *state = copyToDevice(std::vector<State>(1));
  double *norm = nullptr;
  CHECK(cudaMallocHost(&norm, sizeof(double)));

  int multiprocessors = 0;
  CHECK(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount,
                               0));
  int grid =
      std::clamp(numChunks, 1, multiprocessors * blocksPerMultiprocessor);
  cudaStream_t stream;
  CHECK(cudaStreamCreate(&stream));
  cudaGraph_t graph;
  CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
  normKernel<T><<<grid, blockSize, 0, stream>>>(
      chunks, numChunks, chunkSums, firstChunk, counts.size(), maxNorm, state);
  CHECK(cudaGetLastError());
  scaleKernel<T><<<grid, blockSize, 0, stream>>>(chunks, numChunks, state);
  CHECK(cudaGetLastError());
  CHECK(cudaStreamEndCapture(stream, &graph));
  cudaGraphExec_t exec;
  CHECK(cudaGraphInstantiate(&exec, graph, 0));

  auto launch = [&] { CHECK(cudaGraphLaunch(exec, stream)); };
  auto wait = [&] { CHECK(cudaStreamSynchronize(stream)); };
  auto readNorm = [&] {
    CHECK(cudaMemcpyAsync(norm, &state->norm, sizeof(double),
                          cudaMemcpyDeviceToHost, stream));
  };
  launch();
  wait();
  State first;
  CHECK(cudaMemcpy(&first, state, sizeof(State), cudaMemcpyDeviceToHost));
  verify(list, first, maxNorm);

  for (int i = 0; i < 20; ++i)
    launch();
  wait();
  Timing latency = measure(1, [&] {
    launch();
    wait();
  });
  Timing readback = measure(1, [&] {
    launch();
    readNorm();
    wait();
  });
  int train = std::clamp(int(1e4 / latency.median), 2, 1000);
  Timing throughput = measure(train, [&] {
    for (int i = 0; i < train; ++i)
      launch();
    wait();
  });
  int64_t elements = 0;
  for (int64_t count : counts)
    elements += count;
  std::printf(
      "{\"tensors\":%zu,\"elements\":%lld,\"dtype\":\"%s\",\"norm\":%.17g",
      counts.size(), static_cast<long long>(elements), dtype, first.norm);
  printTiming("latency", latency);
  printTiming("latency_with_readback", readback);
  printTiming("throughput", throughput);
  std::printf("}\n");

  CHECK(cudaGraphExecDestroy(exec));
  CHECK(cudaGraphDestroy(graph));
  CHECK(cudaStreamDestroy(stream));
  CHECK(cudaFreeHost(norm));
  for (void *pointer :
       {static_cast<void *>(chunks), static_cast<void *>(firstChunk),
        static_cast<void *>(chunkSums), static_cast<void *>(state),
        static_cast<void *>(list.data)})
    CHECK(cudaFree(pointer));
}

int main(int argc, char **argv) {
  std::string dtype = argc == 3 ? argv[2] : "";
  if (dtype != "f32" && dtype != "bf16") {
    std::fprintf(stderr, "usage: floor LIST.txt f32|bf16\n");
    return 2;
  }
  std::vector<int64_t> counts = readCounts(argv[1]);
  if (dtype == "f32")
    run<float>(counts, argv[2]);
  else
    run<__nv_bfloat16>(counts, argv[2]);
  return 0;
}
