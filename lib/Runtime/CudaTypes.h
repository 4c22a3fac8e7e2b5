//===- CudaTypes.h - Types of the CUDA driver -------------------*- C++ -*-===//
//
// Part of graph-opt. Declarations that have the layout of the CUDA driver's
// (12.0 and later), so that the runtime builds without CUDA. Only values and
// fields that it uses have names.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CUDATYPES_H
#define GRAPHOPT_LIB_RUNTIME_CUDATYPES_H

#include <cstddef>
#include <cstdint>

namespace graphopt::runtime::cuda {

using Result = int;                   ///< CUresult
using Device = int;                   ///< CUdevice
using Pointer = unsigned long long;   ///< CUdeviceptr
using Condition = unsigned long long; ///< CUgraphConditionalHandle
using Context = struct ContextTag *;
using Module = struct ModuleTag *;
using Function = struct FunctionTag *;
using Stream = struct StreamTag *;
using Event = struct EventTag *;
using MemoryPool = struct MemoryPoolTag *;
using Graph = struct GraphTag *;
using GraphNode = struct GraphNodeTag *;
using GraphExec = struct GraphExecTag *;

/// CU_STREAM_PER_THREAD: a stream of its own on each thread.
inline void *const streamLegacy = reinterpret_cast<void *>(0x1);
inline void *const streamPerThread = reinterpret_cast<void *>(0x2);

enum : Result {
  success = 0,
  errorOutOfMemory = 2,
  errorDeinitialized = 4,
  errorNoDevice = 100,
  errorInvalidDevice = 101,
  errorInvalidContext = 201,
  errorUncorrectable = 214,
  errorLinkUncorrectable = 220,
  errorContained = 226,
  errorNotReady = 600,
  errorIllegalAddress = 700,
  errorLaunchTimeout = 702,
  errorContextIsDestroyed = 709,
  errorAssert = 710,
  errorHardwareStack = 714,
  errorIllegalInstruction = 715,
  errorMisalignedAddress = 716,
  errorInvalidAddressSpace = 717,
  errorInvalidProgramCounter = 718,
  errorLaunchFailed = 719,
  errorNotSupported = 801,
};

/// CUdevice_attribute
enum DeviceAttribute : int {
  attributeMultiprocessors = 16,
  attributeComputeMajor = 75,
  attributeComputeMinor = 76,
  attributeCooperativeLaunch = 95,
  attributeMemoryPools = 115,
};

/// CUfunction_attribute
enum FunctionAttribute : int { attributeMaxDynamicShared = 8 };

/// CUjit_option
enum JitOption : int { jitErrorLog = 5, jitErrorLogBytes = 6 };

enum : unsigned {
  streamNonBlocking = 1,
  eventDisableTiming = 2,
  hostAllocPortable = 1,
  conditionAssignDefault = 1,
};

/// CUstreamCaptureStatus
enum CaptureStatus : int { captureNone = 0, captureActive = 1 };
/// CUstreamUpdateCaptureDependencies_flags
constexpr unsigned setDependencies = 1;
/// CUstreamCaptureMode
enum CaptureMode : int { captureRelaxed = 2 };

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// CUmemPool_attribute
enum PoolAttribute : int { poolReleaseThreshold = 4 };

/// CUmemPoolProps
struct PoolProperties {
  int allocationType = 1; ///< Pinned, the only one.
  int handleTypes = 0;
  int locationType = 1; ///< A device.
  int locationId = 0;
  void *securityAttributes = nullptr;
  size_t maxSize = 0;
  unsigned char reserved[56] = {};
};

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

constexpr int launchAttributeCluster = 4; ///< CU_LAUNCH_ATTRIBUTE_*

/// CUlaunchAttribute, of clusters.
struct ClusterAttribute {
  int id = launchAttributeCluster;
  char padding[4] = {};
  unsigned cluster[3] = {1, 1, 1};
  char rest[52] = {}; ///< Of the union of all values, which has 64 bytes.
};

/// CUlaunchConfig
struct LaunchConfig {
  unsigned grid[3] = {1, 1, 1};
  unsigned block[3] = {1, 1, 1};
  unsigned sharedBytes = 0;
  Stream stream = nullptr;
  ClusterAttribute *attributes = nullptr;
  unsigned numAttributes = 0;
};

/// CUmemcpyAttributes; locations are hints for managed memory.
struct CopyAttributes {
  int sourceOrder = 1; ///< CU_MEMCPY_SRC_ACCESS_ORDER_STREAM
  int sourceLocation[2] = {}, destinationLocation[2] = {};
  unsigned flags = 0;
};

//===----------------------------------------------------------------------===//
// Graph nodes
//===----------------------------------------------------------------------===//

/// CUDA_KERNEL_NODE_PARAMS_v2
struct KernelParams {
  Function function = nullptr;
  unsigned grid[3] = {1, 1, 1};
  unsigned block[3] = {1, 1, 1};
  unsigned sharedBytes = 0;
  void **parameters = nullptr;
  void **extra = nullptr;
  void *kernel = nullptr;
  Context context = nullptr;
};

constexpr int memoryTypeDevice = 2; ///< CUmemorytype

/// One side of a CUDA_MEMCPY3D.
struct CopySide {
  size_t x = 0, y = 0, z = 0, level = 0;
  int memoryType = memoryTypeDevice;
  void *host = nullptr;
  Pointer device = 0;
  void *array = nullptr;
  void *reserved = nullptr;
  size_t pitch = 0, height = 0;
};

/// CUDA_MEMCPY3D_v2
struct CopyParams {
  CopySide source, destination;
  size_t bytes = 0, height = 1, depth = 1;
};

/// CUDA_MEMSET_NODE_PARAMS_v1
struct MemsetParams {
  Pointer destination = 0;
  size_t pitch = 0;
  unsigned value = 0;
  unsigned elementBytes = 1;
  size_t width = 0; ///< In elements.
  size_t height = 1;
};

/// CUgraphNodeParams of a conditional node.
struct ConditionalParams {
  int nodeType = 13; ///< CU_GRAPH_NODE_TYPE_CONDITIONAL
  int reserved0[3] = {};
  Condition handle = 0;
  int kind = 0; ///< CUgraphConditionalNodeType; equal to GO_CONDITIONAL_*.
  unsigned numBodies = 0;
  Graph *bodies = nullptr; ///< Set by the driver, which owns the array.
  Context context = nullptr;
  long long reserved1[25] = {};
  long long reserved2 = 0;
};

/// CUDA_GRAPH_INSTANTIATE_PARAMS
struct InstantiateParams {
  unsigned long long flags = 0;
  Stream uploadStream = nullptr;
  GraphNode errorNode = nullptr; ///< Set by the driver, if it knows it.
  int result = 0;
};

constexpr int attributeCooperative = 2; ///< CUlaunchAttributeID

/// CUlaunchAttributeValue
union AttributeValue {
  char padding[64];
  int cooperative;
};

} // namespace graphopt::runtime::cuda

#endif // GRAPHOPT_LIB_RUNTIME_CUDATYPES_H
