// The sections of a study's page, each from finished runs and what they answer.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "data/metrics.h"
#include "data/split.h"
#include "report/face_pictures.h"
#include "report/page.h"
#include "train/finished_run.h"

namespace lineament {

/// What a run says about its dev set.
struct Answered {
  const FinishedRun* run;
  std::shared_ptr<const Faces> dev;
  std::vector<Keypoints> answers;  // one for each of dev, of its set
  Metrics measured;                // of these answers
};

/// The name of the data that a run was trained on, for people.
std::string data_name(const TrainConfig& config);
/// The run with the least dev MSE; the first where none has one.
size_t best_run(std::span<const FinishedRun> runs);
/// A run's number and name behind a dot of its colour, as HTML.
std::string run_label(std::span<const FinishedRun> runs, size_t i);

/// Rows, gaps, and where the points lie.
PageSection data_section(const Split& split, std::span<const FinishedRun> runs);
/// The same training rows after each treatment of gaps, and runs that differ in nothing else.
PageSection gaps_section(const Split& split, std::span<const FinishedRun> runs, FaceAlbum& album);
PageSection curves_section(std::span<const FinishedRun> runs);
/// The table, beside what the study published, what parameters buy, and how many faces have which error.
/// Here as below answered[i] is of runs[i].
PageSection results_section(std::span<const FinishedRun> runs, std::span<const Answered> answered);
/// Runs may answer different sets: a point that a run does not know has no number.
PageSection keypoints_section(std::span<const FinishedRun> runs, const Answered& best);
/// Each run's best and worst faces.
PageSection faces_section(std::span<const FinishedRun> runs, std::span<const Answered> answered,
                          FaceAlbum& album);
/// What each run was told beside the defaults.
PageSection settings_section(std::span<const FinishedRun> runs);

}  // namespace lineament
