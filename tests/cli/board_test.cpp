// mbm board as a user meets it: a virtual board behind a pseudo-terminal, exit codes.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "host/format/safetensors.hpp"
#include "host/network/network.hpp"
#include "tests/support/command.hpp"
#include "tests/support/data.hpp"
#include "tests/support/tiny_network.hpp"

namespace mbm {
namespace {

// Serves a board for a while and runs `command` with its terminal as $PORT.
test::ShellResult with_served(const std::string& options, const std::string& command) {
  const test::TemporaryFolder folder;
  const std::string file = (folder / "port").string();
  const std::string mbm = test::mbm_binary().string();
  return test::run_shell(
      mbm + " board serve --board hx8k --seconds 300 " + options + " >" + file +
      " 2>/dev/null & SERVER=$!; "
      "for i in $(seq 100); do [ -s " +
      file +
      " ] && break; sleep 0.1; done; "
      "PORT=$(cat " +
      file + "); MBM=" + mbm + "; " + command +
      "; CODE=$?; kill $SERVER 2>/dev/null; wait $SERVER 2>/dev/null; exit $CODE");
}

TEST(BoardCommand, ProbesAServedBoard) {
  const test::ShellResult result =
      with_served("", "$MBM board probe --target $PORT --board HX8K --format json");
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const nlohmann::json document = nlohmann::json::parse(result.output);
  EXPECT_EQ(document.at("board"), "HX8K");
  EXPECT_EQ(document.at("rows"), 4);
  EXPECT_EQ(document.at("clock_hertz"), 36000000);
}

TEST(BoardCommand, AServedBoardOverABadLine) {
  const test::ShellResult result =
      with_served("--corrupted 0.001 --lost 0.001 --seed 4",
                  "$MBM board write 0xa4 0x12345678 --target $PORT && "
                  "$MBM board read 0xa4 --target $PORT && $MBM board memtest --target $PORT");
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_NE(result.output.find("0x0a4  0x12345678"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("4096 bytes good"), std::string::npos) << result.output;
}

// The board goes away in the middle: exit code 5; another one works at once.
TEST(BoardCommand, UnpluggedInTheMiddle) {
  // The server is ended once the tool is under way.
  const test::TemporaryFolder folder;
  const std::string log = (folder / "log").string();
  const test::ShellResult gone =
      with_served("", "$MBM board selftest --soak 100000 --target $PORT >" + log +
                          " 2>&1 & TOOL=$!; for i in $(seq 600); do grep -q echo " + log +
                          " && break; sleep 0.1; done; kill $SERVER; wait $TOOL; CODE=$?; cat " +
                          log + "; (exit $CODE)");
  EXPECT_EQ(gone.exit_code, 5) << gone.output;
  EXPECT_NE(gone.output.find("FAIL"), std::string::npos) << gone.output;
  EXPECT_EQ(with_served("", "$MBM board probe --target $PORT").exit_code, 0);
}

TEST(BoardCommand, ExitCodes) {
  EXPECT_EQ(test::run_mbm("board probe --target /dev/no-such-port").exit_code, 5);
  EXPECT_EQ(test::run_mbm("board probe --target /dev/null").exit_code, 5);
  EXPECT_EQ(test::run_mbm("board probe --target sim:nobody").exit_code, 2);
  EXPECT_EQ(test::run_mbm("board probe --target sim:hx8k --board ICEB").exit_code, 5);
  EXPECT_EQ(test::run_mbm("board read 0x008 --target sim:hx8k").exit_code, 5);
  EXPECT_EQ(test::run_mbm("board read nonsense --target sim:hx8k").exit_code, 2);
  EXPECT_EQ(test::run_mbm("board write 0xa4 0x1ffffffff --target sim:hx8k").exit_code, 2);
  EXPECT_EQ(test::run_mbm("board load-table --target sim:hx8k").exit_code, 2);
  EXPECT_EQ(test::run_mbm("board serve --board nobody").exit_code, 2);
  EXPECT_EQ(test::run_mbm("board run --target sim:hx8k").exit_code, 2);
}

TEST(BoardCommandSlow, LenetLayerByLayerOverABadLine) {
  const test::TemporaryFolder folder;
  const std::string weights = (folder / "weights.safetensors").string();
  write_safetensors(weights, test::random_parameters(*make_network("lenet5"), 5));
  for (const std::string board : {"hx8k", "icebreaker"}) {
    const test::CommandResult result =
        test::run_mbm("board run --network lenet5 --weights " + weights + " --target sim:" + board +
                      " --corrupted 0.001 --lost 0.001 --format json");
    ASSERT_EQ(result.exit_code, 0) << result.error;
    const nlohmann::json document = nlohmann::json::parse(result.output);
    EXPECT_EQ(document.at("mismatches"), 0);
    EXPECT_EQ(document.at("images").at(0).at("layers").size(), 7U);
    EXPECT_GT(document.at("line").at("repetitions"), 100);
  }
}

}  // namespace
}  // namespace mbm
