# cmake -DBUILD=... -DPREFIX=... -P install_tree.cmake: a fresh installation, nothing left of an earlier one.
file(REMOVE_RECURSE "${PREFIX}")
execute_process(COMMAND "${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${PREFIX}" RESULT_VARIABLE _result)
if(NOT _result EQUAL 0)
  message(FATAL_ERROR "cmake --install failed")
endif()
