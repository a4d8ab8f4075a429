# How XGBoost is compiled: all of its sources as one, because its headers are then read once, and at -O2, which trains as
# fast as -O3. Together that takes 40 percent of the time.
set(CMAKE_UNITY_BUILD ON)
set(CMAKE_UNITY_BUILD_BATCH_SIZE 0)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG" CACHE STRING "")

# A static program takes the static OpenMP library: XGBoost's own command line, which is built along, is linked by CMake.
if("$ENV{CARGO_CFG_TARGET_FEATURE}" MATCHES "crt-static" AND CMAKE_HOST_LINUX)
  execute_process(COMMAND gcc -print-file-name=libgomp.a OUTPUT_VARIABLE gomp OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(OpenMP_gomp_LIBRARY "${gomp}" CACHE FILEPATH "" FORCE)
endif()
