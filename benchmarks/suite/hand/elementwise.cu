//===- elementwise.cu - Updates of lists, written by hand -----------------===//
//
//   accumulate   hp[i] += f32(lp[i]); lp[i] = 0
//   AdamW        see adamw() below; decoupled weight decay, arithmetic in f32
//
// One kernel each, a block per chunk; and the C interface of all programs.
//
//===----------------------------------------------------------------------===//

#include "hand.h"

#include <cmath>

constexpr int blockSize = 256;
/// Elements of a chunk: a block's work, inside of one tensor.
constexpr int chunkSize = 8192;
constexpr int maxLists = 4;

/// A piece of the same tensor of each list.
struct Chunk {
  char *data[maxLists];
  int32_t count; ///< Elements.
};

/// The loads of a thread are issued for so many units before the first store.
constexpr int unroll = 2;

//===----------------------------------------------------------------------===//
// Accumulate
//===----------------------------------------------------------------------===//

/// As many packets of f32 as hold the elements of one packet of T.
template <typename T>
struct Wide {
  static constexpr int size = Packet<T>::size / Packet<float>::size;
  Packet<float> packets[size];

  __device__ void add(const float (&values)[Packet<T>::size]) {
    for (int j = 0; j < size; ++j) {
      float sums[Packet<float>::size];
      packets[j].unpack(sums);
      for (int e = 0; e < Packet<float>::size; ++e)
        sums[e] += values[j * Packet<float>::size + e];
      packets[j] = Packet<float>::pack(sums);
    }
  }
};

template <typename T>
__global__ void __launch_bounds__(blockSize)
    accumulateKernel(const Chunk *chunks) {
  Chunk chunk = chunks[blockIdx.x];
  Packet<float> *high = reinterpret_cast<Packet<float> *>(chunk.data[0]);
  Packet<T> *low = reinterpret_cast<Packet<T> *>(chunk.data[1]);
  int units = chunk.count / Packet<T>::size;
  for (int base = threadIdx.x; base < units; base += unroll * blockSize) {
    Packet<T> values[unroll];
    Wide<T> sums[unroll];
#pragma unroll
    for (int k = 0; k < unroll; ++k) {
      int i = base + k * blockSize;
      if (i >= units)
        continue;
      values[k] = loadLast(low + i);
      for (int j = 0; j < Wide<T>::size; ++j)
        sums[k].packets[j] = loadLast(high + i * Wide<T>::size + j);
    }
#pragma unroll
    for (int k = 0; k < unroll; ++k) {
      int i = base + k * blockSize;
      if (i >= units)
        continue;
      float wide[Packet<T>::size];
      values[k].unpack(wide);
      sums[k].add(wide);
      for (int j = 0; j < Wide<T>::size; ++j)
        storeLast(high + i * Wide<T>::size + j, sums[k].packets[j]);
      storeLast(low + i, Packet<T>{});
    }
  }
  int rest = units * Packet<T>::size + threadIdx.x;
  if (rest < chunk.count) {
    T *x = reinterpret_cast<T *>(low) + rest;
    reinterpret_cast<float *>(high)[rest] += toFloat(*x);
    assign(*x, 0);
  }
}

//===----------------------------------------------------------------------===//
// AdamW
//===----------------------------------------------------------------------===//

struct Step {
  float rate, correction1, correction2;
};

__device__ inline void adamw(float &p, float &m, float &v, float g, Step step) {
  constexpr float beta1 = 0.9f, beta2 = 0.999f, epsilon = 1e-8f, decay = 0.01f;
  m = beta1 * m + 0.1f * g;
  v = beta2 * v + 0.001f * g * g;
  float u = (m / step.correction1) / (sqrtf(v / step.correction2) + epsilon);
  p -= step.rate * (u + decay * p);
}

