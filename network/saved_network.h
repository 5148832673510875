// A network in a safetensors file: what it is (its spec) in the metadata, its parameters and statistics as tensors.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "layers/parameters.h"
#include "network/model_spec.h"
#include "weights/safetensors.h"

namespace lineament {

/// What the file says of itself. Version 1 knew the contest's points and pictures alone. InputError where it is none of our
/// files, or of a newer version.
ModelSpec read_spec(const SafetensorsReader& file);
ModelSpec read_spec(const std::filesystem::path& path);

/// Tensors of an optimiser, which a training keeps beside the network's.
inline constexpr std::string_view kOptimizerPrefix = "optimizer/";

/// "format" and "spec", which read_spec() reads.
Metadata metadata_of(const ModelSpec& spec);

/// InputError for the first of `wanted` that the file lacks or has in another shape, or that it has and nobody wants, but for
/// names that begin with `ignored`; says how many differ. `named` and `model`: what the file is of, and what is wanted.
void require_tensors(const SafetensorsReader& file, const std::vector<TensorName>& wanted, std::string_view ignored,
                     std::string_view named, std::string_view model);

/// Parameters and statistics. InputError where the file is of another network, and then nothing is changed.
void load_network(const std::filesystem::path& path, std::string_view model, Parameters& parameters);

/// A file that load_network() reads, of half the size: kernels in 16 bits, what has one axis in 32. `metadata` are a checkpoint's, with
/// its spec. Errors as AtomicFile.
void save_half(const std::filesystem::path& path, Metadata metadata, const Parameters& parameters);

/// The file that a run folder answers from, or the checkpoint itself; of "default", where nothing of that name lies
/// here, the model that is built in (network/default_model.h). InputError where there is none.
std::filesystem::path model_file_of(const std::filesystem::path& run_or_checkpoint);

}  // namespace lineament
