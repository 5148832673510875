// Networks that keep the picture: where a map's pixels lie, what the losses of a point count, what the networks hold.
#include "models/maps.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/check.h"
#include "kernels/likelihood_loss.h"
#include "kernels/point_loss.h"
#include "models/models.h"
#include "network/network.h"
#include "tests/support.h"
#include "train/trainer.h"

using namespace lineament;

namespace {

Network network_of(const char* name, const PictureShape& picture = {}, int coordinates = 30) {
  return Network(find_model(name, {}, {.picture = picture, .coordinates = coordinates}), Loss::smooth_l1, cpu_backend(), 1, {});
}

}  // namespace

TEST_CASE("the losses of a point, by hand") {
  const PointLoss l1{}, smooth{.kind = PointLoss::smooth_l1, .limit = 0.5f},
      wing{.kind = PointLoss::wing, .limit = 4, .curve = 1};
  for (const double sign : {-1.0, 1.0}) {
    CHECK(point_loss(l1, sign * 3) == 3);
    CHECK(point_loss_slope(l1, sign * 3) == sign);
    CHECK(point_loss(smooth, sign * 0.25) == 0.0625);  // 0.25^2 / (2 0.5)
    CHECK(point_loss_slope(smooth, sign * 0.25) == sign * 0.5);
    CHECK(point_loss(smooth, sign * 2) == 1.75);
    CHECK(point_loss_slope(smooth, sign * 2) == sign);
    CHECK(point_loss(wing, sign * 1) == doctest::Approx(4 * std::log(2.0)));
    CHECK(point_loss_slope(wing, sign * 1) == sign * 2);
    CHECK(point_loss(wing, sign * 6) == doctest::Approx(6 - (4 - 4 * std::log(5.0))));
    CHECK(point_loss(wing, sign * 4) == doctest::Approx(point_loss(wing, sign * (4 - 1e-12))));  // no step at the limit
  }
  CHECK(point_loss_slope(l1, 0.0) == 0);
  CHECK(std::isnan(point_loss(smooth, std::nan(""))));
  CHECK(std::isnan(point_loss_slope(smooth, std::nan(""))));
}

TEST_CASE("a likelihood counts an error by the deviation that is predicted, and a deviation by the errors") {
  using enum LikelihoodLoss::Kind;
  const double log2 = std::log(2.0);
  for (const double sign : {1.0, -1.0}) {
    CHECK(likelihood_loss(gaussian, sign * 6, log2) == doctest::Approx(4.5 + log2));  // (6 / 2)^2 / 2
    CHECK(likelihood_slope(gaussian, sign * 6, log2) == doctest::Approx(sign * 1.5));
    CHECK(likelihood_loss(laplace, sign * 6, log2) == doctest::Approx(3 + log2));
    CHECK(likelihood_slope(laplace, sign * 6, log2) == doctest::Approx(sign * 0.5));
    CHECK(likelihood_deviation_slope(gaussian, sign * 2, log2) == doctest::Approx(0));  // least where it is what the error says
    CHECK(likelihood_deviation_slope(laplace, sign * 2, log2) == doctest::Approx(0));
    CHECK(likelihood_deviation_slope(laplace, sign * 3, log2) < 0);
  }
}

TEST_CASE("flat maps answer the middle of the picture, whatever its shape") {
  for (const PictureShape shape : {PictureShape{96, 96, 1}, PictureShape{64, 128, 1}, PictureShape{128, 64, 3}}) {
    CAPTURE(to_string(shape));
    Network network = network_of("maps_small", shape, 4);
    Parameters& parameters = network.parameters();
    for (const Parameter& p : parameters.all())  // every map is flat: its mean is the middle of the picture
      if (p.name.starts_with("maps/")) parameters.write(p, std::vector<float>(p.desc.elements(), 0.0f));
    const std::vector<float> answers = network.infer(1, std::vector<float>(shape.values(), 0.4f)).coordinates;
    for (int c = 0; c < 4; ++c)
      CHECK(std::abs(shape.to_pixels(c, answers[static_cast<size_t>(c)]) - (shape.centre(c) - 0.5f)) < 1e-3);
  }
}

TEST_CASE("networks of maps have the parameters that their table says, and refuse sides that they cannot halve") {
  CHECK(network_of("maps").parameters().count() == 988'493);
  CHECK(network_of("maps_medium").parameters().count() == 617'541);
  CHECK(network_of("maps_small").parameters().count() == 391'213);
  CHECK(network_of("maps_large").parameters().count() == 3'011'213);
  CHECK_THROWS_WITH_AS(network_of("maps", {100, 96, 1}), "model maps: pictures of 96x100, grey, expected sides that are multiples of 16 px",
                       InputError);
}

TEST_CASE("a network of maps learns drawn faces") {
  const test::TemporaryFolder folder;
  TrainConfig config;
  config.rows = 96;
  config.dev_rows = 8;
  config.model = "maps_small";
  config.picture = {48, 48, 1};
  config.epochs = 6;
  config.batch = 16;
  config.optimizer.kind = OptimizerKind::adamw;
  config.optimizer.rate = 3e-3f;
  config.optimizer.average_decay = 0.9f;
  config.optimizer.average_warmup = true;
  config.out = (folder / "run").string();
  const RunResult result = train(config);
  CHECK(result.dev.mse < 25);  // px^2; the middle of the picture, where it begins, is 75 from these
}
