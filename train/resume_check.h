// Whether the files of a run folder tell one story, asked before a training goes on from them.
#pragma once
#include "train/run_folder.h"

namespace lineament {

/// False for a run that was stopped before its first checkpoint: it begins anew. InputError where going on would lose epochs or
/// weights, or could not end: a checkpoint, history or model that is missing, or tells of other epochs than the others do.
bool can_resume(const RunFolder& folder);

}  // namespace lineament
