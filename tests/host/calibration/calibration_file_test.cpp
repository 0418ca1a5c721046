// The calibration file: what was written comes back, and whatever is wrong is named.
#include "host/calibration/calibration_file.hpp"

#include <gtest/gtest.h>

#include "cmodel/common/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/tiny_network.hpp"

namespace mbm {
namespace {

class CalibrationFile : public testing::Test {
 protected:
  CalibrationFile() {
    at::manual_seed(4);
    const auto parameters =
        select_layer_parameters(*network_, test::random_parameters(*network_, 1), "test");
    stored_.calibration = calibrate(*network_, parameters, {}, 1, [](std::size_t) {
      return at::rand({1, 3, test::kTinyHeight, test::kTinyWidth});
    });
    const ProductTable table = make_product_table("mbm");
    Correction correction{CorrectionKind::affine, {}};
    for (const ConvolutionLayer& layer : network_->layers()) {
      const auto channels = static_cast<std::size_t>(layer.problem.output_channels);
      correction.layers.push_back(
          {std::vector<float>(channels, 1.1F), std::vector<float>(channels, -1.0F / 3.0F)});
    }
    stored_.corrections.push_back({"mbm", sha256_of_table(table), correction});
    document_ = calibration_json(*network_, stored_, {{"weights", {{"sha256", "abc"}}}});
  }

  StoredCalibration read(const nlohmann::json& document) {
    test::write_bytes(path_, document.dump());
    return read_calibration(path_, *network_, "abc");
  }

  // The message of the Error(input) that a changed document causes.
  std::string error_of(const nlohmann::json& document) {
    try {
      read(document);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::input);
      return error.what();
    }
    return "no error";
  }

  std::unique_ptr<const Network> network_ = test::make_tiny_network();
  test::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "calibration.json";
  StoredCalibration stored_;
  nlohmann::json document_;
};

TEST_F(CalibrationFile, GivesBackEveryBit) {
  const StoredCalibration back = read(document_);
  EXPECT_EQ(back.calibration.layers, stored_.calibration.layers);
  EXPECT_EQ(back.calibration.scheme, stored_.calibration.scheme);
  ASSERT_EQ(back.corrections.size(), 1U);
  EXPECT_EQ(back.corrections[0].correction.layers, stored_.corrections[0].correction.layers);
  const Correction& found =
      find_correction(back, make_product_table("mbm"), CorrectionKind::affine);
  EXPECT_EQ(found.kind, CorrectionKind::affine);
  EXPECT_THROW(find_correction(back, make_product_table("mbm"), CorrectionKind::gain), Error);
  EXPECT_THROW(find_correction(back, make_product_table("mitchell"), CorrectionKind::affine),
               Error);
}

TEST_F(CalibrationFile, NamesWhatIsWrong) {
  const auto changed = [this](const char* pointer, const nlohmann::json& value) {
    nlohmann::json document = document_;
    document[nlohmann::json::json_pointer(pointer)] = value;
    return error_of(document);
  };
  const auto contains = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  contains(changed("/schema", "other"), "schema: \"other\" found, \"mbm.calibration\" expected");
  contains(changed("/schema_version", 9), "schema_version: 9 found, 1 expected");
  contains(changed("/network", "lenet5"), "\"tiny\" expected");
  contains(changed("/inputs/weights/sha256", "def"), "\"abc\" expected");
  contains(changed("/layers", nlohmann::json::array()), "a list of 66 layers expected");
  contains(changed("/layers/2/name", "x"), "layers[2].name");
  contains(changed("/layers/0/weights/steps", {1.0, 2.0, 3.0}), "a list of 1 or 4 numbers");
  contains(changed("/layers/0/weights/steps/1", -1.0), "layers[0].weights.steps[1]: -1.0 found");
  contains(changed("/layers/0/activations/step", 1e300), "a positive number expected");
  contains(changed("/layers/0/activations/step", nullptr), "a number expected");
  contains(changed("/layers/0/activations/format", "int4"), "unknown operand format 'int4'");
  contains(changed("/scheme/activation_range", "median"), "unknown activation range 'median'");
  contains(changed("/corrections/0/kind", "magic"), "'magic' found");
  contains(changed("/corrections/0/layers/0/gain", {1.0}), "a list of 4 numbers expected");
  nlohmann::json document = document_;
  document["layers"][1].erase("activations");
  contains(error_of(document), "layers[1].activations: not there");
}

TEST_F(CalibrationFile, CutOffOrEmptyIsNotJson) {
  const std::string text = document_.dump();
  for (const std::string& bytes : {std::string(), text.substr(0, text.size() / 2)}) {
    test::write_bytes(path_, bytes);
    EXPECT_THROW(read_calibration(path_, *network_, "abc"), Error);
  }
  EXPECT_THROW(read_calibration(folder_.path() / "nowhere.json", *network_, "abc"), Error);
}

}  // namespace
}  // namespace mbm
