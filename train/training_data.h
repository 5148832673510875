// The faces a config names: read or drawn, split into what trains and what measures.
#pragma once
#include "data/dataset.h"
#include "train/config.h"

namespace lineament {

/// All faces that `config` trains or measures on, in file order: config.data, or drawn ones; at most config.rows.
Faces load_faces(const TrainConfig& config);

/// The same, split as the config says; gaps as they are. InputError as read_faces() and split_faces().
Split load_split(const TrainConfig& config);

}  // namespace lineament
