// In what numbers a program computes: f32 throughout, or bf16 for what stands between layers, beside f32 for what is learned.
#pragma once
#include <span>
#include <vector>

#include "base/choice.h"
#include "tensor/graph.h"

namespace lineament {

enum class Precision : uint8_t {
  f32,   // exact products
  tf32,  // f32 in memory; products may round their factors to 10 bits of fraction
  bf16,  // pictures and rows in bf16, their arithmetic in f32; products of what stays f32 as tf32
};

template <>
struct Choices<Precision> {
  static constexpr Choice<Precision> kRows[] = {
      {"f32", Precision::f32, "exact products"},
      {"tf32", Precision::tf32, "on cuda: products of 10 bits"},
      {"bf16", Precision::bf16, "on cuda: what layers make in 16 bits, weights and sums in f32"},
  };
  static constexpr std::span<const Choice<Precision>> rows() { return kRows; }
};

/// What each call of a program is told.
constexpr Numerics numerics_of(Precision precision, bool deterministic) {
  return {.tf32 = precision != Precision::f32, .deterministic = deterministic};
}

/// Makes bf16 of every temporary of rank 2 or more that is made and read at narrow positions alone (Op::narrow_in and
/// narrow_out). What is also needed in f32 (by an op that computes in it, or by the host) gets a twin, and one `cast` node
/// that makes it just before it is first read. Ops whose answers are only read in f32 compute in it: no loss sees an answer
/// that was rounded. Parameters, gradients, statistics, inputs and kept values stay f32. Appends to `values`.
void narrow_to_bf16(std::vector<Node>& nodes, std::vector<ValueInfo>& values);

}  // namespace lineament
