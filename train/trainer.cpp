#include "train/trainer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/folder_lock.h"
#include "data/augment/study_set.h"
#include "network/losses.h"
#include "network/predictor.h"
#include "network/pretrained.h"
#include "train/checkpoint_writer.h"
#include "train/learner.h"
#include "train/loader.h"
#include "train/offset.h"
#include "train/resume_check.h"
#include "train/training_data.h"

namespace lineament {
namespace {

template <class F, class... T>
void tell(const F& whom, const T&... what) {
  if (whom) whom(what...);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string name_of_data(const TrainConfig& config) { return config.data.empty() ? "drawn faces" : config.data; }

/// The run in the folder, before anything is read or written: whether there is a checkpoint to go on from.
bool look_into_folder(const TrainConfig& config, const StartOptions& start) {
  if (start.resume) return can_resume(RunFolder::resume(config.out));
  if (!start.overwrite) RunFolder::expect_none(config.out);
  return false;
}

struct TrainingData {
  Split split;
  DataUse use;  // of the faces as they were read
};

/// Training faces with their gaps treated, and the dev set as it is: gaps are filled from training rows alone.
TrainingData load_data(const TrainConfig& config, const TrainObserver& observer) {
  std::vector<std::string> notes;
  Split split = load_split(config, &notes);
  const DataUse use = use_of(split);
  const ImputeReport report = impute(split.train, config.missing);
  notes.push_back(fmt::format("{}: {} faces to train on, {} to measure on; gaps: {}",
                              name_of_data(config), split.train.size(), split.dev.size(),
                              name_of(config.missing)));
  if (config.fold.part > 0)
    notes.push_back(fmt::format("fold {} of {}: does without {} faces", config.fold.part, config.fold.of, split.left_out.size()));
  split.left_out = {};  // nobody asks about them before the end
  if (report.dropped > 0)
    notes.push_back(fmt::format("{}: left out {} rows with gaps", name_of(config.missing), report.dropped));
  if (report.cells() > 0)
    notes.push_back(fmt::format("{}: filled {} missing coordinates, {} of them backward from the first row that has one",
                                name_of(config.missing), report.cells(), report.filled_backward));
  if (config.augment == Augmentation::study) {
    split.train = study_set(split.train, config.seed);
    notes.push_back(fmt::format("augment: {} faces with the study's copies", split.train.size()));
  }
  for (const std::string& note : notes) tell(observer.note, note);
  return {std::move(split), use};
}

Metrics measure(Network& network, const Faces& faces, int batch) {
  MetricsAccumulator sums(faces.set);
  sums.add(predict(network, faces, batch), faces.keypoints);
  return sums.result();
}

/// A head of regression begins with the mean of the labels; a network that finds them in the picture has no such bias.
void start_at_mean(const Model& model, const Faces& faces, Parameters& parameters) {
  const Parameter* bias = parameters.find(kKeypointsBias);
  if (!bias || !find_backbone(model.name)) return;
  std::vector<float> means = parameters.read(*bias);
  for (size_t c = 0; c < means.size(); ++c) {
    double sum = 0, count = 0;
    for (const Keypoints& points : faces.keypoints)
      if (!std::isnan(points[c])) sum += points[c], ++count;
    if (count > 0) means[c] = faces.shape.from_pixels(static_cast<int>(c), static_cast<float>(sum / count)) * faces.shape.half();
  }
  parameters.write(*bias, means);
}

/// Of a new network: its head begins with the labels' mean, and the file of weights that was asked for fills what it has. A resumed
/// one has its own. Whether it began with somebody's weights.
bool start_weights(const TrainConfig& config, bool resumed, const Model& model, const Faces& faces, Parameters& parameters,
                   const TrainObserver& observer) {
  if (!resumed) start_at_mean(model, faces, parameters);
  if (config.weights.empty()) return false;
  if (resumed) return true;
  const LoadReport report = load_pretrained(config.weights, config.model, parameters, config.allow_partial);
  tell(observer.note, fmt::format("{}: {}", config.weights, report.text()));
  return true;
}

/// Of a training that diverged: what is possible now.
constexpr const char* kInstead = "begin anew with a smaller --rate, by --overwrite or in another --out";

/// How many losses a device keeps before anybody waits for them.
constexpr int kUnseenLosses = 32;

ProgramOptions program_options(const TrainConfig& config) {
  return {.kernel = config.kernel, .precision = config.precision, .deterministic = config.deterministic};
}

/// While it lives, the network has the average of its weights, where the optimiser keeps one.
class Averaged {
 public:
  explicit Averaged(Optimizer& optimizer) : optimizer_(optimizer) { optimizer_.swap_average(); }
  ~Averaged() { optimizer_.swap_average(); }
  Averaged(const Averaged&) = delete;
  Averaged& operator=(const Averaged&) = delete;

 private:
  Optimizer& optimizer_;
};

/// One training in progress: what the loop below reads and what a checkpoint stores.
class Training {
 public:
  Training(const TrainConfig& config, const StartOptions& start, const TrainObserver& observer)
      : lock_(config.out),
        config_(config),
        observer_(observer),
        resumed_(look_into_folder(config, start)),
        loaded_(load_data(config, observer)),
        data_(std::move(loaded_.split)),
        spec_(spec_of(config, data_.train)),
        model_(spec_.build()),
        loss_(loss_of(config)),
        network_(model_, loss_, find_backend(config.device), config.seed, program_options(config)),
        optimizer_(config.optimizer, network_.parameters()),
        learner_(network_, optimizer_, on_device() ? kUnseenLosses : 1),
        pretrained_(start_weights(config, resumed_, model_, data_.train, network_.parameters(), observer)),
        plateau_(config.plateau, config.optimizer.rate),
        stopping_(config.stop),
        folder_(make_folder(start)),
        writer_(on_device()) {
    if (resumed_)
      restore(start);
    else
      uses_ = {loaded_.use};
    if (start.resume) folder_.write_config(config);  // now that all of it holds
  }

  RunResult run();

 private:
  /// The best weights are read, too: what the end of the training needs is seen at its beginning.
  void restore(const StartOptions& start) {
    if (is_there(folder_.best())) load_checkpoint(folder_.best(), spec_, network_.parameters());
    const CheckpointInfo info = load_checkpoint(folder_.last(), spec_, network_.parameters(), &optimizer_);
    state_ = info.state;
    plateau_.restore(state_.plateau);
    stopping_.restore(state_.stopping);
    use_data(info.data, start.allow_other_data);
  }
  void use_data(const std::vector<DataUse>& before, bool allow_other);

  /// Last: what cannot be trained leaves nothing behind and changes nothing. The first step's program is built before.
  RunFolder make_folder(const StartOptions& start) {
    network_.program_of(Mode::train, static_cast<int>(std::min(static_cast<size_t>(config_.batch), data_.train.size())));
    return start.resume ? RunFolder::resume(config_.out) : RunFolder::create(config_.out, config_, start.overwrite);
  }

  /// The same training leaves the same bytes wherever it runs: no times, no folder.
  void save(const std::filesystem::path& path, const Optimizer* optimizer) {
    state_.plateau = plateau_.state();
    state_.stopping = stopping_.state();
    TrainConfig config = config_;
    config.out.clear();
    writer_.save(path, network_.parameters(), optimizer,
                 {.spec = spec_,
                  .optimizer = std::string(name_of(config.optimizer.kind)),
                  .config = to_json(config),
                  .state = state_,
                  .data = uses_});
  }

  double readable_loss(double loss) const { return readable(loss, loss_, spec_.picture.half()); }
  bool on_device() const { return config_.device != Device::cpu; }
  bool stopped() const { return config_.stop.patience > 0 && stopping_.state().wait >= config_.stop.patience; }
  Stage stage() const;
  void run_stage(Loader& loader);
  void begin_next_stage();
  double train_epoch(Loader& loader, const Schedule& schedule);
  bool count_epoch(double loss, double dev_mse);
  void end_epoch(double loss, double rate, double seconds);
  RunResult finish();
  std::string last_good();
  [[noreturn]] void stop_at(const Learner::Learned& broken, const Batch& batch);

  FolderLock lock_;  // first: nothing is read or written beside another process
  TrainConfig config_;
  TrainObserver observer_;
  bool resumed_;  // goes on from a checkpoint
  TrainingData loaded_;
  Split data_;
  ModelSpec spec_;
  Model model_;
  Loss loss_;
  Network network_;
  Optimizer optimizer_;
  Learner learner_;
  bool pretrained_;  // whether it began with somebody's weights
  ReduceOnPlateau plateau_;
  EarlyStopping stopping_;
  RunFolder folder_;
  TrainState state_;
  std::vector<DataUse> uses_;
  CheckpointWriter writer_;
};

/// InputError where the faces are not those that the run was trained on, unless that is allowed.
void Training::use_data(const std::vector<DataUse>& before, bool allow_other) {
  uses_ = before;
  DataUse now = loaded_.use;
  now.from_epoch = state_.epoch + 1;
  if (!uses_.empty() && uses_.back().same_data(now)) return;
  const auto words = [](const DataUse& use) {
    return fmt::format("{} faces to train on and {} to measure on, fingerprint {:016x}", use.faces, use.dev_faces, use.fingerprint);
  };
  if (!uses_.empty() && !allow_other)
    fail_input("{}: the run in {} had {}, it has {} now: put the old data back, or go on with these by --allow-other-data",
               name_of_data(config_), config_.out, words(uses_.back()), words(now));
  uses_.push_back(now);
}

/// For messages.
std::string Training::last_good() {
  writer_.finish();
  return "the last good checkpoint is " + (folder_.has_checkpoint() ? folder_.last().string() : "none, this was the first epoch");
}

/// The weights are what they were before the step that broke.
void Training::stop_at(const Learner::Learned& broken, const Batch& batch) {
  const std::string layer = network_.blame(batch, broken.step);
  fail_run("step {}: the loss is {}; first broken: {}; {}; {}", broken.step + 1, broken.loss, layer, last_good(), kInstead);
}

/// Mean loss over the epoch's faces, as Keras reports it: each batch weighs as many faces as it has.
double Training::train_epoch(Loader& loader, const Schedule& schedule) {
  loader.start_epoch(state_.epoch);
  const auto first_step = static_cast<uint64_t>(state_.step);
  double sum = 0;
  size_t done = 0;
  for (int b = 0; b < loader.batches(); ++b) {
    const double share = schedule.share(state_.step - state_.stage_step);
    learner_.learn(loader.batch(b), state_.step, plateau_.rate() * static_cast<float>(share));
    ++state_.step;
    if (!learner_.full() && b + 1 < loader.batches()) continue;
    for (const Learner::Learned& learned : learner_.take()) {
      if (!std::isfinite(learned.loss)) stop_at(learned, loader.batch(static_cast<int>(learned.step - first_step)));
      sum += static_cast<double>(learned.loss) * learned.size;
      done += learned.size;
    }
    tell(observer_.batch, done, readable_loss(sum / static_cast<double>(done)));
  }
  return sum / static_cast<double>(done);
}

/// Asks the callbacks; whether this epoch is the best so far.
bool Training::count_epoch(double loss, double dev_mse) {
  const auto monitored = [&](Monitor what) { return what == Monitor::dev ? dev_mse : loss; };
  ++state_.epoch;
  if (config_.plateau.patience > 0) plateau_.update(monitored(config_.plateau.on));
  if (config_.stop.patience > 0) stopping_.update(state_.epoch, monitored(config_.stop.on));
  if (state_.best_dev_mse && dev_mse >= *state_.best_dev_mse) return false;
  state_.best_dev_mse = dev_mse;
  state_.best_epoch = state_.epoch;
  return true;
}

/// Measures and writes the epoch down: history first, so that it is never behind a checkpoint.
void Training::end_epoch(double loss, double rate, double seconds) {
  EpochRecord record;
  bool best = false;
  {
    const Averaged averaged(optimizer_);  // is measured and what people are given; what goes on learning is not
    settle_offset(network_, data_.train, config_.batch);
    const Metrics dev = measure(network_, data_.dev, config_.batch);
    if (!std::isfinite(dev.mse))
      fail_run("epoch {}: the dev MSE is {}; {}; {}", state_.epoch + 1, dev.mse, last_good(), kInstead);
    best = count_epoch(loss, dev.mse);
    record = {state_.epoch, readable_loss(loss), dev.mse, dev.accuracy, dev.rmse, dev.nme, rate, seconds};
    folder_.append_history(record);
    if (best) save(folder_.best(), nullptr);
  }
  save(folder_.last(), &optimizer_);
  writer_.start();
  tell(observer_.epoch, record, best);
}

Stage Training::stage() const {
  return state_.stage == 0 ? Stage{config_.epochs, config_.optimizer.rate} : config_.stages[state_.stage - 1];
}

void Training::run_stage(Loader& loader) {
  const int epochs = stage().epochs, warmup = state_.stage == 0 ? config_.warmup_epochs : 0;
  const int64_t steps = loader.batches();
  const Schedule schedule{.shape = config_.schedule,
                          .warmup_steps = warmup * steps,
                          .decay_steps = std::max<int64_t>(1, (epochs - warmup) * steps),
                          .final_share = config_.final_share};
  while (state_.epoch < state_.stage_epoch + epochs && !stopped()) {
    const auto start = std::chrono::steady_clock::now();
    const double rate = plateau_.rate() * schedule.share(state_.step - state_.stage_step);
    const double loss = train_epoch(loader, schedule);
    end_epoch(loss, rate, seconds_since(start));
  }
}

/// From the best weights so far, with an optimiser that remembers nothing.
void Training::begin_next_stage() {
  writer_.finish();
  load_checkpoint(folder_.best(), spec_, network_.parameters());
  optimizer_.reset();
  ++state_.stage;
  state_.stage_epoch = state_.epoch;
  state_.stage_step = state_.step;
  plateau_ = ReduceOnPlateau(config_.plateau, stage().rate);
  stopping_ = EarlyStopping(config_.stop);
  save(folder_.last(), &optimizer_);
  writer_.start();
  tell(observer_.note, fmt::format("stage {}: {} epochs at {:g} from epoch {}'s weights", state_.stage + 1, stage().epochs,
                                   stage().rate, state_.best_epoch));
}

RunResult Training::run() {
  tell(observer_.start, total_epochs(config_), data_.train.size(), state_.epoch + 1);
  Loader loader(data_.train, config_.batch, config_.seed,
                config_.augment == Augmentation::fresh ? std::optional(config_.draws) : std::nullopt,
                on_device() ? &network_.backend() : nullptr, config_.sampling);
  for (;;) {
    run_stage(loader);
    if (state_.stage == static_cast<int>(config_.stages.size())) return finish();
    begin_next_stage();
  }
}

/// Metrics of the best weights.
RunResult Training::finish() {
  writer_.finish();
  load_checkpoint(folder_.best(), spec_, network_.parameters());
  RunResult result;
  const std::vector<Keypoints> answers = predict(network_, data_.dev, config_.batch);
  MetricsAccumulator sums(data_.dev.set);
  sums.add(answers, data_.dev.keypoints);
  result.dev = sums.result();
  result.points = data_.dev.set.points;
  for (const EpochRecord& row : folder_.read_history()) result.seconds += row.seconds;
  result.images_per_second = static_cast<double>(data_.train.size()) * state_.epoch / result.seconds;
  result.parameters = network_.parameters().count();
  result.best_epoch = state_.best_epoch;
  result.epochs = state_.epoch;
  result.peak_memory_mb = peak_memory_mb();
  folder_.write_metrics(result);
  tell(observer_.done, result, data_.dev, answers);
  return result;
}

}  // namespace

RunResult train(const TrainConfig& config, const StartOptions& start, const TrainObserver& observer) {
  validate(config);
  if (config.fold.is_all())
    fail_input("fold.of {}: is {} trainings, this is one: fold.part says which (`lineament train` does all of them)", config.fold.of,
               config.fold.of);
  const ThreadsScope scope(config.threads);  // what a host has set stays for the rest of it
  return Training(config, start, observer).run();
}

}  // namespace lineament
