#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tepui/core/error.hpp"
#include "tepui/core/id.hpp"
#include "tepui/core/random.hpp"
#include "tepui/core/shape.hpp"
#include "tepui/data/augment.hpp"
#include "tepui/data/dataset.hpp"
#include "tepui/data/detail/ahead.hpp"
#include "tepui/data/normalize.hpp"
#include "tepui/data/split.hpp"

namespace tepui::data {

/// @brief Some samples as a network takes them; the memory belongs to whoever made it.
template <class T>
struct Batch {
  const T* images = nullptr;               ///< (size, height, width, channels), normalised
  const std::uint16_t* labels = nullptr;   ///< (size)
  const std::uint32_t* indices = nullptr;  ///< (size), positions in the set of images
  int size = 0;                            ///< 0: the epoch is over

  [[nodiscard]] explicit operator bool() const { return size > 0; }
};

/// @brief Which samples make up a batch, for those who make it themselves.
struct BatchPlaces {
  std::uint64_t first = 0;  ///< place of the first one in the epoch's order
  int size = 0;             ///< 0: the epoch is over
};

/// Settings of a Loader.
struct LoaderOptions {
  int batch = 64;          ///< samples in a batch, 1 to the number of samples
  bool shuffle = true;     ///< a new order every epoch; false: always in the order of the indices
  bool drop_last = false;  ///< leave out the last batch of an epoch if it is not full
  Augment augment{};       ///< random changes; none for evaluation
  bool ahead = true;       ///< prepare the next batch on a second thread while this one is used

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("batch", self.batch);
    visitor("shuffle", self.shuffle);
    visitor("drop_last", self.drop_last);
    visitor("augment", self.augment);
    visitor("ahead", self.ahead);
  }

  /// @return settings for evaluation: fixed order, no change, every sample once
  [[nodiscard]] static LoaderOptions evaluation(int batch = 256) {
    return {batch, false, false, {}, true};
  }
};

/// @brief Writes normalised samples, unchanged otherwise, one after the other.
/// @param indices positions in `images`, each less than images.size()
/// @param out     (indices.size(), height, width, channels)
/// @param labels  (indices.size()), or null
template <class T, Shape S>
void fill_batch(const Images<S>& images, std::span<const std::uint32_t> indices,
                const PixelTable<T, S.channels>& table, T* out, std::uint16_t* labels = nullptr) {
  for (std::size_t i = 0; i < indices.size(); ++i) {
    write_sample<T, S>(images.image(indices[i]), table, {}, out + i * S.size());
    if (labels != nullptr) labels[i] = images.labels[indices[i]];
  }
}

/// @brief The same for `count` neighbouring samples from `first` on.
template <class T, Shape S>
void fill_batch(const Images<S>& images, std::size_t first, std::size_t count,
                const PixelTable<T, S.channels>& table, T* out, std::uint16_t* labels = nullptr) {
  for (std::size_t i = 0; i < count; ++i) {
    write_sample<T, S>(images.image(first + i), table, {}, out + i * S.size());
    if (labels != nullptr) labels[i] = images.labels[first + i];
  }
}

/// @brief Serves the samples of a data set in batches, epoch after epoch.
///
///     Loader<float, S> loader(data.train, normalization, {.batch = 64}, seed);
///     loader.start_epoch(0);
///     while (const auto batch = loader.next()) train(batch.images, batch.labels, batch.size);
///
/// The order of epoch e and the change of the sample at place i of that order are functions of
/// (seed, e) and (seed, e, i) alone: epochs can be repeated or skipped, and neither threads nor the
/// batch size matter. The images must outlive the loader. One thread uses a loader at a time.
template <class T, Shape S>
class Loader {
 public:
  static constexpr Shape shape = S;

  /// @param indices the samples to serve, positions in `images`; others do not exist for it
  /// @throws SettingError if an option or an index is out of range, or a batch exceeds the samples
  /// @throws DataError if the images have not as many pixels as their labels need
  Loader(const Images<S>& images, Indices indices, const Normalization<S.channels>& normalization,
         const LoaderOptions& options, std::uint64_t seed)
      : images_(&images),
        indices_(std::move(indices)),
        table_(normalization),
        options_(options),
        seed_(seed) {
    check_settings();
    order_ = indices_;
    position_ = epoch_batches();
    if (options_.ahead) {
      const Slot room{std::vector<T>(begin(1) * S.size()), std::vector<std::uint16_t>(begin(1))};
      ahead_.emplace(room, [this](std::size_t batch, Slot& slot) { fill(batch, slot); });
    }
  }
  /// All images.
  Loader(const Images<S>& images, const Normalization<S.channels>& normalization,
         const LoaderOptions& options, std::uint64_t seed)
      : Loader(images, all_indices(images.size()), normalization, options, seed) {}

  Loader(const Loader&) = delete;  // the second thread knows this object by its address
  Loader& operator=(const Loader&) = delete;

  /// @return samples to choose from
  [[nodiscard]] std::size_t samples() const { return indices_.size(); }
  [[nodiscard]] std::span<const std::uint32_t> indices() const { return indices_; }
  [[nodiscard]] const LoaderOptions& options() const { return options_; }
  [[nodiscard]] const PixelTable<T, S.channels>& table() const { return table_; }

