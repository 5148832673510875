// Files as Keras, NumPy and PyTorch wrote them (tests/reference/weight_files.py),
// and ours: names, shapes and numbers.
#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "base/check.h"
#include "base/random.h"
#include "tests/support.h"
#include "weights/load.h"
#include "weights/name_map.h"
#include "weights/weight_file.h"

using namespace lineament;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

const fs::path kGoldens = fs::path(LINEAMENT_SOURCE_DIR) / "tests" / "goldens" / "weights";

/// The draw that the script fills a tensor of that name with.
float drawn(std::string_view name, uint64_t index) {
  return static_cast<float>(-1 +
                            2 * (static_cast<double>(splitmix64(fnv1a64(name) + index) >> 40) * 0x1p-24));
}

std::vector<float> draws(std::string_view name, size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = drawn(name, i);
  return values;
}

std::vector<float> read(WeightFile& file, const std::string& name) {
  for (size_t i = 0; i < file.tensors().size(); ++i) {
    if (file.tensors()[i].name != name) continue;
    std::vector<float> values(file.tensors()[i].shape.elements());
    file.read(i, values);
    return values;
  }
  FAIL("no tensor ", name);
  return {};
}

Shape shape_of(const WeightFile& file, const std::string& name) {
  for (const SourceTensor& t : file.tensors())
    if (t.name == name) return t.shape;
  FAIL("no tensor ", name);
  return {};
}

/// The parameters of the network in the Keras files.
struct Tiny {
  Parameters parameters{cpu_backend()};
  explicit Tiny(bool top = true) {
    const Init init{Init::glorot_uniform};
    const auto add = [&](const char* name, const Shape& shape) {
      parameters.declare(name, shape, Home::parameters, init);
    };
    add("conv1/kernel", {3, 3, 3, 5});
    add("conv1/bias", {5});
    add("conv1_bn/gamma", {5});
    add("conv1_bn/beta", {5});
    parameters.declare("conv1_bn/moving_mean", {5}, Home::statistics, init);
    parameters.declare("conv1_bn/moving_variance", {5}, Home::statistics, init);
    add("conv_dw_1/kernel", {3, 3, 5, 1});
    add("conv_pw_1/kernel", {1, 1, 5, 7});
    if (top) {
      add("predictions/kernel", {7, 4});
      add("predictions/bias", {4});
    }
  }
  Parameters& allocated() {
    parameters.allocate(1);
    return parameters;
  }
};

/// Whether every parameter holds the draws of its name.
bool as_drawn(const Parameters& parameters) {
  for (const Parameter& p : parameters.all())
    if (parameters.read(p) != draws(p.name, p.desc.elements())) {
      MESSAGE("not as drawn: ", p.name);
      return false;
    }
  return true;
}

std::vector<float> all_numbers(const Parameters& parameters) {
  std::vector<float> all;
  for (const Parameter& p : parameters.all())
    for (const float v : parameters.read(p)) all.push_back(v);
  return all;
}

