#include "bench/kernels.h"

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/memory.h"
#include "bench/machine.h"
#include "bench/onednn.h"
#include "bench/shapes.h"
#include "bench/timing.h"
#include "bench/trial.h"
#include "kernels/ceilings.h"

namespace lineament {
namespace {

using Json = nlohmann::json;

struct PeerTime {
  std::string name;
  double ms = 0, ratio = 0;  // above 1: ours is faster
};

struct Row {
  const Shaped* shape;
  const char* kernel;
  Timed time;
  double copy_ratio;  // the time of a copy of as many bytes over ours
  std::optional<PeerTime> onednn, eigen;

  double gflops() const { return flops_of(shape->work) / time.ms / 1e6; }
  double gbps() const { return bytes_of(shape->work) / time.ms / 1e6; }
  double peak_percent() const { return 100 * flops_of(shape->work) / 1e6 / time.ms_gflops; }
  double copy_percent() const { return 100 * copy_ratio; }
};

/// A plain copy of as many bytes as the work reads and writes.
std::function<void()> copy_beside(const Work& work) {
  const size_t floats = static_cast<size_t>(bytes_of(work) / 2 / sizeof(float)) + 1;
  const size_t sets = bytes_of(work) > kBeyondCaches ? 1 : 2;
  auto memory = std::make_shared<std::vector<std::vector<float>>>(2 * sets, std::vector<float>(floats, 1.0f));
  return [memory, sets, floats, next = size_t{0}]() mutable {
    const size_t set = next++ % sets;
    copy_floats((*memory)[2 * set].data(), (*memory)[2 * set + 1].data(), floats);
  };
}

std::function<void()> trial_of(const Work& work, const Kernel& kernel) {
  return [trial = std::make_shared<Trial>(work, kernel)] { trial->run(); };
}

/// The layout that was fastest on a short trial.
std::optional<Rival> best_onednn(const Work& work) {
  std::optional<Rival> best;
  double best_ms = 0;
  for (const auto& set_up : onednn_rivals(work)) {
    Rival rival = set_up();
    const double ms = time_in_turn(std::array{rival.run}, {.runs = 3, .burst_seconds = 1e-5})[0].ms;
    if (best && ms >= best_ms) continue;
    best_ms = ms;
    best = std::move(rival);
  }
  return best;
}

/// The last kernel before the reference: Eigen's products where there are any, else the portable loops.
const Kernel* portable_kernel(const std::vector<const Kernel*>& kernels) {
  return kernels.size() < 2 ? nullptr : kernels[kernels.size() - 2];
}

Row measure(const Shaped& shape, const Kernel& kernel, const KernelBenchOptions& options) {
  const Work& work = shape.work;
  const std::optional<Rival> onednn = options.onednn ? best_onednn(work) : std::nullopt;
  const Kernel* portable = options.eigen ? portable_kernel(kernels_for(work)) : nullptr;
  std::vector<std::function<void()>> contenders{trial_of(work, kernel)};
  if (onednn) contenders.push_back(onednn->run);
  contenders.push_back(copy_beside(work));
  if (portable) contenders.push_back(trial_of(work, *portable));

  const std::vector<Timed> timed = time_in_turn(contenders, {.runs = options.runs});
  const auto peer = [&](const std::string& name, const Timed& time) {
    return PeerTime{name, time.ms, ratio_of(timed[0], time)};
  };
  Row row{&shape, kernel.name, timed[0], ratio_of(timed[0], timed[onednn ? 2 : 1]), {}, {}};
  if (onednn) row.onednn = peer(onednn->name, timed[1]);
  if (portable) row.eigen = peer(portable->name, timed.back());
  return row;
}

// What is printed.

constexpr const char* kColumns = "{:<44} {:<9}{:<40}{:>9}{:>9}{:>7}{:>8}{:>7}";

std::string number(double value, int digits) {
  return value > 0 ? fmt::format("{:.{}f}", value, digits) : "-";
}

void print_header(const KernelBenchOptions& options) {
  fmt::print(kColumns, "work (batch " + std::to_string(options.batch) + ")", "pass", "kernel", "ms",
             "GFLOP/s", "peak%", "GB/s", "copy%");
  if (options.onednn) fmt::print("{:>11}{:>7}", "oneDNN ms", "ratio");
  if (options.eigen) fmt::print("{:>11}{:>7}", "Eigen ms", "ratio");
  fmt::print("\n");
}

void print_row(const Row& row, const KernelBenchOptions& options) {
  fmt::print(kColumns, row.shape->name, row.shape->pass, row.kernel, number(row.time.ms, 3),
             number(row.gflops(), 1), number(row.peak_percent(), 1), number(row.gbps(), 1),
             number(row.copy_percent(), 1));
  const auto print_peer = [](const std::optional<PeerTime>& peer) {
    fmt::print("{:>11}{:>7}", peer ? number(peer->ms, 3) : "-", peer ? number(peer->ratio, 2) : "-");
  };
  if (options.onednn) print_peer(row.onednn);
  if (options.eigen) print_peer(row.eigen);
  fmt::print("\n");
  std::fflush(stdout);
}

Json to_json(const Row& row) {
  Json json{{"name", row.shape->name},     {"pass", row.shape->pass},
            {"kernel", row.kernel},        {"ms", row.time.ms},
            {"gflops", row.gflops()},      {"peak_percent", row.peak_percent()},
            {"gbps", row.gbps()},          {"copy_percent", row.copy_percent()},
            {"models", row.shape->models}, {"onednn_ms", nullptr},
            {"onednn_ratio", nullptr}};
  const auto add = [&](const std::string& who, const std::optional<PeerTime>& peer) {
    if (!peer) return;
    json[who + "_ms"] = peer->ms;
    json[who + "_ratio"] = peer->ratio;
    json[who + "_kernel"] = peer->name;
  };
  add("onednn", row.onednn);
  add("eigen", row.eigen);
  return json;
}

struct Group {
  const char* name;
  bool (*holds)(const Work&);
};

constexpr Group kGroups[] = {
    {"convolution", [](const Work& work) { return kind_of(work) == Kind::convolution; }},
    {"convolution 3x3 stride 1", is_3x3_stride_1},
    {"depthwise", [](const Work& work) { return kind_of(work) == Kind::depthwise; }},
    {"dense", [](const Work& work) { return kind_of(work) == Kind::dense; }},
    {"other", [](const Work& work) { return kind_of(work) == Kind::other; }},
};

/// The geometric mean of a ratio over each group and pass, and its worst row.
Json means(const std::vector<Row>& rows, const std::string& who, std::optional<PeerTime> Row::*peer) {
  Json list = Json::array();
  for (const Group& group : kGroups)
    for (const char* pass : {"forward", "dx", "dw", "backward", "update"}) {
      std::vector<double> ratios;
      const Row* worst = nullptr;
      for (const Row& row : rows) {
        if (!(row.*peer) || row.shape->pass != pass || !group.holds(row.shape->work)) continue;
        ratios.push_back((row.*peer)->ratio);
        if (!worst || (row.*peer)->ratio < (worst->*peer)->ratio) worst = &row;
      }
      if (worst)
        list.push_back({{"group", group.name},
                        {"pass", pass},
                        {"against", who},
                        {"rows", ratios.size()},
                        {"ratio", geometric_mean(ratios)},
                        {"least", (worst->*peer)->ratio},
                        {"least_row", worst->shape->name}});
    }
  return list;
}

void print_means(const Json& list) {
  if (list.empty()) return;
  fmt::print("\ngeometric means of the ratios, over 1: ours is faster\n");
  for (const Json& mean : list)
    fmt::print("  {:<26}{:<10}{:>4} rows  {:>6.2f} against {}  least {:.2f}: {}\n",
               mean["group"].get<std::string>(), mean["pass"].get<std::string>(), mean["rows"].get<size_t>(),
               mean["ratio"].get<double>(), mean["against"].get<std::string>(), mean["least"].get<double>(),
               mean["least_row"].get<std::string>());
}

bool wanted(const Shaped& shape, const std::string& filter) {
  return (shape.name + ", " + shape.pass).find(filter) != std::string::npos;
}

/// The kernels of a shape that --kernel asks for.
std::vector<const Kernel*> chosen_kernels(const Work& work, const std::string& name) {
  std::vector<const Kernel*> kernels = kernels_for(work);
  if (name.empty() && !kernels.empty()) return {kernels[0]};
  if (name == "all") {
    if (kernels.size() > 1) kernels.pop_back();  // the reference takes its time
    return kernels;
  }
  std::erase_if(kernels, [&](const Kernel* kernel) { return name != kernel->name; });
  return kernels;
}

}  // namespace

void bench_kernels(const KernelBenchOptions& options) {
  if (options.onednn && onednn_version().empty())
    fail_input("--vs onednn: this build has none; configure with -DLINEAMENT_ONEDNN=PREFIX of oneDNN 3");
  std::vector<Shaped> shapes = shapes_of(options.models, options.batch);
  std::erase_if(shapes, [&](const Shaped& shape) {
    return !wanted(shape, options.filter) || chosen_kernels(shape.work, options.kernel).empty();
  });
  if (shapes.empty())
    fail_input("--filter '{}'{}: no work of these networks fits", options.filter,
               options.kernel.empty() ? "" : " --kernel " + options.kernel);

  for (const Shaped& shape : shapes)  // a kernel and its copy at least, each with tensors of its own
    require_memory(static_cast<size_t>(options.batch), 2 * bytes_of(shape.work) / options.batch,
                   fmt::format("--batch {}", options.batch), fmt::format("{}, {}:", shape.name, shape.pass));

  Json machine = machine_facts();
  if (options.onednn) machine["onednn"] = onednn_version();
  if (!options.json) print_header(options);
  std::vector<Row> rows;
  for (const Shaped& shape : shapes)
    for (const Kernel* kernel : chosen_kernels(shape.work, options.kernel)) {
      rows.push_back(measure(shape, *kernel, options));
      if (!options.json) print_row(rows.back(), options);
    }

  Json all_means = means(rows, "onednn", &Row::onednn);
  for (Json& mean : means(rows, "eigen", &Row::eigen)) all_means.push_back(std::move(mean));
  if (!options.json) return print_means(all_means);
  Json list = Json::array();
  for (const Row& row : rows) list.push_back(to_json(row));
  fmt::print("{}\n", Json{{"machine", machine}, {"rows", list}, {"means", all_means}}.dump(1));
}

}  // namespace lineament
