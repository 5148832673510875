// The faces a config names: read or drawn, split into what trains and what measures.
#pragma once
#include <string>
#include <vector>

#include "data/split.h"
#include "network/model_spec.h"
#include "train/checkpoint.h"
#include "train/config.h"

namespace lineament {

/// All faces that `config` trains or measures on, in file order: config.data, or drawn ones; at most config.rows; in the pictures
/// and with the keypoint set that it asks for. `notes` gains a line for what was left out. `named` is the set that config.points
/// names, for those who have it from a checkpoint: its file may be gone.
Faces load_faces(const TrainConfig& config, std::vector<std::string>* notes = nullptr, const KeypointSet* named = nullptr);

/// The same, split as the config says, a fold's part left out; gaps as they are; points that nobody labelled left out. InputError as read_faces(),
/// cut_faces() and split_faces().
Split load_split(const TrainConfig& config, std::vector<std::string>* notes = nullptr, const KeypointSet* named = nullptr);

/// The split of one fold, of that of all: a part of the rows that train is left out (data/parts.h). InputError as parts_of().
Split split_of_fold(Split all, const Fold& fold);

/// What a checkpoint keeps of it.
DataUse use_of(const Split& split);

/// How many of `faces`, which come from `data`, the run of these settings trains on: the same row of the same file, or the same
/// picture. InputError where its data cannot be read.
size_t count_trained_on(const Faces& faces, const std::string& data, const TrainConfig& run, const KeypointSet& set);

/// What a network that learns from these faces must know to answer.
ModelSpec spec_of(const TrainConfig& config, const Faces& faces);

}  // namespace lineament
