# cmake -DCOMPILER=... -DINCLUDE_DIR=... -DSOURCE_DIR=... -DWORK_DIR=... -DFLAGS=a;b -P ...
# The library without CMake: one compiler line with an include path and two libraries.

file(MAKE_DIRECTORY "${WORK_DIR}")
set(program "${WORK_DIR}/consumer")
execute_process(
  COMMAND "${COMPILER}" -std=c++20 "-I${INCLUDE_DIR}" ${FLAGS}
          "${SOURCE_DIR}/main.cpp" "${SOURCE_DIR}/other.cpp" -o "${program}" -ltbb -lz
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${program}" COMMAND_ERROR_IS_FATAL ANY)
