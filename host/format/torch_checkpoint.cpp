#include "host/format/torch_checkpoint.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <optional>
#include <string_view>

#include "cmodel/common/error.hpp"
#include "host/format/pickle.hpp"
#include "host/format/quote.hpp"
#include "host/format/tensor_bytes.hpp"
#include "host/format/zip_archive.hpp"

namespace mbm {
namespace {

using Kind = PickleValue::Kind;

struct StorageType {
  std::string_view name;
  at::ScalarType type;
};

constexpr std::array kStorageTypes = {
    StorageType{"torch DoubleStorage", at::kDouble},
    StorageType{"torch FloatStorage", at::kFloat},
    StorageType{"torch HalfStorage", at::kHalf},
    StorageType{"torch LongStorage", at::kLong},
    StorageType{"torch IntStorage", at::kInt},
    StorageType{"torch ShortStorage", at::kShort},
    StorageType{"torch CharStorage", at::kChar},
    StorageType{"torch ByteStorage", at::kByte},
    StorageType{"torch BoolStorage", at::kBool},
    StorageType{"torch BFloat16Storage", at::kBFloat16},
};

// The identifier of a storage: ('storage', type, key, device, element count[, view]).
struct StorageReference {
  at::ScalarType type = at::kFloat;
  std::string key;
  std::uint64_t element_count = 0;
};

// Fetches the bytes of a storage.
using StorageReader =
    std::function<const std::vector<std::uint8_t>&(const StorageReference&, const std::string&)>;

const PickleValue* item(const PickleValue& value, std::size_t index, Kind kind) {
  if (index >= value.items.size() || value.items[index]->kind != kind) return nullptr;
  return value.items[index];
}

[[noreturn]] void fail_reference(const std::string& where) {
  fail(ErrorKind::input, "{}: not a reference to a storage as PyTorch writes it", where);
}

StorageReference parse_storage(const PickleValue& value, const std::string& where) {
  const PickleValue* identifier =
      value.kind == Kind::persistent ? item(value, 0, Kind::tuple) : nullptr;
  if (identifier == nullptr) fail_reference(where);
  const PickleValue* type = item(*identifier, 1, Kind::global);
  const PickleValue* key = item(*identifier, 2, Kind::text);
  const PickleValue* count = item(*identifier, 4, Kind::integer);
  if (type == nullptr || key == nullptr || count == nullptr || count->integer < 0) {
    fail_reference(where);
  }
  if (identifier->items.size() > 5 && identifier->items[5]->kind != Kind::none) {
    fail(ErrorKind::input, "{}: a view of a storage as PyTorch 0.x wrote it; save it anew", where);
  }
  for (const StorageType& known : kStorageTypes) {
    if (known.name == type->text) {
      return {known.type, key->text, static_cast<std::uint64_t>(count->integer)};
    }
  }
  fail(ErrorKind::input, "{}: storage type {} is not supported", where, quote(type->text));
}

// Checkpoints of whole modules also refer to the source text of their classes.
bool is_storage(const PickleValue& value) {
  const PickleValue* identifier =
      value.kind == Kind::persistent ? item(value, 0, Kind::tuple) : nullptr;
  const PickleValue* kind = identifier == nullptr ? nullptr : item(*identifier, 0, Kind::text);
  return kind != nullptr && kind->text == "storage";
}

// The class of an object, also if it is given by reference: ('module', class, file, source).
std::string class_of(const PickleValue& object) {
  const PickleValue* callable = object.items.empty() ? nullptr : object.items[0];
  if (callable != nullptr && callable->kind == Kind::persistent) {
    const PickleValue* identifier = item(*callable, 0, Kind::tuple);
    callable = identifier == nullptr ? nullptr : item(*identifier, 1, Kind::global);
  }
  return callable == nullptr ? "" : callable->text;
}

std::vector<std::int64_t> parse_naturals(const PickleValue* tuple, const std::string& where) {
  std::vector<std::int64_t> naturals;
  if (tuple == nullptr) fail(ErrorKind::input, "{}: shape or stride is missing", where);
  for (const PickleValue* extent : tuple->items) {
    if (extent->kind != Kind::integer || extent->integer < 0) {
      fail(ErrorKind::input, "{}: shape or stride is not a whole number from 0", where);
    }
    naturals.push_back(extent->integer);
  }
  return naturals;
}

// The elements of a storage that a tensor reaches must be there.
void check_extent(std::uint64_t offset, const std::vector<std::int64_t>& shape,
                  const std::vector<std::int64_t>& strides, const StorageReference& storage,
                  const std::string& where) {
  // A tensor that repeats its elements by a stride of 0 may be larger than its storage, but not
  // without bound.
  constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 28;
  const std::size_t element_bytes = c10::elementSize(storage.type);
  const auto bytes = tensor_bytes(shape, element_bytes);
  bool fits = bytes && shape.size() == strides.size() &&
              (*bytes <= kMostBytes || *bytes / element_bytes <= storage.element_count);
  std::uint64_t last = offset;
  for (std::size_t axis = 0; fits && axis < shape.size(); ++axis) {
    const auto steps = static_cast<std::uint64_t>(std::max<std::int64_t>(shape[axis], 1) - 1);
    std::uint64_t distance = 0;
    fits = !__builtin_mul_overflow(steps, static_cast<std::uint64_t>(strides[axis]), &distance) &&
           !__builtin_add_overflow(last, distance, &last);
  }
  if (!fits || (*bytes != 0 && last >= storage.element_count)) {
    fail(ErrorKind::input, "{}: shape, stride and offset leave its storage of {} elements", where,
         storage.element_count);
  }
}

// The tensor that the arguments of torch._utils._rebuild_tensor(_v2) describe.
at::Tensor rebuild_tensor(const PickleValue& arguments, const StorageReader& read_storage,
                          const std::string& where) {
  const PickleValue* storage_value = item(arguments, 0, Kind::persistent);
  const PickleValue* offset = item(arguments, 1, Kind::integer);
  if (storage_value == nullptr || offset == nullptr || offset->integer < 0) fail_reference(where);
  const StorageReference storage = parse_storage(*storage_value, where);
  const auto shape = parse_naturals(item(arguments, 2, Kind::tuple), where);
  const auto strides = parse_naturals(item(arguments, 3, Kind::tuple), where);
  const auto begin = static_cast<std::uint64_t>(offset->integer);
  check_extent(begin, shape, strides, storage, where);
  const std::vector<std::uint8_t>& bytes = read_storage(storage, where);
  const std::size_t element_bytes = c10::elementSize(storage.type);
  if (bytes.size() / element_bytes != storage.element_count || bytes.size() % element_bytes != 0) {
    fail(ErrorKind::input, "{}: its storage has {} bytes, expected {} elements of {} bytes", where,
         bytes.size(), storage.element_count, element_bytes);
  }
  if (tensor_bytes(shape, element_bytes) == 0) return at::empty(shape, storage.type);
  // at::from_blob wants memory that can be written to, but only its copy is kept.
  auto* data = const_cast<std::uint8_t*>(bytes.data()) + begin * element_bytes;
  return at::from_blob(data, shape, strides, storage.type).clone(at::MemoryFormat::Contiguous);
}

// A tensor or parameter; nothing for any other value.
std::optional<at::Tensor> as_tensor(const PickleValue& value, const StorageReader& read_storage,
                                    const std::string& where) {
  const PickleValue* callable = value.kind == Kind::object ? item(value, 0, Kind::global) : nullptr;
  const PickleValue* arguments = callable != nullptr ? item(value, 1, Kind::tuple) : nullptr;
  if (arguments == nullptr) return std::nullopt;
  if (callable->text == "torch._utils _rebuild_tensor_v2" ||
      callable->text == "torch._utils _rebuild_tensor") {
    return rebuild_tensor(*arguments, read_storage, where);
  }
  if (callable->text == "torch._utils _rebuild_parameter" && !arguments->items.empty()) {
    const PickleValue& inner = *arguments->items[0];
    const bool is_tensor = inner.kind == Kind::object && item(inner, 0, Kind::global) != nullptr &&
                           inner.items[0]->text.starts_with("torch._utils _rebuild_tensor");
    if (is_tensor) return as_tensor(inner, read_storage, where);
  }
  return std::nullopt;
}

const PickleValue& find_state_dict(const PickleValue& root, const std::string& where) {
  if (root.kind == Kind::object) {
    fail(ErrorKind::input,
         "{}: an object of {}, not a state dict; save it by torch.save(model.state_dict(), ...)",
         where, quote(class_of(root)));
  }
  if (root.kind != Kind::dictionary) {
    fail(ErrorKind::input, "{}: not a dictionary of tensors", where);
  }
  for (const char* key : {"state_dict", "model_state_dict", "model"}) {
    const PickleValue* inner = root.find(key);
    if (inner != nullptr && inner->kind == Kind::dictionary) return *inner;
  }
  return root;
}

NamedTensors collect_tensors(const PickleValue& root, const StorageReader& read_storage,
                             const std::string& where) {
  const PickleValue& state_dict = find_state_dict(root, where);
  NamedTensors tensors;
  std::string other_keys;
  for (const auto& [key, value] : state_dict.entries) {
    if (key->kind != Kind::text) continue;
    const std::string place = fmt::format("{}: tensor {}", where, quote(key->text));
    if (std::optional<at::Tensor> tensor = as_tensor(*value, read_storage, place)) {
      tensors[key->text] = std::move(*tensor);
    } else if (other_keys.size() < 100) {
      other_keys += fmt::format(" {}", quote(key->text));
    }
  }
  if (tensors.empty()) {
    fail(ErrorKind::input, "{}: no tensor in it; its keys are{}", where,
         other_keys.empty() ? " none" : other_keys);
  }
  return tensors;
}

// The zip format: PREFIX/data.pkl and one member PREFIX/data/KEY for each storage.
NamedTensors read_zip_checkpoint(const std::filesystem::path& path) {
  constexpr std::string_view kPickle = "data.pkl";
  const ZipArchive archive(path);
  std::string prefix;
  bool found = false;
  for (const std::string& name : archive.names()) {
    if (name.ends_with(kPickle)) {
      prefix = name.substr(0, name.size() - kPickle.size());
      found = true;
      break;
    }
  }
  if (!found) {
    fail(ErrorKind::input, "{}: not a PyTorch checkpoint (no data.pkl in it)", path.string());
  }
  if (archive.contains(prefix + "byteorder")) {
    const std::vector<std::uint8_t> order = archive.read(prefix + "byteorder");
    if (std::string(order.begin(), order.end()) != "little") {
      fail(ErrorKind::input, "{}: byte order {}, expected \"little\"", path.string(),
           quote({reinterpret_cast<const char*>(order.data()), order.size()}));
    }
  }
  const std::vector<std::uint8_t> program = archive.read(prefix + std::string(kPickle));
  MemorySource source(program);
  const Pickle pickle(source, path.string());
  std::map<std::string, std::vector<std::uint8_t>> storages;
  const StorageReader read_storage = [&](const StorageReference& storage,
                                         const std::string&) -> const std::vector<std::uint8_t>& {
    auto place = storages.find(storage.key);
    if (place == storages.end()) {
      place = storages.emplace(storage.key, archive.read(prefix + "data/" + storage.key)).first;
    }
    return place->second;
  };
  return collect_tensors(pickle.root(), read_storage, path.string());
}

// The format before PyTorch 1.6: pickles of a magic number, a version, the machine, the data and
// the list of storage keys, then for each key the element count (int64) and the elements.
class LegacyCheckpoint {
 public:
  explicit LegacyCheckpoint(const std::filesystem::path& path) : file_(path), source_(file_) {
    where_ = path.string();
  }

