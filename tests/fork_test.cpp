// A process that has answered forks, as servers do: its children answer too.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <thread>
#include <vector>

#include "data/drawn/synthetic.h"
#include "network/predictor.h"

using namespace lineament;

namespace {

/// What fork()'s child makes of `holds`: 0 where it is true. A child that hangs is ended by its alarm.
template <class F>
int child_status(F holds) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    try {
      _exit(holds() ? 0 : 1);
    } catch (...) {
      _exit(2);
    }
  }
  int status = -1;
  return waitpid(child, &status, 0) == child ? status : -1;
}

struct Answering {
  Faces faces = synthetic_faces(4);
  std::unique_ptr<Network> network = std::make_unique<Network>(
      find_model("cnn"), Loss::mean_squared_error, cpu_backend(), /*seed=*/1, ProgramOptions{.threads = 3});
  std::vector<Keypoints> expected = predict(*network, faces, 2);  // OpenMP's threads run from here on

  bool right() { return predict(*network, faces, 2) == expected; }
};

}  // namespace

TEST_CASE("a predictor answers in a forked child, in a child of that and still in the parent") {
  Answering answering;
  for (int repeat = 0; repeat < 2; ++repeat) {
    CHECK(child_status([&] {
            return answering.right() && child_status([&] { return answering.right(); }) == 0 && answering.right();
          }) == 0);
    CHECK(answering.right());
  }
}

TEST_CASE("a child forked on another thread answers too") {
  Answering answering;
  int status = -1;
  std::thread([&] { status = child_status([&] { return answering.right(); }); }).join();
  CHECK(status == 0);
  CHECK(answering.right());
}

TEST_CASE("a fork inside the host's parallel region does not hang its child") {
  Answering answering;
  int status = -1;
#pragma omp parallel num_threads(2)
#pragma omp master
  status = child_status([&] { return answering.right(); });
  CHECK(status == 0);
  CHECK(answering.right());
}
