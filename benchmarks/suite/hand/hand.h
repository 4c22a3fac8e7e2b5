//===- hand.h - What the hand-written kernels share -------------*- C++ -*-===//
//
// The yardstick for generated code: kernels over lists of tensors, launched as
// one CUDA graph, with what a careful programmer would do. They are called
// through the C interface at the end of this file.
//
//===----------------------------------------------------------------------===//

#ifndef BENCHMARKS_SUITE_HAND_H
#define BENCHMARKS_SUITE_HAND_H

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

inline void check(cudaError_t error, const char *what) {
  if (error != cudaSuccess)
    throw std::runtime_error(std::string(what) + ": " +
                             cudaGetErrorString(error));
}
#define CHECK(call) check((call), #call)

//===----------------------------------------------------------------------===//
// On the device
//===----------------------------------------------------------------------===//

__device__ inline float toFloat(float x) { return x; }
__device__ inline float toFloat(__nv_bfloat16 x) { return __bfloat162float(x); }
__device__ inline void assign(float &to, float x) { to = x; }
__device__ inline void assign(__nv_bfloat16 &to, float x) {
  to = __float2bfloat16_rn(x);
}

/// 16 bytes of elements: what one access of a thread moves.
template <typename T>
struct Packet;

template <>
struct Packet<float> {
  static constexpr int size = 4;
  uint4 bits;

  __device__ void unpack(float (&values)[size]) const {
    values[0] = __uint_as_float(bits.x);
    values[1] = __uint_as_float(bits.y);
    values[2] = __uint_as_float(bits.z);
    values[3] = __uint_as_float(bits.w);
  }
  __device__ static Packet pack(const float (&values)[size]) {
    return {{__float_as_uint(values[0]), __float_as_uint(values[1]),
             __float_as_uint(values[2]), __float_as_uint(values[3])}};
  }
};

template <>
struct Packet<__nv_bfloat16> {
  static constexpr int size = 8;
  uint4 bits;

  /// A bf16 is the upper half of the f32 of the same value.
  __device__ static void unpackTwo(unsigned word, float &low, float &high) {
    low = __uint_as_float(word << 16);
    high = __uint_as_float(word & 0xffff0000u);
  }
  __device__ static unsigned packTwo(float low, float high) {
    __nv_bfloat162 both = __floats2bfloat162_rn(low, high);
    return reinterpret_cast<unsigned &>(both);
  }

  __device__ void unpack(float (&values)[size]) const {
    unpackTwo(bits.x, values[0], values[1]);
    unpackTwo(bits.y, values[2], values[3]);
    unpackTwo(bits.z, values[4], values[5]);
    unpackTwo(bits.w, values[6], values[7]);
  }
  __device__ static Packet pack(const float (&values)[size]) {
    return {{packTwo(values[0], values[1]), packTwo(values[2], values[3]),
             packTwo(values[4], values[5]), packTwo(values[6], values[7])}};
  }
};

/// Loads a packet that is needed again: into the L2 cache alone.
template <typename T>
__device__ Packet<T> load(const Packet<T> *from) {
  return {__ldcg(&from->bits)};
}

/// Loads a packet that is not needed again: it is the first to be evicted.
template <typename T>
__device__ Packet<T> loadLast(const Packet<T> *from) {
  return {__ldcs(&from->bits)};
}

/// Stores a packet that is not needed again.
template <typename T>
__device__ void storeLast(Packet<T> *to, const Packet<T> &packet) {
  __stcs(&to->bits, packet.bits);
}

//===----------------------------------------------------------------------===//
// On the host
//===----------------------------------------------------------------------===//

/// An array in device memory.
template <typename T>
class DeviceArray {
public:
  explicit DeviceArray(const std::vector<T> &values) {
    size_t bytes = std::max<size_t>(values.size(), 1) * sizeof(T);
    CHECK(cudaMalloc(&pointer, bytes));
    CHECK(cudaMemset(pointer, 0, bytes));
    CHECK(cudaMemcpy(pointer, values.data(), values.size() * sizeof(T),
                     cudaMemcpyHostToDevice));
  }
  DeviceArray(const DeviceArray &) = delete;
  ~DeviceArray() { cudaFree(pointer); }

  T *get() const { return pointer; }

private:
  T *pointer = nullptr;
};