  /// @return batches of one epoch
  [[nodiscard]] std::size_t epoch_batches() const {
    const auto batch = static_cast<std::size_t>(options_.batch);
    return options_.drop_last ? indices_.size() / batch : (indices_.size() + batch - 1) / batch;
  }

  /// @brief Goes to the beginning of an epoch; what is left of the present one is dropped.
  void start_epoch(std::uint64_t epoch) {
    if (ahead_) ahead_->cancel();
    epoch_ = epoch;
    position_ = 0;
    if (options_.shuffle) {
      order_ = indices_;
      random::Stream({seed_, random::Purpose::shuffle, epoch}).shuffle(std::span(order_));
    }
  }

  /// @return the next batch, valid until the next call; an empty one when the epoch is over (or
  ///         none was started)
  [[nodiscard]] Batch<T> next() {
    if (position_ >= epoch_batches()) return {};
    Slot* slot = &own_slot_;
    const std::size_t batch = position_++;
    if (ahead_) {
      slot = &ahead_->take(batch, epoch_batches());
    } else {
      fill(batch, own_slot_);
    }
    return {slot->images.data(), slot->labels.data(), order_.data() + begin(batch),
            static_cast<int>(slot->labels.size())};
  }

  // What a batch is made of, for a device that makes it in its own memory: the sample at place i of
  // order() is changed as draw_augment(options().augment, S, augment_key(), i) says.

  /// @return the next batch, which next() would have made
  [[nodiscard]] BatchPlaces next_places() {
    if (position_ >= epoch_batches()) return {};
    const std::size_t from = begin(position_++);
    return {from, static_cast<int>(size_at(from))};
  }
  [[nodiscard]] std::span<const std::uint32_t> order() const { return order_; }
  [[nodiscard]] random::Key augment_key() const {
    return {seed_, random::Purpose::augment, epoch_};
  }
  [[nodiscard]] const Images<S>& images() const { return *images_; }
  /// Another number for every loader there ever was.
  [[nodiscard]] std::uint64_t id() const { return id_; }

  /// @brief Writes samples without augmentation, by their place in the loader's own list.
  /// @param first,count places, first + count <= samples()
  /// @param out         (count, height, width, channels)
  /// @param labels      (count), or null
  /// @throws SettingError if the places do not exist
  void prepare(std::size_t first, std::size_t count, T* out,
               std::uint16_t* labels = nullptr) const {
    if (first > indices_.size() || count > indices_.size() - first) {
      throw SettingError("loader: samples " + std::to_string(first) + " to " +
                         std::to_string(first + count) + " (not included) were asked for, but " +
                         std::to_string(indices_.size()) + " are there");
    }
    fill_batch(*images_, std::span(indices_).subspan(first, count), table_, out, labels);
  }

 private:
  struct Slot {
    std::vector<T> images;
    std::vector<std::uint16_t> labels;
  };

  void check_settings() const {
    if (images_->pixels.size() != images_->size() * S.size()) {
      throw DataError("loader: " + std::to_string(images_->size()) + " labels come with " +
                      std::to_string(images_->pixels.size()) + " pixel values, but images of " +
                      to_string(S) + " have " + std::to_string(S.size()) + " each");
    }
    for (const std::uint32_t i : indices_) {
      if (i >= images_->size()) {
        throw SettingError("loader: index " + std::to_string(i) + " does not exist, there are " +
                           std::to_string(images_->size()) + " images");
      }
    }
    if (options_.batch < 1 || static_cast<std::size_t>(options_.batch) > indices_.size()) {
      throw SettingError("loader: the batch is " + std::to_string(options_.batch) +
                         " samples, but it has to be 1 to the " + std::to_string(indices_.size()) +
                         " samples there are; choose a smaller batch or more data");
    }
    check(options_.augment, S);
  }

  [[nodiscard]] std::size_t begin(std::size_t batch) const {
    return batch * static_cast<std::size_t>(options_.batch);
  }

  [[nodiscard]] std::size_t size_at(std::size_t from) const {
    return std::min(order_.size() - from, begin(1));
  }

  /// Reads what only start_epoch() changes, which waits for this to end.
  void fill(std::size_t batch, Slot& slot) const {
    const std::size_t from = begin(batch);
    const std::size_t size = size_at(from);
    slot.images.resize(size * S.size());
    slot.labels.resize(size);
    const random::Key key = augment_key();
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint32_t index = order_[from + i];
      write_sample<T, S>(images_->image(index), table_,
                         draw_augment(options_.augment, S, key, from + i),
                         slot.images.data() + i * S.size());
      slot.labels[i] = images_->labels[index];
    }
  }

  const Images<S>* images_;
  Indices indices_;
  Indices order_;
  PixelTable<T, S.channels> table_;
  LoaderOptions options_;
  std::uint64_t seed_;
  std::uint64_t id_ = next_id();
  std::uint64_t epoch_ = 0;
  std::size_t position_ = 0;
  Slot own_slot_;
  std::optional<detail::Ahead<Slot>> ahead_;  // last: ends before what its thread reads
};

}  // namespace tepui::data
