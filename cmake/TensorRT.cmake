# Where headers of TensorRT and CUDA are.
#
# TensorRT, first found first, one set of a kind:
#   TENSORRT_ROOT (variable or environment; several with ';')   an SDK: its include/ (and lib/)
#   /opt/tensorrt, /usr/local/tensorrt, /usr/local/TensorRT-*    unpacked archives
#   /usr/include/x86_64-linux-gnu, /usr/include                 packages
#   .deps/tensorrt-headers-*                                    headers alone (tools/deps.sh gpu)
# CUDA: CUDAToolkit_ROOT, CUDA_HOME, the wheels in .deps/venv (tools/deps.sh gpu), /usr/local/cuda.

# Kind and version of the headers in `folder`; both empty where there are none.
function(trtprof_tensorrt_version folder out_kind out_version)
  set(${out_kind} "" PARENT_SCOPE)
  set(${out_version} "" PARENT_SCOPE)
  if(NOT EXISTS "${folder}/NvInferVersion.h" OR NOT EXISTS "${folder}/NvOnnxParser.h")
    return()
  endif()
  file(READ "${folder}/NvInferVersion.h" _text)
  foreach(_part MAJOR MINOR PATCH)
    if(_text MATCHES "define TRT_${_part}_(RTX|ENTERPRISE) +([0-9]+)")
      set(_${_part} ${CMAKE_MATCH_2})
    elseif(_text MATCHES "define NV_TENSORRT_${_part} +([0-9]+)")
      set(_${_part} ${CMAKE_MATCH_1})
    else()
      return()
    endif()
  endforeach()
  if(_text MATCHES "define TRT_MAJOR_RTX")
    set(${out_kind} "tensorrt-rtx" PARENT_SCOPE)
  elseif(_MAJOR EQUAL 10 OR _MAJOR EQUAL 11)
    set(${out_kind} "tensorrt-${_MAJOR}" PARENT_SCOPE)
  else()
    message(STATUS "TensorRT ${_MAJOR}.${_MINOR} in ${folder} is not supported")
    return()
  endif()
  set(${out_version} "${_MAJOR}.${_MINOR}.${_PATCH}" PARENT_SCOPE)
endfunction()

# A list of "kind|version|include folder|library folder".
function(trtprof_find_tensorrt out)
  set(_roots ${TENSORRT_ROOT} $ENV{TENSORRT_ROOT})
  file(GLOB _archives /usr/local/TensorRT-* /opt/TensorRT-*)
  list(APPEND _roots /opt/tensorrt /usr/local/tensorrt ${_archives})
  set(_folders "")
  foreach(_root IN LISTS _roots)
    list(APPEND _folders "${_root}/include" "${_root}")
  endforeach()
  list(APPEND _folders /usr/include/x86_64-linux-gnu /usr/include/aarch64-linux-gnu /usr/include)
  file(GLOB _brought "${TRTPROF_DEPS_DIR}/tensorrt-headers-*/TRT-*")
  list(SORT _brought COMPARE NATURAL ORDER DESCENDING) # the newest of a kind
  list(APPEND _folders ${_brought})

  set(_sets "")
  set(_kinds "")
  foreach(_folder IN LISTS _folders)
    trtprof_tensorrt_version("${_folder}" _kind _version)
    if(NOT _kind OR _kind IN_LIST _kinds)
      continue()
    endif()
    get_filename_component(_parent "${_folder}" DIRECTORY)
    set(_libraries "")
    if(_folder MATCHES "/include$" AND IS_DIRECTORY "${_parent}/lib" AND NOT _parent STREQUAL "/usr")
      set(_libraries "${_parent}/lib")
    elseif(_kind STREQUAL "tensorrt-rtx")
      file(GLOB _libraries "${TRTPROF_DEPS_DIR}/venv/lib/python3*/site-packages/tensorrt_rtx_libs")
    elseif(_kind STREQUAL "tensorrt-11") # tools/deps.sh tensorrt
      file(GLOB _libraries "${TRTPROF_DEPS_DIR}/tensorrt-11.*/lib")
      list(SORT _libraries COMPARE NATURAL)
      if(_libraries)
        list(GET _libraries -1 _libraries)
      endif()
    endif()
    list(APPEND _kinds ${_kind})
    list(APPEND _sets "${_kind}|${_version}|${_folder}|${_libraries}")
  endforeach()
  set(${out} "${_sets}" PARENT_SCOPE)
endfunction()

# Target trtprof_cuda: the headers and the static runtime, which asks for the driver at run time. Also
# TRTPROF_CUPTI_INCLUDE, where cupti.h is.
function(trtprof_find_cuda)
  file(GLOB _wheel "${TRTPROF_DEPS_DIR}/venv/lib/python3*/site-packages/nvidia/cu13")
  set(_roots ${CUDAToolkit_ROOT} $ENV{CUDAToolkit_ROOT} $ENV{CUDA_HOME} ${_wheel} /usr/local/cuda)
  find_path(TRTPROF_CUDA_INCLUDE cuda_runtime_api.h PATHS ${_roots} PATH_SUFFIXES include targets/x86_64-linux/include
            NO_DEFAULT_PATH)
  find_library(TRTPROF_CUDART_STATIC libcudart_static.a PATHS ${_roots} PATH_SUFFIXES lib lib64 targets/x86_64-linux/lib
               NO_DEFAULT_PATH)
  find_path(TRTPROF_CUPTI_INCLUDE cupti.h PATHS ${_roots}
            PATH_SUFFIXES include extras/CUPTI/include targets/x86_64-linux/include NO_DEFAULT_PATH)
  mark_as_advanced(TRTPROF_CUDA_INCLUDE TRTPROF_CUDART_STATIC TRTPROF_CUPTI_INCLUDE)
  # Of the wheel, which no loader knows; toolkits are looked for at run time.
  set(TRTPROF_CUPTI_FOLDER "" PARENT_SCOPE)
  if(_wheel AND EXISTS "${_wheel}/lib")
    set(TRTPROF_CUPTI_FOLDER "${_wheel}/lib" PARENT_SCOPE)
  endif()
  if(NOT TRTPROF_CUDA_INCLUDE OR NOT TRTPROF_CUDART_STATIC)
    return()
  endif()
  add_library(trtprof_cuda INTERFACE)
  target_include_directories(trtprof_cuda SYSTEM INTERFACE "${TRTPROF_CUDA_INCLUDE}")
  target_link_libraries(trtprof_cuda INTERFACE "${TRTPROF_CUDART_STATIC}" Threads::Threads ${CMAKE_DL_LIBS} rt)
