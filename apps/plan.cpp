// lineament plan: what one training step of a network takes, before anything runs.
#include <memory>
#include <string>

#include "apps/commands.h"
#include "apps/number_option.h"
#include "base/grouped.h"
#include "bench/work.h"
#include "models/expected_head.h"
#include "network/trace.h"
#include "tensor/plan.h"

namespace lineament {
namespace {

struct PlanArguments {
  std::string model;
  int batch = 64;
  int size = 96;
  HeadOptions head;
};

/// Of the forward pass's products: all else is small beside them.
double forward_flops(const Graph& graph) {
  double flops = 0;
  for (const Node& node : graph.nodes())
    if (const Work work = work_of(graph, node); pass_of(work) == "forward") flops += flops_of(work);
  return flops;
}

void line(const char* what, const std::string& number, const std::string& about) {
  fmt::print("  {:<12}{:>15}  {}\n", what, number, about);
}

void print_parameters(const Backbone& backbone) {
  Graph graph;
  Parameters parameters(cpu_backend());
  Scope scope(graph, parameters, Mode::infer);
  backbone.top(scope, backbone.features(scope, graph.input({{1, 32, 32, 3}}, "rgb")));
  line("parameters", grouped(backbone.parameters), "of the backbone, without its top");
  line("", grouped(parameters.count()), "with its top of 1000 classes");
}

void plan(const PlanArguments& options) {
  validate(options.head);
  expect_head(options.model, options.head);
  const Model model = find_model(options.model, options.head, {.picture = {.height = options.size, .width = options.size}});
  const Backbone* backbone = find_backbone(options.model);

  Parameters parameters(cpu_backend());
  const TracedStep step(model, model.loss, parameters, Mode::train, options.batch);
  const Graph& graph = step.graph;
  const double flops = forward_flops(graph);
  const std::vector<Node> nodes = live_nodes(graph);
  const Plan plan = plan_memory(nodes, graph.values());
  double unplanned = 0;
  for (const Node& node : nodes)
    for (const int id : node.out)
      if (graph.values()[id].home == Home::arena) unplanned += double(graph.values()[id].desc.bytes());

  fmt::print("{}: a training step of {} pictures, {} x {}\n\n", options.model, options.batch, options.size,
             options.size);
  if (backbone) print_parameters(*backbone);
  line("", grouped(parameters.count()),
       "of the network that finds keypoints");
  line("nodes", grouped(nodes.size()), "forward, loss and backward");
  line("flops", fmt::format("{:.2f} G", flops / 1e9),
       fmt::format("forward, {:.3f} G a picture; a multiply-add counts 2", flops / 1e9 / options.batch));
  line("arena", fmt::format("{:.1f} MB", double(plan.arena_bytes) / 1e6), "as planned");
  line("", fmt::format("{:.1f} MB", unplanned / 1e6), "if every temporary had memory of its own");
}

}  // namespace

void add_plan(CLI::App& app) {
  auto options = std::make_shared<PlanArguments>();
  CLI::App* command =
      app.add_subcommand("plan", "Tell what a training step of a network takes: parameters, flops, memory");
  command->add_option("MODEL", options->model, "A network of `lineament train --model`.")->required();
  add_number(*command, "--batch", "N", "Pictures in a step.", within(1, kMostBatch), options->batch);
  add_number(*command, "--size", "N", "Pixels a side of a picture.", within(PictureShape::kLeast, PictureShape::kMost),
             options->size);
  command
      ->add_option("--dense", options->head.dense, "Units of hidden layers, as `lineament train` has them.")
      ->type_name("LIST");
  command->callback([options] { plan(*options); });
}

}  // namespace lineament
