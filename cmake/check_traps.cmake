# cmake -DCOMPILER=... -DFLAGS=a;b -DINCLUDE_DIR=... -DHEADERS=a;b -DWORK_DIR=...
#       -P check_traps.cmake
#
# Macros that headers of other libraries leave behind must not break ours: <complex.h> defines I,
# <termios.h> B0, <rpcndr.h> small. Headers from outside are included first, before the macros are
# set, so that only our own lines are put to the test.

set(outer "")
set(own "")
foreach(path IN LISTS HEADERS)
  cmake_path(RELATIVE_PATH path BASE_DIRECTORY "${INCLUDE_DIR}" OUTPUT_VARIABLE file)
  file(STRINGS "${path}" lines REGEX "^#include <")
  list(APPEND outer ${lines})
  string(APPEND own "#include \"${file}\"\n")
endforeach()
list(SORT outer)
list(REMOVE_DUPLICATES outer)
list(JOIN outer "\n" outer)

set(program "${WORK_DIR}/traps.cpp")
file(WRITE "${program}" "${outer}
#define I (trap: complex.h defines I)
#define B0 (trap: termios.h defines B0)
#define small (trap: rpcndr.h defines small)
${own}")

execute_process(COMMAND "${COMPILER}" ${FLAGS} -fsyntax-only "${program}"
                RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT result EQUAL 0)
  message(NOTICE "${output}")
  message(FATAL_ERROR "a header uses a name that is a macro elsewhere (I, B0 or small)")
endif()
