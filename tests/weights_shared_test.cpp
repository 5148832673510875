// Real ImageNet weights on real photographs: the right names,
// and the probabilities that Keras gives on the same pixels.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/photo_names.h"
#include "tests/support.h"

using namespace lineament;
namespace fs = std::filesystem;

namespace {

const char kWeights[] = "weights/mobilenet_v1_0.25_224_imagenet.h5";

/// The folder of weights and photographs, where they can be read.
std::optional<fs::path> folder() {
  const auto shared = test::shared_folder();
  if (!shared || !fs::exists(*shared / kWeights) || !fs::exists(*shared / "photos")) {
    test::skip("no weights and photographs beside the repository");
    return std::nullopt;
  }
#ifndef LINEAMENT_HDF5
  test::skip("built without HDF5");
  return std::nullopt;
#endif
  return shared;
}

}  // namespace

TEST_CASE("MobileNet with Keras's weights names a cat and a macaw, with Keras's probabilities to 1e-4") {
  const auto shared = folder();
  if (!shared) return;
#ifdef LINEAMENT_HDF5
  Classifier classifier(*shared / kWeights, "");
  CHECK(std::string(classifier.backbone().name) == "mobilenet_0.25");
  CHECK(classifier.report().whole());
  CHECK(classifier.report().elements == 475'544);
  test::check_names(classifier, *shared / "photos");
#endif
}

TEST_CASE("the command prints five names for each photograph") {
  const auto shared = folder();
  if (!shared) return;
  const test::TemporaryFolder work;
  const std::string command =
      fmt::format("'{}' classify --weights '{}' '{}' '{}' > '{}'", LINEAMENT_COMMAND,
                  (*shared / kWeights).string(), (*shared / "photos" / "cat.jpg").string(),
                  (*shared / "photos" / "parrot.jpg").string(), (work / "out").string());
  REQUIRE(std::system(command.c_str()) == 0);
  const std::string text = test::read_text(work / "out");
  CAPTURE(text);
  CHECK(std::ranges::count(text, '\n') == 12);
  CHECK(text.find("tabby, tabby cat") != std::string::npos);
  CHECK(text.find("macaw") != std::string::npos);
}
