// Work: an op on given shapes, its name for people, and what it costs at least: flops and bytes.
#pragma once
#include <string>
#include <vector>

#include "tensor/op.h"
#include "tensor/program.h"

namespace lineament {

struct Work {
  const Op* op;
  Params params;
  std::vector<Desc> in, out;

  std::vector<Desc> descs() const;  // as a kernel's `supports` and `workspace` see them
};

Work work_of(const Graph& graph, const Node& node);
Work work_of(const Program::Step& step);

/// "forward", "dx", "dw", "backward" or "update".
std::string pass_of(const Work& work);
/// "conv2d 3x3/2 48x48x64 to 24x24x128": the same for all its passes; pictures of a batch are not counted.
std::string name_of(const Work& work);

/// Sums over a program's nodes.
struct Counts {
  double flops = 0;
  size_t nodes = 0;
};
/// Runs it once.
Counts count(Program& program);

/// The matrix-like ops. Everything else is bound by memory.
enum class Kind { convolution, depthwise, dense, other };
Kind kind_of(const Work& work);
/// 3x3 taps that visit every pixel, of a convolution proper: Winograd's ground.
bool is_3x3_stride_1(const Work& work);

/// Of the direct formula, padded taps included, a multiply-add counted 2; 0 for Kind::other.
double flops_of(const Work& work);
/// Every input and output once.
double bytes_of(const Work& work);

}  // namespace lineament
