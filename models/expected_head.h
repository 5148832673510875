// Which networks have a head to choose.
#pragma once
#include <string_view>

#include "models/heads.h"

namespace lineament {

/// InputError where `head` asks for layers around a model that is no backbone, which would not have them.
void expect_head(std::string_view model, const HeadOptions& head);

}  // namespace lineament
