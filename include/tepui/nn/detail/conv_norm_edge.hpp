#pragma once

#include <algorithm>
#include <cstddef>

#include "tepui/nn/detail/edges.hpp"
#include "tepui/nn/layer.hpp"

namespace tepui::nn::detail {

/// @brief An activation, a convolution without bias and a batch normalisation.
///
/// Keeps the convolution's output and the statistics; the activated input is made again on the way
/// back. Inference scales and shifts the convolution's sums before they are written.
template <backend::Activation A, class Convolution, class Norm>
struct ConvNormEdge {
  template <Shape In, class Backend>
  using KernelsOf = typename Backend::Samples::template ConvNorm<Convolution::geometry(In)>;

  static constexpr bool repeatable = true;
  static constexpr bool reads_source = false;
  static constexpr Shape output(Shape in) { return Convolution::output(in); }
  static constexpr std::size_t parameters(Shape in) {
    return Convolution::parameters(in) + Norm::parameters(output(in));
  }
  static constexpr std::size_t buffers(Shape in) { return Norm::buffers(output(in)); }
  static constexpr Extent saved(Shape in) {
    return Extent{output(in).size(), 0} + Norm::saved(output(in));
  }
  static constexpr std::size_t room(Shape in) { return std::max(in.size(), output(in).size()); }
  static constexpr std::size_t work(Shape in) {
    const auto g = Convolution::geometry(in);
    // a lane-wise product costs about as many cycles as a vector of a dense convolution
    return g.weights() * static_cast<std::size_t>(g.out().pixels()) * (g.depthwise() ? 4 : 1);
  }
  template <Shape In, class Backend>
  static constexpr EdgeScratch scratch() {
    using Kernels = KernelsOf<In, Backend>;
    using Sums = typename Kernels::Norm;
    constexpr std::size_t parts = Backend::Samples::most_parts;
    return {Kernels::forward_weights + parts * Sums::moments_size,
            Kernels::backward_weights + Kernels::weight_gradients, parts * Sums::sums_size};
  }
  /// Of a loop that sums weight gradients.
  template <Shape In, class Backend>
  static constexpr std::size_t most_parts() {
    return KernelsOf<In, Backend>::most_parts;
  }

  static constexpr bool active(const std::uint8_t* /*choices*/) { return true; }
  /// The gradient by the convolution's output or two numbers a channel, then the kernels' own.
  template <Shape In, class Backend>
  static constexpr Extent batch_scratch() {
    return Extent{output(In).size(), 2 * static_cast<std::size_t>(output(In).channels)} +
           max_extent(Convolution::template scratch<In, Backend>(),
                      Norm::template scratch<output(In), Backend>());
  }
  template <Shape In, class Backend, class T>
  static void forward_batch(Pass<Backend>& pass, const nn::Forward<T>& at) {
    using Data = BatchData<In, const T>;
    constexpr auto g = Convolution::geometry(In);
    T* const statistics = normalizers(In, pass.batch, at.saved);
    T* const inv_std = statistics + Data::channels;
    const Data w(at.parameters);
    if (pass.statistics == Statistics::running && !pass.keeps) {
      T* const scale = at.scratch;
      T* const shift = scale + Data::channels;
      pass.backend.template batch_norm_line<Data::out.channels>(
          at.buffers, at.buffers + Data::channels, Norm::epsilon, w.gamma, w.beta, scale, shift);
      pass.backend.template conv2d_normalized<g>(pass.batch, at.x, w.weights, scale, shift, at.y,
                                                 at.add, A);
      return;
    }
    T* const z = at.saved;
    T* const scratch = at.scratch + workspace<In>(pass.batch);
    pass.backend.template conv2d_forward<g>(pass.batch, at.x, w.weights,
                                            static_cast<const T*>(nullptr), z, scratch, A);
    Norm::template normalizers<Data::out>(pass, z, at.buffers, statistics, scratch);
    pass.backend.template batch_norm_apply<Data::out.channels>(
        Data::rows(pass.batch), z, statistics, inv_std, w.gamma, w.beta, at.y, at.add);
  }
  template <Shape In, class Backend, class T>
  static void repeat_batch(Pass<Backend>& pass, const nn::Forward<T>& at) {
    using Data = BatchData<In, const T>;
    const T* const statistics = normalizers(In, pass.batch, at.saved);
    const Data w(at.parameters);
    pass.backend.template batch_norm_apply<Data::out.channels>(
        Data::rows(pass.batch), at.saved, statistics, statistics + Data::channels, w.gamma, w.beta,
        at.y, false);
  }
  template <Shape In, class Backend, class T>
  static void backward_batch(Pass<Backend>& pass, const nn::Backward<T>& at) {
    using Data = BatchData<In, T>;
    constexpr auto g = Convolution::geometry(In);
    const T* const mean = normalizers(In, pass.batch, at.saved);
    const T* const inv_std = mean + Data::channels;
    const BatchData<In, const T> w(at.parameters);
    const Data gradient(at.gradient);
    T* const dz = at.scratch;
    T* const scratch = at.scratch + workspace<In>(pass.batch);
    const std::size_t rows = Data::rows(pass.batch);
    if (pass.statistics == Statistics::running) {
      pass.backend.template batch_norm_backward_fixed<Data::out.channels>(
          rows, at.saved, at.dy, mean, inv_std, w.gamma, dz, gradient.gamma, gradient.beta,
          scratch);
    } else {
      pass.backend.template batch_norm_backward<Data::out.channels>(
          rows, at.saved, at.dy, mean, inv_std, w.gamma, dz, gradient.gamma, gradient.beta,
          scratch);
    }
    pass.backend.template conv2d_backward_weights<g>(pass.batch, at.x, dz, gradient.weights,
                                                     static_cast<T*>(nullptr), scratch, A);
    if (at.dx == nullptr) return;
    pass.backend.template conv2d_backward_data<g>(pass.batch, dz, w.weights, at.dx, scratch, at.x,
                                                  A, at.add);
  }

