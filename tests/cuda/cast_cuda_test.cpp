// Casts and the log of losses on CUDA: to the bit what they are on the CPU, but for which NaN a NaN becomes.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "kernels/elementwise_ops.h"
#include "tensor/op_call.h"
#include "tensor/program.h"

using namespace lineament;

namespace {

template <class T>
std::vector<T> cast_to(Backend& backend, const View& x) {
  Memory memory(backend, x.desc.elements() * sizeof(T) + 64);
  backend.fill(memory.data(), 0xFF, memory.bytes());
  const View y{{x.shape(), dtype_of<T>}, memory.data()};
  run_op(backend, cast_op, std::array{x}, std::array{y}, {});
  std::vector<T> values(x.desc.elements());
  backend.copy_out(values.data(), y.data, y.desc.bytes());
  return values;
}

template <class T>
std::vector<T> cast_from(Backend& backend, const auto& values) {
  using From = std::decay_t<decltype(values[0])>;
  Memory memory(backend, values.size() * sizeof(From));
  backend.copy_in(memory.data(), values.data(), memory.bytes());
  return cast_to<T>(backend, {{{static_cast<int64_t>(values.size())}, dtype_of<From>}, memory.data()});
}

}  // namespace

TEST_CASE("casts: f32 to bf16 and back as the CPU does, ties, NaN and infinity too") {
  for (size_t count : {1u, 7u, 64u, 1003u}) {
    std::vector<float> values(count);
    for (size_t i = 0; i < count; ++i)
      values[i] = std::bit_cast<float>(static_cast<uint32_t>(random_bits(3, i)));
    const float special[] = {0.0f,
                             -0.0f,
                             INFINITY,
                             -INFINITY,
                             NAN,
                             1.00390625f,
                             1.01171875f,
                             std::numeric_limits<float>::denorm_min(),
                             std::numeric_limits<float>::max()};
    for (size_t i = 0; i < std::min(count, std::size(special)); ++i) values[i] = special[i];
    const auto narrow = cast_from<bfloat16>(cuda_backend(), values),
               expected = cast_from<bfloat16>(cpu_backend(), values);
    const auto wide = cast_from<float>(cuda_backend(), narrow),
               expected_wide = cast_from<float>(cpu_backend(), expected);
    for (size_t i = 0; i < count; ++i) {
      if (std::isnan(values[i])) {
        CHECK(std::isnan(wide[i]));
        continue;
      }
      CHECK(narrow[i].bits == expected[i].bits);
      CHECK(std::bit_cast<uint32_t>(wide[i]) == std::bit_cast<uint32_t>(expected_wide[i]));
    }
  }
}

TEST_CASE("casts: the log of losses keeps each in its place, and health does not come back") {
  Backend& backend = cuda_backend();
  constexpr int64_t kPlaces = 5;
  Memory loss(backend, sizeof(float)), rng(backend, 2 * sizeof(uint64_t)),
      log(backend, kPlaces * sizeof(float)), healthy(backend, sizeof(float));
  const float one = 1;
  backend.copy_in(healthy.data(), &one, sizeof one);
  backend.fill(log.data(), 0, log.bytes());
  std::vector<float> expected(kPlaces, 0.0f);
  bool well = true;
  for (uint64_t step = 3; step < 12; ++step) {
    const float value = step == 8 ? NAN : static_cast<float>(step);
    const std::array<uint64_t, 2> key{99, step};
    backend.copy_in(loss.data(), &value, sizeof value);
    backend.copy_in(rng.data(), key.data(), sizeof key);
    const View log_view{{{kPlaces}}, log.data()}, healthy_view{{{1}}, healthy.data()};
    run_op(backend, note_loss_op,
           std::array<View, 4>{View{{{}}, loss.data()}, View{{{2}, DType::u64}, rng.data()}, log_view,
                               healthy_view},
           std::array{log_view, healthy_view}, {});
    expected[step % kPlaces] = value;
    well = well && std::isfinite(value);
    std::vector<float> got(kPlaces);
    float now = -1;
    backend.copy_out(got.data(), log.data(), log.bytes());
    backend.copy_out(&now, healthy.data(), sizeof now);
    for (size_t i = 0; i < got.size(); ++i)
      CHECK(std::bit_cast<uint32_t>(got[i]) == std::bit_cast<uint32_t>(expected[i]));
    CHECK(now == (well ? 1.0f : 0.0f));
  }
}