  NamedTensors read() {
    for ([[maybe_unused]] const char* part : {"magic number", "version", "machine"}) {
      Pickle(source_, where_);
    }
    const Pickle data(source_, where_);
    const Pickle keys(source_, where_);
    read_storages(data, keys.root());
    return collect_tensors(
        data.root(),
        [&](const StorageReference& storage,
            const std::string& where) -> const std::vector<std::uint8_t>& {
          const auto place = storages_.find(storage.key);
          if (place == storages_.end()) {
            fail(ErrorKind::input, "{}: its storage {} is not in the file", where,
                 quote(storage.key));
          }
          return place->second;
        },
        where_);
  }

 private:
  // The file gives counts of elements; their type stands with the tensors.
  void read_storages(const Pickle& data, const PickleValue& keys) {
    std::map<std::string, StorageReference> references;
    for (const StorageReference& reference : find_references(data)) {
      references[reference.key] = reference;
    }
    for (const PickleValue* key : keys.items) {
      std::array<std::uint8_t, 8> count = {};
      read_exactly(source_, count, where_, "the storages");
      const auto known = references.find(key->text);
      if (known == references.end() ||
          std::bit_cast<std::uint64_t>(count) != known->second.element_count) {
        fail(ErrorKind::input, "{}: storage {} does not match the tensors", where_,
             quote(key->text));
      }
      std::uint64_t bytes = 0;
      if (__builtin_mul_overflow(known->second.element_count, c10::elementSize(known->second.type),
                                 &bytes)) {
        fail(ErrorKind::input, "{}: storage {} is too large", where_, quote(key->text));
      }
      storages_[key->text] = read_bytes(source_, bytes, where_, "the storages");
    }
  }

  // Every storage that is referred to, also outside the state dict.
  std::vector<StorageReference> find_references(const Pickle& data) const {
    std::vector<StorageReference> references;
    for (const PickleValue& value : data.values()) {
      if (is_storage(value)) references.push_back(parse_storage(value, where_));
    }
    return references;
  }

  InputFile file_;
  FileSource source_;
  std::string where_;
  std::map<std::string, std::vector<std::uint8_t>> storages_;
};

}  // namespace

NamedTensors read_torch_checkpoint(const std::filesystem::path& path) {
  InputFile file(path);
  std::array<std::uint8_t, 2> start = {};
  file.read_at(0, start, "the file");
  if (start[0] == 'P' && start[1] == 'K') return read_zip_checkpoint(path);
  return LegacyCheckpoint(path).read();
}

}  // namespace mbm
