# What tools/scripts/make_bundle.py puts into the self-contained bundle: the
# component `Bundle`, which `cmake --install` leaves out unless it is named. The
# folders are those of the source tree, so that scripts find each other.

install(TARGETS graph-opt graph-compile graph-run
  RUNTIME DESTINATION bin COMPONENT Bundle EXCLUDE_FROM_ALL)
install(TARGETS graphopt_runtime
  LIBRARY DESTINATION lib COMPONENT Bundle EXCLUDE_FROM_ALL)
# What programs that were compiled ahead of time are used with.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/GraphOpt/Runtime"
  DESTINATION include/GraphOpt COMPONENT Bundle EXCLUDE_FROM_ALL
  FILES_MATCHING PATTERN "*.h")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/examples/aot"
  DESTINATION examples COMPONENT Bundle EXCLUDE_FROM_ALL
  PATTERN "__pycache__" EXCLUDE)
install(FILES "${PROJECT_SOURCE_DIR}/examples/norm_clip.mlir"
  DESTINATION examples COMPONENT Bundle EXCLUDE_FROM_ALL)
install(PROGRAMS
  "${PROJECT_SOURCE_DIR}/tools/scripts/generate_workload.py"
  "${PROJECT_SOURCE_DIR}/tools/scripts/toolbox.py"
  DESTINATION tools/scripts COMPONENT Bundle EXCLUDE_FROM_ALL)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/tools/scripts/workloads"
  DESTINATION tools/scripts COMPONENT Bundle EXCLUDE_FROM_ALL
  PATTERN "__pycache__" EXCLUDE)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/examples/shapes"
  DESTINATION examples COMPONENT Bundle EXCLUDE_FROM_ALL)
foreach(dir test/Integration/CUDA benchmarks/aot benchmarks/cuda benchmarks/suite
    calibrations)
  install(DIRECTORY "${PROJECT_SOURCE_DIR}/${dir}/"
    DESTINATION "${dir}" COMPONENT Bundle EXCLUDE_FROM_ALL
    USE_SOURCE_PERMISSIONS PATTERN "__pycache__" EXCLUDE
    PATTERN "*.sh" EXCLUDE PATTERN "*.test" EXCLUDE)
endforeach()
