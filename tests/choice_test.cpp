// Tables of choices: each value has one row, what people say finds it, and what is read of a row is right.
#include "data/contest.h"
#include "base/choice.h"

#include <doctest/doctest.h>

#include <set>

#include "data/impute.h"
#include "network/losses.h"
#include "kernels/op_list.h"
#include "kernels/ops.h"
#include "network/trace.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "tensor/backend.h"
#include "train/augmentation.h"

using namespace lineament;

namespace {

/// Every name leads to its value and back, and no row is there twice.
template <Chosen E>
void check_table() {
  std::set<std::string_view> names;
  std::set<E> values;
  for (const auto& row : Choices<E>::rows()) {
    CAPTURE(std::string(row.name));
    CHECK(names.insert(row.name).second);
    CHECK(values.insert(row.value).second);
    CHECK(parse_choice<E>(row.name, "--it") == row.value);
    CHECK(name_of(row.value) == row.name);
    CHECK(help_of<E>().find(row.name) != std::string::npos);
  }
  CHECK(names_of<E>().size() == names.size());
  CHECK_THROWS_AS(parse_choice<E>("", "--it"), InputError);
}

}  // namespace

TEST_CASE("every table of choices names each value once") {
  check_table<Missing>();
  check_table<Augmentation>();
  check_table<Loss>();
  check_table<OptimizerKind>();
  check_table<Schedule::Shape>();
  check_table<Device>();
  check_table<Precision>();
}

TEST_CASE("a name that is none is refused with all that are, and the nearest") {
  CHECK_THROWS_WITH_AS(parse_choice<Missing>("drip", "--missing"),
                       "--missing drip: expected one of mask, drop, ffill, knn; did you mean drop?",
                       InputError);
  CHECK_THROWS_WITH_AS(parse_choice<Missing>("zzzzzz", "--missing"),
                       "--missing zzzzzz: expected one of mask, drop, ffill, knn", InputError);
  CHECK(find_choice<Missing>("MASK") == std::nullopt);
}

TEST_CASE("help lists the names with what each is for") {
  CHECK(help_of<Device>() == "cpu, cuda (where it is built in)");
}

TEST_CASE("a mean loss is shown in its own unit: a squared error in px^2, cross-entropy as it is") {
  CHECK(readable(0.5, Loss::mean_squared_error, 48) == 1152);
  CHECK(readable(0.5, Loss::cross_entropy, 48) == 0.5);
  CHECK(loss_axis(Loss::mean_squared_error) == "MSE [px²]");
  CHECK(loss_axis(Loss::cross_entropy) == "cross-entropy, MSE [px²]");
}

namespace {
constexpr std::string_view kPointLosses[] = {"l1", "smooth_l1", "wing"};  // in the order of PointLoss::Kind
constexpr std::string_view kLikelihoods[] = {"gaussian", "laplace"};     // in the order of LikelihoodLoss::Kind
}

TEST_CASE("a traced step has the loss that it was asked for, and an answer has none") {
  for (const auto& row : Choices<Loss>::rows()) {
    Parameters parameters(cpu_backend());
    Model model = find_model("mobilenet");
    model.task.deviations = row.deviations;
    const TracedStep step(model, row.value, parameters, Mode::train, 3);
    REQUIRE(step.loss);
    const Graph& graph = step.graph;
    const Node& node = graph.nodes()[size_t(graph.values()[size_t(step.loss.id)].producer)];
    std::string_view name = node.op->name;
    if (node.op == &point_loss_op) name = kPointLosses[node.params.as<PointLoss>().kind];
    if (node.op == &likelihood_loss_op) name = kLikelihoods[node.params.as<LikelihoodLoss>().kind];
    CHECK(name == row.name);
    CHECK(static_cast<bool>(step.answer.log_deviation) == row.deviations);
    CHECK(step.keypoints.shape() == step.answer.points.shape());
    CHECK(step.images.shape() == Shape{3, contest::kSide, contest::kSide, 1});
  }
  const Model model = find_model("dense2");
  Parameters parameters(cpu_backend());
  const TracedStep answer(model, model.loss, parameters, Mode::infer, 2);
  CHECK(answer.answer.points);
  CHECK_FALSE(answer.loss);
}
