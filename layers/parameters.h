// A model's state: every parameter and running statistic, by its Keras name, in flat buffers with equal offsets.
#pragma once
#include <map>
#include <span>
#include <string>
#include <vector>

#include "layers/init.h"
#include "tensor/backend.h"
#include "tensor/program.h"

namespace lineament {

struct Parameter {
  std::string name;  // "dense/kernel"
  Desc desc;         // f32
  Home home;         // parameters, which are trained, or statistics
  Init init;
  size_t offset;     // in floats, into its home's buffer
};

/// Invariant: a name keeps its shape, home and offset from its first declaration on; after allocate() none is added, so
/// every trace of the model, for training or inference and for any batch, finds the same bytes.
class Parameters {
 public:
  explicit Parameters(Backend& backend);

  /// Finds `name`, or declares it on the first trace.
  const Parameter& declare(const std::string& name, const Shape& shape, Home home, Init init);
  /// So many numbers of a layer are constants of its op: counted, as Keras counts them, but not stored.
  void declare_constants(const std::string& layer, size_t numbers) { constants_[layer] = numbers; }
  /// Makes the buffers and fills them: initial values depend on (seed, name) alone.
  void allocate(uint64_t seed);

  const std::vector<Parameter>& all() const { return all_; }
  const Parameter* find(const std::string& name) const;
  /// Elements of all parameters and statistics, and constants, as Keras's summary counts them.
  size_t count() const;

  Backend& backend() const { return *backend_; }
  /// For programs. Gradients have memory from the first time that somebody asks for them.
  Buffers buffers(bool with_gradients = true);
  /// Floats in the flat buffer of trained values, padding between parameters included; gradients have as many.
  size_t flat_size() const { return flat_size_; }
  View flat_values();
  View flat_gradients();
  /// Whoever packed filters packs them anew. To be called for each step that writes to values.
  void changed() { ++version_; }

  std::vector<float> read(const Parameter& parameter) const;
  /// Fails with a check where the sizes differ.
  void write(const Parameter& parameter, std::span<const float> values);
  std::vector<float> read_gradient(const Parameter& parameter) const;

 private:
  void* address(const Parameter& parameter) const;
  void make(Memory& memory, size_t floats);

  Backend* backend_;
  std::vector<Parameter> all_;
  std::map<std::string, size_t> index_, constants_;
  size_t flat_size_ = 0, statistics_size_ = 0;
  bool allocated_ = false;
  uint64_t version_ = 0;
  Memory values_, gradients_, statistics_;
};

}  // namespace lineament
