// An op's settings: one small plain struct of the op's own, read back only as the type it was written as.
#pragma once
#include <cstring>
#include <type_traits>

#include "base/check.h"

namespace lineament {

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

 private:
  template <class T>
  static constexpr char tag = 0;
  const char* type_ = nullptr;
  alignas(8) unsigned char bytes_[kBytes]{};
};

}  // namespace lineament
