# What -DLINEAMENT_CUDA=ON needs: nvcc, cuBLAS and cuDNN 9. One found missing ends the configuration and is named.
if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
  set(CMAKE_CUDA_ARCHITECTURES 80-real 90-real 90-virtual)  # A100, H100 and H200, and what comes later compiles the last anew
endif()
set(CMAKE_CUDA_RUNTIME_LIBRARY Static)

include(CheckLanguage)
check_language(CUDA)
if(NOT CMAKE_CUDA_COMPILER)
  message(FATAL_ERROR "LINEAMENT_CUDA: no nvcc found. Install the CUDA toolkit, 12.0 or later, or say where it is with "
                      "-DCMAKE_CUDA_COMPILER=/path/to/nvcc; without a GPU leave LINEAMENT_CUDA off.")
endif()
enable_language(CUDA)
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake before 3.26 does not know that nvcc takes it
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20)
endif()
set(CMAKE_CUDA_STANDARD 20)
find_package(CUDAToolkit 12.0 REQUIRED)
if(NOT TARGET CUDA::cublas OR NOT TARGET CUDA::cublasLt)
  message(FATAL_ERROR "LINEAMENT_CUDA: the toolkit in ${CUDAToolkit_LIBRARY_ROOT} has no cuBLAS; install it (libcublas-dev).")
endif()

find_path(cudnn_include cudnn_graph.h HINTS ${CUDNN_ROOT} ENV CUDNN_ROOT ${CUDAToolkit_INCLUDE_DIRS} PATH_SUFFIXES include)
find_library(cudnn_library NAMES cudnn libcudnn.so.9 HINTS ${CUDNN_ROOT} ENV CUDNN_ROOT ${CUDAToolkit_LIBRARY_DIR} PATH_SUFFIXES lib lib64)
mark_as_advanced(cudnn_include cudnn_library)
if(NOT cudnn_include OR NOT cudnn_library)
  message(FATAL_ERROR "LINEAMENT_CUDA: cuDNN 9 not found (headers: ${cudnn_include}, library: ${cudnn_library}). Install it "
                      "(libcudnn9-dev-cuda-${CUDAToolkit_VERSION_MAJOR}) or say where it is with -DCUDNN_ROOT=PREFIX.")
endif()
add_library(cudnn SHARED IMPORTED)
set_target_properties(cudnn PROPERTIES IMPORTED_LOCATION ${cudnn_library} INTERFACE_INCLUDE_DIRECTORIES ${cudnn_include})

message(STATUS "CUDA: toolkit ${CUDAToolkit_VERSION}, cuDNN ${cudnn_library}, code for ${CMAKE_CUDA_ARCHITECTURES}")
