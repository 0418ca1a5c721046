#include "host/format/weights.hpp"

#include <ATen/ATen.h>
#include <fmt/ranges.h>

#include <array>
#include <string_view>

#include "cmodel/common/error.hpp"
#include "host/format/npz.hpp"
#include "host/format/quote.hpp"
#include "host/format/safetensors.hpp"
#include "host/format/torch_checkpoint.hpp"

namespace mbm {
namespace {

NamedTensors read_npz(const std::filesystem::path& path) {
  const NpzFile file(path);
  NamedTensors tensors;
  for (const std::string& name : file.names()) tensors[name] = file.read_tensor(name);
  return tensors;
}

NamedTensors read_zip(const std::filesystem::path& path) {
  for (const std::string& name : ZipArchive(path).names()) {
    if (name.ends_with("data.pkl")) return read_torch_checkpoint(path);
    if (name.ends_with(".npy")) return read_npz(path);
  }
  fail(ErrorKind::input, "{}: a zip archive, but neither a PyTorch checkpoint nor a NumPy archive",
       path.string());
}

// A checkpoint of PyTorch before 1.6 begins with the pickle of this number, 10 bytes long.
bool is_legacy_checkpoint(std::string_view start) {
  constexpr std::string_view kMagicNumber("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19");
  return start.starts_with('\x80') && start.find(kMagicNumber) != std::string_view::npos;
}

NamedTensors read_by_content(const std::filesystem::path& path) {
  constexpr std::size_t kFirstBraceOfSafetensors = 8;
  InputFile file(path);
  std::array<char, 32> start = {};
  const std::size_t count = std::min<std::uint64_t>(file.size(), start.size());
  file.read_at(0, {reinterpret_cast<std::uint8_t*>(start.data()), count}, "the file");
  const std::string_view text(start.data(), count);
  if (text.starts_with("PK")) return read_zip(path);
  if (is_legacy_checkpoint(text)) return read_torch_checkpoint(path);
  if (text.size() > kFirstBraceOfSafetensors && text[kFirstBraceOfSafetensors] == '{') {
    return read_safetensors(path);
  }
  if (text.starts_with("\x89HDF")) {
    fail(ErrorKind::input,
         "{}: an HDF5 file; expected safetensors, a PyTorch checkpoint or a NumPy archive",
         path.string());
  }
  fail(ErrorKind::input,
       "{}: neither safetensors nor a PyTorch checkpoint nor a NumPy archive ({} bytes)",
       path.string(), file.size());
}

// Position of a contiguous tensor's element, as in [0, 3, 1, 1].
std::vector<std::int64_t> index_of(std::int64_t place, at::IntArrayRef shape) {
  std::vector<std::int64_t> index(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    index[axis] = place % shape[axis];
    place /= shape[axis];
  }
  return index;
}

void check_finite(const std::string& name, const at::Tensor& tensor,
                  const std::filesystem::path& path) {
  if (!at::isFloatingType(tensor.scalar_type()) || tensor.numel() == 0) return;
  const at::Tensor finite = at::isfinite(tensor);
  if (finite.all().item<bool>()) return;
  const std::int64_t place = finite.flatten().to(at::kByte).argmin().item<std::int64_t>();
  fail(ErrorKind::input, "{}: tensor {}: value {} at index [{}], expected finite weights",
       path.string(), quote(name), tensor.flatten()[place].item<double>(),
       fmt::join(index_of(place, tensor.sizes()), ", "));
}

}  // namespace

NamedTensors read_weights(const std::filesystem::path& path) {
  NamedTensors tensors = read_by_content(path);
  if (tensors.empty()) fail(ErrorKind::input, "{}: no tensor in it", path.string());
  for (const auto& [name, tensor] : tensors) check_finite(name, tensor, path);
  return tensors;
}

}  // namespace mbm
