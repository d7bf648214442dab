# cmake -DWORK_DIR=... -P check_exploration_names.cmake
#
# What tepui_add_exploration calls its folders and namespaces. No project is configured: the
# commands that would need one are left out.

function(add_executable)
endfunction()
function(target_include_directories target scope folder)
  set_property(GLOBAL PROPERTY folder_of_${target} "${folder}")
endfunction()
function(target_link_libraries)
endfunction()

include("${CMAKE_CURRENT_LIST_DIR}/TepuiExploration.cmake")
set(CMAKE_CURRENT_BINARY_DIR "${WORK_DIR}")

if(DEFINED COLLIDE)
  tepui_add_exploration(survey-light SPACE mine::Space SELECT mine::light)
  tepui_add_exploration(${COLLIDE} SPACE mine::Space SELECT mine::heavy)
  return()
endif()

# Neither a target that is spelled alike nor a NAME is used a second time.
foreach(second IN ITEMS "survey_light" "other;NAME;survey.light")
  execute_process(
    COMMAND "${CMAKE_COMMAND}" "-DWORK_DIR=${WORK_DIR}" "-DCOLLIDE=${second}"
            -P "${CMAKE_CURRENT_LIST_FILE}"
    RESULT_VARIABLE result ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \n]+" " " output "${output}")
  set(expected "its name in C\\+\\+ would be survey_light, which the exploration survey-light has")
  if(result EQUAL 0 OR NOT output MATCHES "${expected}")
    message(FATAL_ERROR "${second} beside survey-light: expected ${expected}, got:\n${output}")
  endif()
endforeach()

# With a NAME of its own each keeps what it selects, and what is a word of C++ is no namespace.
tepui_add_exploration(survey-light SPACE mine::Space SELECT mine::light)
tepui_add_exploration(survey_light SPACE mine::Space SELECT mine::heavy NAME new)
foreach(case IN ITEMS "survey-light;survey_light;light" "survey_light;new;heavy")
  list(GET case 0 target)
  list(GET case 1 name)
  list(GET case 2 selected)
  get_property(folder GLOBAL PROPERTY folder_of_${target})
  file(READ "${folder}/${name}_selection.hpp" header)
  if(NOT header MATCHES "namespace ${name}_exploration {.*mine::${selected}")
    message(FATAL_ERROR "${target} reads ${folder}/${name}_selection.hpp:\n${header}")
  endif()
endforeach()
