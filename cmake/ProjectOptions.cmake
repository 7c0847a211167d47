# Options, defaults for a top-level build, and the interface target that carries warnings.
if(PROJECT_IS_TOP_LEVEL)
  set(_top_level ON)
else()
  set(_top_level OFF)
endif()

# Building the program needs no GoogleTest; the presets with tests insist on it.
find_package(GTest QUIET)
if(_top_level AND GTest_FOUND)
  set(_tests_default ON)
else()
  set(_tests_default OFF)
endif()
option(TRTPROF_BUILD_TESTS "Build the tests (on when GoogleTest is there)" ${_tests_default})
option(TRTPROF_TENSORRT "Build the modules for TensorRT whose headers are there" ON)
option(TRTPROF_FUZZ "Build the fuzz targets for libFuzzer instead of the tests (clang; preset fuzz)" OFF)
option(TRTPROF_WARNINGS_AS_ERRORS "Treat warnings as errors" ${_top_level})

if(_top_level AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
if(_top_level)
  set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
  # The program and its modules lie together, so that `./tensorrt_profiling` in the build folder finds them.
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
  set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
endif()

find_program(CCACHE_PROGRAM ccache)
if(_top_level AND CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(trtprof_warnings INTERFACE)
target_compile_options(
  trtprof_warnings
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Wold-style-cast
            -Woverloaded-virtual -Wcast-align -Wformat=2 -Wundef
            $<$<BOOL:${TRTPROF_WARNINGS_AS_ERRORS}>:-Werror>)
# gcc 12's flow analysis reports std::string and std::optional of its own library when it inlines them (GCC bugs 105651
# and 105562); the sanitizer builds watch what these two warnings would have.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(trtprof_warnings INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
endif()
