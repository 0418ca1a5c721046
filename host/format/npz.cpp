#include "host/format/npz.hpp"

#include <algorithm>

#include "cmodel/common/error.hpp"
#include "host/format/atomic_file.hpp"
#include "host/format/quote.hpp"

namespace mbm {
namespace {

constexpr std::string_view kSuffix = ".npy";

}  // namespace

std::vector<std::string> NpzFile::names() const {
  std::vector<std::string> names;
  for (std::string& name : archive_.names()) {
    if (!name.ends_with(kSuffix)) continue;
    name.resize(name.size() - kSuffix.size());
    names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

NpyArray NpzFile::read(const std::string& name) const {
  const std::string member = name + std::string(kSuffix);
  if (!archive_.contains(member)) {
    fail(ErrorKind::input, "{}: has no array {}; it has {}", archive_.path().string(), quote(name),
         fmt::join(names(), ", "));
  }
  return read_npy(*archive_.open(member), archive_.where(member));
}

at::Tensor NpzFile::read_tensor(const std::string& name) const {
  return to_tensor(read(name), archive_.where(name + std::string(kSuffix)));
}

void write_npz(const std::filesystem::path& path, const std::map<std::string, NpyArray>& arrays) {
  std::map<std::string, std::vector<std::uint8_t>> members;
  for (const auto& [name, array] : arrays) {
    members[name + std::string(kSuffix)] = encode_npy(array);
  }
  write_file(path, make_zip(members, ZipCompression::deflated));
}

void write_npz(const std::filesystem::path& path, const NamedTensors& tensors) {
  std::map<std::string, NpyArray> arrays;
  for (const auto& [name, tensor] : tensors) arrays[name] = to_npy_array(tensor);
  write_npz(path, arrays);
}

}  // namespace mbm
