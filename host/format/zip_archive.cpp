#include "host/format/zip_archive.hpp"

#include <zip.h>

#include <algorithm>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

struct ZipFileCloser {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

struct SourceFreer {
  void operator()(zip_source_t* source) const { zip_source_free(source); }
};

std::string reason_of(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string reason = zip_error_strerror(&error);
  zip_error_fini(&error);
  return reason;
}

class MemberSource : public ByteSource {
 public:
  MemberSource(zip_file_t* file, std::string where) : file_(file), where_(std::move(where)) {}

  std::size_t read(std::span<std::uint8_t> bytes) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const zip_int64_t count = zip_fread(file_.get(), bytes.data() + done, bytes.size() - done);
      if (count < 0) {
        fail(ErrorKind::input, "{}: {}", where_, zip_file_strerror(file_.get()));
      }
      if (count == 0) break;
      done += static_cast<std::size_t>(count);
    }
    return done;
  }

 private:
  std::unique_ptr<zip_file_t, ZipFileCloser> file_;
  std::string where_;
};

}  // namespace

void ZipArchive::Closer::operator()(zip* archive) const {
  zip_discard(archive);
}

ZipArchive::ZipArchive(const std::filesystem::path& path) : path_(path) {
  const InputFile readable(path);  // for its messages about missing files and folders
  int code = 0;
  archive_.reset(zip_open(path.c_str(), ZIP_RDONLY, &code));
  if (!archive_) {
    fail(ErrorKind::input, "{}: not a readable zip archive: {}", path.string(), reason_of(code));
  }
}

std::vector<std::string> ZipArchive::names() const {
  std::vector<std::string> names;
  const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), 0);
    if (name != nullptr) names.emplace_back(name);
  }
  return names;
}

std::int64_t ZipArchive::locate(const std::string& name) const {
  return zip_name_locate(archive_.get(), name.c_str(), 0);
}

bool ZipArchive::contains(const std::string& name) const {
  return locate(name) >= 0;
}

std::uint64_t ZipArchive::size(const std::string& name) const {
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_stat(archive_.get(), name.c_str(), 0, &status) != 0 ||
      (status.valid & ZIP_STAT_SIZE) == 0) {
    fail(ErrorKind::input, "{}: {}", where(name), zip_strerror(archive_.get()));
  }
  return status.size;
}

std::unique_ptr<ByteSource> ZipArchive::open(const std::string& name) const {
  zip_file_t* file = zip_fopen(archive_.get(), name.c_str(), 0);
  if (file == nullptr) {
    fail(ErrorKind::input, "{}: {}", where(name), zip_strerror(archive_.get()));
  }
  return std::make_unique<MemberSource>(file, where(name));
}

std::vector<std::uint8_t> ZipArchive::read(const std::string& name) const {
  const std::unique_ptr<ByteSource> source = open(name);
  std::vector<std::uint8_t> bytes = read_bytes(*source, size(name), where(name), "its data");
  // The CRC is checked when the end is reached.
  std::uint8_t beyond = 0;
  if (source->read(std::span(&beyond, 1)) != 0) {
    fail(ErrorKind::input, "{}: more data than the {} bytes stated", where(name), bytes.size());
  }
  return bytes;
}

std::string ZipArchive::where(const std::string& name) const {
  return fmt::format("{}: member {}", path_.string(), name);
}

namespace {

// Adds one member; the archive keeps a pointer to `bytes` until it is closed.
void add_member(zip_t* archive, const std::string& name, const std::vector<std::uint8_t>& bytes,
                ZipCompression compression) {
  zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
  const zip_int64_t index =
      source == nullptr ? -1 : zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    if (source != nullptr) zip_source_free(source);
    fail(ErrorKind::internal, "zip member {}: {}", name, zip_strerror(archive));
  }
  const auto place = static_cast<zip_uint64_t>(index);
  const bool stored = compression == ZipCompression::stored;
  zip_set_file_compression(archive, place, stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 0);
  constexpr zip_uint16_t kFirstOfJanuary1980 = (1 << 5) | 1;
  zip_file_set_dostime(archive, place, 0, kFirstOfJanuary1980, 0);
}

std::vector<std::uint8_t> content_of(zip_source_t* source) {
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_source_stat(source, &status) != 0 || zip_source_open(source) != 0) {
    fail(ErrorKind::internal, "zip: {}", zip_error_strerror(zip_source_error(source)));
  }
  std::vector<std::uint8_t> bytes(status.size);
  const zip_int64_t count = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (count != static_cast<zip_int64_t>(bytes.size())) {
    fail(ErrorKind::internal, "zip: {}", zip_error_strerror(zip_source_error(source)));
  }
  return bytes;
}

}  // namespace

std::vector<std::uint8_t> make_zip(const std::map<std::string, std::vector<std::uint8_t>>& members,
                                   ZipCompression compression) {
  zip_error_t error;
  zip_error_init(&error);
  std::unique_ptr<zip_source_t, SourceFreer> target(
      zip_source_buffer_create(nullptr, 0, 0, &error));
  if (!target) fail(ErrorKind::internal, "zip: out of memory");
  zip_t* archive = zip_open_from_source(target.get(), ZIP_TRUNCATE, &error);
  if (archive == nullptr) fail(ErrorKind::internal, "zip: {}", zip_error_strerror(&error));
  zip_source_keep(target.get());  // the archive takes one reference, the result needs another
  try {
    for (const auto& [name, bytes] : members) add_member(archive, name, bytes, compression);
    if (zip_close(archive) != 0) fail(ErrorKind::internal, "zip: {}", zip_strerror(archive));
  } catch (const Error&) {
    zip_discard(archive);
    throw;
  }
  return content_of(target.get());
}

}  // namespace mbm
