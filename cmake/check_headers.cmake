# cmake -DCOMPILER=... -DFLAGS=a;b -DINCLUDE_DIR=... -DHEADERS=x;y -P check_headers.cmake
# Each header must compile alone, as the first and only include, without a warning.
# One that another header includes before anything else is compiled like that with the other one.
# Reports every header that does not, not only the first.

foreach(required COMPILER INCLUDE_DIR HEADERS)
  if(NOT DEFINED ${required})
    message(FATAL_ERROR "check_headers.cmake: ${required} is not set")
  endif()
endforeach()

file(GLOB_RECURSE files "${INCLUDE_DIR}/tepui/*.hpp")
set(first_includes "")
foreach(file IN LISTS files)
  file(STRINGS "${file}" first REGEX "^#include " LIMIT_COUNT 1)
  list(APPEND first_includes "${first}")
endforeach()

set(failed "")
foreach(header IN LISTS HEADERS)
  list(FIND first_includes "#include \"${header}\"" place)
  if(NOT place EQUAL -1)
    continue()
  endif()
  execute_process(
    COMMAND "${COMPILER}" ${FLAGS} -fsyntax-only -x c++ -include "${header}" /dev/null
    RESULT_VARIABLE result
    OUTPUT_VARIABLE output
    ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(APPEND failed "${header}")
    message(NOTICE "${header} does not compile alone with ${COMPILER}:\n${output}\n")
  endif()
endforeach()

list(LENGTH HEADERS total)
list(LENGTH failed bad)
if(bad GREATER 0)
  list(JOIN failed "\n  " failed)
  message(FATAL_ERROR "${bad} of ${total} headers do not compile alone:\n  ${failed}")
endif()
message(NOTICE "${total} headers compile alone with ${COMPILER}")
