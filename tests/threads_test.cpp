// Inside a host program, which has threads and OpenMP settings of its own.
#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "data/drawn/synthetic.h"
#include "network/predictor.h"

extern "C" {  // omp.h is for kernels/cpu alone
int omp_get_max_threads();
void omp_set_num_threads(int);
}

using namespace lineament;

namespace {

std::unique_ptr<Network> some_network(int threads = 0) {
  return std::make_unique<Network>(find_model("cnn"), Loss::mean_squared_error, cpu_backend(), /*seed=*/1,
                                   ProgramOptions{.threads = threads});
}

/// Small batches: many runs.
std::vector<Keypoints> answers(Network& network, const Faces& faces) { return predict(network, faces, 2); }

/// Runs f(i) for i < count, each on a thread of its own, all at once; what one throws fails the test.
template <class F>
void on_threads(size_t count, F f) {
  std::vector<std::string> thrown(count);
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < count; ++i)
      threads.emplace_back([&, i] {
        try {
          f(i);
        } catch (const std::exception& error) {
          thrown[i] = error.what();
        }
      });
  }
  for (const std::string& said : thrown) CHECK(said == "");
}

struct UsualThreads {
  ~UsualThreads() { set_threads(0); }
};

}  // namespace

TEST_CASE("a predictor runs on any thread with the number of threads that it was made for") {
  const UsualThreads usual;
  const Faces faces = synthetic_faces(4);
  set_threads(1);
  const std::vector<Keypoints> expected = answers(*some_network(), faces);
  for (const int made_for : {1, 3}) {
    set_threads(made_for);
    const auto network = some_network();
    for (const int now : {1, 2, 5}) {
      set_threads(now);
      on_threads(1, [&](size_t) { CHECK(answers(*network, faces) == expected); });
      CHECK(answers(*network, faces) == expected);
    }
  }
  CHECK(answers(*some_network(4), faces) == expected);
}

TEST_CASE("set_threads is a setting of the process and leaves OpenMP's alone") {
  const UsualThreads usual;
  const int before = omp_get_max_threads();
  for (const int count : {before + 3, 1}) {
    set_threads(count);
    CHECK(threads() == count);
    on_threads(1, [&](size_t) { CHECK(threads() == count); });
    CHECK(omp_get_max_threads() == before);
  }
  omp_set_num_threads(before + 1);  // nor is it changed by them
  CHECK(threads() == 1);
  omp_set_num_threads(before);
  set_threads(0);
  CHECK(threads() >= 1);
}

TEST_CASE("a scope's number of threads is its thread's alone, and ends with it") {
  const UsualThreads usual;
  set_threads(2);
  {
    const ThreadsScope scope(3), unchanged(0);
    CHECK(threads() == 3);
    on_threads(1, [](size_t) { CHECK(threads() == 2); });
  }
  CHECK(threads() == 2);
}

TEST_CASE("threads with a predictor each agree to the bit") {
  const Faces faces = synthetic_faces(5);
  const std::vector<Keypoints> expected = answers(*some_network(), faces);
  on_threads(6, [&](size_t i) {
    const auto network = some_network(static_cast<int>(i % 3) + 1);
    for (int repeat = 0; repeat < 3; ++repeat) CHECK(answers(*network, faces) == expected);
  });
}

TEST_CASE("threads that share a predictor are told so and never get a wrong answer") {
  const auto network = some_network(1);
  std::vector<Faces> faces;
  std::vector<std::vector<Keypoints>> expected;
  for (const uint64_t seed : {1, 2, 3, 4}) {
    faces.push_back(synthetic_faces(2, seed));
    expected.push_back(answers(*network, faces.back()));
  }
  std::atomic<int> refused = 0, wrong = 0, answered = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  on_threads(faces.size(), [&](size_t i) {
    while ((refused < 20 || answered < 20) && std::chrono::steady_clock::now() < end) try {
        if (answers(*network, faces[i]) != expected[i]) ++wrong;
        ++answered;
      } catch (const RunError& error) {
        ++refused;
        if (error.what() != std::string("a predictor answers one thread at a time: give each thread its own")) throw;
        std::this_thread::yield();
      }
  });
  CHECK(wrong == 0);
  CHECK(refused > 0);
  CHECK(answered > 0);
  CHECK(answers(*network, faces[0]) == expected[0]);  // and goes on
}

TEST_CASE("predictors answer inside the host's own parallel region") {
  const Faces faces = synthetic_faces(3);
  const std::vector<Keypoints> expected = answers(*some_network(), faces);
  std::atomic<int> regions = 0, right = 0;
#pragma omp parallel num_threads(3)
  {
    ++regions;
    const auto network = some_network(1 + regions % 2);
    if (answers(*network, faces) == expected) ++right;
  }
  CHECK(regions == 3);
  CHECK(right == 3);
}
