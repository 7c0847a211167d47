# What the core links. Distribution packages, and the ONNX C++ library that tools/deps.sh builds from its PyPI source
# distribution into .deps/.
set(TRTPROF_DEPS_DIR "${CMAKE_CURRENT_SOURCE_DIR}/.deps" CACHE PATH "Where tools/deps.sh puts what it builds")
include("${CMAKE_CURRENT_SOURCE_DIR}/tools/versions.cmake")

find_package(Threads REQUIRED)
find_package(tl-expected CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(libzip REQUIRED)
find_package(utf8proc REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(JPEG REQUIRED)
find_package(PNG REQUIRED)
find_package(Protobuf REQUIRED)

set(_onnx_prefix "${TRTPROF_DEPS_DIR}/onnx-${TRTPROF_ONNX_VERSION}")
if(NOT DEFINED ONNX_ROOT AND NOT EXISTS "${_onnx_prefix}/lib/cmake/ONNX/ONNXConfig.cmake")
  message(STATUS "ONNX ${TRTPROF_ONNX_VERSION} is not in ${TRTPROF_DEPS_DIR}: building it there (some minutes, once)")
  execute_process(
    COMMAND "${CMAKE_CURRENT_SOURCE_DIR}/tools/deps.sh" python onnx
    RESULT_VARIABLE _deps_result)
  if(NOT _deps_result EQUAL 0)
    message(FATAL_ERROR "tools/deps.sh could not build ONNX; see the messages above. "
                        "Set ONNX_ROOT to an installed ONNX C++ library to use that instead.")
  endif()
endif()
find_package(ONNX CONFIG REQUIRED HINTS "${_onnx_prefix}")
