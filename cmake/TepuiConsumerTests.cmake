# Another project uses the library: installed, as a subdirectory, fetched, and by -I alone.

set(tepui_consumer_source "${CMAKE_CURRENT_SOURCE_DIR}/consumer")
set(tepui_consumer_work "${CMAKE_CURRENT_BINARY_DIR}/consumer")
set(tepui_consumer_prefix "${tepui_consumer_work}/prefix")

function(tepui_add_consumer name)
  add_test(NAME consumer.${name}
    COMMAND "${CMAKE_CTEST_COMMAND}"
      --build-and-test "${tepui_consumer_source}" "${tepui_consumer_work}/${name}"
      --build-generator "${CMAKE_GENERATOR}"
      --build-options "-DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}" -DHOW=${name} ${ARGN}
      --test-command "${CMAKE_CTEST_COMMAND}" --output-on-failure)
  set_tests_properties(consumer.${name} PROPERTIES
    LABELS consumer TIMEOUT ${TEPUI_TEST_TIMEOUT})
endfunction()

if(TEPUI_INSTALL)
  add_test(NAME consumer.install
    COMMAND "${CMAKE_COMMAND}" --install "${PROJECT_BINARY_DIR}" --prefix "${tepui_consumer_prefix}")
  set_tests_properties(consumer.install PROPERTIES
    LABELS consumer FIXTURES_SETUP tepui_installed TIMEOUT ${TEPUI_TEST_TIMEOUT})

  tepui_add_consumer(find_package "-DCMAKE_PREFIX_PATH=${tepui_consumer_prefix}")
  set_tests_properties(consumer.find_package PROPERTIES FIXTURES_REQUIRED tepui_installed)

  # Each example folder is a project of its own as well. Its code is compiled in the main build
  # already, so here it is only configured.
  file(GLOB mains CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/examples/*/main.cpp")
  foreach(main IN LISTS mains)
    cmake_path(GET main PARENT_PATH folder)
    cmake_path(GET folder FILENAME name)
    add_test(NAME consumer.example.${name}
      COMMAND "${CMAKE_COMMAND}" -S "${folder}" -B "${tepui_consumer_work}/example/${name}"
              -G "${CMAKE_GENERATOR}" "-DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}"
              "-DCMAKE_PREFIX_PATH=${tepui_consumer_prefix}")
    set_tests_properties(consumer.example.${name} PROPERTIES
      LABELS consumer FIXTURES_REQUIRED tepui_installed TIMEOUT ${TEPUI_TEST_TIMEOUT})
  endforeach()
endif()

tepui_add_consumer(subdirectory "-DTEPUI_SOURCE=${PROJECT_SOURCE_DIR}")
tepui_add_consumer(fetch_content "-DTEPUI_SOURCE=${PROJECT_SOURCE_DIR}")

if(TEPUI_CUDA)
  # Configured only: the kernels are compiled in the main build.
  add_test(NAME consumer.cuda_language
    COMMAND "${CMAKE_COMMAND}" -S "${tepui_consumer_source}" -B "${tepui_consumer_work}/cuda_language"
            -G "${CMAKE_GENERATOR}" "-DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER}"
            "-DCMAKE_CUDA_COMPILER=${CMAKE_CUDA_COMPILER}" -DHOW=subdirectory
            "-DTEPUI_SOURCE=${PROJECT_SOURCE_DIR}" -DWITH_CUDA=ON)
  set_tests_properties(consumer.cuda_language PROPERTIES
    LABELS consumer TIMEOUT ${TEPUI_TEST_TIMEOUT})
endif()

add_test(NAME consumer.exploration_names
  COMMAND "${CMAKE_COMMAND}" "-DWORK_DIR=${tepui_consumer_work}/exploration_names"
          -P "${PROJECT_SOURCE_DIR}/cmake/check_exploration_names.cmake")
set_tests_properties(consumer.exploration_names PROPERTIES
  LABELS consumer TIMEOUT ${TEPUI_TEST_TIMEOUT})

add_test(NAME consumer.plain_include
  COMMAND "${CMAKE_COMMAND}" "-DCOMPILER=${CMAKE_CXX_COMPILER}"
          "-DINCLUDE_DIR=${PROJECT_SOURCE_DIR}/include" "-DSOURCE_DIR=${tepui_consumer_source}"
          "-DWORK_DIR=${tepui_consumer_work}/plain_include" "-DFLAGS=${tepui_outer_include_flags}"
          -P "${PROJECT_SOURCE_DIR}/cmake/check_plain_include.cmake")
set_tests_properties(consumer.plain_include PROPERTIES
  LABELS consumer TIMEOUT ${TEPUI_TEST_TIMEOUT})
