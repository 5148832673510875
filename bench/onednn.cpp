#include "bench/onednn.h"

#include <algorithm>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>

#include "bench/trial.h"
#include "kernels/elementwise_ops.h"
#include "kernels/formulas.h"
#include "kernels/padding.h"
#include "kernels/spatial_ops.h"

namespace lineament {
namespace {

using dnnl::algorithm;
using dnnl::memory;
using dnnl::prop_kind;
using Desc4 = memory::desc;
using Dims = memory::dims;
using Tag = memory::format_tag;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

Desc4 tensor(const Dims& dims, Tag tag) { return {dims, memory::data_type::f32, tag}; }

// Shapes as oneDNN says them: NCHW whatever the layout, filters [o,c,kh,kw] or, by channel, [c,1,1,kh,kw].
Dims picture(const Shape& s) {
  if (s.rank() == 4) return {s[0], s[3], s[1], s[2]};
  return {s[0], s[1]};
}
Dims filter(const Shape& w, bool depthwise) {
  if (depthwise) return {w[2], 1, 1, w[0], w[1]};
  return {w[3], w[2], w[0], w[1]};
}

/// A primitive and the tensors that it reads and writes.
struct Setup {
  std::string name;
  dnnl::primitive primitive;
  std::vector<std::pair<int, Desc4>> tensors;
  std::function<void(std::unordered_map<int, memory>&)>
      prepare;  // fills what may not be random; null: nothing

