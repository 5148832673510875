// A trained network in half the bytes, and the one that is built in.
#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>

#include "base/check.h"
#include "data/drawn/synthetic.h"
#include "data/pictures/picture.h"
#include "network/default_model.h"
#include "network/predictor.h"
#include "network/saved_network.h"
#include "tests/command_run.h"

using namespace lineament;

TEST_CASE("weights pack keeps what a run says, in half the bytes, and evaluate reads it as the run") {
  const test::TemporaryFolder folder;
  REQUIRE(test::run(folder, "train --model maps_small --rows 40 --dev-rows 9 --batch 8 --epochs 2 --size 48 --out run").code == 0);
  const test::Outcome packed = test::run(folder, "weights pack run small.safetensors");
  CAPTURE(packed.err);
  REQUIRE(packed.code == 0);
  CHECK(std::filesystem::file_size(folder / "small.safetensors") < 0.6 * std::filesystem::file_size(folder / "run/model.safetensors"));

  Predictor whole = Predictor::load(folder / "run"), half = Predictor::load(folder / "small.safetensors");
  CHECK(whole.spec() == half.spec());
  const Faces faces = synthetic_faces_complete(3, 9);
  const std::vector<Keypoints> expected = whole.predict(faces), got = half.predict(faces);
  float largest = 0;
  for (size_t row = 0; row < faces.size(); ++row)
    for (size_t c = 0; c < got[row].size(); ++c) largest = std::max(largest, std::abs(got[row][c] - expected[row][c]));
  CHECK(largest > 0);  // px
  CHECK(largest < 0.05f);
  CHECK(test::run(folder, "evaluate small.safetensors").code == 0);
  CHECK(test::run(folder, "weights pack run run/model.safetensors").code == 2);  // never over an input
  CHECK(test::run(folder, "weights pack absent x.safetensors").err.find("absent: no such run or checkpoint") != std::string::npos);
}

TEST_CASE("the model that is built in answers by its name, or its lack is said") {
  const test::TemporaryFolder folder;
  write_png(folder / "face.png", Picture{96, 96, 1, std::vector<uint8_t>(96 * 96, 90)});
  const test::Outcome asked = test::run(folder, "predict default face.png"), unnamed = test::run(folder, "predict face.png");
  CHECK(unnamed.out == asked.out);
  CHECK(unnamed.err.find("no run is named: default") != std::string::npos);
  try {
    Predictor predictor = Predictor::load(kDefaultModel);
    CHECK(predictor.spec().set.size() == 15);
    CHECK(asked.code == 0);
  } catch (const InputError& error) {
    CHECK(std::string(error.what()) == "default: this program was built without weights/default; name a run");
    CHECK(asked.err.find(error.what()) != std::string::npos);
    CHECK(asked.code == 2);
  }
}