template <typename T>
__device__ void adamwElement(T &p, T &m, T &v, T g, Step step) {
  float wideP = toFloat(p), wideM = toFloat(m), wideV = toFloat(v);
  adamw(wideP, wideM, wideV, toFloat(g), step);
  assign(p, wideP);
  assign(m, wideM);
  assign(v, wideV);
}

template <typename T>
__global__ void __launch_bounds__(blockSize)
    adamwKernel(const Chunk *chunks, Step step) {
  Chunk chunk = chunks[blockIdx.x];
  Packet<T> *lists[maxLists];
  for (int l = 0; l < maxLists; ++l)
    lists[l] = reinterpret_cast<Packet<T> *>(chunk.data[l]);
  int units = chunk.count / Packet<T>::size;
  for (int base = threadIdx.x; base < units; base += unroll * blockSize) {
    Packet<T> loaded[unroll][maxLists];
#pragma unroll
    for (int k = 0; k < unroll; ++k)
      if (base + k * blockSize < units)
        for (int l = 0; l < maxLists; ++l)
          loaded[k][l] = loadLast(lists[l] + base + k * blockSize);
#pragma unroll
    for (int k = 0; k < unroll; ++k) {
      int i = base + k * blockSize;
      if (i >= units)
        continue;
      float values[maxLists][Packet<T>::size];
      for (int l = 0; l < maxLists; ++l)
        loaded[k][l].unpack(values[l]);
      for (int e = 0; e < Packet<T>::size; ++e)
        adamw(values[0][e], values[1][e], values[2][e], values[3][e], step);
      for (int l = 0; l < 3; ++l)
        storeLast(lists[l] + i, Packet<T>::pack(values[l]));
    }
  }
  int rest = units * Packet<T>::size + threadIdx.x;
  if (rest < chunk.count) {
    T *p = reinterpret_cast<T *>(lists[0]),
      *m = reinterpret_cast<T *>(lists[1]);
    T *v = reinterpret_cast<T *>(lists[2]),
      *g = reinterpret_cast<T *>(lists[3]);
    adamwElement(p[rest], m[rest], v[rest], g[rest], step);
  }
}

//===----------------------------------------------------------------------===//
// Programs
//===----------------------------------------------------------------------===//

/// The chunks of lists whose elements have these sizes in bytes.
static std::vector<Chunk> cut(const Lists &lists,
                              const std::vector<int> &elementBytes) {
  std::vector<Chunk> chunks;
  for (size_t tensor = 0; tensor < lists.counts.size(); ++tensor)
    for (int64_t at = 0; at < lists.counts[tensor]; at += chunkSize) {
      Chunk chunk = {};
      chunk.count =
          int32_t(std::min<int64_t>(chunkSize, lists.counts[tensor] - at));
      for (size_t l = 0; l < elementBytes.size(); ++l)
        chunk.data[l] = lists.pointers[l][tensor] + at * elementBytes[l];
      chunks.push_back(chunk);
    }
  return chunks;
}

namespace {
class Accumulate : public Program {
public:
  Accumulate(bool isBf16, const Lists &lists)
      : Accumulate(isBf16, cut(lists, {4, isBf16 ? 2 : 4})) {}

  void launch(const double *, cudaStream_t stream) override {
    graph.launch(stream);
  }
  double read(cudaStream_t) override {
    throw std::runtime_error("w7 returns no value");
  }

private:
  Accumulate(bool isBf16, const std::vector<Chunk> &all) : chunks(all) {
    Chunk *address = chunks.get();
    void *arguments[] = {&address};
    void *kernel =
        isBf16 ? reinterpret_cast<void *>(accumulateKernel<__nv_bfloat16>)
               : reinterpret_cast<void *>(accumulateKernel<float>);
    graph.add({kernel, int(all.size()), blockSize, 0, false}, arguments);
    graph.instantiate();
  }

