# `cmake --install`: the library and its package configuration (find_package(trtprof)), the program, and the backend
# modules where the installed program looks for them. Only for a top-level build: a project that embeds trtprof installs
# what it wants itself.
if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
include(CMakePackageConfigHelpers)

# What users of the library include. The other headers are its own; tests/install compiles each of these alone against
# the installed tree, so that a public header cannot come to need a private one.
set(_public_headers
    backend/backend.h
    backend/build_options.h
    backend/module.h
    backend/origin.h
    backend/plan_header.h
    base/error.h
    base/file.h
    base/format.h
    base/npy.h
    base/progress.h
    base/statistics.h
    base/stop_flag.h
    base/tensor.h
    base/text.h
    ceilings/choose.h
    ceilings/device_table.h
    compare/comparison.h
    compare/figures.h
    compare/layer_comparison.h
    compare/layer_match.h
    compare/setting_changes.h
    compare/verdict.h
    cost/cost.h
    cost/fusion_report.h
    cost/inspection.h
    cost/layer_costs.h
    cost/onnx_facts.h
    diagnose/accounting.h
    diagnose/analysis.h
    diagnose/checklist.h
    diagnose/decision_tree.h
    diagnose/evidence.h
    diagnose/finding.h
    diagnose/known_model.h
    diagnose/pattern.h
    diagnose/roofline.h
    diagnose/rule.h
    diagnose/subject.h
    diagnose/verdict.h
    import/foreign.h
    measure/inputs.h
    measure/machine.h
    measure/measure.h
    measure/remarks.h
    measure/stop_rule.h
    measure/timeline.h
    model/graph.h
    model/onnx_model.h
    model/shape_inference.h
    profile/counters.h
    profile/device_ceilings.h
    profile/kernel_launch.h
    profile/layer_class.h
    profile/layer_kernels.h
    profile/measurement.h
    profile/profile.h
    profile/profile_json.h
    profile/telemetry.h
    profile/telemetry_values.h
    profile/timeline.h
    report/analysis_report.h
    report/comparison_report.h
    report/report.h
    report/trace_report.h
    samples/samples.h
    telemetry/clock_lock.h)
foreach(_header IN LISTS _public_headers)
  get_filename_component(_folder "${_header}" DIRECTORY)
  install(FILES "${PROJECT_SOURCE_DIR}/src/trtprof/${_header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/trtprof/${_folder}")
endforeach()
install(FILES "${PROJECT_BINARY_DIR}/src/trtprof/base/build_info.h"
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/trtprof/base")

# Not CMAKE_INSTALL_LIBDIR, which may be lib64 or lib/x86_64-linux-gnu: backend/module.cpp looks in ../lib/trtprof.
set(_private_libraries lib/trtprof)
set(_config_folder lib/cmake/trtprof)

set_target_properties(trtprof_base PROPERTIES EXPORT_NAME base)
install(
  TARGETS trtprof trtprof_base
  EXPORT trtprofTargets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(TARGETS tensorrt_profiling RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")

get_property(_modules GLOBAL PROPERTY TRTPROF_BACKEND_MODULES)
foreach(_module IN LISTS _modules)
  install(TARGETS ${_module} LIBRARY DESTINATION ${_private_libraries})
endforeach()

# The static core links the ONNX library, which no distribution package provides: it comes along.
get_target_property(_onnx_include ONNX::onnx INTERFACE_INCLUDE_DIRECTORIES)
foreach(_library IN ITEMS onnx onnx_proto)
  install(FILES "$<TARGET_FILE:ONNX::${_library}>" DESTINATION ${_private_libraries})
endforeach()
install(DIRECTORY "${_onnx_include}/onnx" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/trtprof/third_party")
get_target_property(TRTPROF_ONNX_DEFINITIONS ONNX::onnx INTERFACE_COMPILE_DEFINITIONS)

install(EXPORT trtprofTargets NAMESPACE trtprof:: DESTINATION ${_config_folder})
configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/trtprofConfig.cmake.in" "${PROJECT_BINARY_DIR}/cmake/trtprofConfig.cmake"
  INSTALL_DESTINATION ${_config_folder}
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/cmake/trtprofConfigVersion.cmake"
  VERSION ${PROJECT_VERSION}
  COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/cmake/trtprofConfig.cmake" "${PROJECT_BINARY_DIR}/cmake/trtprofConfigVersion.cmake"
              "${CMAKE_CURRENT_LIST_DIR}/Findlibzip.cmake" "${CMAKE_CURRENT_LIST_DIR}/Findutf8proc.cmake"
        DESTINATION ${_config_folder})
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}")
