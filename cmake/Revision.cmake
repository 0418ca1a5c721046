# Writes OUTPUT with the git revision of SOURCE, or "none" where there is no repository; run at every build, and OUTPUT is
# touched only if the revision is another one.
cmake_minimum_required(VERSION 3.25) # its policies

execute_process(
  COMMAND git -C "${SOURCE}" rev-parse --show-toplevel
  OUTPUT_VARIABLE top
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set(revision none)
if(top STREQUAL SOURCE)
  execute_process(
    COMMAND git -C "${SOURCE}" describe --always --dirty --exclude=*
    OUTPUT_VARIABLE described
    OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(described)
    set(revision "${described}")
  endif()
endif()
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT "#define MBM_REVISION \"@revision@\"\n" @ONLY)
