# Tests of the headers as files: each compiles alone, traps are avoided, everything links twice.
# And of code that must not compile. With every compiler that is found, unless it says otherwise.

# --- compilers ----------------------------------------------------------------------------------
find_program(TEPUI_GXX NAMES g++ DOC "g++ for the header and compile-fail tests")
find_program(TEPUI_CLANGXX NAMES clang++ DOC "clang++ for the header and compile-fail tests")

set(tepui_check_compilers "")
if(TEPUI_GXX)
  list(APPEND tepui_check_compilers gcc)
  set(tepui_compiler_gcc "${TEPUI_GXX}")
endif()
if(TEPUI_CLANGXX)
  list(APPEND tepui_check_compilers clang)
  set(tepui_compiler_clang "${TEPUI_CLANGXX}")
else()
  message(STATUS "tepui: clang++ not found, header and compile-fail tests use g++ only")
endif()

# The flags are written out, not taken from the targets: they must suit both compilers.
set(tepui_outer_include_flags "")
foreach(target IN ITEMS
    TBB::tbb Boost::headers nlohmann_json::nlohmann_json ZLIB::ZLIB)
  get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
  foreach(folder IN LISTS folders)
    # The compiler knows /usr/include already; naming it again would change the search order.
    if(IS_DIRECTORY "${folder}" AND NOT folder STREQUAL "/usr/include")
      list(APPEND tepui_outer_include_flags "${folder}")
    endif()
  endforeach()
endforeach()
list(REMOVE_DUPLICATES tepui_outer_include_flags)
list(TRANSFORM tepui_outer_include_flags PREPEND "-isystem")
set(tepui_check_flags -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Werror
  "-I${PROJECT_SOURCE_DIR}/include" ${tepui_outer_include_flags})

set(tepui_native_flag "")
if(TEPUI_NATIVE)
  set(tepui_native_flag -march=native)
endif()

# Headers that read those of the CUDA toolkit are checked where it is.
set(tepui_checked_headers ${TEPUI_HEADERS})
if(TEPUI_CUDA)
  foreach(folder IN LISTS CUDAToolkit_INCLUDE_DIRS)
    list(APPEND tepui_check_flags "-isystem${folder}")
  endforeach()
else()
  list(FILTER tepui_checked_headers EXCLUDE REGEX "/backend/cuda/toolkit/|/tepui/cuda.hpp$")
endif()

# --- every header alone, one test per room -------------------------------------------------------
set(tepui_rooms "")
foreach(file IN LISTS tepui_checked_headers)
  cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/include"
             OUTPUT_VARIABLE header)
  set(room top)
  if(header MATCHES "^tepui/([a-z_0-9]+)/")
    set(room "${CMAKE_MATCH_1}")
  endif()
  list(APPEND tepui_rooms ${room})
  list(APPEND tepui_room_${room} "${header}")
endforeach()
list(REMOVE_DUPLICATES tepui_rooms)

# With the first compiler only: the others use the same standard library, so that they would miss the
# same includes. They compile all headers in one file below.
list(GET tepui_check_compilers 0 compiler)
foreach(room IN LISTS tepui_rooms)
  set(name headers.${compiler}.${room})
  add_test(NAME ${name}
    COMMAND "${CMAKE_COMMAND}" "-DCOMPILER=${tepui_compiler_${compiler}}"
            "-DFLAGS=${tepui_check_flags};${tepui_native_flag}"
            "-DINCLUDE_DIR=${PROJECT_SOURCE_DIR}/include" "-DHEADERS=${tepui_room_${room}}"
            -P "${PROJECT_SOURCE_DIR}/cmake/check_headers.cmake")
  set_tests_properties(${name} PROPERTIES LABELS headers TIMEOUT 1200)
endforeach()

# --- all headers in one file: every compiler takes them, whatever macros others define ----------
foreach(compiler IN LISTS tepui_check_compilers)
  set(work "${CMAKE_CURRENT_BINARY_DIR}/traps/${compiler}")
  file(MAKE_DIRECTORY "${work}")
  add_test(NAME headers.${compiler}.traps
    COMMAND "${CMAKE_COMMAND}" "-DCOMPILER=${tepui_compiler_${compiler}}"
            "-DFLAGS=${tepui_check_flags};${tepui_native_flag}"
            "-DINCLUDE_DIR=${PROJECT_SOURCE_DIR}/include" "-DWORK_DIR=${work}"
            "-DHEADERS=${tepui_checked_headers}"
            -P "${PROJECT_SOURCE_DIR}/cmake/check_traps.cmake")
  set_tests_properties(headers.${compiler}.traps PROPERTIES
    LABELS headers TIMEOUT 1200)
