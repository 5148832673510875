// Everything a training can be told, as one struct and as config.json.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/number.h"
#include "data/augment/augment.h"
#include "data/face_crop.h"
#include "data/impute.h"
#include "models/models.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "tensor/backend.h"
#include "train/augmentation.h"
#include "train/callbacks.h"
#include "train/sampling.h"

namespace lineament {

/// More epochs after the first, from the best weights so far and a fresh optimiser: fine-tuning.
struct Stage {
  int epochs = 1;
  float rate = 1e-5f;
  bool operator==(const Stage&) const = default;
};

/// One of several trainings, each without one part of the rows that train.
struct Fold {
  int of = 0;    // 0: no folds
  int part = 0;  // from 1, which it does without; 0: the settings of all of them
  bool operator==(const Fold&) const = default;

  /// Whether these are the settings of several trainings, not of one.
  bool is_all() const { return of > 0 && part == 0; }
};

/// Keys of config.json and of recipes stand in config.cpp; those of a kind share an object ("optimizer": {"rate": ...}).
struct TrainConfig {
  std::string data;    // folder, training.csv or .zip; empty: drawn faces
  int rows = 0;        // at most so many are read or drawn; 0: all, or the default number of drawn ones
  bool drawn_gaps = true;  // drawn faces lack points as the contest's do
  std::string points;  // the keypoint set: a name or a file; empty: the data's own
  PictureShape picture{0, 0, 0};  // 0: as the data has it, 96x96 and grey where faces are cut out of photographs
  FaceCrop crop;                  // how faces are cut out of photographs
  std::string dev_data;   // another data set to measure on; empty: rows held back
  int dev_rows = 0;       // complete rows held back; 0: 500, or 200 of drawn faces
  int dev_every = 0;      // instead every so-manieth row, 0: not so
  double dev_share = 0;   // instead so large a part of all rows; 0: not so
  std::string dev_names;  // of these rows those whose photograph's name matches alone
  Fold fold;
  Missing missing = Missing::mask;
  Augmentation augment = Augmentation::none;
  AugmentOptions draws;  // of fresh
  std::string model = "cnn";
  HeadOptions head;  // around a backbone; its dropout is the CNN's too
  std::string weights;         // a file of weights to start from; empty: random ones
  bool allow_partial = false;  // take of it what fits
  std::optional<Loss> loss;    // without one, the model's own
  int epochs = 100;
  int batch = 64;
  Sampling sampling = Sampling::rows;
  uint64_t seed = 1;
  OptimizerOptions optimizer;
  Schedule::Shape schedule = Schedule::cosine;
  int warmup_epochs = 0;
  double final_share = 0;  // of the rate, where the schedule ends
  PlateauOptions plateau;
  StopOptions stop;
  std::vector<Stage> stages;  // after the first `epochs`
  Device device = Device::cpu;
  Precision precision = Precision::f32;
  bool deterministic = false;  // on cuda: the same bits in every run, by slower kernels where need be
  int threads = 0;             // 0: as many as may run at once
  std::string kernel;          // force this kernel wherever its op occurs
  std::string out;             // run folder
};

/// InputError in one line for the first setting that makes no sense,
/// by its option ("--batch") or its key ("beta1").
void validate(const TrainConfig& config);

/// InputError for the first setting that nothing would read as others are (momentum of adam), so that nobody believes in
/// it. Of a new run: an old one may hold such, and goes on.
void expect_used(const TrainConfig& config);
/// Which values the number that an option sets may have, such as "--batch": all of T where it has no bounds of its own.
template <Number T>
Bounds<T> bounds_of(std::string_view option);

/// Indented, one key a line, numbers that read back as the same.
std::string to_json(const TrainConfig& config);
/// Keys left out stay as in `base`. InputError for an unknown key or name (with the nearest), a wrong type, bad
/// JSON; `source` names the file in messages. Does not validate().
TrainConfig parse_config(std::string_view json, std::string_view source = "config.json",
                         const TrainConfig& base = {});

/// The model's own where none is said. InputError for an unknown model.
Loss loss_of(const TrainConfig& config);
/// Of all stages.
int total_epochs(const TrainConfig& config);

}  // namespace lineament
