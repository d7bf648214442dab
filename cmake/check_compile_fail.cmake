# cmake -DCOMPILER=... -DFLAGS=a;b -DCASE=file.cpp -P check_compile_fail.cmake
#
# A case is a file that begins with "// expect-error: <regex>", which goes on in comment lines right
# below it, and whose wrong code is under #ifdef EXPECT_ERROR. With the macro it must not compile, the
# first "error:" line must match, and all of it must fit on a screen. Without the macro it must
# compile, which check_compile_fail_controls.cmake sees to.
# "// expect-constant-error: <regex>" is for constant expressions:
# clang++ says in the error line which constant is none, and in the first note why, so the two are
# matched together.

set(max_lines 40)
set(ENV{LC_ALL} C)  # quotes and words as the expressions write them

file(READ "${CASE}" text)
if(NOT text MATCHES "^// expect-(constant-)?error: ([^\n]+(\n// [^\n]+)*)\n")
  message(FATAL_ERROR "${CASE}: the first line must be // expect-error: <regex>")
endif()
set(in_constant "${CMAKE_MATCH_1}")
string(REPLACE "\n// " " " expected "${CMAKE_MATCH_2}")

# The output goes out as it is: FATAL_ERROR would wrap its lines.
function(fail reason)
  message(NOTICE "${ARGN}")
  message(FATAL_ERROR "${CASE}: ${reason}")
endfunction()

execute_process(COMMAND "${COMPILER}" ${FLAGS} -DEXPECT_ERROR -fsyntax-only "${CASE}"
                RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(result EQUAL 0)
  fail("compiles with EXPECT_ERROR, but must not" "${output}")
endif()
if(NOT result MATCHES "^[0-9]+$")
  fail("${COMPILER} did not end normally: ${result}" "${output}")
endif()

string(REGEX MATCH "[^\n]*error:[^\n]*" first_error "${output}")
if(in_constant)
  string(FIND "${output}" "${first_error}" begin)
  string(SUBSTRING "${output}" ${begin} -1 from_error)
  string(REGEX MATCH "[^\n]* note:[^\n]*" first_note "${from_error}")
  string(APPEND first_error "\n${first_note}")
endif()
if(NOT first_error MATCHES "${expected}")
  fail("the first error does not match"
       "expected: ${expected}\ngot: ${first_error}\nthe whole output:\n${output}")
endif()

string(REGEX MATCHALL "\n" ends "${output}")
list(LENGTH ends lines)
if(NOT lines LESS max_lines)
  fail("${lines} lines of output, fewer than ${max_lines} allowed" "${output}")
endif()
message(NOTICE "${first_error}\n(${lines} lines)")
