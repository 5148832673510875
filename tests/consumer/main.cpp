// A program that is not ours: trains nothing, asks a fresh network about four drawn faces.
#include <cstdio>

#include "data/drawn/synthetic.h"
#include "network/predictor.h"

int main() {
  using namespace lineament;
  Network network(find_model("cnn"), Loss::mean_squared_error, cpu_backend(), /*seed=*/1);
  for (const Keypoints& points : predict(network, synthetic_faces(4)))
    std::printf("nose at %.1f, %.1f\n", points[20], points[21]);
}
