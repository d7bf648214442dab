# tepui_own_target(<target>): language level, warnings and processor flags of our own programs.

include(CheckCXXCompilerFlag)

add_library(tepui_own_flags INTERFACE)
target_compile_options(tepui_own_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion)
if(TEPUI_WERROR)
  target_compile_options(tepui_own_flags INTERFACE -Werror)
endif()
if(TEPUI_NATIVE)
  check_cxx_compiler_flag(-march=native TEPUI_HAS_MARCH_NATIVE)
  if(TEPUI_HAS_MARCH_NATIVE)
    target_compile_options(tepui_own_flags INTERFACE -march=native)
  endif()
endif()

function(tepui_own_target target)
  target_link_libraries(${target} PRIVATE tepui::tepui tepui_own_flags)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()