  double bytes() const {
    double sum = 0;
    for (const auto& [role, desc] : tensors) sum += double(desc.get_size());
    return sum;
  }
};

Rival ready(const Setup& setup) {
  using Arguments = std::unordered_map<int, memory>;
  auto sets = std::make_shared<std::vector<Arguments>>(setup.bytes() > kBeyondCaches ? 1 : 2);
  for (Arguments& arguments : *sets) {
    for (const auto& [role, desc] : setup.tensors) {
      memory& m = arguments[role] = memory(desc, cpu());
      if (desc.get_data_type() != memory::data_type::f32) continue;
      const bool positive = desc.get_dims().size() < 2;
      fill_randomly({static_cast<float*>(m.get_data_handle()), desc.get_size() / sizeof(float)},
                    positive ? 0.5f : -1.0f, positive ? 1.5f : 1.0f);
    }
    if (setup.prepare) setup.prepare(arguments);
  }
  auto stream = std::make_shared<dnnl::stream>(cpu());
  return {setup.name, [sets, stream, primitive = setup.primitive, next = size_t{0}]() mutable {
            primitive.execute(*stream, (*sets)[next++ % sets->size()]);
            stream->wait();
          }};
}

template <class Description>
std::string name_of(Tag tag, const Description& pd) {
  const char* layout = tag == Tag::any       ? "any "
                       : tag == Tag::nhwc    ? "nhwc "
                       : tag == Tag::nChw16c ? "blocked16 "
                       : tag == Tag::nChw8c  ? "blocked8 "
                                             : "";
  return layout + std::string(pd.impl_info_str());
}

algorithm algorithm_of(Activation kind) {
  if (kind == Activation::sigmoid) return algorithm::eltwise_logistic_use_dst_for_bwd;
  return kind == Activation::swish ? algorithm::eltwise_swish : algorithm::eltwise_relu_use_dst_for_bwd;
}

// One function each: the primitive in one layout, or none.

std::optional<Setup> convolution(const Work& work, Tag tag) {
  const auto& f = work.params.as<Window>();
  const bool depthwise = kind_of(work) == Kind::depthwise;
  const std::string pass = pass_of(work);
  const Shape& x_shape = (pass == "dx" ? work.out[0] : work.in[0]).shape;
  const Shape& w_shape = (pass == "dw" ? work.out[0] : work.in[1]).shape;
  const Shape& y_shape = (pass == "forward" ? work.out[0] : work.in[pass == "dx" ? 0 : 1]).shape;
  const Desc4 x = tensor(picture(x_shape), tag), y = tensor(picture(y_shape), tag);
  const Desc4 w = tensor(filter(w_shape, depthwise), Tag::any);
  const Dims strides{f.stride, f.stride}, before{f.top, f.left}, after{f.bottom(), f.right()};

  dnnl::primitive_attr finish;
  if (f.activation != Activation::none) {
    dnnl::post_ops after_sum;
    const bool leaky = f.activation == Activation::leaky_relu;
    after_sum.append_eltwise(algorithm_of(f.activation), leaky ? kLeakySlope : 0, 0);
    finish.set_post_ops(after_sum);
  }

  using Forward = dnnl::convolution_forward;
  const bool bias = pass == "forward" && work.in.size() > 2;
  const Forward::primitive_desc forward =
      bias ? Forward::primitive_desc(cpu(), prop_kind::forward_training, algorithm::convolution_auto, x, w,
                                     tensor({w_shape[depthwise ? 2 : 3]}, Tag::a), y, strides, before, after,
                                     finish, true)
           : Forward::primitive_desc(cpu(), prop_kind::forward_training, algorithm::convolution_auto, x, w, y,
                                     strides, before, after, finish, true);
  if (!forward) return std::nullopt;
  if (pass == "forward") {
    Setup setup{name_of(tag, forward),
                Forward(forward),
                {{DNNL_ARG_SRC, forward.src_desc()},
                 {DNNL_ARG_WEIGHTS, forward.weights_desc()},
                 {DNNL_ARG_DST, forward.dst_desc()}},
                {}};
    if (bias) setup.tensors.push_back({DNNL_ARG_BIAS, forward.bias_desc()});
    return setup;
  }
  if (pass == "dx") {
    const dnnl::convolution_backward_data::primitive_desc pd(cpu(), algorithm::convolution_auto, x, w, y,
                                                             strides, before, after, forward, {}, true);
    if (!pd) return std::nullopt;
    return Setup{name_of(tag, pd),
                 dnnl::convolution_backward_data(pd),
                 {{DNNL_ARG_DIFF_DST, pd.diff_dst_desc()},
                  {DNNL_ARG_WEIGHTS, pd.weights_desc()},
                  {DNNL_ARG_DIFF_SRC, pd.diff_src_desc()}},
                 {}};
  }
  const dnnl::convolution_backward_weights::primitive_desc pd(cpu(), algorithm::convolution_auto, x, w, y,
                                                              strides, before, after, forward, {}, true);
  if (!pd) return std::nullopt;
  return Setup{name_of(tag, pd),
               dnnl::convolution_backward_weights(pd),
               {{DNNL_ARG_SRC, pd.src_desc()},
                {DNNL_ARG_DIFF_DST, pd.diff_dst_desc()},
                {DNNL_ARG_DIFF_WEIGHTS, pd.diff_weights_desc()}},
               {}};
}

std::optional<Setup> inner_product(const Work& work, Tag) {
  const std::string pass = pass_of(work);
  const Desc &x_desc = pass == "dx" ? work.out[0] : work.in[0],
             &w_desc = pass == "dw" ? work.out[0] : work.in[1];
  const Desc& y_desc = pass == "forward" ? work.out[0] : work.in[pass == "dx" ? 0 : 1];
  const Shape& w_shape = w_desc.shape;
  const Desc4 x = tensor(picture(x_desc.shape), Tag::any), y = tensor(picture(y_desc.shape), Tag::any);
  const Desc4 w = tensor({w_shape[1], w_shape[0]}, Tag::any);
  using Forward = dnnl::inner_product_forward;
  const bool bias = pass == "forward" && work.in.size() > 2;
  const Forward::primitive_desc forward =
      bias ? Forward::primitive_desc(cpu(), prop_kind::forward_training, x, w, tensor({w_shape[1]}, Tag::a),
                                     y, {}, true)
           : Forward::primitive_desc(cpu(), prop_kind::forward_training, x, w, y, {}, true);
  if (!forward) return std::nullopt;
  if (pass == "forward") {
    Setup setup{name_of(Tag::undef, forward),
                Forward(forward),
                {{DNNL_ARG_SRC, forward.src_desc()},
                 {DNNL_ARG_WEIGHTS, forward.weights_desc()},
                 {DNNL_ARG_DST, forward.dst_desc()}},
                {}};
    if (bias) setup.tensors.push_back({DNNL_ARG_BIAS, forward.bias_desc()});
    return setup;
  }
  if (pass == "dx") {
    const dnnl::inner_product_backward_data::primitive_desc pd(cpu(), x, w, y, forward, {}, true);
    if (!pd) return std::nullopt;
    return Setup{name_of(Tag::undef, pd),
                 dnnl::inner_product_backward_data(pd),
                 {{DNNL_ARG_DIFF_DST, pd.diff_dst_desc()},
                  {DNNL_ARG_WEIGHTS, pd.weights_desc()},
                  {DNNL_ARG_DIFF_SRC, pd.diff_src_desc()}},
                 {}};
  }
  const dnnl::inner_product_backward_weights::primitive_desc pd(cpu(), x, w, y, forward, {}, true);
  if (!pd) return std::nullopt;
  return Setup{name_of(Tag::undef, pd),
               dnnl::inner_product_backward_weights(pd),
               {{DNNL_ARG_SRC, pd.src_desc()},
                {DNNL_ARG_DIFF_DST, pd.diff_dst_desc()},
                {DNNL_ARG_DIFF_WEIGHTS, pd.diff_weights_desc()}},
               {}};
}

/// Without activation, or with relu: what one primitive of oneDNN does.
std::optional<Setup> batch_norm(const Work& work, Tag tag) {
  const bool backward = work.op == &batch_norm_grad_op;
  const Activation activation = backward ? work.params.as<BatchNormGradParams>().activation
                                         : work.params.as<BatchNormParams>().activation;
  const bool residual = backward ? work.out.size() > 3 : work.in.size() > 5;
  if (residual || (activation != Activation::none && activation != Activation::relu)) return std::nullopt;
  const Shape& shape = work.in[0].shape;
  const Desc4 x = tensor(picture(shape), shape.rank() == 4 ? tag : Tag::nc);
  auto flags = dnnl::normalization_flags::use_scale | dnnl::normalization_flags::use_shift;
  const bool relu = activation == Activation::relu;
  if (relu) flags = flags | dnnl::normalization_flags::fuse_norm_relu;
  const dnnl::batch_normalization_forward::primitive_desc forward(cpu(), prop_kind::forward_training, x, x,
                                                                  1e-3f, flags, {}, true);
  if (!forward) return std::nullopt;
  const Desc4 vector = tensor({shape[-1]}, Tag::a);
  Setup setup{
      {},
      {},
      {{DNNL_ARG_SRC, x}, {DNNL_ARG_MEAN, vector}, {DNNL_ARG_VARIANCE, vector}, {DNNL_ARG_SCALE, vector}},
      {}};
  const auto add = [&](int role, const Desc4& desc) { setup.tensors.push_back({role, desc}); };
  if (relu) add(DNNL_ARG_WORKSPACE, forward.workspace_desc());
  if (!backward) {
    add(DNNL_ARG_SHIFT, vector);
    add(DNNL_ARG_DST, x);
    setup.name = name_of(tag, forward);
    setup.primitive = dnnl::batch_normalization_forward(forward);
    return setup;
  }
  const dnnl::batch_normalization_backward::primitive_desc pd(cpu(), prop_kind::backward, x, x, x, 1e-3f,
                                                              flags, forward, {}, true);
  if (!pd) return std::nullopt;
  for (const int role : {DNNL_ARG_DIFF_DST, DNNL_ARG_DIFF_SRC}) add(role, x);
  for (const int role : {DNNL_ARG_DIFF_SCALE, DNNL_ARG_DIFF_SHIFT}) add(role, vector);
  setup.name = name_of(tag, pd);
  setup.primitive = dnnl::batch_normalization_backward(pd);
  return setup;
}

std::optional<Setup> max_pool(const Work& work, Tag tag) {
  const auto& f = work.params.as<Window>();
  const bool backward = work.op == &max_pool_dx_op;
  const Desc4 x = tensor(picture((backward ? work.out : work.in)[0].shape), tag);
  const Desc4 y = tensor(picture((backward ? work.in : work.out)[0].shape), tag);
  const Dims strides{f.stride, f.stride}, taps{f.kh, f.kw}, dilation{0, 0}, before{f.top, f.left},
      after{f.bottom(), f.right()};
  const dnnl::pooling_forward::primitive_desc forward(cpu(), prop_kind::forward_training,
                                                      algorithm::pooling_max, x, y, strides, taps, dilation,
                                                      before, after, {}, true);
  if (!forward) return std::nullopt;
  const std::pair<int, Desc4> argmax{DNNL_ARG_WORKSPACE, forward.workspace_desc()};
  const dnnl::pooling_forward pool(forward);
  if (!backward)
    return Setup{name_of(tag, forward), pool, {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}, argmax}, {}};
  const dnnl::pooling_backward::primitive_desc pd(cpu(), algorithm::pooling_max, x, y, strides, taps,
                                                  dilation, before, after, forward, {}, true);
  if (!pd) return std::nullopt;
  const auto find_argmax = [pool](std::unordered_map<int, memory>& arguments) {
    dnnl::stream stream(cpu());
    memory& pictures = arguments[DNNL_ARG_DIFF_SRC];
    pool.execute(stream, {{DNNL_ARG_SRC, pictures},
                          {DNNL_ARG_DST, arguments[DNNL_ARG_DIFF_DST]},
                          {DNNL_ARG_WORKSPACE, arguments[DNNL_ARG_WORKSPACE]}});
    stream.wait();
  };
  return Setup{name_of(tag, pd),
               dnnl::pooling_backward(pd),
               {{DNNL_ARG_DIFF_SRC, x}, {DNNL_ARG_DIFF_DST, y}, argmax},
               find_argmax};
}

std::optional<Setup> activation(const Work& work, Tag) {
  const Activation kind = work.params.as<ActivationParams>().kind;
  if (kind != Activation::relu && kind != Activation::swish && kind != Activation::sigmoid)
    return std::nullopt;
  const bool backward = work.op == &activate_grad_op, from_x = kind == Activation::swish;
  const algorithm how = algorithm_of(kind);
  const float alpha = kind == Activation::swish ? 1.0f : 0.0f;
  const Desc4 flat = tensor({1, int64_t(work.in[0].elements())}, Tag::ab);
  const dnnl::eltwise_forward::primitive_desc forward(cpu(), prop_kind::forward_training, how, flat, flat,
                                                      alpha, 0.0f, {}, true);
  if (!forward) return std::nullopt;
  if (!backward)
    return Setup{name_of(Tag::undef, forward),
                 dnnl::eltwise_forward(forward),
                 {{DNNL_ARG_SRC, flat}, {DNNL_ARG_DST, flat}},
                 {}};
  const dnnl::eltwise_backward::primitive_desc pd(cpu(), how, flat, flat, flat, alpha, 0.0f, forward, {},
                                                  true);
  if (!pd) return std::nullopt;
  return Setup{
      name_of(Tag::undef, pd),
      dnnl::eltwise_backward(pd),
      {{from_x ? DNNL_ARG_SRC : DNNL_ARG_DST, flat}, {DNNL_ARG_DIFF_DST, flat}, {DNNL_ARG_DIFF_SRC, flat}},
      {}};
}

std::optional<Setup> addition(const Work& work, Tag) {
  const Desc4 flat = tensor({1, int64_t(work.in[0].elements())}, Tag::ab);
  const dnnl::binary::primitive_desc pd(cpu(), algorithm::binary_add, flat, flat, flat, {}, true);
  if (!pd) return std::nullopt;
  return Setup{name_of(Tag::undef, pd),
               dnnl::binary(pd),
               {{DNNL_ARG_SRC_0, flat}, {DNNL_ARG_SRC_1, flat}, {DNNL_ARG_DST, flat}},
               {}};
}

struct Counterpart {
  const Op* op;
  std::optional<Setup> (*set_up)(const Work&, Tag);
  std::vector<Tag> layouts;
};

const std::vector<Counterpart>& counterparts() {
  const std::vector<Tag> any{Tag::any, Tag::nhwc, Tag::nChw16c, Tag::nChw8c},
      given(any.begin() + 1, any.end()), one{Tag::undef};
  static const std::vector<Counterpart> table{
      {&conv2d_op, convolution, any},
      {&conv2d_dx_op, convolution, any},
      {&conv2d_dw_op, convolution, any},
      {&depthwise_conv2d_op, convolution, any},
      {&depthwise_conv2d_dx_op, convolution, any},
      {&depthwise_conv2d_dw_op, convolution, any},
      {&dense_op, inner_product, one},
      {&dense_dx_op, inner_product, one},
      {&dense_dw_op, inner_product, one},
      {&batch_norm_train_op, batch_norm, given},
      {&batch_norm_grad_op, batch_norm, given},
      {&max_pool_op, max_pool, given},
      {&max_pool_dx_op, max_pool, given},
      {&activate_op, activation, one},
      {&activate_grad_op, activation, one},
      {&add_op, addition, one},
  };
  return table;
}

bool is_reference(const Setup& setup) {
  return setup.name.find(" ref") != std::string::npos || setup.name.starts_with("ref");
}

}  // namespace

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return fmt::format("{}.{}.{}", version->major, version->minor, version->patch);
}

std::vector<std::function<Rival()>> onednn_rivals(const Work& work) {
  const auto& table = counterparts();
  const auto found = std::ranges::find(table, work.op, &Counterpart::op);
  if (found == table.end()) return {};
  std::vector<Setup> setups;
  for (const Tag tag : found->layouts) {
    std::optional<Setup> setup = found->set_up(work, tag);
    if (setup) setups.push_back(std::move(*setup));
  }
  if (!std::ranges::all_of(setups, is_reference)) std::erase_if(setups, is_reference);
  std::vector<std::function<Rival()>> rivals;
  for (Setup& setup : setups) rivals.push_back([setup = std::move(setup)] { return ready(setup); });
  return rivals;
}

}  // namespace lineament
