// The file that `mbm calibrate` writes and the other commands read: JSON, schema "mbm.calibration".
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cmodel/multiplier/product_table.hpp"
#include "host/calibration/calibration.hpp"
#include "host/calibration/correction.hpp"
#include "host/network/network.hpp"

namespace mbm {

// A correction and the products that it is for.
struct StoredCorrection {
  std::string multiplier;
  std::string table_sha256;  // see sha256_of_table
  Correction correction;
};

struct StoredCalibration {
  Calibration calibration;
  std::vector<StoredCorrection> corrections;
};

// Digest of the 65,536 products, two bytes each, least significant first.
std::string sha256_of_table(const ProductTable& table);

// `inputs` names the files it was made from, with their digests ("weights" among them).
nlohmann::json calibration_json(const Network& network, const StoredCalibration& stored,
                                const nlohmann::json& inputs);

// Reads and checks a file for `network` with the weights whose digest is `weights_sha256`. Throws
// Error(input) that names the file, the key, what was found and what was expected.
StoredCalibration read_calibration(const std::filesystem::path& path, const Network& network,
                                   const std::string& weights_sha256);

// The correction of `stored` for a table; throws Error(usage) that says how to make it if it is not
// there.
const Correction& find_correction(const StoredCalibration& stored, const ProductTable& table,
                                  CorrectionKind kind);

}  // namespace mbm
