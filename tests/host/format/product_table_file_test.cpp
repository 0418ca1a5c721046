#include "host/format/product_table_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <sstream>

#include "cmodel/multiplier/error_statistics.hpp"
#include "host/format/npz.hpp"
#include "tests/support/data.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/published_errors.hpp"
#include "tests/support/python.hpp"
#include "tests/support/temporary_folder.hpp"

namespace mbm {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::uint16_t> values_of(const ProductTable& table) {
  return {table.products().begin(), table.products().end()};
}

// A table in which no operand can be taken for the other: 12345 at (1, 2), 7 at (2, 1), and
// products of all magnitudes elsewhere. Small enough for a header of int16_t.
ProductTable lopsided_table() {
  std::vector<std::uint16_t> products(ProductTable::kEntries);
  for (std::size_t a = 0; a < 256; ++a) {
    for (std::size_t b = 0; b < 256; ++b) {
      const bool small = a <= 128 && b <= 128;
      products[a * 256 + b] =
          static_cast<std::uint16_t>((a * 253 + b * 19 * a) % (small ? 32768 : 65536));
    }
  }
  products[1 * 256 + 2] = 0x3039;
  products[2 * 256 + 1] = 7;
  return ProductTable("lopsided", products);
}

class ProductTableFile : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  ProductTable read(const std::string& name, const std::string& bytes,
                    const TableFileOptions& options = {}) {
    test::write_bytes(folder_ / name, bytes);
    return read_product_table(path(name), options).table;
  }

  // The file must be refused with its name, `place` and `reason`.
  void expect_refused(const std::string& name, const std::string& bytes, const std::string& place,
                      std::initializer_list<std::string> reasons) {
    SCOPED_TRACE(name + " " + place);
    test::expect_input_error({path(name) + place}, [&] { read(name, bytes); });
    test::expect_input_error(reasons, [&] { read(name, bytes); });
  }

  test::TemporaryFolder folder_;
  const ProductTable table_ = lopsided_table();
};

struct Spelling {
  ProductTableFormat format;
  const char* file;
};

TEST_F(ProductTableFile, EveryFormatKeepsEveryProductInBothOrders) {
  using enum ProductTableFormat;
  for (const Spelling& spelling :
       {Spelling{csv, "t.csv"}, Spelling{npy, "t.npy"}, Spelling{u16, "t.u16"},
        Spelling{i32, "t.i32"}, Spelling{hex, "t.hex"}, Spelling{tfapprox, "t.bin"}}) {
    for (const auto outermost : {OutermostOperand::a, OutermostOperand::b}) {
      const std::string bytes = encode_product_table(table_, spelling.format, outermost);
      EXPECT_EQ(values_of(read(spelling.file, bytes, {{}, outermost})), values_of(table_))
          << spelling.file;
    }
    EXPECT_EQ(values_of(read(spelling.file, encode_product_table(table_, spelling.format))),
              values_of(table_))
        << spelling.file;
  }
}

// The twin of the round trip: read in the other order, the table is another one.
TEST_F(ProductTableFile, TheOtherOperandOrderIsAnotherTable) {
  const std::string bytes = encode_product_table(table_, ProductTableFormat::u16);
  EXPECT_NE(values_of(read("t.u16", bytes, {{}, OutermostOperand::b})), values_of(table_));
}

