//===- CudaTypesTest.cpp - Layout of the driver's types -------------------===//
//
// Part of graph-opt. Compares the runtime's declarations with those of CUDA,
// where CUDA is installed; elsewhere this file is not compiled.
//
//===----------------------------------------------------------------------===//

#include "../../lib/Runtime/CudaTypes.h"

#include "GraphOpt/Runtime/GraphRuntime.h"

#include <cstddef>
#include <cuda.h>
#include <gtest/gtest.h>

namespace cuda = graphopt::runtime::cuda;

#define SAME_SIZE(ours, theirs)                                                \
  static_assert(sizeof(ours) == sizeof(theirs), #theirs)
#define SAME_FIELD(ours, field, theirs, theirField)                            \
  static_assert(offsetof(ours, field) == offsetof(theirs, theirField),         \
                #theirs "." #theirField)
#define SAME_VALUE(ours, theirs)                                               \
  static_assert(int(ours) == int(theirs), #theirs)

SAME_SIZE(cuda::Result, CUresult);
SAME_SIZE(cuda::Device, CUdevice);
SAME_SIZE(cuda::Pointer, CUdeviceptr);
SAME_SIZE(cuda::Condition, CUgraphConditionalHandle);
SAME_SIZE(cuda::DeviceAttribute, CUdevice_attribute);
SAME_SIZE(cuda::CaptureStatus, CUstreamCaptureStatus);
SAME_SIZE(cuda::CaptureMode, CUstreamCaptureMode);
SAME_SIZE(cuda::JitOption, CUjit_option);

SAME_VALUE(cuda::success, CUDA_SUCCESS);
SAME_VALUE(cuda::errorOutOfMemory, CUDA_ERROR_OUT_OF_MEMORY);
SAME_VALUE(cuda::errorNoDevice, CUDA_ERROR_NO_DEVICE);
SAME_VALUE(cuda::errorInvalidDevice, CUDA_ERROR_INVALID_DEVICE);
SAME_VALUE(cuda::errorDeinitialized, CUDA_ERROR_DEINITIALIZED);
SAME_VALUE(cuda::errorInvalidContext, CUDA_ERROR_INVALID_CONTEXT);
SAME_VALUE(cuda::errorUncorrectable, CUDA_ERROR_ECC_UNCORRECTABLE);
SAME_VALUE(cuda::errorLinkUncorrectable, CUDA_ERROR_NVLINK_UNCORRECTABLE);
SAME_VALUE(cuda::errorNotReady, CUDA_ERROR_NOT_READY);
SAME_VALUE(cuda::errorIllegalAddress, CUDA_ERROR_ILLEGAL_ADDRESS);
SAME_VALUE(cuda::errorLaunchTimeout, CUDA_ERROR_LAUNCH_TIMEOUT);
SAME_VALUE(cuda::errorContextIsDestroyed, CUDA_ERROR_CONTEXT_IS_DESTROYED);
SAME_VALUE(cuda::errorAssert, CUDA_ERROR_ASSERT);
SAME_VALUE(cuda::errorHardwareStack, CUDA_ERROR_HARDWARE_STACK_ERROR);
SAME_VALUE(cuda::errorIllegalInstruction, CUDA_ERROR_ILLEGAL_INSTRUCTION);
SAME_VALUE(cuda::errorMisalignedAddress, CUDA_ERROR_MISALIGNED_ADDRESS);
SAME_VALUE(cuda::errorInvalidAddressSpace, CUDA_ERROR_INVALID_ADDRESS_SPACE);
SAME_VALUE(cuda::errorInvalidProgramCounter, CUDA_ERROR_INVALID_PC);
SAME_VALUE(cuda::errorLaunchFailed, CUDA_ERROR_LAUNCH_FAILED);
SAME_VALUE(cuda::errorNotSupported, CUDA_ERROR_NOT_SUPPORTED);
SAME_VALUE(cuda::attributeMultiprocessors,
           CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
SAME_VALUE(cuda::attributeComputeMajor,
           CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
SAME_VALUE(cuda::attributeComputeMinor,
           CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
SAME_VALUE(cuda::attributeCooperativeLaunch,
           CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH);
SAME_VALUE(cuda::attributeMemoryPools,
           CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED);
SAME_VALUE(cuda::attributeMaxDynamicShared,
           CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES);
SAME_VALUE(cuda::jitErrorLog, CU_JIT_ERROR_LOG_BUFFER);
SAME_VALUE(cuda::jitErrorLogBytes, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
SAME_VALUE(cuda::streamNonBlocking, CU_STREAM_NON_BLOCKING);
SAME_VALUE(cuda::eventDisableTiming, CU_EVENT_DISABLE_TIMING);
SAME_VALUE(cuda::hostAllocPortable, CU_MEMHOSTALLOC_PORTABLE);
SAME_VALUE(cuda::captureNone, CU_STREAM_CAPTURE_STATUS_NONE);
SAME_VALUE(cuda::captureActive, CU_STREAM_CAPTURE_STATUS_ACTIVE);
SAME_VALUE(cuda::setDependencies, CU_STREAM_SET_CAPTURE_DEPENDENCIES);
SAME_VALUE(cuda::captureRelaxed, CU_STREAM_CAPTURE_MODE_RELAXED);
SAME_VALUE(cuda::poolReleaseThreshold, CU_MEMPOOL_ATTR_RELEASE_THRESHOLD);
SAME_VALUE(cuda::memoryTypeDevice, CU_MEMORYTYPE_DEVICE);
SAME_VALUE(cuda::attributeCooperative, CU_LAUNCH_ATTRIBUTE_COOPERATIVE);
SAME_VALUE(cuda::PoolProperties().allocationType,
           CU_MEM_ALLOCATION_TYPE_PINNED);
SAME_VALUE(cuda::PoolProperties().locationType, CU_MEM_LOCATION_TYPE_DEVICE);

SAME_SIZE(cuda::PoolProperties, CUmemPoolProps);
SAME_FIELD(cuda::PoolProperties, locationType, CUmemPoolProps, location.type);
SAME_FIELD(cuda::PoolProperties, locationId, CUmemPoolProps, location.id);

SAME_SIZE(cuda::KernelParams, CUDA_KERNEL_NODE_PARAMS_v2);
SAME_FIELD(cuda::KernelParams, grid, CUDA_KERNEL_NODE_PARAMS_v2, gridDimX);
SAME_FIELD(cuda::KernelParams, block, CUDA_KERNEL_NODE_PARAMS_v2, blockDimX);
SAME_FIELD(cuda::KernelParams, sharedBytes, CUDA_KERNEL_NODE_PARAMS_v2,
           sharedMemBytes);
SAME_FIELD(cuda::KernelParams, parameters, CUDA_KERNEL_NODE_PARAMS_v2,
           kernelParams);
SAME_FIELD(cuda::KernelParams, context, CUDA_KERNEL_NODE_PARAMS_v2, ctx);

SAME_SIZE(cuda::ClusterAttribute, CUlaunchAttribute);
SAME_FIELD(cuda::ClusterAttribute, id, CUlaunchAttribute, id);
SAME_FIELD(cuda::ClusterAttribute, cluster, CUlaunchAttribute,
           value.clusterDim);
static_assert(cuda::launchAttributeCluster ==
              CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION);
SAME_SIZE(cuda::LaunchConfig, CUlaunchConfig);
SAME_FIELD(cuda::LaunchConfig, block, CUlaunchConfig, blockDimX);
SAME_FIELD(cuda::LaunchConfig, sharedBytes, CUlaunchConfig, sharedMemBytes);
SAME_FIELD(cuda::LaunchConfig, stream, CUlaunchConfig, hStream);
SAME_FIELD(cuda::LaunchConfig, attributes, CUlaunchConfig, attrs);
SAME_FIELD(cuda::LaunchConfig, numAttributes, CUlaunchConfig, numAttrs);

SAME_SIZE(cuda::CopyParams, CUDA_MEMCPY3D);
SAME_FIELD(cuda::CopyParams, source.memoryType, CUDA_MEMCPY3D, srcMemoryType);
SAME_FIELD(cuda::CopyParams, source.device, CUDA_MEMCPY3D, srcDevice);
SAME_FIELD(cuda::CopyParams, source.pitch, CUDA_MEMCPY3D, srcPitch);
SAME_FIELD(cuda::CopyParams, destination, CUDA_MEMCPY3D, dstXInBytes);
SAME_FIELD(cuda::CopyParams, destination.device, CUDA_MEMCPY3D, dstDevice);
SAME_FIELD(cuda::CopyParams, destination.height, CUDA_MEMCPY3D, dstHeight);
SAME_FIELD(cuda::CopyParams, bytes, CUDA_MEMCPY3D, WidthInBytes);
SAME_FIELD(cuda::CopyParams, depth, CUDA_MEMCPY3D, Depth);

SAME_SIZE(cuda::MemsetParams, CUDA_MEMSET_NODE_PARAMS);
SAME_FIELD(cuda::MemsetParams, value, CUDA_MEMSET_NODE_PARAMS, value);
SAME_FIELD(cuda::MemsetParams, elementBytes, CUDA_MEMSET_NODE_PARAMS,
           elementSize);
SAME_FIELD(cuda::MemsetParams, width, CUDA_MEMSET_NODE_PARAMS, width);
SAME_FIELD(cuda::MemsetParams, height, CUDA_MEMSET_NODE_PARAMS, height);

SAME_SIZE(cuda::AttributeValue, CUlaunchAttributeValue);

SAME_SIZE(cuda::InstantiateParams, CUDA_GRAPH_INSTANTIATE_PARAMS);
SAME_FIELD(cuda::InstantiateParams, uploadStream, CUDA_GRAPH_INSTANTIATE_PARAMS,
           hUploadStream);
SAME_FIELD(cuda::InstantiateParams, errorNode, CUDA_GRAPH_INSTANTIATE_PARAMS,
           hErrNode_out);

// Conditional nodes, since CUDA 12.3.
#if CUDA_VERSION >= 12030
SAME_SIZE(cuda::ConditionalParams, CUgraphNodeParams);
SAME_VALUE(cuda::ConditionalParams().nodeType, CU_GRAPH_NODE_TYPE_CONDITIONAL);
SAME_VALUE(cuda::conditionAssignDefault, CU_GRAPH_COND_ASSIGN_DEFAULT);
SAME_FIELD(cuda::ConditionalParams, handle, CUgraphNodeParams,
           conditional.handle);
SAME_FIELD(cuda::ConditionalParams, kind, CUgraphNodeParams, conditional.type);
SAME_FIELD(cuda::ConditionalParams, numBodies, CUgraphNodeParams,
           conditional.size);
SAME_FIELD(cuda::ConditionalParams, bodies, CUgraphNodeParams,
           conditional.phGraph_out);
SAME_VALUE(GO_CONDITIONAL_IF, CU_GRAPH_COND_TYPE_IF);
SAME_VALUE(GO_CONDITIONAL_WHILE, CU_GRAPH_COND_TYPE_WHILE);
#endif
#if CUDA_VERSION >= 12080
SAME_VALUE(cuda::errorContained, CUDA_ERROR_CONTAINED);
SAME_SIZE(cuda::CopyAttributes, CUmemcpyAttributes);
SAME_FIELD(cuda::CopyAttributes, sourceLocation, CUmemcpyAttributes,
           srcLocHint);
SAME_FIELD(cuda::CopyAttributes, destinationLocation, CUmemcpyAttributes,
           dstLocHint);
SAME_FIELD(cuda::CopyAttributes, flags, CUmemcpyAttributes, flags);
SAME_VALUE(cuda::CopyAttributes().sourceOrder,
           CU_MEMCPY_SRC_ACCESS_ORDER_STREAM);
SAME_FIELD(cuda::ConditionalParams, context, CUgraphNodeParams,
           conditional.ctx);
SAME_VALUE(GO_CONDITIONAL_SWITCH, CU_GRAPH_COND_TYPE_SWITCH);
#endif

TEST(CudaTypes, StreamOfTheThread) {
  EXPECT_EQ(cuda::streamPerThread, static_cast<void *>(CU_STREAM_PER_THREAD));
}
