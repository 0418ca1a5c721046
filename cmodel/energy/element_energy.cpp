#include "cmodel/energy/element_energy.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "cmodel/common/error.hpp"

namespace mbm {
namespace {

constexpr int kIdleCycles = 16;
constexpr int kQuietCycles = 3;  // until the last product has left

// Energies of cycles, sorted by what happens in them.
class CycleBook {
 public:
  explicit CycleBook(GateSimulation& simulation) : simulation_(simulation) {}

  enum class Kind : std::uint8_t { none, stream, load, idle };

  void cycle(Kind kind) {
    const EnergyBreakdown before = simulation_.energy();
    const std::uint64_t toggles_before = toggles();
    simulation_.cycle();
    Sum& sum = sums_[static_cast<std::size_t>(kind)];
    sum.energy += simulation_.energy() - before;
    sum.toggles += toggles() - toggles_before;
    ++sum.cycles;
  }

  // `tiles` were loaded.
  ActivityEnergy result(std::int64_t tiles) const {
    const Sum& stream = sums_[static_cast<std::size_t>(Kind::stream)];
    const Sum& load = sums_[static_cast<std::size_t>(Kind::load)];
    const Sum& idle = sums_[static_cast<std::size_t>(Kind::idle)];
    ActivityEnergy energy;
    energy.stream = mean(stream);
    energy.idle = mean(idle);
    if (tiles > 0) {
      energy.load = (load.energy - energy.idle * static_cast<double>(load.cycles)) *
                    (1.0 / static_cast<double>(tiles));
    }
    energy.cycles = stream.cycles;
    energy.toggles = stream.cycles == 0
                         ? 0
                         : static_cast<double>(stream.toggles) / static_cast<double>(stream.cycles);
    return energy;
  }

 private:
  struct Sum {
    EnergyBreakdown energy;
    std::uint64_t toggles = 0;
    std::uint64_t cycles = 0;
  };

  static EnergyBreakdown mean(const Sum& sum) {
    return sum.cycles == 0 ? EnergyBreakdown{}
                           : sum.energy * (1.0 / static_cast<double>(sum.cycles));
  }

  std::uint64_t toggles() const {
    std::uint64_t all = 0;
    for (const std::uint64_t count : simulation_.toggles()) all += count;
    return all;
  }

  GateSimulation& simulation_;
  Sum sums_[4];
};

std::uint64_t masked(std::int64_t value, int bits) {
  return static_cast<std::uint64_t>(value) & ((std::uint64_t{1} << bits) - 1);
}

// One element in a row, cycle by cycle.
class ElementRun {
 public:
  ElementRun(GateSimulation& simulation, const std::string& name, const ElementForm& form,
             const ProductTable& table, const ArraySample& sample, std::int64_t row,
             CycleBook& book)
      : simulation_(simulation),
        name_(name),
        form_(form),
        table_(table),
        sample_(sample),
        row_(row),
        book_(book) {}

  // Returns how many tiles were measured.
  std::int64_t run() {
    std::vector<const SampledTile*> tiles;
    for (const SampledTile& tile : sample_.tiles) {
      if (row_ < tile.used_rows) tiles.push_back(&tile);
    }
    if (tiles.empty()) return 0;
    const std::vector<std::int16_t> nothing(static_cast<std::size_t>(sample_.rows), 0);
    for (std::size_t k = 0; k < tiles.size(); ++k) {
      // Weights move while the products rest, so that their energy can be told apart.
      for (std::int64_t j = 0; j < sample_.rows; ++j) {
        load(k == 0 ? nothing : tiles[k - 1]->weights, tiles[k]->weights, j);
        step(k == 0 ? CycleBook::Kind::none : CycleBook::Kind::load, 0, 0);
      }
      stream(*tiles[k]);
    }
    for (int i = 0; i < kIdleCycles; ++i) step(CycleBook::Kind::idle, 0, 0);
    return static_cast<std::int64_t>(tiles.size()) - 1;
  }

 private:
  int operand(std::int16_t code) const { return form_.reduced(code, sample_.operand_bits); }

  // Load number j of a tile: the chain above moves on by one row.
  void load(const std::vector<std::int16_t>& before, const std::vector<std::int16_t>& tile,
            std::int64_t j) {
    const std::int64_t from_top = j - row_;
    const std::int16_t code = from_top < 0
                                  ? before[static_cast<std::size_t>(row_ - 1 - j)]
                                  : tile[static_cast<std::size_t>(sample_.rows - 1 - from_top)];
    simulation_.set("weight_load_i", 1);
    simulation_.set("weight_i", form_.bits(operand(code)));
  }