std::string complaint(const std::function<void()>& body) {
  try {
    body();
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

void write_tensors(const fs::path& path, const std::vector<TensorName>& tensors) {
  SafetensorsWriter file(path, tensors);
  for (const TensorName& t : tensors) file.write(draws(t.name, t.shape.elements()));
  file.commit();
}

}  // namespace

#ifdef LINEAMENT_HDF5

TEST_CASE("every shape of Keras's .h5 fills the network, to the bit") {
  for (const char* name :
       {"weights.h5", "model.h5", "keras3.weights.h5", "nameless.weights.h5", "keras2.h5"}) {
    CAPTURE(name);
    Tiny tiny;
    const LoadReport report = load_weights(kGoldens / name, tiny.allocated());
    CHECK(report.whole());
    CHECK(report.filled == 272);
    CHECK(report.percent() == 100);
    CHECK(as_drawn(tiny.parameters));
    const bool normalised = std::string_view(name) != "keras2.h5";
    CHECK(report.left_aside.size() == (normalised ? 3 : 0));  // normalization: mean, variance, count
  }
}

TEST_CASE("a network without top takes a file with one and says so") {
  for (const char* name : {"keras3.weights.h5", "nameless.weights.h5", "keras2.h5"}) {
    CAPTURE(name);
    Tiny tiny(false);
    const LoadReport report = load_weights(kGoldens / name, tiny.allocated());
    CHECK(report.whole());
    CHECK(as_drawn(tiny.parameters));
    CHECK(contains(report.text(), "left aside predictions/kernel [7, 4]"));
  }
}

TEST_CASE("a file without layers' names is not guessed at") {
  const TemporaryFolder folder;
  CHECK(contains(complaint([&] { convert_weights(kGoldens / "nameless.weights.h5", folder / "a"); }),
                 "nameless.weights.h5: keeps no layers' names"));
  CHECK_FALSE(fs::exists(folder / "a"));
  Tiny tiny;
  tiny.parameters.declare("conv9/kernel", {1, 1, 7, 9}, Home::parameters, {});
  tiny.parameters.declare("conv99/kernel", {1, 1, 7, 9}, Home::parameters, {});
  CHECK(contains(complaint([&] { load_weights(kGoldens / "nameless.weights.h5", tiny.allocated()); }),
                 "its 2 layers conv2d are not the 4 of this network"));
}

TEST_CASE("converted, an .h5 is the same network as a .safetensors") {
  const TemporaryFolder folder;
  CHECK(convert_weights(kGoldens / "keras3.weights.h5", folder / "a.safetensors") == 10);
  Tiny tiny;
  CHECK(load_weights(folder / "a.safetensors", tiny.allocated()).whole());
  CHECK(as_drawn(tiny.parameters));
  CHECK(open_weights(folder / "a.safetensors")->metadata().at("format") == "Keras 3 weights (HDF5)");
}

TEST_CASE("an .h5 with a dataset of the wrong type is refused by the dataset's name") {
  CHECK(complaint([] { open_weights(kGoldens / "texts.h5"); }) ==
        fmt::format("{}: dataset conv1/kernel is of texts of 5 bytes, expected numbers",
                    (kGoldens / "texts.h5").string()));
}

#else

TEST_CASE("without HDF5 an .h5 is refused with what to do") {
  CHECK(contains(complaint([] { open_weights(kGoldens / "weights.h5"); }), "install libhdf5-dev"));
}

#endif

TEST_CASE("both forms of PyTorch's state dict: every type, shared storages, other strides") {
  for (const char* name : {"zip.pth", "legacy.pth"}) {
    CAPTURE(name);
    const auto file = open_weights(kGoldens / name);
    CHECK(file->tensors().size() == 9);
    CHECK(shape_of(*file, "conv.weight") == Shape{5, 3, 3, 2});
    CHECK(read(*file, "conv.weight") == draws("conv.weight", 90));
    CHECK(read(*file, "bn.running_mean") == draws("bn.running_mean", 5));
    CHECK(read(*file, "bn.num_batches_tracked") == std::vector<float>{7});
    CHECK(read(*file, "double") == draws("double", 4));
    const std::vector<float> wide = draws("wide", 24), transposed = read(*file, "wide.transposed"),
                             corner = read(*file, "wide.corner");
    CHECK(read(*file, "wide") == wide);
    CHECK(shape_of(*file, "wide.transposed") == Shape{4, 6});
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 6; ++j) CHECK(transposed[i * 6 + j] == wide[j * 4 + i]);
    CHECK(shape_of(*file, "wide.corner") == Shape{3, 2});
    for (int i = 0; i < 3; ++i)
      for (int j = 0; j < 2; ++j) CHECK(corner[i * 2 + j] == wide[(i + 2) * 4 + j + 1]);
    for (int i = 0; i < 3; ++i) {
      CHECK(std::fabs(read(*file, "half")[i] - drawn("half", i)) <= std::ldexp(1.0f, -12));
      CHECK(std::fabs(read(*file, "brain")[i] - drawn("brain", i)) <= std::ldexp(1.0f, -9));
    }
  }
}

TEST_CASE("NumPy's arrays, packed, of every type and in columns") {
  const auto file = open_weights(kGoldens / "arrays.npz");
  CHECK(read(*file, "conv1/kernel") == draws("conv1/kernel", 135));
  CHECK(read(*file, "columns") == draws("columns", 30));
  CHECK(shape_of(*file, "columns") == Shape{3, 5, 2});
  CHECK(read(*file, "scalar") == draws("scalar", 1));
  CHECK(read(*file, "count") == std::vector<float>{7});
  CHECK(read(*file, "double") == draws("double", 6));
  for (int i = 0; i < 7; ++i)
    CHECK(std::fabs(read(*file, "half")[i] - drawn("half", i)) <= std::ldexp(1.0f, -12));
}

TEST_CASE("halves: signs, subnormals, infinities and no number") {
  struct Row {
    uint16_t bits;
    float value;
  };
  const Row rows[] = {{0x0000, 0},         {0x3c00, 1},
                      {0xc000, -2},        {0x7bff, 65504},
                      {0x0001, 0x1p-24f},  {0x83ff, -0x1.ff8p-15f},
                      {0x0400, 0x1p-14f},  {0x7c00, INFINITY},
                      {0xfc00, -INFINITY}, {0x3555, 0.333251953125f}};
  for (const Row& row : rows) {
    float value = 0;
    find_element("F16")->to_floats(reinterpret_cast<const std::byte*>(&row.bits), {&value, 1});
    CHECK(value == row.value);
  }
  const uint16_t none = 0x7e00, negative_zero = 0x8000;
  float value = 0;
  find_element("F16")->to_floats(reinterpret_cast<const std::byte*>(&none), {&value, 1});
  CHECK(std::isnan(value));
  find_element("F16")->to_floats(reinterpret_cast<const std::byte*>(&negative_zero), {&value, 1});
  CHECK(std::signbit(value));
}

