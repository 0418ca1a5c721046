// The result of a network on a simulated accelerator: what is printed as text and written as JSON,
// CSV and as a roofline.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/plot/chart.hpp"
#include "host/simulation/device_simulation.hpp"

namespace mbm {

struct SimulationResult {
  // A node of the network on the device.
  struct Node {
    std::string name;
    std::string operation;
    LayerCost cost;                     // bytes and products of the program, cycles as predicted
    std::optional<LayerCost> measured;  // by the counters of the device
    CodeComparison comparison;          // of all images
  };

  nlohmann::json configuration;  // what makes the result: network, data, multiplier, ...
  std::string network;
  std::vector<std::string> images;
  SimulatedAs simulated_as = SimulatedAs::rtl;
  AcceleratorParameters parameters;
  std::string multiplier;    // that the device computes with
  std::string golden_table;  // of the executor that it is compared with
  AxiMemoryOptions memory;
  std::size_t parts = 1;
  std::vector<Node> nodes;
  bool is_predicted = false;  // there is no prediction for a memory that stalls at random
  // Of an image, added up over the parts; every image takes the same cycles.
  CounterValues counters{};
  CounterValues predicted{};
  std::int64_t memory_bytes = 0;  // of the largest part
  std::size_t commands = 0;
  CodeComparison comparison;
  std::size_t mismatch_image = 0;                  // of the first mismatch
  std::optional<std::uint64_t> first_wrong_cycle;  // of its run
  std::optional<std::uint32_t> table_crc;          // as the device holds it
  std::uint32_t expected_crc = 0;
  // Of the prediction of the network that the device is compared with, mean over the images.
  std::vector<std::string> score_names;
  std::vector<double> scores;
  std::string wave;  // what was recorded, or why nothing was
  // Wall clock.
  int threads = 1;
  double executor_seconds = 0;   // of the CPU's integer network
  double prepare_seconds = 0;    // lowering and prediction
  double run_seconds = 0;        // simulation, added up over parts and images
  double compare_seconds = 0;    // reading and comparing, the same
  double elapsed_seconds = 0;    // of simulation and comparison as a whole
  double processor_seconds = 0;  // of that, what the processors spent on it
  bool is_profiled = false;
  double evaluation_seconds = 0;  // of run_seconds, if it is profiled: of the Verilog,
  double memory_seconds = 0;      // and of the memory's model

  std::int64_t products() const;  // of an image
  // Bytes a cycle that bound the roofline: what the memory gives, at most both directions' bus.
  double bytes_per_cycle() const;
  // Whether all counters are the predicted ones.
  bool agrees() const { return !is_predicted || counters == predicted; }
};

// For a terminal: a line a layer, then figures with their units.
std::string simulation_text(const SimulationResult& result);

// Schema "mbm.simulation", with a unit for every field.
nlohmann::json simulation_json(const SimulationResult& result);

// A line a layer; names of columns as SCALE-Sim's COMPUTE_REPORT where they fit, with units.
std::string simulation_csv(const SimulationResult& result);

// Of simulation_json(): products a cycle against products a byte, a point a convolution, under what
// array and memory allow.
Chart simulation_roofline(const nlohmann::json& result);

// "layer up5.convB, image 00000: channel 3, y 0, x 17: got -120, want -119".
std::string mismatch_text(const SimulationResult& result);

}  // namespace mbm