// Where the product 0x3039 of a = 1, b = 2 lies, byte by byte, as the table of formats states it.
TEST_F(ProductTableFile, ByteAndOperandOrderAreAsStated) {
  using enum ProductTableFormat;
  const auto u16_bytes = encode_product_table(table_, u16);
  ASSERT_EQ(u16_bytes.size(), 131072U);
  EXPECT_EQ(u16_bytes.substr(2 * (1 * 256 + 2), 2), std::string("\x39\x30"));
  EXPECT_EQ(u16_bytes.substr(2 * (2 * 256 + 1), 2), std::string("\x07\x00", 2));

  const auto i32_bytes = encode_product_table(table_, i32);
  ASSERT_EQ(i32_bytes.size(), 262144U);
  EXPECT_EQ(i32_bytes.substr(4 * (1 * 256 + 2), 4), std::string("\x39\x30\x00\x00", 4));

  // TFApprox: lookupTable[(input << 8) | filter], that is activation outermost.
  const auto tfapprox_bytes = encode_product_table(table_, tfapprox);
  ASSERT_EQ(tfapprox_bytes.size(), 131072U);
  EXPECT_EQ(tfapprox_bytes.substr(2 * (2 * 256 + 1), 2), std::string("\x39\x30"));

  std::istringstream csv_text(encode_product_table(table_, csv));
  std::vector<std::string> lines;
  for (std::string line; std::getline(csv_text, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 65537U);
  EXPECT_EQ(lines[0], "A,B,P");
  EXPECT_EQ(lines[1 + 1 * 256 + 2], "1,2,12345");

  std::istringstream hex_text(encode_product_table(table_, hex));
  lines.clear();
  for (std::string line; std::getline(hex_text, line);) lines.push_back(line);
  ASSERT_EQ(lines.size(), 65537U);
  EXPECT_THAT(lines[0], HasSubstr("// products of lopsided, address a * 256 + b"));
  EXPECT_EQ(lines[1 + 1 * 256 + 2], "3039");
}

// AdaPT: const int16_t lut [256][256], index the byte of an int8 operand, weight first.
TEST_F(ProductTableFile, AdaptHeaderIsSignAndMagnitude) {
  const std::string text = encode_product_table(table_, ProductTableFormat::adapt);
  EXPECT_THAT(text, HasSubstr("const int16_t lut [256][256] = {{0, 0, 0,"));
  std::vector<std::vector<int>> rows;
  std::istringstream lines(text.substr(text.find('{') + 1));
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back();
    std::istringstream cells(line.substr(1));
    for (int value = 0; cells >> value; cells.ignore(2)) rows.back().push_back(value);
  }
  ASSERT_EQ(rows.size(), 256U);
  for (int a : {0, 1, 77, 127, -1, -77, -128}) {
    for (int b : {0, 2, 90, 127, -2, -90, -128}) {
      EXPECT_EQ(rows[static_cast<std::uint8_t>(a)].at(static_cast<std::uint8_t>(b)),
                table_.signed_product(a, b))
          << a << " * " << b;
    }
  }
}

TEST_F(ProductTableFile, AdaptHeaderIsReadWithAWarningAboutLargeOperands) {
  test::write_bytes(folder_ / "t.h", encode_product_table(table_, ProductTableFormat::adapt));
  const ImportedTable imported = read_product_table(path("t.h"));
  ASSERT_EQ(imported.warnings.size(), 1U);
  EXPECT_THAT(imported.warnings[0], HasSubstr("above 128"));
  for (std::size_t a = 0; a < 256; ++a) {
    for (std::size_t b = 0; b < 256; ++b) {
      const bool held = a <= 128 && b <= 128;
      ASSERT_EQ(imported.table(a, b), held ? table_(a, b) : a * b) << a << ' ' << b;
    }
  }
}

TEST_F(ProductTableFile, AdaptHeaderOfAnotherKindIsRefused) {
  std::string text = encode_product_table(table_, ProductTableFormat::adapt);
  const std::string last = text.substr(text.rfind(", "));
  text.replace(text.rfind(", "), last.size(), ", 1}};\n");  // (-1) * (-1)
  expect_refused("t.h", text, ":", {"lut[255][255] = 1 found", "sign and magnitude"});
  expect_refused("t.h", "const int16_t lut [256][256] = {{1, 2}};", ":1", {"row 0 has 2 products"});
  expect_refused("t.h", "int x;", "", {"no initialiser"});
  expect_refused("t.h", "lut = {{1, x}}", ":1", {"\"x\" found"});
  expect_refused("t.h", "lut = {{1,\n 2,", ":2", {"ends inside the table after 2 products"});
  // 255 * 255 is not in the header, 128 * 128 is, and too large for int16_t here.
  std::vector<std::uint16_t> products = values_of(table_);
  products[128 * 256 + 128] = 40000;
  test::expect_input_error({"128 * 128 = 40000", "int16_t"}, [&] {
    encode_product_table(ProductTable("large", products), ProductTableFormat::adapt);
  });
}

