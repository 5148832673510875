#include "layers/parameters.h"

#include "tensor/plan.h"

namespace lineament {

Parameters::Parameters(Backend& backend)
    : backend_(&backend), values_(backend), gradients_(backend), statistics_(backend) {}

const Parameter& Parameters::declare(const std::string& name, const Shape& shape, Home home, Init init) {
  if (const Parameter* found = find(name)) {
    check(found->desc.shape == shape && found->home == home, "{}: {} here, {} before", name, to_string(shape),
          to_string(found->desc.shape));
    return *found;
  }
  check(!allocated_, "{}: a parameter the first trace did not have", name);
  check(home == Home::parameters || home == Home::statistics, "{}: neither a parameter nor a statistic", name);
  size_t& end = home == Home::parameters ? flat_size_ : statistics_size_;
  index_[name] = all_.size();
  all_.push_back({name, {shape, DType::f32}, home, init, end});
  end += round_up(all_.back().desc.bytes()) / sizeof(float);
  return all_.back();
}

void Parameters::allocate(uint64_t seed) {
  check(!allocated_, "parameters allocated twice");
  allocated_ = true;
  make(values_, flat_size_);
  make(statistics_, statistics_size_);
  std::vector<float> values;
  for (const Parameter& p : all_) {
    values.resize(p.desc.elements());
    initialise(values, p.desc.shape, p.init, seed, p.name);
    write(p, values);
  }
}

const Parameter* Parameters::find(const std::string& name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? nullptr : &all_[found->second];
}

size_t Parameters::count() const {
  size_t total = 0;
  for (const Parameter& p : all_) total += p.desc.elements();
  for (const auto& [layer, numbers] : constants_) total += numbers;
  return total;
}

void Parameters::make(Memory& memory, size_t floats) {
  memory.resize(floats * sizeof(float));
  backend_->fill(memory.data(), 0, memory.bytes());
}

Buffers Parameters::buffers(bool with_gradients) {
  if (with_gradients && !gradients_.data()) make(gradients_, flat_size_);
  return {values_.data(), gradients_.data(), statistics_.data(), &version_};
}

View Parameters::flat_values() { return {{{static_cast<int64_t>(flat_size_)}}, values_.data()}; }
View Parameters::flat_gradients() { return {{{static_cast<int64_t>(flat_size_)}}, buffers().gradients}; }

void* Parameters::address(const Parameter& p) const {
  check(allocated_, "{}: read or written before its buffers were made", p.name);
  return static_cast<float*>(p.home == Home::parameters ? values_.data() : statistics_.data()) + p.offset;
}

std::vector<float> Parameters::read(const Parameter& p) const {
  std::vector<float> values(p.desc.elements());
  backend_->copy_out(values.data(), address(p), p.desc.bytes());
  return values;
}

void Parameters::write(const Parameter& p, std::span<const float> values) {
  check(values.size_bytes() == p.desc.bytes(), "{}: {} values written to {}", p.name, values.size(), to_string(p.desc));
  changed();
  backend_->copy_in(address(p), values.data(), values.size_bytes());
}

std::vector<float> Parameters::read_gradient(const Parameter& p) const {
  check(p.home == Home::parameters && gradients_.data(), "{}: has no gradient", p.name);
  std::vector<float> values(p.desc.elements());
  backend_->copy_out(values.data(), static_cast<float*>(gradients_.data()) + p.offset, p.desc.bytes());
  return values;
}

}  // namespace lineament
