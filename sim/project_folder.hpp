// Where an mbm finds what belongs to it: beside the program if it is installed, else in the source
// and the build tree that it was made in.
#pragma once

#include <filesystem>

namespace mbm {

// The folder with the embedded data (data/default) and with the Verilog, constraints and scripts
// that proofs and cost are made with.
std::filesystem::path project_folder();

// The folder with the Verilated accelerators.
std::filesystem::path accelerator_folder();

}  // namespace mbm
