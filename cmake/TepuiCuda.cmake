# The kernels of the CUDA backend as a library, tepui::cuda. Only its one source file is compiled by
# nvcc; programs that link it need the toolkit's runtime library, but no CUDA compiler.

# A project that has enabled CUDA and named no architecture got the compiler's oldest from CMake.
set(tepui_cuda_architectures "")
foreach(architecture IN LISTS CMAKE_CUDA_ARCHITECTURES)
  string(REGEX MATCH "^[0-9]+" number "${architecture}")
  if(number STREQUAL "" OR number GREATER_EQUAL 80)
    list(APPEND tepui_cuda_architectures "${architecture}")
  endif()
endforeach()
if(tepui_cuda_architectures STREQUAL "")
  # Ampere and Hopper; newer devices take the intermediate code of the last.
  set(tepui_cuda_architectures "80-real;90")
endif()
if(NOT "${CMAKE_CUDA_ARCHITECTURES}" STREQUAL "${tepui_cuda_architectures}")
  message(STATUS "tepui: kernels are compiled for ${tepui_cuda_architectures}; they need 80 or more")
endif()
set(CMAKE_CUDA_ARCHITECTURES "${tepui_cuda_architectures}")
# Programs are linked by the host's compiler: one runtime library, the shared one.
set(CMAKE_CUDA_RUNTIME_LIBRARY Shared)
enable_language(CUDA)
find_package(CUDAToolkit 12.4 REQUIRED GLOBAL)

add_library(tepui_cuda STATIC "${PROJECT_SOURCE_DIR}/include/tepui/cuda/kernels.cu")
add_library(tepui::cuda ALIAS tepui_cuda)
set_target_properties(tepui_cuda PROPERTIES
  EXPORT_NAME cuda POSITION_INDEPENDENT_CODE ON)
# CMake 3.25 does not know yet that nvcc has C++20. Constexpr functions of the library, such as the
# random numbers, run on the device, too. (Public: kernels of users need the same.)
target_compile_options(tepui_cuda PUBLIC
  "$<$<COMPILE_LANGUAGE:CUDA>:-std=c++20;--expt-relaxed-constexpr>")
target_link_libraries(tepui_cuda PUBLIC tepui CUDA::cudart)