TEST_F(ProductTableFile, NumpyReadsAndWritesTheSameTable) {
  if (!test::have_python_module("numpy")) GTEST_SKIP() << "skipped: no NumPy for " << test::kPython;
  test::write_bytes(folder_ / "ours.npy", encode_product_table(table_, ProductTableFormat::npy));
  ASSERT_TRUE(test::run_python(
      folder_.path(),
      "import numpy as np\n"
      "t = np.load('ours.npy')\n"
      "assert t.dtype == np.uint16 and t.shape == (256, 256) and t[1, 2] == 12345\n"
      "np.save('i64.npy', t.astype(np.int64))\n"
      "np.save('flat.npy', np.asfortranarray(t).astype('>u4'))\n"
      "np.savez('t.npz', one=t, two=t.T.copy())\n"));
  EXPECT_EQ(values_of(read_product_table(path("i64.npy")).table), values_of(table_));
  EXPECT_EQ(values_of(read_product_table(path("flat.npy")).table), values_of(table_));
  const ImportedTable one = read_product_table(path("t.npz:one"));
  EXPECT_EQ(one.table.name(), "one");
  EXPECT_EQ(values_of(one.table), values_of(table_));
  EXPECT_EQ(values_of(read_product_table(path("t.npz:two"), {{}, OutermostOperand::b}).table),
            values_of(table_));
  test::expect_input_error({"2 arrays found", "t.npz:one"},
                           [&] { read_product_table(path("t.npz")); });
  test::expect_input_error({"no array 'three'", "one, two"},
                           [&] { read_product_table(path("t.npz:three")); });
}

TEST_F(ProductTableFile, BrokenArraysAreRefused) {
  const std::vector<std::int64_t> short_array(65535);
  write_npy(folder_ / "short.npy", make_npy_array<std::int64_t>({65535}, short_array));
  test::expect_input_error({"short.npy", "shape (65535) found, (256, 256) or (65536) expected"},
                           [&] { read_product_table(path("short.npy")); });
  std::vector<std::int64_t> array(65536);
  array[258] = -1;
  write_npy(folder_ / "negative.npy", make_npy_array<std::int64_t>({256, 256}, array));
  test::expect_input_error({"entry 258 (row 1, column 2)", "product -1 found, 0..65535 expected"},
                           [&] { read_product_table(path("negative.npy")); });
  array[258] = 65536;
  write_npy(folder_ / "large.npy", make_npy_array<std::int64_t>({256, 256}, array));
  test::expect_input_error({"entry 258", "product 65536 found"},
                           [&] { read_product_table(path("large.npy")); });
  const std::vector<float> real(65536);
  write_npy(folder_ / "real.npy", make_npy_array<float>({256, 256}, real));
  test::expect_input_error({"float32 found, an integer type"},
                           [&] { read_product_table(path("real.npy")); });
}