inline int countMultiprocessors() {
  int device = 0, count = 0;
  CHECK(cudaGetDevice(&device));
  CHECK(cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device));
  return count;
}

/// A chain of kernels as a CUDA graph.
class KernelGraph {
public:
  struct Kernel {
    const void *function;
    int grid, block;
    int sharedBytes; ///< Dynamic shared memory.
    bool isCooperative;
  };

  KernelGraph() { CHECK(cudaGraphCreate(&graph, 0)); }
  KernelGraph(const KernelGraph &) = delete;
  ~KernelGraph() {
    if (exec)
      cudaGraphExecDestroy(exec);
    cudaGraphDestroy(graph);
  }

  /// Adds a kernel behind the last one; `arguments` as for cudaLaunchKernel.
  void add(const Kernel &kernel, void **arguments) {
    cudaKernelNodeParams params = getParams(kernel, arguments);
    cudaGraphNode_t node;
    CHECK(cudaGraphAddKernelNode(&node, graph,
                                 nodes.empty() ? nullptr : &nodes.back(),
                                 !nodes.empty(), &params));
    if (kernel.isCooperative) {
      cudaLaunchAttributeValue value = {};
      value.cooperative = 1;
      CHECK(cudaGraphKernelNodeSetAttribute(
          node, cudaLaunchAttributeCooperative, &value));
    }
    nodes.push_back(node);
    kernels.push_back(kernel);
  }

  void instantiate() { CHECK(cudaGraphInstantiate(&exec, graph, 0)); }

  /// Replaces the arguments of a kernel for the launches that follow.
  void set(size_t index, void **arguments) {
    cudaKernelNodeParams params = getParams(kernels[index], arguments);
    CHECK(cudaGraphExecKernelNodeSetParams(exec, nodes[index], &params));
  }

  void launch(cudaStream_t stream) { CHECK(cudaGraphLaunch(exec, stream)); }

private:
  static cudaKernelNodeParams getParams(const Kernel &kernel,
                                        void **arguments) {
    cudaKernelNodeParams params = {};
    params.func = const_cast<void *>(kernel.function);
    params.gridDim = dim3(kernel.grid);
    params.blockDim = dim3(kernel.block);
    params.sharedMemBytes = kernel.sharedBytes;
    params.kernelParams = arguments;
    return params;
  }

  cudaGraph_t graph = nullptr;
  cudaGraphExec_t exec = nullptr;
  std::vector<cudaGraphNode_t> nodes;
  std::vector<Kernel> kernels;
};

/// Lists of tensors of the caller's: `pointers[list][tensor]`, each aligned to
/// 16 bytes, with `counts[tensor]` elements.
struct Lists {
  std::vector<int64_t> counts;
  std::vector<std::vector<char *>> pointers;
};

/// A workload on lists, ready to be launched.
class Program {
public:
  virtual ~Program() = default;
  /// Launches it; `scalars` are the workload's host scalars in its order.
  virtual void launch(const double *scalars, cudaStream_t stream) = 0;
  /// Reads back what the last launch returns, and waits for it.
  virtual double read(cudaStream_t stream) = 0;
};

/// Makes w5 as two kernels ("graph"), as one cooperative kernel ("coop"), or as
/// one that keeps a part of the list in shared memory ("chip"); null if there
/// is no such kind.
std::unique_ptr<Program> makeNormClip(const std::string &kind, bool isBf16,
                                      const Lists &lists);
/// Makes w7 or w16.
std::unique_ptr<Program> makeAccumulate(bool isBf16, const Lists &lists);
std::unique_ptr<Program> makeAdamW(bool isBf16, const Lists &lists);

extern "C" {
/// The reason of the last failure on this thread.
const char *handError();
/// Makes a program: `workload` is w5, w7 or w16, `kind` as above or "graph",
/// `pointers` the addresses of all tensors of the first list, then of the
/// next. Returns null on failure.
void *handCreate(const char *workload, const char *kind, const char *dtype,
                 int64_t numLists, int64_t numTensors, const int64_t *counts,
                 void *const *pointers);
/// Return 0, or 1 on failure.
int handLaunch(void *program, const double *scalars, void *stream);
int handRead(void *program, double *value, void *stream);
void handDestroy(void *program);
}

#endif // BENCHMARKS_SUITE_HAND_H
