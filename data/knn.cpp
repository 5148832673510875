// distance^2(a, b) = 30 / |common| * sum over common columns c of (a_c - b_c)^2, columns standardised.
//
// Rows are grouped by which coordinates they have. Within a pair of groups the common columns are fixed, so
// distances are plain loops down columns without a test; and the nearest rows of a group serve every column
// that it can give.
#include "data/knn.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <thread>
#include <vector>

namespace lineament {
namespace {

using Columns = uint32_t;  // bit c: column c is there
constexpr Columns kAllColumns = (Columns{1} << kCoordinates) - 1;

/// Rows with the same gaps, standardised, columns apart: values[c * rows.size() + i].
struct Group {
  Columns present = 0;
  std::vector<size_t> rows;  // in file order
  std::vector<double> values;

  const double* column(size_t c) const { return values.data() + c * rows.size(); }
};

struct Column {
  double mean = 0, deviation = 1;
};

/// Calls f(c) for every column in the set.
template <class F>
void for_each_column(Columns set, F f) {
  for (; set != 0; set &= set - 1) f(static_cast<size_t>(std::countr_zero(set)));
}

Columns present_in(const LabelRow& row) {
  Columns present = 0;
  for (size_t c = 0; c < kCoordinates; ++c) present |= Columns{!std::isnan(row[c])} << c;
  return present;
}

/// Mean and population deviation over what is present;
/// a constant column keeps a deviation of 1, as in StandardScaler.
std::array<Column, kCoordinates> standardise(const LabelTable& labels) {
  std::array<Column, kCoordinates> columns;
  for (size_t c = 0; c < kCoordinates; ++c) {
    double sum = 0, squares = 0, count = 0;
    for (const LabelRow& row : labels)
      if (!std::isnan(row[c])) sum += row[c], ++count;
    const double mean = sum / count;
    for (const LabelRow& row : labels)
      if (!std::isnan(row[c])) squares += (row[c] - mean) * (row[c] - mean);
    const double variance = squares / count, rounding = count * std::numeric_limits<double>::epsilon();
    const bool constant = variance <= rounding * variance + (rounding * mean) * (rounding * mean);
    columns[c] = {mean, constant ? 1 : std::sqrt(variance)};
  }
  return columns;
}

std::vector<Group> group_by_gaps(const LabelTable& labels, const std::array<Column, kCoordinates>& columns) {
  std::map<Columns, Group> groups;
  for (size_t row = 0; row < labels.size(); ++row) groups[present_in(labels[row])].rows.push_back(row);
  std::vector<Group> list;
  for (auto& [present, group] : groups) {
    group.present = present;
    group.values.resize(kCoordinates * group.rows.size());
    for_each_column(present, [&](size_t c) {
      for (size_t i = 0; i < group.rows.size(); ++i)
        group.values[c * group.rows.size() + i] =
            (labels[group.rows[i]][c] - columns[c].mean) / columns[c].deviation;
    });
    list.push_back(std::move(group));
  }
  return list;
}

struct Neighbour {
  double distance;  // squared
  size_t row;
  auto operator<=>(const Neighbour&) const = default;
};

/// The nearest few, nearest first.
class Nearest {
 public:
  explicit Nearest(size_t most) : most_(most) { list_.reserve(most + 1); }
  void clear() { list_.clear(); }
  const std::vector<Neighbour>& list() const { return list_; }

  void offer(Neighbour candidate) {
    if (list_.size() == most_ && !(candidate < list_.back())) return;
    list_.insert(std::ranges::upper_bound(list_, candidate), candidate);
    if (list_.size() > most_) list_.pop_back();
  }

 private:
  size_t most_;
  std::vector<Neighbour> list_;
};

/// The standardised table, and the table as given.
struct Donors {
  const LabelTable& labels;
  std::array<Column, kCoordinates> columns;
  std::vector<Group> groups;
};

/// Fills row after row; one for each thread, for it keeps its scratch memory.
class Filler {
 public:
  Filler(const Donors& donors, size_t neighbours)
      : donors_(donors), in_group_(neighbours), per_column_(kCoordinates, in_group_) {}

  /// The gaps of row `index` of `receiver`, into `row`.
  void fill(const Group& receiver, size_t index, LabelRow& row) {
    const Columns missing = ~receiver.present & kAllColumns;
    for (Nearest& nearest : per_column_) nearest.clear();
    for (const Group& donor : donors_.groups) {
      const Columns given = missing & donor.present, common = receiver.present & donor.present;
      if (given == 0 || common == 0) continue;  // without a common column there is no distance
      find_nearest(receiver, index, donor, common);
      for_each_column(given, [&](size_t c) {
        for (const Neighbour& neighbour : in_group_.list()) per_column_[c].offer(neighbour);
      });
    }
    for_each_column(missing, [&](size_t c) { row[c] = mean_of_neighbours(c); });
  }

 private:
  void find_nearest(const Group& receiver, size_t index, const Group& donor, Columns common) {
    const size_t count = donor.rows.size();
    distances_.assign(count, 0.0);
    for_each_column(common, [&](size_t c) {
      const double here = receiver.column(c)[index];
      const double* there = donor.column(c);
      double* sums = distances_.data();
      for (size_t i = 0; i < count; ++i) sums[i] += (there[i] - here) * (there[i] - here);
    });
    in_group_.clear();
    const double scale = static_cast<double>(kCoordinates) / std::popcount(common);
    for (size_t i = 0; i < count; ++i) in_group_.offer({scale * distances_[i], donor.rows[i]});
  }

  /// The mean of standardised values, unstandardised, is the mean of the values themselves, in px.
  double mean_of_neighbours(size_t c) const {
    const std::vector<Neighbour>& nearest = per_column_[c].list();
    if (nearest.empty()) return donors_.columns[c].mean;
    double sum = 0;
    for (const Neighbour& neighbour : nearest) sum += donors_.labels[neighbour.row][c];
    return sum / static_cast<double>(nearest.size());
  }

  const Donors& donors_;
  Nearest in_group_;
  std::vector<Nearest> per_column_;
  std::vector<double> distances_;  // squared, to each row of a group
};

}  // namespace

std::array<size_t, kCoordinates> fill_from_neighbours(LabelTable& labels, size_t neighbours, size_t threads) {
  const LabelTable given = labels;
  const auto columns = standardise(given);
  const Donors donors{given, columns, group_by_gaps(given, columns)};

  struct Receiver {
    const Group* group;
    size_t index;
  };
  std::array<size_t, kCoordinates> filled{};
  std::vector<Receiver> receivers;
  for (const Group& group : donors.groups) {
    for_each_column(~group.present & kAllColumns, [&](size_t c) { filled[c] += group.rows.size(); });
    if (group.present == kAllColumns) continue;
    for (size_t i = 0; i < group.rows.size(); ++i) receivers.push_back({&group, i});
  }

  std::atomic<size_t> next = 0;
  const auto work = [&] {
    constexpr size_t kChunk = 64;
    Filler filler(donors, neighbours);
    for (size_t first; (first = next.fetch_add(kChunk)) < receivers.size();)
      for (size_t i = first; i < std::min(first + kChunk, receivers.size()); ++i)
        filler.fill(*receivers[i].group, receivers[i].index,
                    labels[receivers[i].group->rows[receivers[i].index]]);
  };
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::jthread> others;
  for (size_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  others.clear();
  return filled;
}

}  // namespace lineament
