# tepui_add_exploration(<target> SPACE <type> SELECT <expression> [SHARDS <n>] [INCLUDE <header>...]
#                       [TRAIN <type>] [OBJECTIVE <type>] [NAME <identifier>] [SOURCES <file>...])
# tepui_add_exploration(<target> SPACE ... SELECT ... VISITOR <type> SOURCES <file>... [...])
#
# A program that trains and measures some architectures of a space, each as a static network of its
# own, which n source files share among them so that they are compiled side by side. With VISITOR, a
# program of yours that does something else with each: for_each_architecture_in_shards.
#
#   SPACE     C++ type: "tepui::space::NasBench201<16, 1>"
#   SELECT    C++ expression: a predicate for tepui::select, "[](tepui::Cost c) { return ...; }", or
#             a Selection, "tepui::select<Space>(...)"
#   SHARDS    source files for the networks, >= 1; default 1
#   INCLUDE   headers that SPACE and SELECT need beside those of the library's spaces:
#             <my/space.hpp>, or a path; every shard reads them
#   VISITOR   C++ type, from a header of INCLUDE: what visits the architectures
#   TRAIN     default "tepui::train::FromScratch<>"
#   OBJECTIVE default "tepui::objective::Maximize<tepui::metric::Accuracy>"
#   NAME      begins the names of the namespace and the headers; default: the target's. No two
#             explorations have the same
#   SOURCES   the program; default: one that draws or reads images, trains and saves the results
#
# Sources find, in namespace <name>_exploration: Space, selected and shards in
# "<name>_selection.hpp", and unless there is a VISITOR, Exploration in "<name>_exploration.hpp".
# What is no letter or digit in a name becomes an underscore.

function(tepui_add_exploration target)
  cmake_parse_arguments(PARSE_ARGV 1 arg
    "" "SPACE;SELECT;SHARDS;TRAIN;OBJECTIVE;VISITOR;NAME" "INCLUDE;SOURCES")
  set(where "tepui_add_exploration(${target})")
  if(DEFINED arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${where}: \"${arg_UNPARSED_ARGUMENTS}\" belongs to no keyword; quote "
                        "expressions that contain spaces")
  endif()
  if("${arg_SPACE}" STREQUAL "")
    message(FATAL_ERROR "${where}: SPACE is missing; it takes a search space, for example "
                        "\"tepui::space::NasBench201<16, 1>\"")
  endif()
  if("${arg_SELECT}" STREQUAL "")
    message(FATAL_ERROR "${where}: SELECT is missing; it takes a predicate, for example "
                        "\"[](tepui::Cost c) { return c.params < 100'000; }\"")
  endif()
  if(NOT DEFINED arg_SHARDS)
    set(arg_SHARDS 1)
  endif()
  if(NOT "${arg_SHARDS}" MATCHES "^[1-9][0-9]*$")
    message(FATAL_ERROR "${where}: SHARDS is \"${arg_SHARDS}\", expected a number of source files, "
                        "at least 1")
  endif()
  if(DEFINED arg_VISITOR AND (NOT DEFINED arg_SOURCES OR DEFINED arg_TRAIN
                              OR DEFINED arg_OBJECTIVE))
    message(FATAL_ERROR "${where}: with VISITOR, the program is yours: it needs SOURCES, and takes "
                        "no TRAIN or OBJECTIVE")
  endif()
  if("${arg_TRAIN}" STREQUAL "")
    set(arg_TRAIN "tepui::train::FromScratch<>")
  endif()
  if("${arg_OBJECTIVE}" STREQUAL "")
    set(arg_OBJECTIVE "tepui::objective::Maximize<tepui::metric::Accuracy>")
  endif()
  if("${arg_NAME}" STREQUAL "")
    set(arg_NAME "${target}")
  endif()
  string(MAKE_C_IDENTIFIER "${arg_NAME}" name)
  get_property(owner GLOBAL PROPERTY tepui_exploration_${name})
  if(NOT "${owner}" STREQUAL "")
    message(FATAL_ERROR "${where}: its name in C++ would be ${name}, which the exploration "
                        "${owner} has already; give one of them another NAME")
  endif()
  set_property(GLOBAL PROPERTY tepui_exploration_${name} "${target}")
  # The bare name may be a keyword, or a function of the system's headers: select, new, std.
  set(namespace "${name}_exploration")
  set(visitor "tepui::space::NetworkTables<Space>")
  if(DEFINED arg_VISITOR)
    set(visitor "${arg_VISITOR}")
  endif()

  set(includes "")
  foreach(header IN LISTS arg_INCLUDE)
    if(NOT header MATCHES "^<.*>$")
      cmake_path(ABSOLUTE_PATH header BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}")
      set(header "\"${header}\"")
    endif()
    string(APPEND includes "#include ${header}\n")
  endforeach()

  set(templates "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/exploration")
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${target}_exploration")
  configure_file("${templates}/selection.hpp.in" "${folder}/${name}_selection.hpp" @ONLY)
  if(NOT DEFINED arg_VISITOR)
    configure_file("${templates}/exploration.hpp.in" "${folder}/${name}_exploration.hpp" @ONLY)
  endif()
  # Code that the networks have in common is compiled once, in a file of its own, and the shards are
  # told so. A space has fewer parts than this as a rule; what is beyond is compiled in each shard.
  set(parts "")
  foreach(number RANGE 127)
    string(APPEND parts
      "TEPUI_SHARED_PART(${number})\n")
  endforeach()
  configure_file("${templates}/parts.hpp.in" "${folder}/${name}_parts.hpp" @ONLY)
  configure_file("${templates}/parts.cpp.in" "${folder}/parts.cpp" @ONLY)
  set(sources "${folder}/parts.cpp")
  math(EXPR last "${arg_SHARDS} - 1")
  foreach(shard RANGE ${last})
    configure_file("${templates}/shard.cpp.in" "${folder}/shard_${shard}.cpp" @ONLY)
    list(APPEND sources "${folder}/shard_${shard}.cpp")
  endforeach()
  if(DEFINED arg_SOURCES)
    list(APPEND sources ${arg_SOURCES})
  else()
    configure_file("${templates}/main.cpp.in" "${folder}/main.cpp" @ONLY)
    list(APPEND sources "${folder}/main.cpp")
  endif()

  add_executable(${target} ${sources})
  target_include_directories(${target} PRIVATE "${folder}")
  target_link_libraries(${target} PRIVATE tepui::tepui)
endfunction()
