// What a tensor is apart from its bytes: dense, row-major, rank 0 to 4, one element type. No strides, no views.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>

#include "base/check.h"
#include "tensor/bfloat16.h"

namespace lineament {

enum class DType : uint8_t { f32, f64, u8, u64, bf16 };

constexpr size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::f32: return 4;
    case DType::f64: return 8;
    case DType::u8: return 1;
    case DType::u64: return 8;
    case DType::bf16: return 2;
  }
  return 0;
}

constexpr const char* name_of(DType dtype) {
  constexpr const char* names[] = {"f32", "f64", "u8", "u64", "bf16"};
  return names[static_cast<int>(dtype)];
}

template <class T>
inline constexpr DType dtype_of = DType::f32;
template <>
inline constexpr DType dtype_of<double> = DType::f64;
template <>
inline constexpr DType dtype_of<uint8_t> = DType::u8;
template <>
inline constexpr DType dtype_of<uint64_t> = DType::u64;
template <>
inline constexpr DType dtype_of<bfloat16> = DType::bf16;

/// Pictures are [n, h, w, c], filters [kh, kw, c, o], matrices [rows, columns], vectors [c], a scalar [].
class Shape {
 public:
  static constexpr int kMaxRank = 4;

  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) : rank_(static_cast<int>(dims.size())) {
    check(rank_ <= kMaxRank, "a shape of rank {}, at most {} are held", rank_, kMaxRank);
    int i = 0;
    for (int64_t d : dims) dims_[i++] = d;
  }

  int rank() const { return rank_; }
  /// Negative counts from the back: [-1] is the innermost axis.
  int64_t operator[](int axis) const { return dims_[axis < 0 ? axis + rank_ : axis]; }
  /// The same but for the innermost axis.
  Shape with_last(int64_t dim) const {
    Shape shape = *this;
    shape.dims_[rank_ - 1] = dim;
    return shape;
  }
  size_t elements() const {
    size_t product = 1;
    for (int i = 0; i < rank_; ++i) product *= static_cast<size_t>(dims_[i]);
    return product;
  }
  bool operator==(const Shape&) const = default;

 private:
  int rank_ = 0;
  std::array<int64_t, kMaxRank> dims_{};
};

/// "[64, 96, 96, 1]"
std::string to_string(const Shape& shape);

struct Desc {
  Shape shape;
  DType dtype = DType::f32;

  size_t elements() const { return shape.elements(); }
  size_t bytes() const { return elements() * size_of(dtype); }
  bool operator==(const Desc&) const = default;
};

/// "f32 [64, 96, 96, 1]"
std::string to_string(const Desc& desc);

}  // namespace lineament
