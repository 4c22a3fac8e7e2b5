//===- norm_clip.cu - Global norm and clip, written by hand ---------------===//
//
//   norm = sqrt(sum over i of f64(f32 sqrt(sum(f32(g[i])^2)))^2)     in f64
//   c = max_norm / (norm + 1e-6); if c < 1: g[i] *= f32(c)
//
// As two kernels, or as one with a barrier over the grid in between, where each
// block scales what it has read itself, backwards.
//
//===----------------------------------------------------------------------===//

#include "hand.h"

constexpr int blockSize = 512;
constexpr int blocksPerMultiprocessor = 3;
/// Packets of a thread in flight.
constexpr int unroll = 4;
/// What a block that is worth its while has to read, in bytes.
constexpr int64_t leastBytes = 8 * 1024;
/// Shared memory of a block in which "chip" keeps data: with three blocks, what
/// a multiprocessor has.
constexpr int keptBytes = 72 * 1024;
/// A tensor in more segments than this is summed by a warp, others by a thread.
constexpr int manySegments = 8;

/// A block's part of a tensor: packets, then at the tensor's end single
/// elements.
struct Segment {
  char *data;
  int32_t packets;
  int32_t tail;  ///< Elements behind the packets.
  int32_t start; ///< Packets of the same block before it.
};

/// What kernels know of a list, in device memory.
struct ListInfo {
  const Segment *segments;
  const int32_t *blockFirst;  ///< Per block its first segment, and the end.
  float *sums;                ///< Per segment.
  const int32_t *tensorFirst; ///< Per tensor its first segment, and the end.
  const int32_t *bigTensors;  ///< Those of more than manySegments segments.
  int32_t numTensors, numBig;
};

/// What launches leave, in device memory.
struct State {
  double norm;
  float factor;
  int32_t clips;
  unsigned arrived; ///< Of the barrier, or blocks that are done.
};

//===----------------------------------------------------------------------===//
// Sums
//===----------------------------------------------------------------------===//

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
__device__ float sumOfSquares(const Packet<T> &packet) {
  float values[Packet<T>::size], sum = 0;
  packet.unpack(values);
  for (float value : values)
    sum += value * value;
  return sum;
}

/// Adds up packets [begin, end); those that are `kept` go to shared memory too.
template <typename T, bool keeps>
__device__ void sumPackets(const Packet<T> *packets, int begin, int end,
                           Packet<T> *kept, float (&sums)[unroll]) {
  for (int base = begin + threadIdx.x; base < end; base += unroll * blockSize) {
    Packet<T> loaded[unroll];
#pragma unroll
    for (int k = 0; k < unroll; ++k) {
      int i = base + k * blockSize;
      if (i >= end)
        loaded[k] = Packet<T>{};
      else
        loaded[k] = keeps ? loadLast(packets + i) : load(packets + i);
    }
#pragma unroll
    for (int k = 0; k < unroll; ++k) {
      int i = base + k * blockSize;
      if (keeps && i < end)
        kept[i] = loaded[k];
      sums[k] += sumOfSquares(loaded[k]);
    }
  }
}

/// Where, of a segment's packets, those begin that are kept in shared memory.
__device__ inline int findKept(const Segment &segment, int keptFrom) {
  return min(max(keptFrom - segment.start, 0), segment.packets);
}

/// The sums of squares of this block's segments.
template <typename T, bool keeps>
__device__ void sumSegments(const ListInfo &list, int keptFrom,
                            Packet<T> *shared) {
  int end = list.blockFirst[blockIdx.x + 1];
  for (int s = list.blockFirst[blockIdx.x]; s < end; ++s) {
    Segment segment = list.segments[s];
    const Packet<T> *packets = reinterpret_cast<Packet<T> *>(segment.data);
    float sums[unroll] = {};
    int kept = keeps ? findKept(segment, keptFrom) : segment.packets;
    sumPackets<T, false>(packets, 0, kept, nullptr, sums);
    if (keeps)
      sumPackets<T, true>(packets, kept, segment.packets,
                          shared + (segment.start - keptFrom), sums);
    if (threadIdx.x < segment.tail) {
      float x = toFloat(
          reinterpret_cast<const T *>(packets + segment.packets)[threadIdx.x]);
      sums[0] += x * x;
    }
    float sum = sumOfBlock((sums[0] + sums[1]) + (sums[2] + sums[3]));
    if (threadIdx.x == 0)
      list.sums[s] = sum;
  }
}

/// The sum of squares of all tensors' norms, in thread 0 of the block: the same
/// in any block.
__device__ double sumOfNorms(const ListInfo &list) {
  double total = 0;
  for (int tensor = threadIdx.x; tensor < list.numTensors;
       tensor += blockSize) {
    int begin = list.tensorFirst[tensor], end = list.tensorFirst[tensor + 1];
    if (end - begin > manySegments)
      continue;
    float sum = 0;
    for (int s = begin; s < end; ++s)
      sum += __ldcg(list.sums + s);
    double norm = sqrtf(sum);
    total += norm * norm;
  }
  int lane = threadIdx.x % 32;
  for (int i = threadIdx.x / 32; i < list.numBig; i += blockSize / 32) {
    int tensor = list.bigTensors[i];
    float sum = 0;
    for (int s = list.tensorFirst[tensor] + lane;
         s < list.tensorFirst[tensor + 1]; s += 32)
      sum += __ldcg(list.sums + s);
    sum = sumOfWarp(sum);
    double norm = lane == 0 ? sqrtf(sum) : 0.0f;
    total += norm * norm;
  }
  return sumOfBlock(total);
}

