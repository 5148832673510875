// distance^2(a, b) = columns / |common| * sum over common columns c of (a_c - b_c)^2, columns standardised.
//
// Rows are grouped by which coordinates they have. Within a pair of groups the common columns are fixed, so
// distances are plain loops down columns without a test; and the nearest rows of a group serve every column
// that it can give.
#include "data/knn.h"

#include <algorithm>
#include <atomic>
#include <bitset>
#include <cmath>
#include <limits>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/cpus.h"
#include "data/keypoint_set.h"

namespace lineament {
namespace {

/// Which columns are there.
using Columns = std::bitset<2 * KeypointSet::kMostPoints>;

/// Rows with the same gaps, standardised, columns apart: values[c * rows.size() + i].
struct Group {
  Columns present;
  std::vector<size_t> rows;  // in file order
  std::vector<double> values;

  const double* column(size_t c) const { return values.data() + c * rows.size(); }
};

struct Column {
  double mean = 0, deviation = 1;
};

/// Calls f(c) for every column in the set.
template <class F>
void for_each_column(const Columns& set, F f) {
  for (size_t c = set._Find_first(); c < set.size(); c = set._Find_next(c)) f(c);
}

Columns present_in(const LabelRow& row) {
  Columns present;
  for (size_t c = 0; c < row.size(); ++c) present[c] = !std::isnan(row[c]);
  return present;
}

Columns first_columns(size_t count) {
  Columns all;
  for (size_t c = 0; c < count; ++c) all.set(c);
  return all;
}

/// Mean and population deviation over what is present;
/// a constant column keeps a deviation of 1, as in StandardScaler.
std::vector<Column> standardise(const LabelTable& labels) {
  std::vector<Column> columns(labels.empty() ? 0 : labels[0].size());
  for (size_t c = 0; c < columns.size(); ++c) {
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

std::vector<Group> group_by_gaps(const LabelTable& labels, const std::vector<Column>& columns) {
  std::unordered_map<Columns, size_t> place;  // of each group in the list
  std::vector<Group> list;
  for (size_t row = 0; row < labels.size(); ++row) {
    const auto [at, is_new] = place.try_emplace(present_in(labels[row]), list.size());
    if (is_new) list.push_back({.present = at->first, .rows = {}, .values = {}});
    list[at->second].rows.push_back(row);
  }
  for (Group& group : list) {
    group.values.resize(columns.size() * group.rows.size());
    for_each_column(group.present, [&](size_t c) {
      for (size_t i = 0; i < group.rows.size(); ++i)
        group.values[c * group.rows.size() + i] =
            (labels[group.rows[i]][c] - columns[c].mean) / columns[c].deviation;
    });
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
  std::vector<Column> columns;
  std::vector<Group> groups;
};

/// Fills row after row; one for each thread, for it keeps its scratch memory.
class Filler {
 public:
  Filler(const Donors& donors, size_t neighbours)
      : donors_(donors),
        all_(first_columns(donors.columns.size())),
        in_group_(neighbours),
        per_column_(donors.columns.size(), in_group_) {}

  /// The gaps of row `index` of `receiver`, into `row`.
  void fill(const Group& receiver, size_t index, LabelRow& row) {
    const Columns missing = all_ & ~receiver.present;
    for (Nearest& nearest : per_column_) nearest.clear();
    for (const Group& donor : donors_.groups) {
      const Columns given = missing & donor.present, common = receiver.present & donor.present;
      if (given.none() || common.none()) continue;  // without a common column there is no distance
      find_nearest(receiver, index, donor, common);
      for_each_column(given, [&](size_t c) {
        for (const Neighbour& neighbour : in_group_.list()) per_column_[c].offer(neighbour);
      });
    }
    for_each_column(missing, [&](size_t c) { row[c] = mean_of_neighbours(c); });
  }

 private:
  void find_nearest(const Group& receiver, size_t index, const Group& donor, const Columns& common) {
    const size_t count = donor.rows.size();
    distances_.assign(count, 0.0);
    for_each_column(common, [&](size_t c) {
      const double here = receiver.column(c)[index];
      const double* there = donor.column(c);
      double* sums = distances_.data();
      for (size_t i = 0; i < count; ++i) sums[i] += (there[i] - here) * (there[i] - here);
    });
    in_group_.clear();
    const double scale = static_cast<double>(per_column_.size()) / static_cast<double>(common.count());
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
  Columns all_;
  Nearest in_group_;
  std::vector<Nearest> per_column_;
  std::vector<double> distances_;  // squared, to each row of a group
};

}  // namespace

std::vector<size_t> fill_from_neighbours(LabelTable& labels, size_t neighbours, size_t threads) {
  const LabelTable given = labels;
  const auto columns = standardise(given);
  const Donors donors{given, columns, group_by_gaps(given, columns)};

  struct Receiver {
    const Group* group;
    size_t index;
  };
  std::vector<size_t> filled(columns.size());
  std::vector<Receiver> receivers;
  for (const Group& group : donors.groups) {
    const Columns missing = first_columns(columns.size()) & ~group.present;
    for_each_column(missing, [&](size_t c) { filled[c] += group.rows.size(); });
    if (missing.none()) continue;
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
  if (threads == 0) threads = static_cast<size_t>(available_cpus().count);
  std::vector<std::jthread> others;
  for (size_t i = 1; i < threads; ++i) others.emplace_back(work);
  work();
  others.clear();
  return filled;
}

}  // namespace lineament
