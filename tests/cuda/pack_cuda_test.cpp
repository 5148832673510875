// Weights packed for the libraries, and gradients unpacked: each tap in its place, zeros around, in as many launches as
// it takes.
#include <doctest/doctest.h>

#include <array>

#include "base/random.h"
#include "kernels/cuda/pack.h"
#include "kernels/padding.h"
#include "tensor/backend.h"

using namespace lineament;

namespace {

struct Weights {
  Shape x, w;  // x of rank 2: of a dense layer
  int stride = 1;
  Padding padding = Padding::same();
};
const Weights kWeights[] = {
    {{2, 33}, {33, 7}},
    {{2, 1}, {1, 65}},
    {{1, 5, 5, 64}, {1, 1, 64, 32}},
    {{1, 8, 8, 3}, {3, 3, 3, 5}, 2},  // one zero behind a picture: a tap of zeros before the filter's
    {{1, 9, 8, 37}, {3, 5, 37, 33}, 2},
    {{1, 12, 12, 2}, {7, 7, 2, 40}, 2, Padding::all(3)},
};

/// One filter on the device, and where it is packed.
template <class T>
struct Packed {
  Memory w, to;
  std::array<View, 2> in;
  Params params;
  PackedFilter filter;
  std::vector<float> values;

  Packed(Backend& backend, const Weights& weights, uint64_t key)
      : w(backend, weights.w.elements() * sizeof(float)),
        to(backend),
        in{View{{weights.x, dtype_of<T>}}, View{{weights.w}, w.data()}},
        values(weights.w.elements()) {
    if (weights.x.rank() == 4)
      params = window_over("test", weights.x, static_cast<int>(weights.w[0]), static_cast<int>(weights.w[1]),
                           weights.stride, weights.padding);
    filter = packed_filter(in[1].desc, params);
    to.resize(filter.elements() * sizeof(T));
    backend.fill(to.data(), 0xFF, to.bytes());
    for (size_t i = 0; i < values.size(); ++i) values[i] = random_uniform(key, i) - 0.5f;
    backend.copy_in(w.data(), values.data(), w.bytes());
  }
  Call call(Backend& backend) const { return {in, {}, params, nullptr, backend.stream()}; }
  float value(int i, int j, int c, int o) const {
    return values[((int64_t{i} * filter.kw + j) * filter.c + c) * filter.o + o];
  }
};

template <class T>
void check_packed(Backend& backend, const Packed<T>& p) {
  const PackedFilter& f = p.filter;
  std::vector<T> got(static_cast<size_t>(f.elements()));
  backend.copy_out(got.data(), p.to.data(), got.size() * sizeof(T));
  size_t at = 0, wrong = 0;
  for (int o = 0; o < f.o; ++o)
    for (int i = -f.top; i < f.kh_all - f.top; ++i)
      for (int j = -f.left; j < f.kw_all - f.left; ++j)
        for (int c = 0; c < f.c; ++c) {
          const bool ours = i >= 0 && i < f.kh && j >= 0 && j < f.kw;
          wrong += float(got[at++]) != (ours ? float(T(p.value(i, j, c, o))) : 0.0f);
        }
  CHECK(wrong == 0);
}

template <class T>
void check_all() {
  Backend& backend = cuda_backend();
  std::vector<Packed<T>> all;
  for (int round = 0; round < 13; ++round)  // 78: more than one table holds
    for (const Weights& weights : kWeights) all.emplace_back(backend, weights, all.size());
  std::vector<PackCall> calls;
  for (const Packed<T>& p : all) calls.push_back({p.call(backend), p.to.data()});
  pack_weights(calls);
  for (const Packed<T>& p : all) check_packed(backend, p);

  for (const Packed<T>& p : all) {
    Memory back(backend, p.w.bytes());
    backend.fill(back.data(), 0xFF, back.bytes());
    unpack_filter(p.call(backend), p.filter, p.to.data(), dtype_of<T>, static_cast<float*>(back.data()));
    std::vector<float> got(p.values.size());
    backend.copy_out(got.data(), back.data(), back.bytes());
    size_t wrong = 0;
    for (size_t i = 0; i < got.size(); ++i) wrong += got[i] != float(T(p.values[i]));
    CHECK(wrong == 0);
  }
}

}  // namespace

TEST_CASE("packs: filters turned and padded, and turned back") {
  check_all<float>();
  check_all<bfloat16>();
}

TEST_CASE("packs: padding as cuDNN takes it") {
  const Params same = window_over("test", {1, 96, 96, 3}, 3, 3, 2, Padding::same());  // 0 before, 1 behind
  const PackedFilter f = packed_filter({{3, 3, 3, 8}}, same);
  CHECK(f.kh_all == 4);
  CHECK(f.top == 1);
}
