// Each file is rewritten whole: a run that is killed leaves the last good one.
#include "train/run_folder.h"

#include <sys/resource.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/atomic_file.h"
#include "base/check.h"
#include "base/json.h"
#include "base/paths.h"
#include "base/text_file.h"

namespace lineament {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kHistoryHeader = "epoch,loss,dev_mse,dev_accuracy,dev_rmse,dev_nme,rate,seconds";
constexpr double EpochRecord::*kHistoryColumns[] = {
    &EpochRecord::loss,    &EpochRecord::dev_mse, &EpochRecord::dev_accuracy, &EpochRecord::dev_rmse,
    &EpochRecord::dev_nme, &EpochRecord::rate,    &EpochRecord::seconds};

/// The whole of `field` as a number.
template <class T>
bool parse(std::string_view field, T& value) {
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  return error == std::errc() && end == field.data() + field.size();
}

bool parse_record(std::string_view line, EpochRecord& record) {
  const auto take = [&] {
    const std::string_view field = line.substr(0, line.find(','));
    line.remove_prefix(std::min(line.size(), field.size() + 1));
    return field;
  };
  if (std::ranges::count(line, ',') != std::ranges::ssize(kHistoryColumns)) return false;
  if (!parse(take(), record.epoch) || record.epoch < 1) return false;
  for (const auto column : kHistoryColumns)
    if (!parse(take(), record.*column)) return false;
  return true;
}

}  // namespace

/// config.json, which says that there is a run, first.
std::vector<fs::path> RunFolder::files() const {
  return {config(), last(), best(), history(), metrics(), curves(), predictions(), out_of_fold()};
}

void RunFolder::expect_none(const fs::path& path) {
  const RunFolder folder(path);
  for (const fs::path& file : folder.files())
    if (is_there(file))
      fail_input("{}: holds a run already ({}): --resume goes on with it, --overwrite deletes it and begins anew; or name another --out",
                 path.string(), file.filename().string());
}

namespace {

/// What the run is made from must not be among what it deletes.
void spare_inputs(const std::vector<fs::path>& files, const TrainConfig& config) {
  std::error_code none;  // of a name that is no file
  for (const fs::path& file : files)
    for (const std::string& input : {config.data, config.dev_data, config.weights, config.points})
      if (!input.empty() && fs::equivalent(file, input, none))
        fail_input("{}: --overwrite would delete it, and the new run reads it: name another --out", file.string());
}

}  // namespace

RunFolder RunFolder::create(const fs::path& path, const TrainConfig& config, bool overwrite) {
  const RunFolder folder(path);
  std::error_code error;
  if (overwrite) {
    spare_inputs(folder.files(), config);
    for (const fs::path& file : folder.files())
      if (fs::remove(file, error); error) fail_input("{}: cannot be deleted: {}", file.string(), error.message());
    if (is_folder(path)) folder.remove_half_written();
  }
  expect_none(path);
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path))
    fail_input("{}: cannot be made: {}", path.string(), error ? error.message() : "it is not a folder");
  folder.write_config(config);
  return folder;
}

RunFolder RunFolder::resume(const fs::path& path) {
  const RunFolder folder(path);
  if (!is_there(folder.config()))
    fail_input("{}: holds no run to resume (no config.json): leave --resume out to start one", path.string());
  folder.remove_half_written();
  return folder;
}

RunFolder RunFolder::open(const fs::path& path) {
  if (!is_there(path / "config.json"))
    fail_input("{}: no run here (no config.json), expected a folder of `lineament train`", path.string());
  return RunFolder(path);
}

void RunFolder::remove_half_written() const {
  for (const fs::path& file : files())
    for (const fs::directory_entry& entry : fs::directory_iterator(path_)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(file.filename().string() + ".") && name.ends_with(".tmp"))
        fs::remove(entry.path());
    }
}

TrainConfig RunFolder::read_config() const { return parse_config(read_text_file(config(), "a run's settings"), config().string()); }

