#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace tepui::data::detail {

/// @brief Produces item n + 1 on a thread of its own while item n is used.
///
/// Two slots: the one handed out last, and the one being filled. All members but the thread itself
/// are guarded by the mutex; a slot belongs to whoever the state says.
template <class Slot>
class Ahead {
 public:
  /// @param slot    what both slots are at first: with room for an item, no memory is taken later
  /// @param produce fills a slot with item n; called on another thread, never twice at a time
  Ahead(const Slot& slot, std::function<void(std::size_t, Slot&)> produce)
      : produce_(std::move(produce)), slots_{slot, slot}, worker_([this] { work(); }) {}
  Ahead(const Ahead&) = delete;
  Ahead& operator=(const Ahead&) = delete;
  ~Ahead() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    worker_.join();
  }

  /// Gives up what is under way; the next take(n) starts anew. What `produce` reads may be changed
  /// after this returns.
  void cancel() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return state_ != State::working; });
    state_ = State::idle;
    failure_ = nullptr;
  }

  /// @brief Returns item n, valid until the next call, and begins n + 1 if that is less than `end`.
  ///
  /// Items are taken in ascending order after a cancel().
  /// @throws whatever `produce` threw for this item
  Slot& take(std::size_t n, std::size_t end) {
    std::unique_lock lock(mutex_);
    if (state_ == State::idle) begin(n);
    changed_.wait(lock, [&] { return state_ == State::done; });
    state_ = State::idle;
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    Slot& result = slots_[filling_];
    filling_ = 1 - filling_;
    if (n + 1 < end) begin(n + 1);
    return result;
  }

 private:
  enum class State { idle, working, done };

  void begin(std::size_t n) {
    item_ = n;
    state_ = State::working;
    changed_.notify_all();
  }

  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return stop_ || state_ == State::working; });
      if (stop_) return;
      Slot& slot = slots_[filling_];
      const std::size_t item = item_;
      lock.unlock();
      std::exception_ptr failure;
      try {
        produce_(item, slot);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      failure_ = std::move(failure);
      state_ = State::done;
      changed_.notify_all();
    }
  }

  std::function<void(std::size_t, Slot&)> produce_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Slot, 2> slots_;
  std::size_t filling_ = 0;
  std::size_t item_ = 0;
  State state_ = State::idle;
  bool stop_ = false;
  std::exception_ptr failure_;
  std::thread worker_;  // last: it uses all of the above
};

}  // namespace tepui::data::detail
