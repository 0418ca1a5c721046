// PyTorch checkpoints: what `torch.save(model.state_dict(), path)` writes.
#pragma once

#include <filesystem>

#include "host/format/named_tensors.hpp"

namespace mbm {

// Reads the tensors of a state dict, in the zip format of PyTorch 1.6 and later or the older one of
// four pickles and raw storages. A checkpoint that keeps the state dict under "state_dict",
// "model_state_dict" or "model" is looked into; its other content (epoch, optimizer) is left alone.
// Nothing in the file is ever run. A whole module (`torch.save(model)`) is Error(input) that says
// how to save its state dict. libtorch 1.13 has no reader for these files in C++: its unpickler
// refuses the OrderedDict with attributes that state_dict() returns.
NamedTensors read_torch_checkpoint(const std::filesystem::path& path);

}  // namespace mbm
