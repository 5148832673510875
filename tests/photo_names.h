// What a backbone with real weights says of two photographs, beside what its own framework says.
#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "network/classifier.h"
#include "tests/support.h"

namespace lineament::test {

/// Both photographs get the golden's first class, and each of its five probabilities to 1e-4.
inline void check_names(Classifier& classifier, const fs::path& photos) {
  const std::string name = classifier.backbone().name;
  const auto golden = nlohmann::json::parse(
      read_text(fs::path(LINEAMENT_SOURCE_DIR) / "tests" / "goldens" / "weights" / "photos.json"));
  REQUIRE(golden.contains(name));
  CHECK(golden[name].size() == 2);
  for (const auto& [photo, best] : golden[name].items()) {
    CAPTURE(photo);
    const Picture square = centre_square(read_picture(photos / photo), classifier.side());
    const std::vector<float> probabilities = classifier.probabilities(square);
    REQUIRE(probabilities.size() == 1000);
    double sum = 0;
    for (const float p : probabilities) sum += p;
    CHECK(sum == doctest::Approx(1).epsilon(1e-5));
    CHECK(std::ranges::max_element(probabilities) - probabilities.begin() == best[0][0].get<int>());
    for (const auto& row : best)
      CHECK(std::fabs(probabilities[row[0].get<size_t>()] - row[1].get<double>()) < 1e-4);
    // Classes 281 to 285 are cats, 88 is the macaw.
    const int first = best[0][0].get<int>();
    CHECK((photo == "cat.jpg" ? first >= 281 && first <= 285 : first == 88));
  }
}

}  // namespace lineament::test