endfunction()

# nvcc and the codes of the GPUs that it makes: TRTPROF_NVCC, TRTPROF_CUDA_CODES. 7.5 and newer, which is what TensorRT 10
# runs on; newer ones than nvcc knows get the intermediate code of the newest that it knows.
function(trtprof_find_nvcc)
  file(GLOB _wheel "${TRTPROF_DEPS_DIR}/venv/lib/python3*/site-packages/nvidia/cu13")
  find_program(TRTPROF_NVCC nvcc PATHS ${CUDAToolkit_ROOT} $ENV{CUDAToolkit_ROOT} $ENV{CUDA_HOME} ${_wheel} /usr/local/cuda
               PATH_SUFFIXES bin NO_DEFAULT_PATH)
  find_program(TRTPROF_NVCC nvcc)
  mark_as_advanced(TRTPROF_NVCC)
  set(TRTPROF_CUDA_CODES "" PARENT_SCOPE)
  if(NOT TRTPROF_NVCC)
    return()
  endif()
  execute_process(COMMAND "${TRTPROF_NVCC}" --list-gpu-code OUTPUT_VARIABLE _text ERROR_QUIET RESULT_VARIABLE _failed)
  if(_failed)
    return()
  endif()
  set(_codes "")
  foreach(_code IN ITEMS 75 80 86 87 89 90 100 103 110 120)
    if(_text MATCHES "sm_${_code}(\n|$)")
      list(APPEND _codes ${_code})
    endif()
  endforeach()
  set(TRTPROF_CUDA_CODES "${_codes}" PARENT_SCOPE)
endfunction()

# trtprof_compile_cuda(OUT SOURCE): an object file of SOURCE for every GPU that nvcc knows; OUT is empty where there is no
# nvcc, or none that works with this host compiler and these headers. Not CMake's CUDA language: its test of a compiler
# links a program, for which NVIDIA's wheels have the libraries in other places than nvcc looks.
function(trtprof_compile_cuda out source)
  set(${out} "" PARENT_SCOPE)
  trtprof_find_nvcc()
  if(NOT TRTPROF_CUDA_CODES)
    return()
  endif()
  set(_flags -O3 -std=c++17 "-ccbin=${CMAKE_CXX_COMPILER}" -Xcompiler=-fPIC,-fvisibility=hidden "-I${PROJECT_SOURCE_DIR}/src"
             "-isystem=${TRTPROF_CUDA_INCLUDE}")
  if(NOT TRTPROF_NVCC_WORKS STREQUAL "${TRTPROF_NVCC} ${CMAKE_CXX_COMPILER}")
    set(_probe "${CMAKE_CURRENT_BINARY_DIR}/nvcc_probe")
    file(WRITE "${_probe}.cu" "#include <cuda_fp8.h>\n__global__ void probe(float* p) { *p = 1.0F; }\n")
    list(GET TRTPROF_CUDA_CODES 0 _first)
    execute_process(COMMAND "${TRTPROF_NVCC}" -c ${_flags} -gencode=arch=compute_${_first},code=sm_${_first} -o "${_probe}.o"
                            "${_probe}.cu" RESULT_VARIABLE _failed OUTPUT_VARIABLE _said ERROR_VARIABLE _said)
    if(_failed)
      message(STATUS "${TRTPROF_NVCC} does not work: ${_said}")
      return()
    endif()
    set(TRTPROF_NVCC_WORKS "${TRTPROF_NVCC} ${CMAKE_CXX_COMPILER}" CACHE INTERNAL "nvcc compiles with this host compiler")
  endif()
  foreach(_code IN LISTS TRTPROF_CUDA_CODES)
    list(APPEND _flags -gencode=arch=compute_${_code},code=sm_${_code})
    set(_newest ${_code})
  endforeach()
  list(APPEND _flags -gencode=arch=compute_${_newest},code=compute_${_newest})
  get_filename_component(_name "${source}" NAME)
  set(_object "${CMAKE_CURRENT_BINARY_DIR}/${_name}.o")
  add_custom_command(
    OUTPUT "${_object}"
    COMMAND "${TRTPROF_NVCC}" -c ${_flags} -MD -MF "${_object}.d" -o "${_object}" "${CMAKE_CURRENT_SOURCE_DIR}/${source}"
    DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${source}" "${TRTPROF_NVCC}"
    DEPFILE "${_object}.d"
    COMMENT "Compiling ${source} for GPUs ${TRTPROF_CUDA_CODES}"
    VERBATIM)
  set_source_files_properties("${_object}" PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  set(${out} "${_object}" PARENT_SCOPE)
endfunction()
