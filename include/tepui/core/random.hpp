#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include "tepui/core/device_function.hpp"
#include "tepui/core/logarithm.hpp"
#include "tepui/core/polynomial.hpp"

/// @file
/// Counter-based random numbers: every number is a pure function of (seed, purpose, step, index),
/// so results depend neither on the thread count nor on what was drawn before.
///
/// @source J. Salmon et al., Parallel Random Numbers: As Easy as 1, 2, 3, SC 2011 (Philox4x32-10);
///         M. Wichura, Algorithm AS 241, Applied Statistics 37 (1988) (inverse normal
///         distribution).

namespace tepui::random {

/// What a stream is used for; streams of different purpose never overlap. The numbers decide every
/// result, so that a purpose keeps its own for good.
enum class Purpose : std::uint16_t {
  initialize = 0,  ///< weights before training
  shuffle = 1,     ///< order of the training samples
  augment = 2,     ///< crops, flips, cutout
  path = 3,        ///< paths sampled while a supernet is trained
  dropout = 4,     ///< dropout and drop path
  noise = 5,       ///< weight perturbations of flatness estimators
  search = 7,      ///< proposals of a search strategy
  split = 8,       ///< division of a data set
  draw = 9,        ///< procedural images
  user = 10,       ///< for code outside the library
};

/// @brief The Philox4x32-10 bijection: 128 bits of counter and 64 bits of key to 128 random bits.
[[nodiscard]] constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                            std::array<std::uint32_t, 2> key) {
  auto [c0, c1, c2, c3] = counter;
  auto [k0, k1] = key;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c0;
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * c2;
    c0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<std::uint32_t>(p1);
    c2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<std::uint32_t>(p0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {c0, c1, c2, c3};
}

/// @brief Names one stream of random numbers.
struct Key {
  std::uint64_t seed = 0;
  Purpose purpose = Purpose::user;
  std::uint64_t step = 0;

  /// @return the key of an independent family of streams, for example one per candidate or draw
  [[nodiscard]] constexpr Key with(std::uint64_t tag) const {
    std::uint64_t z = seed + 0x9E3779B97F4A7C15ull * (tag + 1);  // splitmix64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return {z ^ (z >> 31), purpose, step};
  }
  [[nodiscard]] constexpr Key at_step(std::uint64_t s) const { return {seed, purpose, s}; }
  friend constexpr bool operator==(const Key&, const Key&) = default;
};

/// @return the four random words of block `index` (< 2^48) of a stream
[[nodiscard]] constexpr std::array<std::uint32_t, 4> block(Key key, std::uint64_t index) {
  return philox({static_cast<std::uint32_t>(index),
                 static_cast<std::uint32_t>(index >> 32 & 0xFFFFu) |
                     static_cast<std::uint32_t>(key.purpose) << 16,
                 static_cast<std::uint32_t>(key.step), static_cast<std::uint32_t>(key.step >> 32)},
                {static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32)});
}

