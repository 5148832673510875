// A training as people follow it: progress in the terminal, then two pictures in the run's folder.
#pragma once
#include "train/observer.h"

namespace lineament {

/// Prints to stdout what happens in a training of `config`; when it is done, draws curves.png and predictions.png. A picture that
/// cannot be drawn is said in one line: the run is whole without it.
TrainObserver watch_run(const TrainConfig& config);

/// The same of one of a training in folds, under a heading that says which.
TrainObserver watch_fold(const TrainConfig& fold);

}  // namespace lineament
