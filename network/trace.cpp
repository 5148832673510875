#include "network/trace.h"

#include "network/losses.h"
#include "tensor/autograd.h"

namespace lineament {

TracedStep::TracedStep(const Model& model, Loss kind, Parameters& parameters, Mode mode, int batch) {
  const auto& [height, width, channels] = model.task.picture;
  images = graph.input({{batch, height, width, channels}}, "images");
  if (mode == Mode::train) rng = graph.input({{2}, DType::u64}, "rng");
  Scope scope(graph, parameters, mode, rng);
  answer = model.build(scope, images, model.task);
  if (mode == Mode::infer) {
    graph.keep(answer.points);
    if (answer.log_deviation) graph.keep(answer.log_deviation);
    return;
  }
  keypoints = graph.input(answer.points.desc(), "keypoints");
  mask = graph.input(answer.points.desc(), "mask");
  scope.enter("loss");
  loss = row_of(kind).build(answer, keypoints, mask, 1 / model.task.picture.half());
  graph.keep(loss);
  backward(loss);
}

}  // namespace lineament
