// NumPy's .npz: a zip archive of .npy members.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "host/format/named_tensors.hpp"
#include "host/format/npy.hpp"
#include "host/format/zip_archive.hpp"

namespace mbm {

// An archive open for reading; arrays are read when they are asked for.
class NpzFile {
 public:
  explicit NpzFile(const std::filesystem::path& path) : archive_(path) {}

  // The names of the arrays, without ".npy", sorted.
  std::vector<std::string> names() const;
  bool contains(const std::string& name) const { return archive_.contains(name + ".npy"); }

  // Throws Error(input) that names archive and member, also if there is no such array.
  NpyArray read(const std::string& name) const;
  at::Tensor read_tensor(const std::string& name) const;

 private:
  ZipArchive archive_;
};

// Writes the archive, deflated, whole or not at all (AtomicFile). Equal arrays make equal files.
void write_npz(const std::filesystem::path& path, const std::map<std::string, NpyArray>& arrays);
void write_npz(const std::filesystem::path& path, const NamedTensors& tensors);

}  // namespace mbm
