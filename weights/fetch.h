// Official weights from their publisher to a .safetensors here: fetched by curl or pip, verified, converted.
#pragma once
#include <filesystem>

#include "weights/catalogue.h"

namespace lineament {

/// Fetches, verifies and converts; `out` appears whole or not at all and nothing else is left behind. Returns
/// the number of tensors. RunError in one line where the publisher cannot be reached or the program that
/// reaches it is not there; InputError where what came is not what was published.
size_t fetch_weights(const PublishedWeights& published, bool top, const std::filesystem::path& out);

}  // namespace lineament