void RunFolder::write_config(const TrainConfig& settings) const {
  write_atomically(config(), to_json(settings));
}

void RunFolder::append_history(const EpochRecord& record) const {
  std::vector<EpochRecord> records = read_history();
  std::erase_if(records, [&](const EpochRecord& r) { return r.epoch >= record.epoch; });
  records.push_back(record);
  std::string text = fmt::format("{}\n", kHistoryHeader);
  for (const EpochRecord& r : records) {
    text += fmt::format("{}", r.epoch);
    for (const auto column : kHistoryColumns) text += fmt::format(",{}", r.*column);
    text += '\n';
  }
  write_atomically(history(), text);
}

std::vector<EpochRecord> RunFolder::read_history() const {
  std::vector<EpochRecord> records;
  if (!is_there(history())) return records;
  std::istringstream lines(read_text_file(history(), "a run's history"));
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    EpochRecord record;
    if (number == 1 ? line != kHistoryHeader : !parse_record(line, record))
      fail_input("{}:{}: expected {}", history().string(), number, kHistoryHeader);
    if (number > 1) records.push_back(record);
  }
  return records;
}

namespace {

/// Calls f(key, member) for every number of metrics.json but those of the keypoints.
template <class Result, class F>
void each_number(Result& r, F&& f) {
  f("dev_mse", r.dev.mse);
  f("dev_accuracy", r.dev.accuracy);
  f("dev_rmse", r.dev.rmse);
  f("dev_mae", r.dev.mae);
  f("dev_nme", r.dev.nme);
  f("dev_failure_rate", r.dev.failure_rate);
  f("dev_failure_rate_8", r.dev.strict_failure_rate);
  f("dev_auc_8", r.dev.auc);
  f("seconds", r.seconds);
  f("images_per_second", r.images_per_second);
  f("parameters", r.parameters);
  f("peak_memory_mb", r.peak_memory_mb);
  f("best_epoch", r.best_epoch);
  f("epochs", r.epochs);
}

/// Of these, those that runs of the first version lack.
constexpr std::string_view kLaterNumbers[] = {"dev_failure_rate_8", "dev_auc_8"};

}  // namespace

void RunFolder::write_metrics(const RunResult& result) const {
  nlohmann::ordered_json json;  // what is NaN becomes null
  each_number(result, [&](const char* key, const auto& number) { json[key] = number; });
  for (size_t i = 0; i < result.points.size(); ++i) json["keypoints"][result.points[i]] = result.dev.point_error[i];
  write_atomically(metrics(), json.dump(2) + "\n");
}

RunResult RunFolder::read_metrics() const {
  if (!is_there(metrics()))
    fail_input("{}: is not done (no metrics.json): lineament train --resume --out {}", path_.string(),
               path_.string());
  const auto json = parse_json(read_text_file(metrics(), "what a run reached"), metrics().string());
  const auto take = [&]<class T>(const nlohmann::ordered_json& from, const std::string& key, T& number) {
    const auto at = from.find(key);
    const bool missing = at == from.end() ? std::ranges::find(kLaterNumbers, key) != std::end(kLaterNumbers)
                                          : at->is_null() && std::is_floating_point_v<T>;
    if (!missing && (at == from.end() || !at->is_number()))
      fail_input("{}: no number \"{}\" in it: is it of another program?", metrics().string(), key);
    number = missing ? static_cast<T>(Metrics::kNone) : at->get<T>();
  };
  RunResult result;
  each_number(result, [&](const char* key, auto& number) { take(json, key, number); });
  const auto points = json.find("keypoints");
  if (points == json.end() || !points->is_object())
    fail_input("{}: no \"keypoints\" in it: is it of another program?", metrics().string());
  for (const auto& [name, error] : points->items()) {
    result.points.push_back(name);
    take(*points, name, result.dev.point_error.emplace_back());
  }
  return result;
}

double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;  // Linux counts KiB
}

}  // namespace lineament
