#include "models/baselines.h"

#include "layers/layers.h"

namespace lineament {

Value baseline(Scope& s, Value images, int outputs) {
  const Value scores = layers::dense(s, "dense", flatten(images), outputs);
  return softmax(scores);
}

Value dense2(Scope& s, Value images, int outputs) {
  const Value x = relu(layers::dense(s, "dense", flatten(images), 128));
  return layers::dense(s, "dense_1", x, outputs);
}

Value cnn(Scope& s, Value images, int outputs, float dropout) {
  Value x =
      layers::conv2d(s, "conv2d", images, {.filters = 64, .padding = Padding::valid()});  // of 96x96: [n,94,94,64]
  // The study's relu comes before the pool. The largest is the largest either way, and behind it a quarter is left to do.
  x = relu(max_pool(x, {.size = 2, .stride = 2}));  // [n,47,47,64]
  x = flatten(layers::dropout(s, x, dropout));      // [n,141376]
  x = layers::dense(s, "dense", x, 96);
  x = layers::batch_norm(s, "batch_normalization", x, {.activation = Activation::relu});
  return layers::dense(s, "dense_1", x, outputs);
}

}  // namespace lineament