TEST_CASE("an EfficientNet-Lite of PyTorch comes out under Keras's names with Keras's axes") {
  const TemporaryFolder folder;
  std::vector<TensorName> tensors = {
      {"_conv_stem.weight", {4, 3, 5, 2}}, {"_bn0.weight", {4}},      {"_bn0.bias", {4}},
      {"_bn0.running_mean", {4}},          {"_bn0.running_var", {4}}, {"_bn0.num_batches_tracked", {}}};
  for (int block = 0; block < 16; ++block)
    tensors.push_back({fmt::format("_blocks.{}._depthwise_conv.weight", block), {2, 1, 3, 5}});
  tensors.push_back({"_blocks.5._bn0.weight", {2}});
  tensors.push_back({"_blocks.15._project_conv.weight", {3, 2, 1, 1}});
  tensors.push_back({"_fc.weight", {5, 3}});
  tensors.push_back({"_fc.bias", {5}});
  write_tensors(folder / "lite", tensors);

  const auto file = open_weights(folder / "lite");
  const NamedTensors named = name_tensors(*file);
  CHECK(named.left_aside == std::vector<std::string>{"_bn0.num_batches_tracked"});
  std::map<std::string, const NamedTensor*> by_name;
  for (const NamedTensor& t : named.tensors) by_name[t.name] = &t;
  for (const char* name :
       {"stem_conv/kernel", "stem_bn/gamma", "stem_bn/beta", "stem_bn/moving_mean", "stem_bn/moving_variance",
        "block1a_dwconv/kernel", "block2a_dwconv/kernel", "block2b_dwconv/kernel", "block6d_dwconv/kernel",
        "block7a_dwconv/kernel", "block4a_expand_bn/gamma", "block7a_project_conv/kernel",
        "predictions/kernel", "predictions/bias"}) {
    CAPTURE(name);
    CHECK(by_name.contains(name));
  }
  const auto values_of = [&](const char* name) {
    std::vector<float> values(by_name.at(name)->shape.elements());
    read_named(*file, *by_name.at(name), values);
    return values;
  };
  CHECK(by_name["stem_conv/kernel"]->shape == Shape{5, 2, 3, 4});
  const std::vector<float> stem = values_of("stem_conv/kernel");
  for (int h = 0; h < 5; ++h)
    for (int w = 0; w < 2; ++w)
      for (int i = 0; i < 3; ++i)
        for (int o = 0; o < 4; ++o)
          CHECK(stem[((h * 2 + w) * 3 + i) * 4 + o] ==
                drawn("_conv_stem.weight", ((o * 3 + i) * 5 + h) * 2 + w));
  CHECK(by_name["block2a_dwconv/kernel"]->shape == Shape{3, 5, 2, 1});
  const std::vector<float> depthwise = values_of("block2a_dwconv/kernel");
  for (int h = 0; h < 3; ++h)
    for (int w = 0; w < 5; ++w)
      for (int c = 0; c < 2; ++c)
        CHECK(depthwise[(h * 5 + w) * 2 + c] ==
              drawn("_blocks.1._depthwise_conv.weight", (c * 3 + h) * 5 + w));
  CHECK(by_name["predictions/kernel"]->shape == Shape{3, 5});
  const std::vector<float> top = values_of("predictions/kernel");
  for (int i = 0; i < 3; ++i)
    for (int o = 0; o < 5; ++o) CHECK(top[i * 5 + o] == drawn("_fc.weight", o * 3 + i));
}

TEST_CASE("torchvision's ResNet is refused: it is another network than Keras's") {
  const TemporaryFolder folder;
  write_tensors(folder / "a", {{"layer1.0.conv1.weight", {2, 2, 1, 1}}, {"layer1.0.bn1.weight", {2}}});
  CHECK(contains(complaint([&] {
                   const auto file = open_weights(folder / "a");
                   name_tensors(*file);
                 }),
                 "torchvision's ResNet"));
}

