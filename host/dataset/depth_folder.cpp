#include "host/dataset/depth_folder.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <system_error>
#include <vector>

#include "cmodel/common/error.hpp"
#include "host/dataset/depth_tensor.hpp"
#include "host/format/image.hpp"

namespace mbm {
namespace {

constexpr float kMillimetresPerMetre = 1000;

bool is_picture(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return !path.filename().string().starts_with('.') &&
         (extension == ".jpg" || extension == ".jpeg" || extension == ".png");
}

// The pictures of a folder by name without extension.
std::map<std::string, std::filesystem::path> list_pictures(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::directory_iterator entries(folder, error);
  if (error) {
    fail(ErrorKind::input, "cannot read the folder {}: {}", folder.string(), error.message());
  }
  std::map<std::string, std::filesystem::path> pictures;
  for (const std::filesystem::directory_entry& entry : entries) {
    if (!is_picture(entry.path())) continue;
    const auto [place, is_new] = pictures.emplace(entry.path().stem().string(), entry.path());
    if (!is_new) {
      fail(ErrorKind::input, "{}: {} and {} have the same name", folder.string(),
           place->second.filename().string(), entry.path().filename().string());
    }
  }
  return pictures;
}

class DepthFolder : public DepthDataset {
 public:
  explicit DepthFolder(const std::filesystem::path& path) {
    const auto pictures = list_pictures(path / "rgb");
    const auto maps = list_pictures(path / "depth");
    if (pictures.empty() && maps.empty()) {
      fail(ErrorKind::input, "{}: no JPEG or PNG in rgb/ and depth/", path.string());
    }
    for (const auto& [name, picture] : pictures) {
      const auto partner = maps.find(name);
      if (partner == maps.end()) {
        fail(ErrorKind::input, "{}: has no depth map {}", picture.string(),
             (path / "depth" / (name + ".png")).string());
      }
      pairs_.push_back({name, picture, partner->second});
    }
    for (const auto& [name, map] : maps) {
      if (!pictures.contains(name)) {
        fail(ErrorKind::input, "{}: has no picture {} (.jpg, .jpeg or .png)", map.string(),
             (path / "rgb" / name).string());
      }
    }
  }

  std::size_t size() const override { return pairs_.size(); }

  std::string image_name(std::size_t index) const override { return pairs_.at(index).name; }

  DepthSample load(std::size_t index) override {
    const Pair& pair = pairs_.at(index);
    return {load_rgb(pair.picture), load_depth(pair.map)};
  }

  CropWindow crop(std::int64_t height, std::int64_t width) const override {
    return evaluation_crop(height, width);
  }

 private:
  struct Pair {
    std::string name;
    std::filesystem::path picture;
    std::filesystem::path map;
  };

  static at::Tensor load_rgb(const std::filesystem::path& path) {
    RgbImage image = read_rgb_image(path);
    return planes_of_interleaved(image.values, static_cast<std::int64_t>(image.height),
                                 static_cast<std::int64_t>(image.width));
  }

  static at::Tensor load_depth(const std::filesystem::path& path) {
    const Gray16Image image = read_depth_image(path);
    at::Tensor depth =
        at::empty({static_cast<std::int64_t>(image.height), static_cast<std::int64_t>(image.width)},
                  at::kFloat);
    std::transform(image.values.begin(), image.values.end(), depth.data_ptr<float>(),
                   [](std::uint16_t millimetres) {
                     return static_cast<float>(millimetres) / kMillimetresPerMetre;
                   });
    check_depth(depth, path.string());
    return depth;
  }

  std::vector<Pair> pairs_;
};

}  // namespace

std::unique_ptr<DepthDataset> open_depth_folder(const std::filesystem::path& path) {
  return std::make_unique<DepthFolder>(path);
}

}  // namespace mbm
