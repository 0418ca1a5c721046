# Interface target that every target of the project links privately: warnings are errors.
add_library(mbm_warnings INTERFACE)
target_compile_options(
  mbm_warnings
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wcast-align
            -Wunused
            -Wimplicit-fallthrough
            -Werror)

# GCC 12 sees overlapping copies in "text" + std::string that are not there (GCC bug 105329).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(mbm_warnings INTERFACE -Wno-restrict)
endif()

if(MBM_SANITIZE)
  target_compile_options(mbm_warnings INTERFACE -fsanitize=${MBM_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(mbm_warnings INTERFACE -fsanitize=${MBM_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU") # its instrumentation hides initialisation from the warning
    target_compile_options(mbm_warnings INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(MBM_COVERAGE)
  target_compile_options(mbm_warnings INTERFACE --coverage)
  target_link_options(mbm_warnings INTERFACE --coverage)
endif()
