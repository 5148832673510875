// What a call is told beside its tensors: the op's settings, one small plain struct of its own, read back only as the
// type it was written as; and how exact its products are to be.
#pragma once
#include <compare>
#include <cstring>
#include <type_traits>

#include "base/check.h"

namespace lineament {

/// How a call is to compute, where a backend has a choice.
struct Numerics {
  bool tf32 = false;           // f32 products may round their factors to 10 bits of fraction
  bool deterministic = false;  // the same bits in every run

  auto operator<=>(const Numerics&) const = default;
};

class Params {
 public:
  static constexpr size_t kBytes = 64;

  Params() = default;
  template <class T>
    requires(!std::is_same_v<T, Params>)
  Params(const T& value) : type_(&tag<T>) {  // implicit, so that apply(op, {x}, ConvParams{...}) reads well
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kBytes);
    std::memcpy(bytes_, &value, sizeof(T));
  }

  template <class T>
  const T& as() const {
    check(type_ == &tag<T>, "op parameters read as another type than they were written");
    return *reinterpret_cast<const T*>(bytes_);
  }
  bool operator==(const Params&) const = default;

  /// The same settings, to be computed so.
  Params with(const Numerics& wanted) const {
    Params params = *this;
    params.numerics = wanted;
    return params;
  }

  Numerics numerics = {};  // a program's, the same for all its calls

 private:
  template <class T>
  static constexpr char tag = 0;
  const char* type_ = nullptr;
  alignas(8) unsigned char bytes_[kBytes]{};
};

}  // namespace lineament
