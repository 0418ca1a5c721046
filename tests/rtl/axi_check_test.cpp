// A whole job on the Verilog in Icarus, its bus and registers at the models of AXI of
// cocotbext-axi, which are not ours: memory afterwards is what the functional model says. Skips
// without the environment that scripts/setup-optional-environment makes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cmodel/array/accelerator_model.hpp"
#include "cmodel/array/network_lowering.hpp"
#include "tests/cmodel/array/random_network.hpp"
#include "tests/rtl/tool_run.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

// The functional model, and what was written to its registers.
class RecordingDevice final : public Device {
 public:
  RecordingDevice(const AcceleratorParameters& parameters, const ProductTable& table,
                  std::int64_t memory_bytes)
      : model_(parameters, table, memory_bytes), bytes_(static_cast<std::size_t>(memory_bytes)) {}

  void write_register(std::uint32_t address, std::uint32_t value) override {
    writes_ += fmt::format("{} {}\n", address, value);
    model_.write_register(address, value);
  }
  std::uint32_t read_register(std::uint32_t address) override {
    return model_.read_register(address);
  }
  void write(std::uint64_t address, std::span<const std::uint8_t> bytes) override {
    model_.write(address, bytes);
  }
  void read(std::uint64_t address, std::span<std::uint8_t> bytes) override {
    model_.read(address, bytes);
  }
  bool wait(std::uint64_t cycles) override { return model_.wait(cycles); }

  const std::string& writes() const { return writes_; }

  std::string memory() {
    std::string image(bytes_, '\0');
    model_.read(0, {reinterpret_cast<std::uint8_t*>(image.data()), image.size()});
    return image;
  }

 private:
  AcceleratorModel model_;
  std::size_t bytes_;
  std::string writes_;
};

// The parameters are those of testbench/axi_check.sv.
AcceleratorParameters check_parameters() {
  AcceleratorParameters parameters = AcceleratorParameters::of_size(4, 4);
  parameters.bus_bytes = 8;
  parameters.activation_depth = 8192;
  parameters.sum_depth = 64;
  parameters.output_depth = 4096;
  parameters.parameter_depth = 64;
  return parameters;
}

// Convolution, maximum, upsampling: loads of every kind, and stores.
IntegerNetwork small_network(test::Draw& draw) {
  IntegerNetwork network;
  network.tensors = {{"in", 3, 8, 7, OperandFormat::int8},
                     {"convolved", 5, 8, 7, OperandFormat::int8},
                     {"pooled", 5, 4, 3, OperandFormat::int8},
                     {"out", 5, 8, 6, OperandFormat::int8}};
  ConvolutionProblem problem;
  problem.input_channels = 3;
  problem.output_channels = 5;
  problem.input_height = 8;
  problem.input_width = 7;
  problem.kernel_height = problem.kernel_width = 3;
  problem.padding = 1;
  network.nodes = {
      {"convolve",
       IntegerConvolution{problem, test::random_operands(problem.weight_count(), draw.generator()),
                          test::random_requantization(5, OperandFormat::int8, draw)},
       {0},
       1},
      {"pool", IntegerMaxPool{2, 2, 2, 0}, {1}, 2},
      {"upsample", IntegerNearestUpsample{}, {2}, 3}};
  network.inputs = {0};
  network.output = 3;
  return network;
}

class AxiCheck : public testing::Test {
 protected:
  void SetUp() override {
    environment_ = test::source_folder() / "build/optional-environment";
    if (!std::filesystem::exists(environment_ / "requirements.txt")) {
      GTEST_SKIP() << "no cocotbext-axi: scripts/setup-optional-environment fetches it";
    }
    if (!test::installed("iverilog")) GTEST_SKIP() << "iverilog is not installed";
  }

  // Runs the job with `flip` added to a byte of the expected memory; what the simulator says.
  test::ShellResult run(bool pause, char flip) {
    test::Draw draw(7);
    const IntegerNetwork network = small_network(draw);
    const ProductTable table = make_product_table("mbm");
    const LoweredNetwork lowered = lower_network(network, check_parameters(), table);
    RecordingDevice device(check_parameters(), table, 1 << 16);
    AcceleratorDriver driver(device);
    driver.load(lowered.program);
    driver.write_tensor(lowered.program.inputs.front(),
                        test::random_codes(network.tensors[0].count(), OperandFormat::int8, draw));
    const std::string before = device.memory();
    driver.run();
    std::string expected = device.memory();
    expected[static_cast<std::size_t>(lowered.program.output.address)] += flip;

    const test::TemporaryFolder folder;
    test::write_bytes(folder / "memory.bin", before);
    test::write_bytes(folder / "expected.bin", expected);
    test::write_bytes(folder / "registers.txt", device.writes());
    const std::string bin = (environment_ / "bin").string();
    const std::string path = folder.path().string();
    return test::run_tool(fmt::format(
        "iverilog -g2012 -s axi_check -o {0}/check.vvp{1} testbench/axi_check.sv && "
        "export MODULE=axi_check TOPLEVEL=axi_check TOPLEVEL_LANG=verilog COCOTB_RESOLVE_X=ZEROS "
        "PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$PWD/testbench MBM_AXI_CHECK={0} "
        "MBM_AXI_CHECK_PAUSE={2} LIBPYTHON_LOC=$({3}/cocotb-config --libpython) "
        "PATH={3}:$PATH VIRTUAL_ENV={3}/.. COCOTB_RESULTS_FILE={0}/results.xml && "
        "vvp -M $({3}/cocotb-config --lib-dir) -m libcocotbvpi_icarus {0}/check.vvp && "
        "! grep -q '<failure' {0}/results.xml",
        path, test::design_files(), pause ? 1 : 0, bin));
  }

  std::filesystem::path environment_;
};

TEST_F(AxiCheck, AJobEndsInTheMemoryOfTheFunctionalModel) {
  for (const bool pause : {false, true}) {
    const test::ShellResult result = run(pause, 0);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    EXPECT_NE(result.output.find("bytes as expected"), std::string::npos) << result.output;
  }
}

TEST_F(AxiCheck, AWrongByteIsFound) {
  const test::ShellResult result = run(false, 1);
  EXPECT_NE(result.exit_code, 0);
  EXPECT_NE(result.output.find("bytes differ"), std::string::npos) << result.output;
}

}  // namespace
}  // namespace mbm
