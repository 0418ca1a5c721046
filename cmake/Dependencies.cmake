# What the project stands on. Required parts stop the configuration; the others are reported by Summary.cmake with what
# their absence disables.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(Torch REQUIRED)
find_package(Protobuf REQUIRED) # which ONNX's own file names but does not look for
find_package(ONNX REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip) # its CMake file needs tools that Debian packages apart
pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET systemc)
find_package(verilator REQUIRED HINTS $ENV{VERILATOR_ROOT} /usr/share/verilator)

find_package(GTest QUIET)
find_package(benchmark QUIET)
find_package(rapidcheck QUIET)
find_package(OpenCL QUIET)
if(OpenCL_FOUND) # which oneDNN's own file cannot do without
  find_package(dnnl QUIET)
endif()
find_program(YOSYS yosys)
find_program(IVERILOG iverilog)
find_program(OPENSTA sta)
