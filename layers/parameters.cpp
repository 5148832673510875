#include "layers/parameters.h"

#include "tensor/plan.h"

namespace lineament {

Parameters::Parameters(Backend& backend)
    : backend_(&backend), values_(backend), gradients_(backend), statistics_(backend) {}

const Parameter& Parameters::declare(const std::string& name, const Shape& shape, Home home, Init init,
                                     bool trainable) {
  if (const Parameter* found = find(name)) {
    check(found->desc.shape == shape && found->home == home, "{}: {} here, {} before", name, to_string(shape),
          to_string(found->desc.shape));
    return *found;
  }
  check(!allocated_, "{}: a parameter the first trace did not have", name);
  check(home == Home::parameters || home == Home::statistics, "{}: neither a parameter nor a statistic", name);
  size_t& end = home == Home::parameters ? flat_size_ : statistics_size_;
  index_[name] = all_.size();
  all_.push_back({name, {shape, DType::f32}, home, trainable && home == Home::parameters, init, end});
  end += round_up(all_.back().desc.bytes()) / sizeof(float);
  return all_.back();
}

void Parameters::allocate(uint64_t seed) {
  check(!allocated_, "parameters allocated twice");
  allocated_ = true;
  for (auto [memory, size] : {std::pair{&values_, flat_size_}, {&gradients_, flat_size_}, {&statistics_, statistics_size_}}) {
    memory->resize(size * sizeof(float));
    backend_->fill(memory->data(), 0, memory->bytes());
  }
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
  return total;
}

size_t Parameters::trainable_count() const {
  size_t total = 0;
  for (const Parameter& p : all_) total += p.trainable ? p.desc.elements() : 0;
  return total;
}

View Parameters::flat_values() {
  ++version_;
  return {{{static_cast<int64_t>(flat_size_)}}, values_.data()};
}
View Parameters::flat_gradients() const { return {{{static_cast<int64_t>(flat_size_)}}, gradients_.data()}; }

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
  ++version_;
  backend_->copy_in(address(p), values.data(), values.size_bytes());
}

std::vector<float> Parameters::read_gradient(const Parameter& p) const {
  check(p.home == Home::parameters && allocated_, "{}: has no gradient", p.name);
  std::vector<float> values(p.desc.elements());
  backend_->copy_out(values.data(), static_cast<float*>(gradients_.data()) + p.offset, p.desc.bytes());
  return values;
}

}  // namespace lineament
