# trtprof/base/build_info.h: version, commit and the build id that program and modules must share.
find_package(Git QUIET)
set(_commit "unknown")
if(GIT_FOUND)
  execute_process(
    COMMAND "${GIT_EXECUTABLE}" rev-parse --short=12 HEAD
    WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
    OUTPUT_VARIABLE _commit_out
    OUTPUT_STRIP_TRAILING_WHITESPACE
    ERROR_QUIET
    RESULT_VARIABLE _git_result)
  if(_git_result EQUAL 0)
    set(_commit "${_commit_out}")
  endif()
endif()
set(TRTPROF_COMMIT "${_commit}")
string(SHA256 _id "${PROJECT_VERSION};${CMAKE_CXX_COMPILER_ID};${CMAKE_CXX_COMPILER_VERSION};${CMAKE_BUILD_TYPE};${CMAKE_BINARY_DIR};${CMAKE_CXX_FLAGS}")
string(SUBSTRING "${_id}" 0 16 TRTPROF_BUILD_ID)
configure_file("${PROJECT_SOURCE_DIR}/cmake/build_info.h.in" "${CMAKE_CURRENT_BINARY_DIR}/trtprof/base/build_info.h" @ONLY)