TEST_F(ProductTableFile, BrokenCsvIsRefusedWithItsLine) {
  const std::string good = encode_product_table(table_, ProductTableFormat::csv);
  const auto with_line = [&](const std::string& line, const std::string& replacement) {
    std::string text = good;
    return text.replace(text.find("\n" + line + "\n") + 1, line.size(), replacement);
  };
  expect_refused("t.csv", "", ":1", {"empty", "header A,B,P expected"});
  expect_refused("t.csv", "0,0,0\n", ":1", {"header A,B,P expected"});
  expect_refused("t.csv", good.substr(0, good.rfind("255,255,")), ":65536",
                 {"ends after 65535 products, 65536 expected"});
  expect_refused("t.csv", good + "256,0,0\n", ":65538", {"after the 65536 products"});
  expect_refused("t.csv", good + "\n", ":65538", {"after the 65536 products"});
  expect_refused("t.csv", with_line("1,2,12345", "1,2,twelve"), ":260",
                 {"\"twelve\" found in the column of the product"});
  expect_refused("t.csv", with_line("1,2,12345", "1,2,"), ":260", {"\"\" found"});
  expect_refused("t.csv", with_line("1,2,12345", "1,2"), ":260", {"three cells"});
  expect_refused("t.csv", with_line("1,2,12345", "1,2,3,4"), ":260", {"three cells"});
  expect_refused("t.csv", with_line("1,2,12345", ""), ":260", {"three cells"});
  expect_refused("t.csv", with_line("1,2,12345", "1,2,65536"), ":260",
                 {"65536 found, 0..65535 expected"});
  expect_refused("t.csv", with_line("1,2,12345", "1,2,99999999999999999999"), ":260",
                 {"0..65535 expected"});
  expect_refused("t.csv", with_line("1,2,12345", "1,2,-1"), ":260", {"-1 found"});
  expect_refused("t.csv", with_line("1,2,12345", "1,2,3.5"), ":260", {"\"3.5\" found"});
  expect_refused("t.csv", with_line("1,2,12345", std::string("1,2,1\0", 6)), ":260", {"\\x00"});
  expect_refused("t.csv", with_line("1,2,12345", "x,2,1"), ":260", {"\"x\" found in column A"});
  expect_refused("t.csv", std::string(100000, '\0'), ":1", {"\\x00"});
  // b outermost where a is expected
  expect_refused("t.csv",
                 encode_product_table(table_, ProductTableFormat::csv, OutermostOperand::b), ":3",
                 {"A = 1 found, A = 0 expected", "not in order"});
}

TEST_F(ProductTableFile, CsvOfOtherSystemsIsRead) {
  std::string text = encode_product_table(table_, ProductTableFormat::csv);
  text.pop_back();  // no newline at the end
  std::string with_returns;
  for (const char c : text) with_returns += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(values_of(read("t.csv", with_returns)), values_of(table_));
}

TEST_F(ProductTableFile, BrokenBinaryIsRefused) {
  const std::string good = encode_product_table(table_, ProductTableFormat::i32);
  expect_refused("t.i32", good.substr(1), "", {"262143 bytes found, 262144"});
  expect_refused("t.i32", good + "x", "", {"262145 bytes found"});
  expect_refused("t.i32", "", "", {"0 bytes found"});
  std::string wrong = good;
  wrong[4 * 258 + 3] = '\xff';
  expect_refused("t.i32", wrong, "", {"entry 258 (row 1, column 2)", "product -"});
  wrong[4 * 258 + 3] = '\x01';
  expect_refused("t.i32", wrong, "", {"entry 258", "0..65535 expected"});
  expect_refused("t.u16", good, "", {"262144 bytes found, 131072"});
  expect_refused("t.bin", "short", "", {"5 bytes found"});
}

TEST_F(ProductTableFile, VerilogHexIsReadAsReadmemhDoes) {
  const std::string good = encode_product_table(table_, ProductTableFormat::hex);
  EXPECT_EQ(values_of(read("t.mem", "/* two\nlines */ @0\n" + good)), values_of(table_));
  const auto with_word = [&](const std::string& replacement) {
    std::string text = good;
    return text.replace(text.find("\n3039\n") + 1, 4, replacement);
  };
  EXPECT_EQ(values_of(read("t.hex", with_word("@102 30_39"))), values_of(table_));
  expect_refused("t.hex", with_word("@103 3039"), ":260", {"address @103 found, @102 expected"});
  expect_refused("t.hex", with_word("xxxx"), ":260", {"\"xxxx\" found, a hexadecimal"});
  expect_refused("t.hex", with_word("10000"), ":260", {"65536 found"});
  expect_refused("t.hex", with_word(""), ":65538", {"ends after 65535 products"});
  expect_refused("t.hex", good + "0\n", ":65538", {"after the 65536 products"});
  expect_refused("t.hex", "/* no end", ":1", {"without end"});
  expect_refused("t.hex", "", ":1", {"0 products"});
  expect_refused("t.hex", "/", ":1", {"\"/\""});
}

