#pragma once

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tepui/report/format.hpp"

namespace tepui::report {

/// @brief One line that says how far a run is; silent unless somebody is watching a terminal.
///
/// The line looks like "search 120/400 (30%)  left 4m 10s  best 0.912  failed 2". It is drawn over
/// itself at most a few times a second, and finish() ends it.
class ProgressLine {
 public:
  /// Seconds since any fixed moment, never going back.
  using Clock = std::function<double()>;
  /// Takes text to show; tests put their own in place of a file.
  using Sink = std::function<void(std::string_view)>;

  struct Options {
    double seconds_between = 0.1;  ///< at least this long between two drawings
    std::size_t width = 79;        ///< columns of the terminal; longer lines are cut

    template <class Self, class Visitor>
    static void visit(Self& self, Visitor&& visitor) {
      visitor("seconds_between", self.seconds_between);
      visitor("width", self.width);
    }
  };

  /// Draws on `file` if it is a terminal, and does nothing otherwise.
  explicit ProgressLine(std::FILE* file = stderr) : ProgressLine(file, Options{}) {}
  ProgressLine(std::FILE* file, Options options)
      : ProgressLine(
            [file](std::string_view text) {
              std::fwrite(text.data(), 1, text.size(), file);
              std::fflush(file);
            },
            is_terminal(file), steady_seconds, options) {}

  /// @param terminal whether anybody sees what goes into `sink`; false: nothing does
  ProgressLine(Sink sink, bool terminal, Clock clock, Options options)
      : sink_(std::move(sink)), terminal_(terminal), clock_(std::move(clock)), options_(options) {}
  ProgressLine(Sink sink, bool terminal, Clock clock)
      : ProgressLine(std::move(sink), terminal, std::move(clock), Options{}) {}

  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  ~ProgressLine() {
    try {
      finish();
    } catch (...) {  // a line that is not ended is no reason to stop a program
    }
  }

  /// @brief Tells the state of the run; draws it if it is time to.
  /// @param phase    what is going on; a new one starts the estimate of the time left anew
  /// @param total    steps of the phase; 0: unknown
  /// @param best     best score so far, if there is one
  /// @param failures candidates that could not be evaluated
  void update(std::string_view phase, std::int64_t done, std::int64_t total,
              std::optional<double> best = {}, std::int64_t failures = 0) {
    if (!terminal_) return;
    const double now = clock_();
    const bool new_phase = phase != phase_ || !started_;
    if (new_phase) {
      if (started_) draw();  // the last word of the phase before
      end_line();
      started_ = true;
      phase_ = phase;
      phase_start_ = now;
      phase_first_ = done;
    }
    done_ = done, total_ = total, best_ = best, failures_ = failures, now_ = now;
    const bool complete = total > 0 && done >= total;
    if (new_phase || complete || now - drawn_at_ >= options_.seconds_between) {
      draw();
      drawn_at_ = now;
    }
  }

  /// @brief Draws the last state and ends the line.
  void finish() {
    if (started_) draw();
    end_line();
    started_ = false;
    phase_.clear();
  }

  /// @return seconds the phase still takes at the mean pace so far, if that can be told
  [[nodiscard]] std::optional<double> seconds_left() const {
    const std::int64_t steps = done_ - phase_first_;
    if (total_ <= 0 || steps <= 0 || done_ > total_) return {};
    return (now_ - phase_start_) / static_cast<double>(steps) * static_cast<double>(total_ - done_);
  }

 private:
  static double steady_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  static bool is_terminal(std::FILE* file) {
    return file != nullptr && ::isatty(::fileno(file)) == 1;
  }

  [[nodiscard]] std::string line() const {
    std::string text = phase_ + " " + std::to_string(done_);
    if (total_ > 0) {
      text += "/" + std::to_string(total_) + " (" +
              std::to_string(std::min<std::int64_t>(100, done_ * 100 / total_)) + "%)";
      if (done_ < total_) {
        if (const auto left = seconds_left()) text += "  left " + duration(*left);
      } else {
        text += "  took " + duration(now_ - phase_start_);
      }
    }
    if (best_) text += "  best " + fixed(*best_, 4);
    if (failures_ > 0) text += "  failed " + std::to_string(failures_);
    if (text.size() > options_.width) text.resize(options_.width);
    return text;
  }
  void draw() {
    const std::string text = line();
    if (text == shown_) return;
    // spaces wipe what a longer line left behind
    const std::size_t longer = shown_.size() > text.size() ? shown_.size() - text.size() : 0;
    sink_("\r" + text + std::string(longer, ' '));
    shown_ = text;
  }
  void end_line() {
    if (!shown_.empty()) sink_("\n");
    shown_.clear();
  }

  Sink sink_;
  bool terminal_;
  Clock clock_;
  Options options_;
  bool started_ = false;
  std::string phase_;
  double phase_start_ = 0, drawn_at_ = 0, now_ = 0;
  std::int64_t phase_first_ = 0, done_ = 0, total_ = 0, failures_ = 0;
  std::optional<double> best_;
  std::string shown_;
};

}  // namespace tepui::report
