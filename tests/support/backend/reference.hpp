#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "gtest/gtest.h"
#include "tepui/backend/conv_geometry.hpp"
#include "tepui/core/parallel.hpp"
#include "tepui/core/random.hpp"

/// @file
/// What the backend tests share: reproducible numbers, comparison, and a run on one and on two
/// threads.

namespace tepui::test {

/// Uniform numbers in [-1, 1), different for every tag.
template <class T>
std::vector<T> numbers(std::size_t count, std::uint64_t tag) {
  random::Stream stream({11, random::Purpose::user, tag});
  std::vector<T> result(count);
  for (auto& v : result) v = static_cast<T>(stream.uniform(-1.0, 1.0));
  return result;
}

/// @return the largest difference as a fraction of the largest value
template <class T>
double difference(const std::vector<T>& a, const std::vector<T>& wanted) {
  double most = 0;
  double largest = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const double d = std::abs(static_cast<double>(a[i]) - static_cast<double>(wanted[i]));
    if (d > most || std::isnan(d)) most = d;
    largest = std::max(largest, std::abs(static_cast<double>(wanted[i])));
  }
  return most / largest;
}

template <class T>
std::vector<double> widened(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

/// Rounding that a sum of `terms` products of numbers below one may show.
template <class T>
double tolerance(std::size_t terms) {
  const double unit = sizeof(T) == 4 ? 3e-7 : 1e-15;
  return unit * (4.0 + 2.0 * std::sqrt(static_cast<double>(terms)));
}

template <class T>
void expect_close(const std::vector<T>& got, const std::vector<double>& wanted, double tolerance,
                  const char* what) {
  ASSERT_EQ(got.size(), wanted.size()) << what;
  for (std::size_t i = 0; i < got.size(); ++i) {
    const double scale = 1.0 + std::abs(wanted[i]);
    ASSERT_LE(std::abs(static_cast<double>(got[i]) - wanted[i]), tolerance * scale)
        << what << ": element " << i << " is " << got[i] << ", reference " << wanted[i];
  }
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

/// Runs `compute` (which returns a vector) on one and on two threads; the bits must agree.
template <class Compute>
void expect_same_bits_on_any_thread_count(Compute&& compute, const char* what) {
  const auto one = ThreadLimit(1).run(compute);
  const auto two = ThreadLimit(2).run(compute);
  EXPECT_TRUE(same_bits(one, two)) << what << " depends on the number of threads";
}

/// Textbook convolution in double: y, and with dy the gradients, as sums over every tap.
struct ReferenceConv {
  std::vector<double> y, dx, dw, db;
};
inline ReferenceConv reference_conv(backend::ConvGeometry g, int batch,
                                    const std::vector<double>& x, const std::vector<double>& w,
                                    const std::vector<double>& bias,
                                    const std::vector<double>& dy) {
  const Shape out = g.out();
  const int in_group = g.in_per_group();
  const int out_group = g.out_per_group();
  ReferenceConv r;
  r.y.assign(static_cast<std::size_t>(batch) * out.size(), 0.0);
  r.dx.assign(static_cast<std::size_t>(batch) * g.in.size(), 0.0);
  r.dw.assign(g.weights(), 0.0);
  r.db.assign(static_cast<std::size_t>(g.out_channels), 0.0);
  const auto at = [](int n, Shape s, int row, int column, int channel) {
    return static_cast<std::size_t>(((n * s.height + row) * s.width + column) * s.channels +
                                    channel);
  };
  for (int n = 0; n < batch; ++n) {
    for (int oy = 0; oy < out.height; ++oy) {
      for (int ox = 0; ox < out.width; ++ox) {
        for (int o = 0; o < g.out_channels; ++o) {
          const std::size_t target = at(n, out, oy, ox, o);
          r.y[target] += bias.empty() ? 0.0 : bias[static_cast<std::size_t>(o)];
          r.db[static_cast<std::size_t>(o)] += dy[target];
          for (int ky = 0; ky < g.kernel; ++ky) {
            for (int kx = 0; kx < g.kernel; ++kx) {
              const int iy = oy * g.stride - g.padding + ky * g.dilation;
              const int ix = ox * g.stride - g.padding + kx * g.dilation;
              if (iy < 0 || ix < 0 || iy >= g.in.height || ix >= g.in.width) continue;
              for (int i = 0; i < in_group; ++i) {
                const std::size_t source = at(n, g.in, iy, ix, o / out_group * in_group + i);
                const auto weight = static_cast<std::size_t>(
                    ((ky * g.kernel + kx) * in_group + i) * g.out_channels + o);
                r.y[target] += x[source] * w[weight];
                r.dx[source] += dy[target] * w[weight];
                r.dw[weight] += dy[target] * x[source];
              }
            }
          }
        }
      }
    }
  }
  return r;
}

}  // namespace tepui::test