  void stream(const SampledTile& tile) {
    weight_ = operand(tile.weights[static_cast<std::size_t>(row_)]);
    simulation_.set("weight_load_i", 0);
    for (std::int64_t p = 0; p < sample_.positions(tile); ++p) {
      simulation_.set("swap_i", p == 0 ? 1 : 0);
      const std::int16_t* codes = tile.activations.data() + p * sample_.rows;
      std::int64_t above = 0;
      for (std::int64_t r = 0; r < row_; ++r) {
        above += form_.term(table_, operand(tile.weights[static_cast<std::size_t>(r)]),
                            operand(codes[r]));
      }
      step(p == 0 ? CycleBook::Kind::none : CycleBook::Kind::stream, operand(codes[row_]), above);
    }
    simulation_.set("swap_i", 0);
    for (int i = 0; i < kQuietCycles; ++i) step(CycleBook::Kind::none, 0, 0);
  }

  // Offers an activation; the partial sum offered with it belongs to the one before.
  void step(CycleBook::Kind kind, int activation, std::int64_t above) {
    simulation_.set("activation_i", form_.bits(activation));
    simulation_.set("sum_i", masked(above_, form_.sum_bits));
    book_.cycle(kind);
    check();
    expected_ = have_sum_
                    ? std::optional(above_ + form_.term(table_, weight_of_activation_, activation_))
                    : std::nullopt;
    have_sum_ = true;
    weight_of_activation_ = weight_;
    activation_ = activation;
    above_ = above;
    ++cycle_;
  }

  void check() {
    if (!expected_) return;
    const std::uint64_t got = simulation_.get("sum_o");
    const std::uint64_t want = masked(*expected_, form_.sum_bits);
    if (got == want) return;
    fail(ErrorKind::mismatch, "netlist of {}: row {}, cycle {}: sum {:#x} found, {:#x} expected",
         name_, row_, cycle_, got, want);
  }

  GateSimulation& simulation_;
  const std::string& name_;
  const ElementForm& form_;
  const ProductTable& table_;
  const ArraySample& sample_;
  std::int64_t row_;
  CycleBook& book_;
  int weight_ = 0;
  int weight_of_activation_ = 0;
  int activation_ = 0;
  std::int64_t above_ = 0;
  std::optional<std::int64_t> expected_;
  bool have_sum_ = false;
  std::int64_t cycle_ = 0;
};

}  // namespace

std::vector<std::int64_t> rows_to_sample(std::int64_t rows, std::int64_t sampled_rows) {
  const std::int64_t count = std::clamp<std::int64_t>(sampled_rows, 1, rows);
  std::vector<std::int64_t> result;
  for (std::int64_t i = 0; i < count; ++i) {
    result.push_back(count == 1 ? rows / 2 : i * (rows - 1) / (count - 1));
  }
  return result;
}

ActivityEnergy element_energy(GateSimulation& simulation, const std::string& name,
                              const ElementForm& form, const ProductTable& table,
                              const ArraySample& sample, std::int64_t sampled_rows) {
  CycleBook book(simulation);
  std::int64_t tiles = 0;
  for (const std::int64_t row : rows_to_sample(sample.rows, sampled_rows)) {
    tiles += ElementRun(simulation, name, form, table, sample, row, book).run();
  }
  return book.result(tiles);
}

ActivityEnergy multiplier_energy(GateSimulation& simulation, const std::string& name, int width,
                                 const ProductTable& table, const ArraySample& sample,
                                 std::int64_t sampled_rows) {
  ElementForm form;
  form.width = width;
  CycleBook book(simulation);
  for (const std::int64_t row : rows_to_sample(sample.rows, sampled_rows)) {
    for (const SampledTile& tile : sample.tiles) {
      if (row >= tile.used_rows) continue;
      const int weight =
          std::abs(form.reduced(tile.weights[static_cast<std::size_t>(row)], sample.operand_bits));
      simulation.set("a_i", static_cast<std::uint64_t>(weight));
      for (std::int64_t p = 0; p < sample.positions(tile); ++p) {
        const int activation =
            std::abs(form.reduced(tile.activations[static_cast<std::size_t>(p * sample.rows + row)],
                                  sample.operand_bits));
        simulation.set("b_i", static_cast<std::uint64_t>(activation));
        book.cycle(p == 0 ? CycleBook::Kind::load : CycleBook::Kind::stream);
        const std::uint64_t got = simulation.get("product_o");
        const std::uint64_t want =
            table(static_cast<std::size_t>(weight), static_cast<std::size_t>(activation));
        if (got != want) {
          fail(ErrorKind::mismatch, "netlist of {}: {} * {} = {} found, {} expected", name, weight,
               activation, got, want);
        }
      }
    }
  }
  for (int i = 0; i < kIdleCycles; ++i) book.cycle(CycleBook::Kind::idle);
  return book.result(0);
}

}  // namespace mbm
