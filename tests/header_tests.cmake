# Every header of src/trtprof compiled alone, twice over: it brings what it needs and may be included again. A header
# that does not fails the build of this target, which is part of every build with tests.
file(GLOB_RECURSE _headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/src/trtprof/*.h")
# An engine's own headers need that engine.
list(FILTER _headers EXCLUDE REGEX "^trtprof/backend/[^/]+/")
set(_sources)
foreach(_header IN LISTS _headers)
  string(MAKE_C_IDENTIFIER "${_header}" _name)
  set(_source "${CMAKE_CURRENT_BINARY_DIR}/headers/${_name}.cpp")
  file(CONFIGURE OUTPUT "${_source}" CONTENT "#include \"${_header}\"\n#include \"${_header}\"\n")
  list(APPEND _sources "${_source}")
endforeach()
add_library(header_tests OBJECT ${_sources})
target_link_libraries(header_tests PRIVATE trtprof::trtprof fmt::fmt nlohmann_json::nlohmann_json ONNX::onnx
                                           trtprof_warnings)