/// @brief Quantile of the standard normal distribution, relative accuracy about 1e-16; the same
/// bits on every compiler, processor and GPU.
///
/// Every branch ends in a quotient: a product could be fused into a sum of the caller, and would
/// then be another number than the one that is stored elsewhere.
///
/// @param p probability, 2^-1022 <= p < 1
[[nodiscard]] TEPUI_HOST_DEVICE double normal_quantile(double p) {
  using reproducible::polynomial;
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = std::fma(-q, q, 0.180625);
    return q *
           polynomial(r, 2.5090809287301226727e+3, 3.3430575583588128105e+4,
                      6.7265770927008700853e+4, 4.5921953931549871457e+4, 1.3731693765509461125e+4,
                      1.9715909503065514427e+3, 1.3314166789178437745e+2,
                      3.3871328727963666080e+0) /
           polynomial(r, 5.2264952788528545610e+3, 2.8729085735721942674e+4,
                      3.9307895800092710610e+4, 2.1213794301586595867e+4, 5.3941960214247511077e+3,
                      6.8718700749205790830e+2, 4.2313330701600911252e+1, 1.0);
  }
  const double root = std::sqrt(-reproducible::log(q < 0 ? p : 1.0 - p));
  double value = 0;
  if (root <= 5.0) {
    const double r = root - 1.6;
    value =
        polynomial(r, 7.74545014278341407640e-4, 2.27238449892691845833e-2,
                   2.41780725177450611770e-1, 1.27045825245236838258e+0, 3.64784832476320460504e+0,
                   5.76949722146069140550e+0, 4.63033784615654529590e+0,
                   1.42343711074968357734e+0) /
        polynomial(r, 1.05075007164441684324e-9, 5.47593808499534494600e-4,
                   1.51986665636164571966e-2, 1.48103976427480074590e-1, 6.89767334985100004550e-1,
                   1.67638483018380384940e+0, 2.05319162663775882187e+0, 1.0);
  } else {
    const double r = root - 5.0;
    value =
        polynomial(r, 2.01033439929228813265e-7, 2.71155556874348757815e-5,
                   1.24266094738807843860e-3, 2.65321895265761230930e-2, 2.96560571828504891230e-1,
                   1.78482653991729133580e+0, 5.46378491116411436990e+0,
                   6.65790464350110377720e+0) /
        polynomial(r, 2.04426310338993978564e-15, 1.42151175831644588870e-7,
                   1.84631831751005468180e-5, 7.86869131145613259100e-4, 1.48753612908506148525e-2,
                   1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0);
  }
  return q < 0 ? -value : value;
}

/// @return a standard normal number from one random word; 2^32 equally likely values, |x| < 6.4
[[nodiscard]] TEPUI_HOST_DEVICE double normal_from_bits(std::uint32_t bits) {
  // (bits + 1/2) / 2^32, exact
  return normal_quantile(std::fma(static_cast<double>(bits), 0x1p-32, 0x1p-33));
}

/// @return element `index` of the stream of standard normal numbers named by `key`
[[nodiscard]] TEPUI_HOST_DEVICE double normal_at(Key key, std::uint64_t index) {
  return normal_from_bits(block(key, index / 4)[index % 4]);
}

/// @brief Calls `visit(i, z)` for i = first..last-1 with z = normal_at(key, i), four at a time.
template <class Visit>
constexpr void for_each_normal(Key key, std::uint64_t first, std::uint64_t last, Visit&& visit) {
  for (std::uint64_t b = first / 4; b * 4 < last; ++b) {
    const auto words = block(key, b);
    for (std::uint64_t j = 0; j < 4; ++j) {
      const std::uint64_t i = b * 4 + j;
      if (i >= first && i < last) visit(i, normal_from_bits(words[j]));
    }
  }
}

/// @brief Sequential reader of one stream; a model of std::uniform_random_bit_generator.
class Stream {
 public:
  using result_type = std::uint32_t;

  constexpr explicit Stream(Key key) : key_(key) {}

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }

  constexpr result_type operator()() {
    if (used_ == 4) {
      words_ = block(key_, next_block_++);
      used_ = 0;
    }
    return words_[static_cast<std::size_t>(used_++)];
  }
  /// @return uniform in [0, 1), 53 random bits
  constexpr double uniform() {
    const std::uint64_t high = (*this)() >> 5;
    const std::uint64_t low = (*this)() >> 6;
    return static_cast<double>(high << 26 | low) * 0x1p-53;
  }
  constexpr double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// @return uniform in 0..n-1 without bias; n >= 1
  constexpr std::uint32_t below(std::uint32_t n) {
    const std::uint32_t reject_from = max() - max() % n;
    std::uint32_t bits = (*this)();
    while (bits >= reject_from && reject_from != 0) bits = (*this)();
    return bits % n;
  }
  constexpr bool bernoulli(double probability) { return uniform() < probability; }
  double normal() { return normal_from_bits((*this)()); }

  /// Fisher-Yates; every order equally likely.
  template <class E>
  constexpr void shuffle(std::span<E> items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      const auto j = static_cast<std::size_t>(below(static_cast<std::uint32_t>(i)));
      E moved = std::move(items[i - 1]);
      items[i - 1] = std::move(items[j]);
      items[j] = std::move(moved);
    }
  }

 private:
  Key key_;
  std::array<std::uint32_t, 4> words_{};
  std::uint64_t next_block_ = 0;
  int used_ = 4;
};

}  // namespace tepui::random
