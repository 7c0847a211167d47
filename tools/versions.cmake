# Versions that scripts and CMake share; tools/deps.sh reads this file too.
set(TRTPROF_ONNX_VERSION 1.23.2)
set(TRTPROF_TENSORRT_HEADERS_VERSION 0.9.1)
set(TRTPROF_TENSORRT_MAVEN_VERSION 11.2-1.5.14)