TEST_F(ProductTableFile, FoldersAndUnknownEndingsAreRefused) {
  std::filesystem::create_directory(folder_ / "t.csv");
  test::expect_input_error({path("t.csv"), "is a folder"},
                           [&] { read_product_table(path("t.csv")); });
  test::expect_input_error({path("absent.csv"), "No such file"},
                           [&] { read_product_table(path("absent.csv")); });
  test::expect_error(ErrorKind::usage, {path("t.xlsx"), ".csv .npy"},
                     [&] { read_product_table(path("t.xlsx")); });
  test::expect_input_error({path("t.csv.gz"), "gzip"}, [&] {
    read("t.csv.gz", std::string("\x1f\x8b\x08\x00", 4) + "not deflated at all");
  });
}

// --- EvoApproxLib: data/evoapprox of the reference data.

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream text(line);
  for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
  return cells;
}

// Columns of mul8_published_vs_measured.csv: MAE, WCE, EP %, MRE %, MSE, six digits. MRE divides by
// the exact product or 1.
std::vector<double> measured_as_evoapprox(const ProductTable& table) {
  const ErrorStatistics statistics = error_statistics(table, uniform_operands(8));
  double zero_products = 0;
  for (std::size_t x = 0; x < 256; ++x) {
    zero_products += table(0, x) + (x == 0 ? 0 : table(x, 0));
  }
  return {statistics.mean_absolute_error, static_cast<double>(statistics.worst_case_error),
          100 * statistics.error_rate,
          100 * (statistics.mean_relative_error + zero_products / 65536),
          statistics.mean_square_error};
}

int count_disagreements(const std::vector<std::string>& cells, const ProductTable& table) {
  const std::vector<double> measured = measured_as_evoapprox(table);
  int wrong = 0;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    const double printed = std::stod(cells[4 + i]);
    wrong += std::abs(measured[i] - printed) > 6e-6 * std::abs(printed) + 1e-12 ? 1 : 0;
  }
  return wrong;
}

TEST(EvoApproxTables, AllImportAndTheirMeasuredErrorsReproduce) {
  const auto folder = test::data_folder() / "evoapprox";
  MBM_REQUIRE_DATA(folder);
  std::istringstream csv(test::read_bytes(folder / "mul8_published_vs_measured.csv"));
  std::string line;
  std::getline(csv, line);
  int checked = 0;
  while (std::getline(csv, line)) {
    const std::vector<std::string> cells = split(line);
    if (cells[0] != "8x8_unsigned") continue;
    const ProductTable table =
        read_product_table((folder / "mul8u_lut.npz").string() + ":" + cells[1]).table;
    EXPECT_EQ(count_disagreements(cells, table), 0) << line;
    if (checked++ == 0) {  // the twin that must fail
      std::vector<std::uint16_t> products = values_of(table);
      products[200 * 256 + 100] ^= 0x100;
      EXPECT_GT(count_disagreements(cells, ProductTable("corrupted", products)), 0);
    }
  }
  EXPECT_EQ(checked, 36);
}

// The rows "Evo ..." of multipliers.md, section 3, whose tables are here. They were computed with
// the first operand as the activation, so the second one is outermost here.
TEST(EvoApproxTables, PublishedRowsReproduce) {
  const auto archive = test::data_folder() / "evoapprox" / "mul8u_lut.npz";
  MBM_REQUIRE_DATA(archive);
  MBM_REQUIRE_DATA(test::published_errors_file());
  const NpzFile tables(archive);
  int checked = 0;
  for (const test::PublishedErrors& row :
       test::read_published_errors(test::published_errors_file())) {
    if (!row.name.starts_with("Evo ") || !tables.contains(row.name.substr(4))) continue;
    const ProductTable table =
        read_product_table(archive.string() + ":" + row.name.substr(4), {{}, OutermostOperand::b})
            .table;
    EXPECT_THAT(test::disagreements(row, table), IsEmpty()) << row.name;
    EXPECT_EQ(table.zero_annihilates(), !row.flagged) << row.name;
    ++checked;
  }
  EXPECT_EQ(checked, 8);
}

