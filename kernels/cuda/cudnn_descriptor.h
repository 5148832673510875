// A node of cuDNN's graph API, owned: its attributes are set by name and type, and what fails names them.
#pragma once
#include <algorithm>
#include <array>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/cuda/errors.h"

namespace lineament {

/// Enumerators of cuDNN with their names, for messages.
struct CudnnAttribute {
  cudnnBackendAttributeName_t id;
  const char* name;
};
struct CudnnKind {
  cudnnBackendDescriptorType_t id;
  const char* name;
};

template <class T>
inline constexpr cudnnBackendAttributeType_t cudnn_type_of = CUDNN_TYPE_INT64;
template <>
inline constexpr auto cudnn_type_of<float> = CUDNN_TYPE_FLOAT;
template <>
inline constexpr auto cudnn_type_of<bool> = CUDNN_TYPE_BOOLEAN;
template <>
inline constexpr auto cudnn_type_of<cudnnHandle_t> = CUDNN_TYPE_HANDLE;
template <>
inline constexpr auto cudnn_type_of<cudnnDataType_t> = CUDNN_TYPE_DATA_TYPE;
template <>
inline constexpr auto cudnn_type_of<cudnnConvolutionMode_t> = CUDNN_TYPE_CONVOLUTION_MODE;
template <>
inline constexpr auto cudnn_type_of<cudnnPointwiseMode_t> = CUDNN_TYPE_POINTWISE_MODE;
template <>
inline constexpr auto cudnn_type_of<cudnnBackendHeurMode_t> = CUDNN_TYPE_HEUR_MODE;
template <>
inline constexpr auto cudnn_type_of<cudnnBackendNumericalNote_t> = CUDNN_TYPE_NUMERICAL_NOTE;
template <>
inline constexpr auto cudnn_type_of<void*> = CUDNN_TYPE_VOID_PTR;

class CudnnDescriptor {
 public:
  CudnnDescriptor(const CudaContext& context, CudnnKind kind) : context_(&context), name_(kind.name) {
    expect(cudnnBackendCreateDescriptor(kind.id, &descriptor_), context, name_);
  }
  CudnnDescriptor(CudnnDescriptor&& other) noexcept
      : context_(other.context_),
        name_(other.name_),
        descriptor_(std::exchange(other.descriptor_, nullptr)) {}
  CudnnDescriptor& operator=(CudnnDescriptor&& other) noexcept {
    std::swap(context_, other.context_);
    std::swap(name_, other.name_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~CudnnDescriptor() {
    if (descriptor_) cudnnBackendDestroyDescriptor(descriptor_);
  }

  template <class T>
  void set(CudnnAttribute attribute, const T& value) {
    static_assert(std::is_scalar_v<T>);
    set_as(attribute, cudnn_type_of<T>, 1, &value);
  }
  template <class T, size_t N>
  void set(CudnnAttribute attribute, const std::array<T, N>& values) {
    set_as(attribute, cudnn_type_of<T>, N, values.data());
  }
  void set(CudnnAttribute attribute, const CudnnDescriptor& other) {
    set_as(attribute, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &other.descriptor_);
  }
  void set(CudnnAttribute attribute, const std::vector<CudnnDescriptor>& others) {
    const std::vector<cudnnBackendDescriptor_t> raw = raw_of(others);
    set_as(attribute, CUDNN_TYPE_BACKEND_DESCRIPTOR, static_cast<int64_t>(raw.size()), raw.data());
  }

  /// At most `most` values, as many as there are.
  template <class T>
  std::vector<T> get(CudnnAttribute attribute, int64_t most) const {
    std::vector<T> values(static_cast<size_t>(most));
    int64_t count = 0;
    expect(cudnnBackendGetAttribute(descriptor_, attribute.id, cudnn_type_of<T>, most, &count, values.data()),
           *context_, attribute.name);
    values.resize(static_cast<size_t>(std::min(count, most)));
    return values;
  }
  /// Fills descriptors that were made and not finished; how many it filled.
  int64_t get(CudnnAttribute attribute, std::span<CudnnDescriptor> others) const {
    std::vector<cudnnBackendDescriptor_t> raw = raw_of(others);
    int64_t count = 0;
    expect(cudnnBackendGetAttribute(descriptor_, attribute.id, CUDNN_TYPE_BACKEND_DESCRIPTOR,
                                    static_cast<int64_t>(raw.size()), &count, raw.data()),
           *context_, attribute.name);
    return std::min(count, static_cast<int64_t>(raw.size()));
  }

  /// Makes what was set usable. False where cuDNN has no way to do it.
  [[nodiscard]] bool finalize() {
    const cudnnStatus_t status = cudnnBackendFinalize(descriptor_);
    if (not_supported(status)) return false;
    expect(status, *context_, name_);
    return true;
  }
  /// The same where any answer but success only means: not this one.
  [[nodiscard]] bool try_finalize() { return cudnnBackendFinalize(descriptor_) == CUDNN_STATUS_SUCCESS; }

  cudnnBackendDescriptor_t raw() const { return descriptor_; }

 private:
  static std::vector<cudnnBackendDescriptor_t> raw_of(std::span<const CudnnDescriptor> descriptors) {
    std::vector<cudnnBackendDescriptor_t> raw;
    for (const CudnnDescriptor& d : descriptors) raw.push_back(d.descriptor_);
    return raw;
  }
  void set_as(CudnnAttribute attribute, cudnnBackendAttributeType_t type, int64_t count, const void* values) {
    expect(cudnnBackendSetAttribute(descriptor_, attribute.id, type, count, values), *context_,
           attribute.name);
  }

  const CudaContext* context_;
  const char* name_;
  cudnnBackendDescriptor_t descriptor_ = nullptr;
};

}  // namespace lineament
