#include "train/checkpoint_writer.h"

namespace lineament {

void CheckpointWriter::save(const std::filesystem::path& path, const Parameters& parameters,
                            const Optimizer* optimizer, const CheckpointInfo& info) {
  if (!beside_device_) return save_checkpoint(path, parameters, optimizer, info);
  finish();  // never more copies than one epoch's
  copies_.push_back(copy_checkpoint(path, parameters, optimizer, info));
}

void CheckpointWriter::start() {
  if (copies_.empty()) return;
  writing_ = std::async(std::launch::async, [copies = std::exchange(copies_, {})] {
    for (const CheckpointCopy& copy : copies) copy.write();
  });
}

void CheckpointWriter::finish() {
  if (writing_.valid()) writing_.get();
}

}  // namespace lineament
