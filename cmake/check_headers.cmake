# cmake -DCOMPILER=... -DFLAGS=a;b -DHEADERS=x;y -P check_headers.cmake
# Each header must compile alone, as the first and only include, without a warning.
# Reports every header that does not, not only the first.

foreach(required COMPILER HEADERS)
  if(NOT DEFINED ${required})
    message(FATAL_ERROR "check_headers.cmake: ${required} is not set")
  endif()
endforeach()

set(failed "")
foreach(header IN LISTS HEADERS)
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
