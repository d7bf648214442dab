#include "tepui/space/canonical.hpp"

#include "tepui/space/nas_bench_201.hpp"
#include "tepui/space/select.hpp"

namespace {

using namespace tepui;
using S = space::NasBench201<>;
using Cell = S::Encoding;
using space::nas_bench_201::Sameness;
using space::nas_bench_201::Signature;

// The counts of the literature, and of functions.
static_assert(count_distinct<S, Signature<Sameness::skips>>() == 12'751);
static_assert(count_distinct<S, Signature<Sameness::skips_and_zeros>>() == 6'466);
static_assert(count_distinct<S>() == 4'930);
static_assert(count_if<S>([](Cost, const Cell& code) {
                return space::nas_bench_201::reaches_output(code);
              }) == 15'284);

// Convolutions that lead nowhere; a chain of skips; a sum passed on.
static_assert(canonical<S>({{3, 0, 0, 2, 0, 0}}) == Cell{{0, 0, 0, 2, 0, 0}});
static_assert(canonical<S>({{1, 0, 1, 0, 0, 3}}) == Cell{{0, 0, 0, 3, 0, 0}});
static_assert(canonical<S>({{3, 1, 1, 0, 0, 1}}) == canonical<S>({{3, 0, 0, 1, 1, 0}}));
static_assert(is_canonical<S>({{0, 0, 0, 0, 0, 0}}) && !is_canonical<S>({{0, 0, 0, 0, 0, 3}}));
// The same two convolutions, one after the other, are not one.
static_assert(canonical<S>({{3, 0, 3, 0, 0, 1}}) != canonical<S>({{3, 3, 0, 0, 0, 1}}));
// The benchmark keeps zeros as terms: equal functions, two texts.
constexpr Cell direct{{0, 0, 0, 3, 0, 0}};
constexpr Cell around{{3, 0, 1, 0, 0, 1}};
static_assert(canonical<S>(direct) == canonical<S>(around));
static_assert(canonical<S, Signature<Sameness::skips_and_zeros>>(direct) !=
              canonical<S, Signature<Sameness::skips_and_zeros>>(around));

}  // namespace