//===----------------------------------------------------------------------===//
// Scaling
//===----------------------------------------------------------------------===//

template <typename T>
__device__ Packet<T> scaled(const Packet<T> &packet, float factor) {
  float values[Packet<T>::size];
  packet.unpack(values);
  for (float &value : values)
    value *= factor;
  return Packet<T>::pack(values);
}

/// Scales this block's segments, the last one first and each from its end, so
/// as to meet what is still on the chip.
template <typename T, bool keeps>
__device__ void scaleSegments(const ListInfo &list, float factor, int keptFrom,
                              const Packet<T> *shared) {
  int first = list.blockFirst[blockIdx.x];
  for (int s = list.blockFirst[blockIdx.x + 1] - 1; s >= first; --s) {
    Segment segment = list.segments[s];
    Packet<T> *packets = reinterpret_cast<Packet<T> *>(segment.data);
    if (threadIdx.x < segment.tail) {
      T &x = reinterpret_cast<T *>(packets + segment.packets)[threadIdx.x];
      assign(x, toFloat(x) * factor);
    }
    int kept = segment.packets;
    if (keeps) {
      kept = findKept(segment, keptFrom);
      const Packet<T> *from = shared + (segment.start - keptFrom);
      for (int i = kept + threadIdx.x; i < segment.packets; i += blockSize)
        storeLast(packets + i, scaled(from[i], factor));
    }
    for (int base = kept - 1 - int(threadIdx.x); base >= 0;
         base -= unroll * blockSize) {
      Packet<T> loaded[unroll];
#pragma unroll
      for (int k = 0; k < unroll; ++k)
        if (base - k * blockSize >= 0)
          loaded[k] = loadLast(packets + base - k * blockSize);
#pragma unroll
      for (int k = 0; k < unroll; ++k)
        if (base - k * blockSize >= 0)
          storeLast(packets + base - k * blockSize, scaled(loaded[k], factor));
    }
  }
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

template <typename T>
__global__ void __launch_bounds__(blockSize, blocksPerMultiprocessor)
    normKernel(ListInfo list, double maxNorm, State *state) {
  sumSegments<T, false>(list, 0, nullptr);
  __shared__ bool isLast;
  if (threadIdx.x == 0) {
    __threadfence();
    isLast = atomicAdd(&state->arrived, 1) == gridDim.x - 1;
    __threadfence();
  }
  __syncthreads();
  if (!isLast)
    return;
  double total = sumOfNorms(list);
  if (threadIdx.x == 0) {
    double c = maxNorm / (sqrt(total) + 1e-6);
    state->norm = sqrt(total);
    state->factor = static_cast<float>(c);
    state->clips = c < 1;
    state->arrived = 0;
  }
}

template <typename T>
__global__ void __launch_bounds__(blockSize, blocksPerMultiprocessor)
    scaleKernel(ListInfo list, const State *state) {
  if (state->clips)
    scaleSegments<T, false>(list, state->factor, 0, nullptr);
}

/// Waits for all blocks of the grid; memory that they have written is visible
/// then. The counter's high bit flips each time: it is never reset.
__device__ void waitForGrid(unsigned *arrived) {
  __syncthreads();
  if (threadIdx.x == 0) {
    __threadfence();
    unsigned flip = 0x80000000u - (gridDim.x - 1);
    unsigned before = atomicAdd(arrived, blockIdx.x == 0 ? flip : 1u);
    while (
        !((before ^ *static_cast<volatile unsigned *>(arrived)) & 0x80000000u))
      ;
    __threadfence();
  }
  __syncthreads();
}

template <typename T, bool keeps>
__global__ void __launch_bounds__(blockSize, blocksPerMultiprocessor)
    normClipKernel(ListInfo list, double maxNorm, State *state) {
  extern __shared__ uint4 sharedBits[];
  Packet<T> *shared = reinterpret_cast<Packet<T> *>(sharedBits);
  const Segment &last = list.segments[list.blockFirst[blockIdx.x + 1] - 1];
  int keptFrom = last.start + last.packets - keptBytes / int(sizeof(uint4));
  sumSegments<T, keeps>(list, keptFrom, shared);
  waitForGrid(&state->arrived);
  double total = sumOfNorms(list);
  __shared__ double factor;
  if (threadIdx.x == 0) {
    factor = maxNorm / (sqrt(total) + 1e-6);
    if (blockIdx.x == 0)
      state->norm = sqrt(total);
  }
  __syncthreads();
  if (factor < 1)
    scaleSegments<T, keeps>(list, static_cast<float>(factor), keptFrom, shared);
}

//===----------------------------------------------------------------------===//
// The program
//===----------------------------------------------------------------------===//

namespace {
/// How a list is shared out: every block gets as many bytes, in one run.
struct Plan {
  std::vector<Segment> segments;
  std::vector<int32_t> blockFirst, tensorFirst, bigTensors;

  Plan(const Lists &lists, int elementBytes, int maxBlocks) {
    int packetSize = 16 / elementBytes;
    int64_t packets = 0;
    // A tensor's single elements count as a packet.
    for (int64_t count : lists.counts)
      packets += (count + packetSize - 1) / packetSize;
    int64_t blocks =
        std::clamp<int64_t>(packets * 16 / leastBytes, 1, maxBlocks);
    int64_t share = (packets + blocks - 1) / blocks, used = 0;
    blockFirst.push_back(0);
    for (size_t tensor = 0; tensor < lists.counts.size(); ++tensor) {
      tensorFirst.push_back(segments.size());
      addTensor(lists.pointers[0][tensor], lists.counts[tensor] / packetSize,
                lists.counts[tensor] % packetSize, share, used);
      if (int(segments.size()) - tensorFirst.back() > manySegments)
        bigTensors.push_back(tensor);
    }
    tensorFirst.push_back(segments.size());
    if (blockFirst.back() != int(segments.size()))
      blockFirst.push_back(segments.size());
  }

  int countBlocks() const { return blockFirst.size() - 1; }

private:
  /// Appends a tensor's segments; `used` are the packets of the open block.
  void addTensor(char *data, int64_t packets, int tail, int64_t share,
                 int64_t &used) {
    while (packets || tail) {
      if (used >= share) {
        blockFirst.push_back(segments.size());
        used = 0;
      }
      int64_t taken = std::min(packets, share - used);
      bool isEnd = taken == packets;
      segments.push_back(
          {data, int32_t(taken), isEnd ? tail : 0, int32_t(used)});
      used += taken + (isEnd && tail);
      data += taken * 16;
      packets -= taken;
      if (isEnd)
        tail = 0;
    }
  }
};

template <typename T>
class NormClip : public Program {
public:
  NormClip(const std::string &kind, const Lists &lists)
      : plan(lists, sizeof(T),
             countMultiprocessors() * blocksPerMultiprocessor),
        segments(plan.segments), blockFirst(plan.blockFirst),
        sums(std::vector<float>(plan.segments.size())),
        tensorFirst(plan.tensorFirst), bigTensors(plan.bigTensors),
        state(std::vector<State>(1)) {
    CHECK(cudaMallocHost(&norm, sizeof(double)));
    list = {segments.get(),
            blockFirst.get(),
            sums.get(),
            tensorFirst.get(),
            bigTensors.get(),
            int32_t(lists.counts.size()),
            int32_t(plan.bigTensors.size())};
    stateAddress = state.get();
    int grid = plan.countBlocks();
    void *first[] = {&list, &maxNorm, &stateAddress};
    if (kind == "graph") {
      graph.add(
          {reinterpret_cast<void *>(normKernel<T>), grid, blockSize, 0, false},
          first);
      void *second[] = {&list, &stateAddress};
      graph.add(
          {reinterpret_cast<void *>(scaleKernel<T>), grid, blockSize, 0, false},
          second);
    } else {
      bool keeps = kind == "chip";
      void *kernel = keeps ? reinterpret_cast<void *>(normClipKernel<T, true>)
                           : reinterpret_cast<void *>(normClipKernel<T, false>);
      int bytes = keeps ? keptBytes : 0;
      CHECK(cudaFuncSetAttribute(
          kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes));
      graph.add({kernel, grid, blockSize, bytes, true}, first);
    }
    graph.instantiate();
  }
  ~NormClip() override { cudaFreeHost(norm); }

  void launch(const double *scalars, cudaStream_t stream) override {
    if (*scalars != maxNorm) {
      maxNorm = *scalars;
      void *arguments[] = {&list, &maxNorm, &stateAddress};
      graph.set(0, arguments);
    }
    graph.launch(stream);
  }

  double read(cudaStream_t stream) override {
    CHECK(cudaMemcpyAsync(norm, &stateAddress->norm, sizeof(double),
                          cudaMemcpyDeviceToHost, stream));
    CHECK(cudaStreamSynchronize(stream));
    return *norm;
  }

private:
  Plan plan;
  DeviceArray<Segment> segments;
  DeviceArray<int32_t> blockFirst;
  DeviceArray<float> sums;
  DeviceArray<int32_t> tensorFirst, bigTensors;
  DeviceArray<State> state;
  ListInfo list;
  State *stateAddress;
  double maxNorm = 0;
  double *norm = nullptr;
  KernelGraph graph;
};
} // namespace

std::unique_ptr<Program> makeNormClip(const std::string &kind, bool isBf16,
                                      const Lists &lists) {
  if (kind != "graph" && kind != "coop" && kind != "chip")
    return nullptr;
  if (isBf16)
    return std::make_unique<NormClip<__nv_bfloat16>>(kind, lists);
  return std::make_unique<NormClip<float>>(kind, lists);
}
