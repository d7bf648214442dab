#pragma once

#include <tbb/blocked_range.h>
#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

#include "tepui/core/error.hpp"

/// @file
/// Fixed chunks over oneTBB: which thread runs a chunk varies, what a chunk contains never does, so
/// a result that combines chunks in index order has the same bits for every thread count.

namespace tepui {

namespace detail {

/// Tells the thread sanitizer, which cannot see into oneTBB's library, what a parallel loop orders:
/// everything before it comes before every body, and every body before everything after it. Two
/// bodies stay unordered, so that a race between them is found. Does nothing in other builds.
class LoopOrder {
#if defined(__SANITIZE_THREAD__)
 public:
  LoopOrder() { __tsan_release(&fork_); }
  ~LoopOrder() { __tsan_acquire(&join_); }
  LoopOrder(const LoopOrder&) = delete;
  LoopOrder& operator=(const LoopOrder&) = delete;
  void body_begins() { __tsan_acquire(&fork_); }
  void body_ends() { __tsan_release(&join_); }

 private:
  char fork_ = 0;
  char join_ = 0;
#else
 public:
  void body_begins() {}
  void body_ends() {}
#endif
};

/// Some function of an index, which outlives the loop that calls it.
struct IndexedWork {
  const void* body;
  void (*call)(const void* body, std::size_t index);
};

/// The one loop that oneTBB's templates are compiled for.
inline void run_indices(std::size_t count, IndexedWork work) {
  LoopOrder order;
  tbb::parallel_for(
      tbb::blocked_range<std::size_t>(0, count, 1),
      [&](const tbb::blocked_range<std::size_t>& range) {
        order.body_begins();
        for (std::size_t i = range.begin(); i != range.end(); ++i) work.call(work.body, i);
        order.body_ends();
      },
      tbb::simple_partitioner());
}

}  // namespace detail

/// @brief Calls `body(i)` for i = 0..count-1, possibly in parallel. Bodies must be independent.
template <class Body>
void parallel_for_each_index(std::size_t count, Body&& body) {
  if (count <= 1) {
    if (count == 1) body(std::size_t{0});
    return;
  }
  using Called = std::remove_reference_t<Body>;
  detail::run_indices(count, {std::addressof(body), [](const void* erased, std::size_t index) {
                                (*static_cast<Called*>(const_cast<void*>(erased)))(index);
                              }});
}

/// @brief Calls `body(begin, end)` for consecutive ranges of `grain` indices that cover 0..count-1.
template <class Body>
void parallel_for_ranges(std::size_t count, std::size_t grain, Body&& body) {
  const std::size_t chunks = (count + grain - 1) / grain;
  parallel_for_each_index(chunks, [&](std::size_t chunk) {
    const std::size_t begin = chunk * grain;
    body(begin, begin + grain < count ? begin + grain : count);
  });
}

/// @brief While alive, runs given work on at most `threads` threads.
class ThreadLimit {
 public:
  /// @param threads 1 to 64, or to four times the processors if that is more
  /// @throws SettingError if it is out of range
  explicit ThreadLimit(int threads)
      : control_(tbb::global_control::max_allowed_parallelism,
                 static_cast<std::size_t>(checked(threads))),
        arena_(threads) {}

  template <class Work>
  decltype(auto) run(Work&& work) {
    return arena_.execute(std::forward<Work>(work));
  }

 private:
  static int checked(int threads) {
    if (threads < 1) {
      throw SettingError("threads: got " + std::to_string(threads) +
                         ", but at least 1 is needed (the default uses every core)");
    }
    const int most = std::max(64, 4 * tbb::info::default_concurrency());
    if (threads > most) {
      throw SettingError("threads: got " + std::to_string(threads) + ", but more than " +
                         std::to_string(most) + " only slow this machine down");
    }
    return threads;
  }
  tbb::global_control control_;
  tbb::task_arena arena_;
};

}  // namespace tepui
