# What `cmake --install` and `cpack` put where: the program with what it needs beside it (component `runtime`), and the golden
# model as a library for find_package(mbm) (component `development`).
set(MBM_SHARED "${CMAKE_INSTALL_DATADIR}/mbm") # as sim/project_folder.cpp finds it
include(CMakePackageConfigHelpers)

install(TARGETS mbm RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT runtime)
foreach(name ${MBM_ACCELERATORS} ${MBM_MORE_ACCELERATORS})
  install(FILES "${MBM_ACCELERATOR_FOLDER}/${name}.so" DESTINATION "${CMAKE_INSTALL_LIBDIR}/mbm/accelerators"
          COMPONENT runtime OPTIONAL) # those that are built when they are named may not be
endforeach()
install(DIRECTORY "${PROJECT_SOURCE_DIR}/data" "${PROJECT_SOURCE_DIR}/rtl" "${PROJECT_SOURCE_DIR}/constraints"
        DESTINATION "${MBM_SHARED}" COMPONENT runtime)
# What proofs and cost read besides: second descriptions of the multipliers, and the synthesis script.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/testbench/" DESTINATION "${MBM_SHARED}/testbench" COMPONENT runtime
        FILES_MATCHING PATTERN "*_fv.sv" PATTERN "systemc" EXCLUDE)
install(PROGRAMS "${PROJECT_SOURCE_DIR}/scripts/synthesise" DESTINATION "${MBM_SHARED}/scripts" COMPONENT runtime)
install(FILES "${PROJECT_BINARY_DIR}/mbm.1.gz" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1" COMPONENT runtime)
install(FILES "${PROJECT_BINARY_DIR}/mbm.completion.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
        RENAME mbm COMPONENT runtime)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME copyright COMPONENT runtime)

install(TARGETS mbm_cmodel EXPORT mbm-targets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/cmodel" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/mbm" COMPONENT development
        FILES_MATCHING PATTERN "*.hpp")
set(package_folder "${CMAKE_INSTALL_LIBDIR}/cmake/mbm")
install(EXPORT mbm-targets NAMESPACE mbm:: DESTINATION "${package_folder}" COMPONENT development)
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/mbm-config.cmake.in" "${PROJECT_BINARY_DIR}/mbm-config.cmake"
                              INSTALL_DESTINATION "${package_folder}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/mbm-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/mbm-config.cmake" "${PROJECT_BINARY_DIR}/mbm-config-version.cmake"
        DESTINATION "${package_folder}" COMPONENT development)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/examples/golden-model" DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples"
        COMPONENT development)

# Debian packages: mbm and libmbm-dev.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME mbm)
set(CPACK_PACKAGE_CONTACT "mbm developers <noreply@example.org>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL runtime development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME mbm)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION science)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SUGGESTS "yosys, opensta, qflow-tech-osu018, openfpgaloader")
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "Evaluates, simulates and costs networks with approximate multipliers.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libmbm-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libfmt-dev")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION
    "The golden model as a C++ library: headers, static library and CMake package.")
include(CPack)
