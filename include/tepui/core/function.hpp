#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

namespace tepui {

template <class Signature>
class Function;

/// @brief Any callable of one signature, owned and copied by value; std::function for constant
/// expressions as well.
///
/// Converts from every copyable callable that gives R for Args. Calls it through a const reference,
/// so a lambda must not be mutable. One allocation each, none while empty.
/// @pre a call needs a function that is not empty
template <class R, class... Args>
class Function<R(Args...)> {
 public:
  constexpr Function() = default;
  template <class F>
  requires(!std::same_as<F, Function> && std::is_invocable_r_v<R, const F&, Args...> &&
           std::copy_constructible<F>) constexpr Function(F callable)  // NOLINT: it is one
      : held_(new Holder<F>(std::move(callable))) {}
  constexpr Function(const Function& other) : held_(other.held_ ? other.held_->clone() : nullptr) {}
  constexpr Function(Function&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  constexpr Function& operator=(Function other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  constexpr ~Function() {
    if (held_ != nullptr) held_->destroy();
  }

  [[nodiscard]] constexpr explicit operator bool() const { return held_ != nullptr; }
  constexpr R operator()(Args... args) const { return held_->call(std::forward<Args>(args)...); }

 private:
  // g++ 12 knows no virtual destructor of a template in constant expressions, but this.
  class Held {
   public:
    constexpr virtual R call(Args... args) const = 0;
    [[nodiscard]] constexpr virtual Held* clone() const = 0;
    constexpr virtual void destroy() const = 0;

   protected:
    constexpr Held() = default;
    ~Held() = default;
  };
  template <class F>
  class Holder final : public Held {
   public:
    constexpr explicit Holder(F callable) : callable_(std::move(callable)) {}
    constexpr R call(Args... args) const override { return callable_(std::forward<Args>(args)...); }
    [[nodiscard]] constexpr Held* clone() const override { return new Holder(callable_); }
    constexpr void destroy() const override { delete this; }

   private:
    F callable_;
  };

  Held* held_ = nullptr;
};

}  // namespace tepui
