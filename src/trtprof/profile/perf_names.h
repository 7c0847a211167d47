// perf's names of what is counted, as Counters::totals holds them, for those who write and those who read them.
#pragma once

#include <array>
#include <string_view>

namespace trtprof::perf {

inline constexpr std::string_view kTaskClock = "task-clock";  // in seconds
inline constexpr std::string_view kCycles = "cycles";
inline constexpr std::string_view kInstructions = "instructions";
inline constexpr std::string_view kBranches = "branches";
inline constexpr std::string_view kBranchMisses = "branch-misses";
inline constexpr std::string_view kCacheReferences = "cache-references";
inline constexpr std::string_view kCacheMisses = "cache-misses";
inline constexpr std::string_view kLlcLoads = "LLC-loads";
inline constexpr std::string_view kLlcLoadMisses = "LLC-load-misses";
// Not perf's: how many inferences the totals are of.
inline constexpr std::string_view kInferences = "inferences";

inline constexpr std::array kEvents = {kTaskClock,       kCycles,      kInstructions, kBranches,     kBranchMisses,
                                       kCacheReferences, kCacheMisses, kLlcLoads,     kLlcLoadMisses};

}  // namespace trtprof::perf
