#include "host/format/sha256.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <memory>
#include <vector>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    check(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
  }

  void update(const char* bytes, std::size_t count) {
    check(EVP_DigestUpdate(context_.get(), bytes, count));
  }

  std::string hexadecimal() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int count = 0;
    check(EVP_DigestFinal_ex(context_.get(), bytes.data(), &count));
    std::string text;
    for (unsigned int i = 0; i < count; ++i) text += fmt::format("{:02x}", bytes[i]);
    return text;
  }

 private:
  static void check(int status) {
    if (status != 1) fail(ErrorKind::internal, "libcrypto: SHA-256 failed");
  }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string sha256_of_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) {
    fail(ErrorKind::input, "cannot read {}", path.string());
  }
  Digest digest;
  std::array<char, 1 << 16> buffer{};
  while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0) {
    digest.update(buffer.data(), static_cast<std::size_t>(file.gcount()));
  }
  return digest.hexadecimal();
}

std::string sha256_of_text(const std::string& text) {
  Digest digest;
  digest.update(text.data(), text.size());
  return digest.hexadecimal();
}

std::string sha256_of_path(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return sha256_of_file(path);
  std::vector<std::string> lines;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    lines.push_back(entry.path().lexically_relative(path).generic_string() + "  " +
                    sha256_of_file(entry.path()) + "\n");
  }
  std::sort(lines.begin(), lines.end());
  std::string list;
  for (const std::string& line : lines) list += line;
  return sha256_of_text(list);
}

}  // namespace mbm
