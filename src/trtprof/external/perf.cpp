#include "trtprof/external/perf.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "trtprof/base/file.h"
#include "trtprof/base/text.h"
#include "trtprof/external/process.h"
#include "trtprof/external/tool_output.h"
#include "trtprof/profile/perf_names.h"

namespace trtprof {
namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

// perf attaches to every thread of the process before it answers.
constexpr std::chrono::seconds kAnswerTime{20};
constexpr int kPollMilliseconds = 50;
constexpr double kVersionSeconds = 10.0;
constexpr double kMilli = 1e-3;
constexpr double kNano = 1e-9;
constexpr double kAllOfTheTime = 99.5;  // per cent; below it perf counted in turns and scaled

constexpr const char* kParanoidHint =
    "let an administrator allow it: sysctl kernel.perf_event_paranoid=1; a container also needs perf_event_open among "
    "its "
    "allowed calls (--cap-add=PERFMON)";

std::optional<double> number_of(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0;;) {
    const std::size_t end = line.find(',', begin);
    fields.push_back(line.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return fields;
    begin = end + 1;
  }
}

// "cycles" of "cycles:u" and "cpu_core/cycles/".
std::string_view plain_event(std::string_view event) {
  if (const std::size_t slash = event.find('/'); slash != std::string_view::npos) {
    event.remove_prefix(slash + 1);
    event = event.substr(0, event.find('/'));
  }
  return event.substr(0, event.find(':'));
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_ = -1;
};

class AttachedPerf final : public PerfStat {
 public:
  AttachedPerf(TemporaryFolder folder, std::function<void(std::string_view)> say)
      : folder_(std::move(folder)), output_(std::move(say)) {}

  ~AttachedPerf() override { end(); }

