# Headers, the exported target and the package files that find_package(tepui) reads.

include(CMakePackageConfigHelpers)

set(tepui_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/tepui")

install(TARGETS tepui EXPORT tepui-targets
        FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
set(tepui_package_is_for_any_processor ARCH_INDEPENDENT)
if(TEPUI_CUDA)
  install(TARGETS tepui_cuda EXPORT tepui-targets)
  set(tepui_package_is_for_any_processor "")
endif()
install(EXPORT tepui-targets NAMESPACE tepui:: DESTINATION "${tepui_package_dir}")

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/tepui-config.cmake.in"
  "${PROJECT_BINARY_DIR}/package/tepui-config.cmake"
  INSTALL_DESTINATION "${tepui_package_dir}"
  NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/package/tepui-config-version.cmake"
  COMPATIBILITY SameMinorVersion ${tepui_package_is_for_any_processor})
install(FILES
  "${PROJECT_BINARY_DIR}/package/tepui-config.cmake"
  "${PROJECT_BINARY_DIR}/package/tepui-config-version.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/TepuiExploration.cmake"
  DESTINATION "${tepui_package_dir}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/cmake/exploration" DESTINATION "${tepui_package_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/tepui")
