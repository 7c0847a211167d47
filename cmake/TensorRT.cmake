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
