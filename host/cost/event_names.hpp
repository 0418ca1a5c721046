// How results of `mbm cost components` name energies of events: what is written and what is read.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "cmodel/energy/layer_energy.hpp"

namespace mbm {

template <typename Struct, typename Member>
using MemberName = std::pair<const char*, Member Struct::*>;

inline constexpr std::array kBreakdownNames{
    MemberName<EnergyBreakdown, double>{"switching", &EnergyBreakdown::switching},
    MemberName<EnergyBreakdown, double>{"combinational", &EnergyBreakdown::combinational},
    MemberName<EnergyBreakdown, double>{"sequential", &EnergyBreakdown::sequential},
    MemberName<EnergyBreakdown, double>{"clock", &EnergyBreakdown::clock},
    MemberName<EnergyBreakdown, double>{"leakage", &EnergyBreakdown::leakage}};

inline constexpr std::array kElementEventNames{
    MemberName<EventEnergies, EnergyBreakdown>{"product", &EventEnergies::product},
    MemberName<EventEnergies, EnergyBreakdown>{"idle_element", &EventEnergies::idle_element},
    MemberName<EventEnergies, EnergyBreakdown>{"loaded_element", &EventEnergies::loaded_element}};

// Those of memories follow from their shapes.
inline constexpr std::array kEventNames{
    MemberName<EventEnergies, double>{"activation_edge", &EventEnergies::activation_edge},
    MemberName<EventEnergies, double>{"weight_edge", &EventEnergies::weight_edge},
    MemberName<EventEnergies, double>{"column_sum", &EventEnergies::column_sum},
    MemberName<EventEnergies, double>{"result", &EventEnergies::result},
    MemberName<EventEnergies, double>{"bus_beat", &EventEnergies::bus_beat},
    MemberName<EventEnergies, double>{"clock_tree_cycle", &EventEnergies::clock_tree_cycle}};

inline constexpr std::array kGridNames{
    MemberName<AcceleratorParameters, std::int64_t>{"rows", &AcceleratorParameters::rows},
    MemberName<AcceleratorParameters, std::int64_t>{"columns", &AcceleratorParameters::columns},
    MemberName<AcceleratorParameters, std::int64_t>{"bus_bytes",
                                                    &AcceleratorParameters::bus_bytes}};

}  // namespace mbm
