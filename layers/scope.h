// A trace in progress: the tape, the parameters it draws on, and whether it is for training.
#pragma once
#include <string>

#include "layers/parameters.h"
#include "tensor/graph.h"

namespace lineament {

enum class Mode { train, infer };

/// One per trace. Layers find their parameters by "layer/kind", Keras's names.
class Scope {
 public:
  Scope(Graph& graph, Parameters& parameters, Mode mode, Value rng = {})
      : graph_(graph), parameters_(parameters), mode_(mode), rng_(rng) {}

  Graph& graph() { return graph_; }
  bool training() const { return mode_ == Mode::train; }
  /// {seed, step}: what dropout draws from. Only training has one;
  /// a training trace without one drops nothing.
  Value rng() const { return rng_; }
  bool drops() const { return training() && rng_; }
  /// The same trace, where nothing is dropped from here on.
  Scope without_drops() const { return {graph_, parameters_, mode_}; }
  /// Tells one layer's draws from another's.
  uint64_t next_stream() { return streams_++; }

  /// Nodes emitted from here on belong to `layer`.
  void enter(const std::string& layer) { graph_.set_label(layer); }
  Value parameter(const std::string& name, const Shape& shape, Init init);
  Value statistic(const std::string& name, const Shape& shape, Init init);
  void constants(const std::string& layer, int numbers) { parameters_.declare_constants(layer, static_cast<size_t>(numbers)); }

 private:
  Value declare(const std::string& name, const Shape& shape, Home home, Init init);

  Graph& graph_;
  Parameters& parameters_;
  Mode mode_;
  Value rng_;
  uint64_t streams_ = 0;
};

}  // namespace lineament
