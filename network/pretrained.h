// A network from other people's weights: they hold the backbone, the head starts afresh.
#pragma once
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "layers/parameters.h"
#include "models/backbones.h"
#include "weights/load.h"

namespace lineament {

/// Fills `parameters`, those of model `model`. What lies around its backbone need not be in the file, but is
/// taken from there if it is; a model without a backbone is expected whole. Errors as load_weights().
LoadReport load_pretrained(const std::filesystem::path& weights, std::string_view model,
                           Parameters& parameters, bool allow_partial);

/// Declares the parameters of a backbone, with or without its 1000-class top.
void declare(const Backbone& backbone, bool top, Parameters& parameters);

/// The one backbone that all tensors of a file fit, top included. InputError where none does.
const Backbone& guess_backbone(const std::filesystem::path& weights);

}  // namespace lineament