  template <Shape In, class Backend, class T>
  class Forward final : public ForwardTrip<Backend, T> {
   public:
    ForwardTrip<Backend, T>* start(const Pass<Backend>& pass, const nn::Forward<T>& at) override {
      at_ = at;
      statistics_ = normalizers(In, pass.batch, at.saved);
      measures_ = pass.statistics != Statistics::running;
      if (!measures_) {
        pass.backend.template batch_norm_running<out.channels>(
            at.buffers, at.buffers + Kernels::channels, Norm::epsilon, statistics_,
            statistics_ + Kernels::channels);
        set_line();
      }
      return this;
    }
    [[nodiscard]] bool produces() const override { return true; }
    void open(T* scratch) override {
      prepared_ = Kernels::prepare_forward(at_.parameters, scratch);
      moments_ = scratch + Kernels::forward_weights;
    }
    // Inference alone goes to the end of the edge by pass_through.
    void produce(const Group<T>& group, Source<T>& source) override {
      if constexpr (!only_infers<Backend>) {
        const T* const x = activated(group, source);
        T* const z = at_.saved + group.first * Kernels::outputs;
        Kernels::convolve(group.count, x, prepared_, z);
        if (!measures_) return;
        if (group.opens) Sums::begin_moments(z, moments(group.part));
        Sums::add_moments(group.count * Kernels::pixels, z, moments(group.part));
      }
    }
    void close(std::size_t part, std::size_t samples) override {
      if constexpr (!only_infers<Backend>) {
        if (measures_) Sums::end_moments(samples * Kernels::pixels, moments(part));
      }
    }
    void finish(const Pass<Backend>& pass, std::size_t grain) override {
      if constexpr (!only_infers<Backend>) {
        if (!measures_) return;
        const auto batch = static_cast<std::size_t>(pass.batch);
        T* const spread = statistics_ + Kernels::channels;
        Sums::combine_moments(batch * Kernels::pixels, grain * Kernels::pixels, moments_,
                              statistics_, spread);
        Sums::finish_moments(Norm::epsilon, Norm::template moved<out>(pass, at_.buffers),
                             statistics_, spread);
        set_line();
      }
    }
    void contribute(const Group<T>& group, const Source<T>&, T* y, bool add) const override {
      if constexpr (!only_infers<Backend>) {
        line_.apply(group.count * Kernels::pixels, at_.saved + group.first * Kernels::outputs, y,
                    add);
      }
    }

    /// Before pass_through: the normalisation as a factor and a term of each channel.
    void open_inference(T* scratch) override {
      open(scratch);
      T* const scale = moments_;  // nothing is measured
      T* const shift = scale + Kernels::channels;
      for (std::size_t c = 0; c < Kernels::channels; ++c) {
        scale[c] = inv_std()[c] * (affine ? gamma()[c] : T(1));
        shift[c] = (affine ? beta()[c] : T(0)) - mean()[c] * scale[c];
      }
    }
    void pass_through(const Group<T>& group, Source<T>& source, T* y, bool add) const override {
      Kernels::convolve_normalized(group.count, activated(group, source), prepared_, moments_,
                                   moments_ + Kernels::channels, add, y);
    }

   private:
    using Kernels = KernelsOf<In, Backend>;
    using Sums = typename Kernels::Norm;
    static constexpr Shape out = output(In);
    static constexpr bool affine = Norm::parameters(out) != 0;

    static const T* activated(const Group<T>& group, Source<T>& source) {
      return source.template activated<typename Backend::Samples, A>(group.count * In.size());
    }
    void set_line() {
      line_.set(mean(), inv_std(), affine ? gamma() : nullptr, affine ? beta() : nullptr);
    }
    T* moments(std::size_t part) const { return moments_ + part * Sums::moments_size; }
    const T* mean() const { return statistics_; }
    const T* inv_std() const { return statistics_ + Kernels::channels; }
    const T* gamma() const { return at_.parameters + Convolution::parameters(In); }
    const T* beta() const { return gamma() + Kernels::channels; }

    nn::Forward<T> at_;
    T* statistics_;
    const T* prepared_;
    T* moments_;
    bool measures_;
    typename Kernels::template Line<T> line_;
  };

