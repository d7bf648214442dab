# cmake -DCOMPILER=... -DFLAGS=a;b -DCASES=a.cpp;b.cpp -DWORK_DIR=... -P check_compile_fail_controls.cmake
#
# The controls of code that must not compile (see check_compile_fail.cmake): without EXPECT_ERROR
# every case must compile, so that with it, it fails for no other reason. All of them in one
# translation unit, each in a namespace of its own, which takes a fifth of the time that they take
# one by one. Their headers are included first, outside of the namespaces.

set(includes "")
set(controls "")
foreach(case IN LISTS CASES)
  file(STRINGS "${case}" lines REGEX "^#include ")
  list(APPEND includes ${lines})
  cmake_path(GET case STEM name)
  string(APPEND controls "namespace control_${name} {\n#include \"${case}\"\n}\n")
endforeach()
list(SORT includes)
list(REMOVE_DUPLICATES includes)
list(JOIN includes "\n" includes)

file(MAKE_DIRECTORY "${WORK_DIR}")
set(program "${WORK_DIR}/controls.cpp")
file(WRITE "${program}" "${includes}\n${controls}")

execute_process(COMMAND "${COMPILER}" ${FLAGS} -fsyntax-only "${program}"
                RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message(NOTICE "${output}")
  message(FATAL_ERROR "without EXPECT_ERROR, every case must compile")
endif()