endforeach()

# --- every header twice in one program: a function that is not inline does not link --------------
set(tepui_all_includes "")
foreach(file IN LISTS tepui_checked_headers)
  cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/include"
             OUTPUT_VARIABLE header)
  string(APPEND tepui_all_includes "#include \"${header}\"\n")
endforeach()
set(tepui_odr_dir "${CMAKE_CURRENT_BINARY_DIR}/odr")
foreach(part IN ITEMS first second)
  file(CONFIGURE OUTPUT "${tepui_odr_dir}/${part}.cpp" @ONLY CONTENT
"@tepui_all_includes@
int @part@_part();
int @part@_part() { return TEPUI_VERSION; }
")
endforeach()
file(CONFIGURE OUTPUT "${tepui_odr_dir}/main.cpp" @ONLY CONTENT
"int first_part();
int second_part();
int main() { return first_part() == second_part() ? 0 : 1; }
")
add_executable(structure.all_headers_twice
  "${tepui_odr_dir}/first.cpp" "${tepui_odr_dir}/second.cpp" "${tepui_odr_dir}/main.cpp")
tepui_own_target(structure.all_headers_twice)
if(TEPUI_CUDA)
  target_link_libraries(structure.all_headers_twice PRIVATE tepui::cuda)
endif()
add_test(NAME structure.all_headers_twice COMMAND structure.all_headers_twice)
set_tests_properties(structure.all_headers_twice PROPERTIES
  LABELS structure TIMEOUT ${TEPUI_TEST_TIMEOUT})

# --- code that must not compile -----------------------------------------------------------------
file(GLOB_RECURSE tepui_fail_cases CONFIGURE_DEPENDS
  "${CMAKE_CURRENT_SOURCE_DIR}/compile_fail/*.cpp")
foreach(case IN LISTS tepui_fail_cases)
  cmake_path(RELATIVE_PATH case BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}/compile_fail"
             OUTPUT_VARIABLE name)
  string(REGEX REPLACE "\\.cpp$" "" name "${name}")
  string(REGEX MATCH "^[^/]+" area "${name}")
  list(APPEND tepui_fail_areas ${area})
  list(APPEND tepui_fail_${area} "${case}")
  string(REPLACE "/" "." name "${name}")
  foreach(compiler IN LISTS tepui_check_compilers)
    add_test(NAME compile_fail.${compiler}.${name}
      COMMAND "${CMAKE_COMMAND}" "-DCOMPILER=${tepui_compiler_${compiler}}"
              "-DFLAGS=${tepui_check_flags};-I${CMAKE_CURRENT_SOURCE_DIR}" "-DCASE=${case}"
              -P "${PROJECT_SOURCE_DIR}/cmake/check_compile_fail.cmake")
    set_tests_properties(compile_fail.${compiler}.${name} PROPERTIES
      LABELS compile_fail TIMEOUT ${TEPUI_TEST_TIMEOUT})
  endforeach()
endforeach()
list(REMOVE_DUPLICATES tepui_fail_areas)

# The controls with the first compiler only.
list(GET tepui_check_compilers 0 compiler)
foreach(area IN LISTS tepui_fail_areas)
  set(name compile_fail.controls.${area})
  add_test(NAME ${name}
    COMMAND "${CMAKE_COMMAND}" "-DCOMPILER=${tepui_compiler_${compiler}}"
            "-DFLAGS=${tepui_check_flags};-I${CMAKE_CURRENT_SOURCE_DIR}"
            "-DCASES=${tepui_fail_${area}}"
            "-DWORK_DIR=${CMAKE_CURRENT_BINARY_DIR}/compile_fail/${area}"
            -P "${PROJECT_SOURCE_DIR}/cmake/check_compile_fail_controls.cmake")
  set_tests_properties(${name} PROPERTIES LABELS compile_fail TIMEOUT ${TEPUI_TEST_TIMEOUT})
endforeach()