TEST(EvoApproxTables, GzippedReferenceTableIsTheFamily) {
  const auto file = test::data_folder() / "tables" / "reference_mbm.csv.gz";
  MBM_REQUIRE_DATA(file);
  const ProductTable table = read_product_table(file.string()).table;
  EXPECT_EQ(table.name(), "reference_mbm");
  EXPECT_EQ(values_of(table), values_of(make_product_table("mbm-ref")));
}

// --- C models.

class CModel : public ProductTableFile {
 protected:
  void SetUp() override {
    if (const char* compiler = std::getenv("CC")) compiler_ = compiler;
    if (const char* path = std::getenv("PATH")) path_ = path;
  }
  void TearDown() override {
    compiler_.empty() ? unsetenv("CC") : setenv("CC", compiler_.c_str(), 1);
    setenv("PATH", path_.c_str(), 1);
  }

  std::string compiler_;
  std::string path_;
};

// As EvoApproxLib writes them: B before A, a helper before the function.
constexpr const char* kModel =
    "#include <stdint.h>\n#include <stdlib.h>\n"
    "static uint64_t drop(const uint64_t value, const uint64_t bits)\n{ return value >> bits << "
    "bits; }\n"
    "uint64_t mul8u_TEST(const uint64_t B,const uint64_t A)\n"
    "{\n   return drop(A, 2) * B;\n}\n";

TEST_F(CModel, ParametersAreTakenByTheirNames) {
  const ProductTable table = read("mul8u_TEST.c", kModel);
  EXPECT_EQ(table.name(), "mul8u_TEST");
  for (std::size_t a = 0; a < 256; ++a) {
    for (std::size_t b = 0; b < 256; ++b) ASSERT_EQ(table(a, b), (a >> 2 << 2) * b);
  }
  const ProductTable swapped = read("mul8u_TEST.c", kModel, {{}, OutermostOperand::b});
  EXPECT_EQ(swapped(3, 5), 3U * 4U);
}

TEST_F(CModel, OtherSignaturesAreTakenInTheirOrder) {
  const ProductTable table = read(
      "m.c",
      "#include <stdint.h>\nuint16_t mul8u_1(uint8_t x, uint8_t y) { return x * (y & 0xfe); }\n");
  EXPECT_EQ(table(3, 5), 12U);
}

TEST_F(CModel, BrokenModelsAreRefused) {
  expect_refused("m.c", "int x;\n", "", {"no function of two integers"});
  expect_refused("m.c", "", "", {"no function"});
  expect_refused("m.c", "#include <stdint.h>\nint16_t mul8s_1(int8_t A, int8_t B) { return 0; }\n",
                 "", {"signed multiplier 'mul8s_1' found"});
  expect_refused("m.c", "unsigned f(unsigned A, unsigned B) { return A * C; }\n", "",
                 {"does not compile", "undeclared"});
  expect_refused("m.c", "unsigned f(unsigned A, unsigned B) { return A * 300; }\n", "",
                 {"f, a = 219, b = 0", "65700 found"});
  expect_refused("m.c", "int f(int A, int B) { return -1; }\n", "", {"product -1 found"});
  expect_refused("m.c", "#include <stdlib.h>\nint f(int A, int B) { abort(); }\n", "",
                 {"exit code 134"});
  test::expect_input_error({"absent.c"}, [&] { read_product_table(path("absent.c")); });
}

TEST_F(CModel, MissingCompilerIsAMissingTool) {
  setenv("CC", "no-such-compiler", 1);
  test::expect_error(ErrorKind::missing_tool, {"no-such-compiler", "$CC"},
                     [&] { read("m.c", kModel); });
  unsetenv("CC");
  setenv("PATH", folder_.path().c_str(), 1);
  test::expect_error(ErrorKind::missing_tool, {"no C compiler found"},
                     [&] { read("m.c", kModel); });
}

}  // namespace
}  // namespace mbm
