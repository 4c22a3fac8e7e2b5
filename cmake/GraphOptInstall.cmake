# Installs headers, libraries and tools, and a package that outside projects
# find with find_package(GraphOpt CONFIG).

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(GRAPHOPT_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/GraphOpt")
get_property(exported GLOBAL PROPERTY GRAPHOPT_EXPORTED)
get_property(tools GLOBAL PROPERTY GRAPHOPT_TOOLS)

# Sources' headers first, then what TableGen wrote; both end in one tree.
foreach(dir include dialects)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${dir}/GraphOpt"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT Development
    FILES_MATCHING PATTERN "*.h" PATTERN "*.td")
  install(DIRECTORY "${PROJECT_BINARY_DIR}/${dir}/GraphOpt"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT Development
    OPTIONAL FILES_MATCHING PATTERN "*.h.inc" PATTERN "CMakeFiles" EXCLUDE)
endforeach()

install(TARGETS ${exported} EXPORT GraphOptTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT Development
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT Runtime)
# Installed tools find libMLIR beside them, or where it was when they were linked.
set_target_properties(${tools} PROPERTIES
  INSTALL_RPATH "\$ORIGIN/../lib" INSTALL_RPATH_USE_LINK_PATH ON)
install(TARGETS ${tools}
  RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT Tools
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT Tools)

install(EXPORT GraphOptTargets
  DESTINATION "${GRAPHOPT_PACKAGE_DIR}" COMPONENT Development)
# MLIR's package accepts a request only with major and minor version.
string(REGEX MATCH "^[0-9]+\\.[0-9]+" GRAPHOPT_MLIR_VERSION "${MLIR_VERSION}")
configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/GraphOptConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/cmake/GraphOptConfig.cmake"
  INSTALL_DESTINATION "${GRAPHOPT_PACKAGE_DIR}")
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/cmake/GraphOptConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/cmake/GraphOptConfig.cmake"
  "${PROJECT_BINARY_DIR}/cmake/GraphOptConfigVersion.cmake"
  DESTINATION "${GRAPHOPT_PACKAGE_DIR}" COMPONENT Development)

add_subdirectory("${PROJECT_SOURCE_DIR}/docs" "${PROJECT_BINARY_DIR}/docs")
