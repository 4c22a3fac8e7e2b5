# Finds MLIR and the tools of the tests, sets the flags every target shares and
# defines the wrappers that the rest of the build uses.

find_package(MLIR 22.1 REQUIRED CONFIG
  HINTS /usr/lib/llvm-22/lib/cmake/mlir "$ENV{MLIR_DIR}")
message(STATUS "Using MLIR ${MLIR_VERSION} in ${MLIR_DIR}")
list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
include(TableGen)
include(AddLLVM)
include(AddMLIR)
separate_arguments(GRAPHOPT_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib")

find_program(GRAPHOPT_CCACHE ccache)
if(GRAPHOPT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${GRAPHOPT_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${GRAPHOPT_CCACHE}")
endif()
find_program(GRAPHOPT_LLD NAMES ld.lld-22 ld.lld HINTS "${LLVM_TOOLS_BINARY_DIR}")
if(GRAPHOPT_LLD AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_link_options(-fuse-ld=lld)
endif()

# MLIR is built without exceptions; RTTI is on. libstdc++'s own stable_sort uses
# what it calls deprecated.
set(GRAPHOPT_CXX_FLAGS -fno-exceptions -fno-semantic-interposition -Wall -Wextra
    -Wno-unused-parameter -Wno-deprecated-declarations)
if(GRAPHOPT_WARNINGS_AS_ERRORS)
  list(APPEND GRAPHOPT_CXX_FLAGS -Werror)
endif()
string(REPLACE "-g" "-g1" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")
if(GRAPHOPT_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize=vptr)
  add_link_options(-fsanitize=address,undefined)
endif()

set(GRAPHOPT_INCLUDE_DIRS
  "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/include"
  "${PROJECT_SOURCE_DIR}/dialects" "${PROJECT_BINARY_DIR}/dialects")

# TableGen takes its include paths from the directory.
include_directories(SYSTEM ${MLIR_INCLUDE_DIRS})
include_directories(${GRAPHOPT_INCLUDE_DIRS})

# graphopt_flags(TARGET): flags and MLIR's include paths for one target.
function(graphopt_flags target)
  target_compile_options(${target} PRIVATE ${GRAPHOPT_CXX_FLAGS})
  target_compile_definitions(${target} PRIVATE ${GRAPHOPT_LLVM_DEFINITIONS})
  target_include_directories(${target} SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
endfunction()

# graphopt_library(NAME sources... [DEPENDS targets...] [LINK targets...])
# A static library of ours that sees MLIR's headers and links the MLIR dylib.
function(graphopt_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  graphopt_flags(${name})
  target_include_directories(${name} PUBLIC
    "$<BUILD_INTERFACE:${GRAPHOPT_INCLUDE_DIRS}>" "$<INSTALL_INTERFACE:include>")
  target_link_libraries(${name} PUBLIC ${ARG_LINK} MLIR)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  set_property(GLOBAL APPEND PROPERTY GRAPHOPT_EXPORTED ${name})
endfunction()

# graphopt_tool(NAME sources... [LINK targets...]): an executable in bin/.
function(graphopt_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  graphopt_flags(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR)
  set_property(GLOBAL APPEND PROPERTY GRAPHOPT_TOOLS ${name})
endfunction()
