#include "host/dataset/dense_depth_zip.hpp"

#include <ATen/ATen.h>

#include <optional>
#include <vector>

#include "cmodel/common/error.hpp"
#include "host/dataset/depth_tensor.hpp"
#include "host/format/npy.hpp"
#include "host/format/zip_archive.hpp"

namespace mbm {
namespace {

// An array in an archive, read item by item along its first axis.
class ItemStream {
 public:
  ItemStream(const ZipArchive& archive, std::string member)
      : archive_(archive), member_(std::move(member)), where_(archive.where(member_)) {
    restart();
    if (header_.fortran_order) {
      fail(ErrorKind::input, "{}: in Fortran order, expected C order", where_);
    }
    if (header_.shape.empty() || header_.shape[0] == 0) {
      fail(ErrorKind::input, "{}: an array without items", where_);
    }
    item_bytes_ = header_.data_bytes / static_cast<std::uint64_t>(header_.shape[0]);
  }

  const NpyHeader& header() const { return header_; }
  const std::string& where() const { return where_; }

  // The item as an array of the remaining axes.
  NpyArray read(std::size_t index) {
    if (index < next_) restart();
    const std::size_t skipped = index - next_;
    next_ = kUnknown;  // until the item is there: an error leaves the stream in its middle
    skip_bytes(*source_, skipped * item_bytes_, where_, "the data");
    NpyArray item{header_.type, {header_.shape.begin() + 1, header_.shape.end()}, {}};
    item.bytes = read_bytes(*source_, item_bytes_, where_, "the data");
    if (header_.swapped) swap_byte_order(item.bytes, item.type);
    next_ = index + 1;
    if (next_ == static_cast<std::size_t>(header_.shape[0])) check_end();
    return item;
  }

 private:
  void restart() {
    source_ = archive_.open(member_);
    header_ = read_npy_header(*source_, where_);
    next_ = 0;
  }

  // Reaching the end makes the archive check its CRC.
  void check_end() {
    std::uint8_t beyond = 0;
    if (source_->read(std::span(&beyond, 1)) != 0) {
      fail(ErrorKind::input, "{}: more data than its shape needs", where_);
    }
  }

  static constexpr std::size_t kUnknown = SIZE_MAX;  // beyond every index, so that read() restarts

  const ZipArchive& archive_;
  std::string member_;
  std::string where_;
  NpyHeader header_;
  std::uint64_t item_bytes_ = 0;
  std::unique_ptr<ByteSource> source_;
  std::size_t next_ = 0;
};

std::optional<std::string> find_member(const ZipArchive& archive, const std::string& file) {
  for (const std::string& name : archive.names()) {
    if (name == file || name.ends_with("/" + file)) return name;
  }
  return std::nullopt;
}

std::string member(const ZipArchive& archive, const std::string& file) {
  if (std::optional<std::string> name = find_member(archive, file)) return *name;
  fail(ErrorKind::input, "{}: has no member {}, as DenseDepth's nyu_test.zip has",
       archive.path().string(), file);
}

class DenseDepthZip : public DepthDataset {
 public:
  explicit DenseDepthZip(const std::filesystem::path& path)
      : archive_(path),
        rgb_(archive_, member(archive_, "eigen_test_rgb.npy")),
        depth_(archive_, member(archive_, "eigen_test_depth.npy")) {
    check_shapes();
    read_crop();
  }

  std::size_t size() const override { return static_cast<std::size_t>(rgb_.header().shape[0]); }

  std::string image_name(std::size_t index) const override { return fmt::format("{:05}", index); }

  DepthSample load(std::size_t index) override {
    if (index >= size()) {
      fail(ErrorKind::usage, "{}: image {} of {}", archive_.path().string(), index, size());
    }
    const NpyArray rgb = rgb_.read(index);
    const std::string where = fmt::format("{}, image {}", depth_.where(), index);
    const at::Tensor depth = to_tensor(depth_.read(index), where).to(at::kFloat);
    check_depth(depth, where);
    return {planes_of_interleaved(rgb.bytes, rgb.shape[0], rgb.shape[1]), depth};
  }

  CropWindow crop(std::int64_t height, std::int64_t width) const override {
    const auto& shape = depth_.header().shape;
    if (crop_ && shape[1] == height && shape[2] == width) return *crop_;
    return evaluation_crop(height, width);
  }

 private:
  void check_shapes() const {
    const NpyHeader& rgb = rgb_.header();
    const NpyHeader& depth = depth_.header();
    if (rgb.shape.size() != 4 || rgb.shape[3] != 3 || rgb.type != NpyType{'u', 1}) {
      fail(ErrorKind::input, "{}: {} of shape [{}], expected uint8 of images x height x width x 3",
           rgb_.where(), to_string(rgb.type), fmt::join(rgb.shape, ", "));
    }
    if (depth.shape.size() != 3 || depth.type.kind != 'f') {
      fail(ErrorKind::input, "{}: {} of shape [{}], expected float of images x height x width",
           depth_.where(), to_string(depth.type), fmt::join(depth.shape, ", "));
    }
    if (depth.shape[0] != rgb.shape[0]) {
      fail(ErrorKind::input, "{}: {} depth maps for {} pictures", archive_.path().string(),
           depth.shape[0], rgb.shape[0]);
    }
  }

  // The window belongs to the depth maps of this archive.
  void read_crop() {
    const std::optional<std::string> name = find_member(archive_, "eigen_test_crop.npy");
    if (!name) return;
    const std::string where = archive_.where(*name);
    const NpyArray array = read_npy(*archive_.open(*name), where);
    const at::Tensor values = to_tensor(array, where).flatten().to(at::kLong);
    const auto& shape = depth_.header().shape;
    if (values.numel() == 4) {
      const std::int64_t* edge = values.data_ptr<std::int64_t>();
      crop_ = CropWindow{edge[0], edge[1], edge[2], edge[3]};
    }
    if (!crop_ || crop_->top < 0 || crop_->left < 0 || crop_->bottom < crop_->top ||
        crop_->right < crop_->left || crop_->bottom >= shape[1] || crop_->right >= shape[2]) {
      fail(ErrorKind::input, "{}: no window (top, bottom, left, right) inside {} x {}", where,
           shape[1], shape[2]);
    }
  }

  ZipArchive archive_;
  ItemStream rgb_;
  ItemStream depth_;
  std::optional<CropWindow> crop_;
};

}  // namespace

std::unique_ptr<DepthDataset> open_dense_depth_zip(const std::filesystem::path& path) {
  return std::make_unique<DenseDepthZip>(path);
}

}  // namespace mbm