TEST_CASE(
    "missing, misshapen and extra tensors are listed by name with both shapes, and nothing is written") {
  const TemporaryFolder folder;
  write_tensors(folder / "a", {{"conv1/kernel", {3, 3, 3, 6}},
                               {"conv1/bias", {5}},
                               {"conv_dw_1/depthwise_kernel:0", {3, 3, 5, 1}},
                               {"other/gamma", {11}},
                               {"predictions/kernel", {7, 4}},
                               {"predictions/bias", {4}},
                               {"conv1_bn/gamma", {5}}});
  Tiny tiny;
  const std::vector<float> before = all_numbers(tiny.allocated());
  const std::string text = complaint([&] { load_weights(folder / "a", tiny.parameters); });
  CAPTURE(text);
  CHECK(text.starts_with((folder / "a").string() + ": does not fit this network"));
  CHECK(contains(text,
                 "4 missing from the file:\n  conv1_bn/beta [5]\n  conv1_bn/moving_mean [5]\n"
                 "  conv1_bn/moving_variance [5]\n  conv_pw_1/kernel [1, 1, 5, 7]\n"));
  CHECK(contains(text,
                 "1 of another shape:\n"
                 "  conv1/kernel is [3, 3, 3, 6] in the file (conv1/kernel), [3, 3, 3, 5] in the network\n"));
  CHECK(contains(text, "1 in the file alone:\n  other/gamma [11]"));
  CHECK(all_numbers(tiny.parameters) == before);

  const LoadReport report =
      load_weights(folder / "a", tiny.parameters, {.allow_partial = true, .may_be_missing = {}});
  CHECK(report.filled == 5 + 45 + 28 + 4 + 5);
  CHECK(contains(report.text(), "filled 87 of the network's 272 numbers (32.0 %)"));
  CHECK(tiny.parameters.read(*tiny.parameters.find("conv_dw_1/kernel")) ==
        draws("conv_dw_1/depthwise_kernel:0", 45));
  CHECK(tiny.parameters.read(*tiny.parameters.find("conv1/kernel")) ==
        std::vector<float>(before.begin(), before.begin() + 135));
}

TEST_CASE("a head need not be in the file, but is taken from there if it is") {
  const TemporaryFolder folder;
  const auto head = [](const Parameter& p) { return p.name.starts_with("predictions/"); };
  std::vector<TensorName> tensors;
  const Tiny body(false);
  for (const Parameter& p : body.parameters.all()) tensors.push_back({p.name, p.desc.shape});
  write_tensors(folder / "body", tensors);
  Tiny tiny;
  CHECK_THROWS_AS(load_weights(folder / "body", tiny.allocated()), InputError);
  const LoadReport report =
      load_weights(folder / "body", tiny.parameters, {.allow_partial = false, .may_be_missing = head});
  CHECK(report.whole());
  CHECK(report.filled == 240);
  CHECK(report.elements == 272);

  tensors.push_back({"predictions/kernel", {7, 4}});
  write_tensors(folder / "more", tensors);
  load_weights(folder / "more", tiny.parameters, {.allow_partial = false, .may_be_missing = head});
  CHECK(tiny.parameters.read(*tiny.parameters.find("predictions/kernel")) == draws("predictions/kernel", 28));
}

TEST_CASE("of a file of another network nothing is taken, partial or not") {
  Tiny tiny;
  const std::string text = complaint([&] {
    load_weights(kGoldens / "zip.pth", tiny.allocated(), {.allow_partial = true, .may_be_missing = {}});
  });
  CHECK(contains(text, "not one of its 8 tensors fits this network"));
}

TEST_CASE("two tensors of one name are refused") {
  const TemporaryFolder folder;
  write_tensors(folder / "a", {{"conv1/kernel", {5}}, {"conv1/kernel:0", {5}}});
  Tiny tiny;
  CHECK(contains(complaint([&] { load_weights(folder / "a", tiny.allocated()); }), "are both conv1/kernel"));
}

TEST_CASE("halves are the nearest of what is written") {
  const auto back = [](uint16_t half) {
    float value = 0;
    find_element("F16")->to_floats(reinterpret_cast<const std::byte*>(&half), {&value, 1});
    return value;
  };
  for (uint32_t half = 0; half < 65536; ++half)
    if (const float value = back(static_cast<uint16_t>(half)); !std::isnan(value)) CHECK(float_to_half(value) == half);
  CHECK(std::isnan(back(float_to_half(std::nanf("")))));
  CHECK(back(float_to_half(1 + 0x1p-11f)) == 1);  // halfway: the even one
  CHECK(back(float_to_half(1 + 3 * 0x1p-11f)) == 1 + 2 * 0x1p-10f);
  CHECK(back(float_to_half(1 + 0x1.8p-11f)) == 1 + 0x1p-10f);
  CHECK(back(float_to_half(0x1p-25f)) == 0);
  CHECK(back(float_to_half(0x1.8p-25f)) == 0x1p-24f);
  CHECK(back(float_to_half(65519.0f)) == 65504);
  CHECK(std::isinf(back(float_to_half(65520.0f))));
}
