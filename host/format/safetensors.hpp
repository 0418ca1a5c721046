// The safetensors format: 8 bytes of header length (little endian), a JSON header, raw tensors.
// Format: https://github.com/huggingface/safetensors, "Format".
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "host/format/named_tensors.hpp"

namespace mbm {

// Reads all tensors of types F64, F32, F16, BF16, I64, I32, I16, I8, U8 and BOOL. Every deviation
// from the format (a header beyond the file, bad JSON, offsets that overlap, leave holes, end
// beyond the file or do not match shape and type, a name given twice) is Error(input) that names
// it.
NamedTensors read_safetensors(const std::filesystem::path& path);

// The "__metadata__" texts of the header; empty if it has none.
std::map<std::string, std::string> read_safetensors_metadata(const std::filesystem::path& path);

// Writes the file whole or not at all (AtomicFile). Data is ordered by decreasing element size,
// then by name, and starts at a multiple of 8, so that every tensor is aligned for its type.
void write_safetensors(const std::filesystem::path& path, const NamedTensors& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace mbm