  DeviceArray<Chunk> chunks;
  KernelGraph graph;
};

class AdamW : public Program {
public:
  AdamW(bool isBf16, const Lists &lists)
      : AdamW(isBf16, cut(lists, std::vector<int>(maxLists, isBf16 ? 2 : 4))) {}

  /// `scalars` are the learning rate and the number of the step.
  void launch(const double *scalars, cudaStream_t stream) override {
    if (scalars[0] != rate || scalars[1] != number) {
      rate = scalars[0];
      number = scalars[1];
      step = {float(rate), float(1 - std::pow(0.9, number)),
              float(1 - std::pow(0.999, number))};
      void *arguments[] = {&address, &step};
      graph.set(0, arguments);
    }
    graph.launch(stream);
  }
  double read(cudaStream_t) override {
    throw std::runtime_error("w16 returns no value");
  }

private:
  AdamW(bool isBf16, const std::vector<Chunk> &all)
      : chunks(all), address(chunks.get()) {
    void *arguments[] = {&address, &step};
    void *kernel = isBf16 ? reinterpret_cast<void *>(adamwKernel<__nv_bfloat16>)
                          : reinterpret_cast<void *>(adamwKernel<float>);
    graph.add({kernel, int(all.size()), blockSize, 0, false}, arguments);
    graph.instantiate();
  }

  DeviceArray<Chunk> chunks;
  Chunk *address;
  double rate = 0, number = 0;
  Step step = {};
  KernelGraph graph;
};
} // namespace

std::unique_ptr<Program> makeAccumulate(bool isBf16, const Lists &lists) {
  return std::make_unique<Accumulate>(isBf16, lists);
}

std::unique_ptr<Program> makeAdamW(bool isBf16, const Lists &lists) {
  return std::make_unique<AdamW>(isBf16, lists);
}

//===----------------------------------------------------------------------===//
// C interface
//===----------------------------------------------------------------------===//

static thread_local std::string lastError;

/// Calls `function`; returns whether it threw nothing.
template <typename Function>
static bool isDone(Function function) {
  try {
    function();
    return true;
  } catch (const std::exception &error) {
    lastError = error.what();
    return false;
  }
}

const char *handError() { return lastError.c_str(); }

static std::unique_ptr<Program> create(const std::string &workload,
                                       const std::string &kind,
                                       const std::string &dtype,
                                       const Lists &lists) {
  bool isBf16 = dtype == "bf16";
  if (isBf16 || dtype == "f32") {
    if (workload == "w5")
      return makeNormClip(kind, isBf16, lists);
    if (workload == "w7" && kind == "graph")
      return makeAccumulate(isBf16, lists);
    if (workload == "w16" && kind == "graph")
      return makeAdamW(isBf16, lists);
  }
  return nullptr;
}

void *handCreate(const char *workload, const char *kind, const char *dtype,
                 int64_t numLists, int64_t numTensors, const int64_t *counts,
                 void *const *pointers) {
  std::unique_ptr<Program> program;
  isDone([&] {
    Lists lists;
    lists.counts.assign(counts, counts + numTensors);
    for (int64_t l = 0; l < numLists; ++l) {
      lists.pointers.emplace_back();
      for (int64_t i = 0; i < numTensors; ++i)
        lists.pointers.back().push_back(
            static_cast<char *>(pointers[l * numTensors + i]));
    }
    program = create(workload, kind, dtype, lists);
    if (!program)
      throw std::runtime_error(std::string("there is no ") + workload + " " +
                               kind + " for " + dtype);
  });
  return program.release();
}

int handLaunch(void *program, const double *scalars, void *stream) {
  return !isDone([&] {
    static_cast<Program *>(program)->launch(scalars,
                                            static_cast<cudaStream_t>(stream));
  });
}

int handRead(void *program, double *value, void *stream) {
  return !isDone([&] {
    *value = static_cast<Program *>(program)->read(
        static_cast<cudaStream_t>(stream));
  });
}

void handDestroy(void *program) { delete static_cast<Program *>(program); }