  template <Shape In, class Backend, class T>
  class Backward final : public BackwardTrip<Backend, T> {
   public:
    BackwardTrip<Backend, T>* start(const Pass<Backend>& pass, const nn::Backward<T>& at) override {
      at_ = at;
      statistics_ = normalizers(In, pass.batch, at.saved);
      line_.set(statistics_, inv_std(), gamma(),
                affine ? at.parameters + weights + Kernels::channels : nullptr);
      rows_ = static_cast<std::size_t>(pass.batch) * Kernels::pixels;
      fixed_ = pass.statistics == Statistics::running;
      return this;
    }
    void repeat(const Group<T>& group, T* y) const override {
      line_.apply(group.count * Kernels::pixels, z(group), y, false);
    }
    void open_sums(T* scratch) override {
      sums_ = scratch;
      mean_.set(statistics_);
    }
    void add_sums(const Group<T>& group, const T* dy) override {
      if (!wants_sums()) return;
      if (group.opens) Sums::begin_sums(sums(group.part));
      Sums::add_sums(group.count * Kernels::pixels, z(group), dy, mean_, sums(group.part));
    }
    void close_sums(std::size_t part) override {
      if (wants_sums()) Sums::end_sums(sums(part));
    }
    void finish_sums(std::size_t parts) override {
      T sum_dy[Kernels::channels]{};
      T sum_dot[Kernels::channels]{};
      if (wants_sums()) Sums::combine_sums(parts, sums_, inv_std(), sum_dy, sum_dot);
      gradient_line_.set(rows_, statistics_, inv_std(), gamma(), sum_dy, sum_dot, fixed_);
      if (!affine) return;
      T* const dgamma = at_.gradient + weights;
      Sums::add_sums_to(sum_dy, sum_dot, dgamma, dgamma + Kernels::channels);
    }

    void open(T* scratch) override {
      prepared_ = Kernels::prepare_backward(at_.parameters, scratch);
      weight_gradients_ = scratch + Kernels::backward_weights;
    }
    void consume(const Group<T>& group, Source<T>& source, const T* dy, T* dx, bool add) override {
      using Samples = typename Backend::Samples;
      const std::size_t n = group.count * In.size();
      gradient_line_.apply(group.count * Kernels::pixels, z(group), dy, group.dz);
      if (group.opens) Kernels::begin_weights(weight_gradients_, group.part);
      Kernels::add_weights(group.count, source.template activated<Samples, A>(n), group.dz,
                           weight_gradients_, group.part);
      if (dx == nullptr) return;
      if constexpr (A == backend::Activation::none) {
        Kernels::input_gradient(group.count, group.dz, prepared_, dx, add);
      } else {
        Kernels::input_gradient(group.count, group.dz, prepared_, group.dx, false);
        Samples::template activate_gradient<A>(n, source.x(), group.dx, dx, add);
      }
    }
    void finish(std::size_t parts) override {
      Kernels::end_weights(weight_gradients_, parts, at_.gradient);
    }

   private:
    using Kernels = KernelsOf<In, Backend>;
    using Sums = typename Kernels::Norm;
    static constexpr std::size_t weights = Convolution::parameters(In);
    static constexpr bool affine = Norm::parameters(output(In)) != 0;

    bool wants_sums() const { return affine || !fixed_; }
    T* sums(std::size_t part) const { return sums_ + part * Sums::sums_size; }
    const T* z(const Group<T>& group) const { return at_.saved + group.first * Kernels::outputs; }
    const T* inv_std() const { return statistics_ + Kernels::channels; }
    const T* gamma() const { return affine ? at_.parameters + weights : nullptr; }

    nn::Backward<T> at_;
    const T* statistics_;
    std::size_t rows_;
    bool fixed_;
    T* sums_;
    const T* prepared_;
    T* weight_gradients_;
    typename Kernels::template Channels<T> mean_;
    typename Kernels::template Line<T> line_;
    typename Kernels::template GradientLine<T> gradient_line_;
  };

 private:
  /// Parameters of the edge, or their gradients; null: not learnt.
  template <Shape In, class T>
  struct BatchData {
    static constexpr Shape out = output(In);
    static constexpr auto channels = static_cast<std::size_t>(out.channels);
    static constexpr bool affine = Norm::parameters(out) != 0;
    static std::size_t rows(int batch) { return Norm::template rows_of<out>(batch); }

    explicit BatchData(T* parameters)
        : weights(parameters),
          gamma(affine ? parameters + Convolution::parameters(In) : nullptr),
          beta(affine ? gamma + channels : nullptr) {}
    T* weights;
    T* gamma;
    T* beta;
  };
  template <Shape In>
  static std::size_t workspace(int batch) {
    return Extent{output(In).size(), 2 * static_cast<std::size_t>(output(In).channels)}.at(batch);
  }
  template <class T>
  static T* normalizers(Shape in, int batch, T* saved) {
    return saved + Extent{output(in).size(), 0}.at(batch);
  }
};

}  // namespace tepui::nn::detail
