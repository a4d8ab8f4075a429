# How XGBoost is compiled: all of its sources as one, which takes half the time because its headers are read once.
set(CMAKE_UNITY_BUILD ON)
set(CMAKE_UNITY_BUILD_BATCH_SIZE 0)
