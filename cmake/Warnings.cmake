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

if(MBM_SANITIZE)
  target_compile_options(mbm_warnings INTERFACE -fsanitize=${MBM_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(mbm_warnings INTERFACE -fsanitize=${MBM_SANITIZE})
endif()
if(MBM_COVERAGE)
  target_compile_options(mbm_warnings INTERFACE --coverage)
  target_link_options(mbm_warnings INTERFACE --coverage)
endif()