  Status start(const fs::path& perf) {
    const fs::path control = folder_.path() / "control";
    const fs::path answer = folder_.path() / "answer";
    for (const fs::path& fifo : {control, answer}) {
      if (mkfifo(fifo.c_str(), S_IRUSR | S_IWUSR) != 0)
        return fail(fmt::format("no pipe could be made in {}", fifo.string()));
    }
    // Read and write, so that opening waits for nobody and perf sees no end of file.
    control_ = Descriptor(open(control.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
    answer_ = Descriptor(open(answer.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
    if (control_.get() < 0 || answer_.get() < 0) return fail("the pipes to perf could not be opened");
    std::string events;
    for (const std::string_view event : perf::kEvents) events += (events.empty() ? "" : ",") + std::string(event);
    command_ = {perf.string(),
                "stat",
                "-x,",
                "-D",
                "-1",
                "--control",
                fmt::format("fifo:{},{}", control.string(), answer.string()),
                "-o",
                result().string(),
                "-e",
                events,
                "-p",
                std::to_string(getpid())};
    runner_ = std::thread([this] { run(); });
    return ask("disable");  // answered once it is attached
  }

  // "perf version 6.1.187"
  static std::string version_of(const std::string& perf) {
    std::string said;
    ProcessOptions options;
    options.timeout_seconds = kVersionSeconds;
    options.on_out = [&](std::string_view chunk) { said += chunk; };
    const Result<ProcessEnd> end = run_process({perf, "--version"}, options);
    constexpr std::string_view before = "perf version ";
    if (!end || end->exit_code != 0 || !said.starts_with(before)) return {};
    return said.substr(before.size(), said.find_first_of(" \n", before.size()) - before.size());
  }

  Status enable() override { return ask("enable"); }
  Status disable() override { return ask("disable"); }

  Result<Counters> finish(std::int64_t inferences) override {
    end();
    const auto text = read_file(result());
    if (!text) return tl::unexpected<Error>(perf_failure(output_.text(), end_ ? end_->exit_code : 0));
    Result<Counters> counters = parse_perf_stat(*text);
    if (!counters) return counters;
    counters->command = shown_command(command_);
    if (const std::string version = version_of(command_[0]); !version.empty()) counters->tool += ' ' + version;
    counters->totals[std::string(perf::kInferences)] = static_cast<double>(inferences);
    return counters;
  }

 private:
  [[nodiscard]] fs::path result() const { return folder_.path() / "counters.csv"; }

  void run() {
    ProcessOptions options;
    options.environment = {{"LC_ALL", "C"}};
    options.stop = &stop_;
    options.on_out = [this](std::string_view chunk) { output_.add(chunk); };
    options.on_err = options.on_out;
    const Result<ProcessEnd> end = run_process(command_, options);
    output_.finish();
    if (end) {
      end_ = *end;
    } else {
      start_error_ = end.error();
    }
    ended_.store(true);
  }

  // perf ends at SIGINT and writes what it has.
  void end() {
    stop_.request();
    if (runner_.joinable()) runner_.join();
  }

  Status ask(std::string_view word) {
    const std::string line = std::string(word) + '\n';
    if (write(control_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      return fail("perf does not take orders any more");
    }
    const auto deadline = SteadyClock::now() + kAnswerTime;
    while (SteadyClock::now() < deadline) {
      pollfd waiting{answer_.get(), POLLIN, 0};
      if (poll(&waiting, 1, kPollMilliseconds) > 0) {
        std::array<char, 64> buffer{};
        if (read(answer_.get(), buffer.data(), buffer.size()) > 0) return {};
      }
      if (ended_.load()) return why_ended();
    }
    return fail(fmt::format("perf did not answer '{}' within {} s", word, kAnswerTime.count()));
  }

  Status why_ended() {
    if (runner_.joinable()) runner_.join();
    if (start_error_) return tl::unexpected<Error>(*start_error_);
    std::string said = output_.text();
    if (const auto text = read_file(result())) said += *text;
    return tl::unexpected<Error>(perf_failure(said, end_ ? end_->exit_code : 0));
  }

  TemporaryFolder folder_;
  ToolOutput output_;  // the thread's until it is joined
  Descriptor control_;
  Descriptor answer_;
  std::vector<std::string> command_;
  StopFlag stop_;
  std::atomic<bool> ended_{false};
  std::optional<ProcessEnd> end_;
  std::optional<Error> start_error_;
  std::thread runner_;
};

}  // namespace

Result<std::unique_ptr<PerfStat>> PerfStat::attach(const fs::path& perf, std::function<void(std::string_view)> say) {
  auto folder = TemporaryFolder::create("trtprof-perf");
  if (!folder) return forward_error(folder);
  auto attached = std::make_unique<AttachedPerf>(std::move(*folder), std::move(say));
  if (const Status started = attached->start(perf); !started) return forward_error(started);
  return attached;
}

Result<Counters> parse_perf_stat(std::string_view text) {
  Counters counters;
  counters.tool = "perf";
  std::vector<std::string> missing;
  std::vector<std::string> scaled;
  bool hardware = false;
  for_each_line(text, [&](std::string_view line) {
    const std::vector<std::string_view> fields = split(line);
    if (line.starts_with('#') || fields.size() < 3) return;
    const std::string event(plain_event(fields[2]));
    if (std::ranges::find(perf::kEvents, event) == perf::kEvents.end()) return;
    const std::optional<double> value = number_of(fields[0]);
    if (!value) {
      missing.push_back(event);
      return;
    }
    const std::string_view unit = fields[1];
    // Cores of several kinds (hybrid CPUs) count each by itself.
    counters.totals[event] += *value * (unit == "msec" ? kMilli : event == perf::kTaskClock ? kNano : 1.0);
    hardware = hardware || event != perf::kTaskClock;
    const auto share = fields.size() > 4 ? number_of(fields[4]) : std::nullopt;
    if (share && *share < kAllOfTheTime) scaled.push_back(fmt::format("{} ({:.0f} %)", event, *share));
  });
  if (!hardware) {
    return unavailable(missing.empty() ? "perf counted nothing"
                                       : "this machine has no hardware counters for perf: it supports none of " +
                                             fmt::format("{}", fmt::join(missing, ", ")),
                       "virtual machines often have none; a host or a metal instance has");
  }
  std::erase_if(missing, [&](const std::string& event) { return counters.totals.contains(event); });
  if (!missing.empty()) {
    counters.notes.push_back(fmt::format("This machine does not count {}.", fmt::join(missing, ", ")));
  }
  if (!scaled.empty()) {
    counters.notes.push_back(
        fmt::format("There are fewer counters than events, so each was counted a part of the time and scaled: {}.",
                    fmt::join(scaled, ", ")));
  }
  return counters;
}

Error perf_failure(std::string_view said, int exit_code) {
  if (contains(said, "perf_event_paranoid") || contains(said, "No permission") || contains(said, "Permission denied") ||
      contains(said, "Operation not permitted")) {
    return {ErrorCode::unavailable, "perf has no permission to count events of this process", kParanoidHint};
  }
  if (contains(said, "unknown option") || contains(said, "--control")) {
    return {ErrorCode::unavailable, "perf is too old: it takes no --control", "perf of Linux 5.10 or newer has it"};
  }
  if (contains(said, "not found for kernel")) {
    return {ErrorCode::unavailable, "perf is not installed for the kernel that runs",
            "Ubuntu: apt-get install linux-tools-$(uname -r)"};
  }
  const std::string reason = telling_line(said);
  return {ErrorCode::failed,
          fmt::format("perf ended with exit code {}{}", exit_code, reason.empty() ? "" : ": " + reason),
          "--verbose shows what it said"};
}

}  // namespace trtprof
