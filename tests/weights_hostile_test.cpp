// Files that lie, are cut short or would like to run something:
// one line, and nothing worse than an InputError.
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <zip.h>

#include <chrono>
#include <functional>

#include "base/check.h"
#include "tests/support.h"
#include "weights/load.h"
#include "weights/weight_file.h"

using namespace lineament;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

const fs::path kGoldens = fs::path(LINEAMENT_SOURCE_DIR) / "tests" / "goldens" / "weights";

/// What opening `path` and reading all of it has to say; empty if it is a good file.
std::string complaint(const fs::path& path) {
  try {
    const auto file = open_weights(path);
    std::vector<float> values;
    for (size_t i = 0; i < file->tensors().size(); ++i) {
      values.resize(file->tensors()[i].shape.elements());
      file->read(i, values);
    }
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string complaint_about(const fs::path& path, const std::string& bytes) {
  fs::remove(path);
  test::write_text(path, bytes);
  return complaint(path);
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

bool is_one_line(const std::string& text, const fs::path& path) {
  return text.starts_with(path.string() + ": ") && !contains(text, "\n") && text.size() < 500;
}

/// A file of PyTorch's older form with this pickle in the place of the state dict.
std::string legacy(const std::string& pickle) {
  using namespace std::string_literals;
  return "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."s + "\x80\x02M\xe9\x03."s +
         "\x80\x02}."s + "\x80\x02" + pickle + "\x80\x02]."s;
}

struct Entry {
  std::string name, bytes;
};

void write_zip(const fs::path& path, const std::vector<Entry>& entries) {
  zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const Entry& entry : entries)
    zip_file_add(zip, entry.name.c_str(), zip_source_buffer(zip, entry.bytes.data(), entry.bytes.size(), 0),
                 0);
  REQUIRE(zip_close(zip) == 0);
}

std::string npy(const std::string& header, size_t bytes) {
  std::string text = "\x93NUMPY\x01";
  text += '\0';
  text += static_cast<char>(header.size() & 255);
  text += static_cast<char>(header.size() >> 8);
  return text + header + std::string(bytes, '\0');
}

std::string text_in_pickle(const std::string& text) {
  return std::string("X") + static_cast<char>(text.size()) + std::string(3, '\0') + text;
}

/// A state dict of one tensor "a": numbers `offset`, `sizes` and `strides` as a pickle has them, on a storage
/// of 6 f32.
std::string one_tensor(const std::string& offset, const std::string& sizes, const std::string& strides) {
  return "}" + text_in_pickle("a") + "ctorch._utils\n_rebuild_tensor_v2\n((" + text_in_pickle("storage") +
         "ctorch\nFloatStorage\n" + text_in_pickle("0") + text_in_pickle("cpu") + "K\x06tQ" + offset + sizes +
         strides + "\x89}tRs.";
}

std::vector<fs::path> good_files() {
  std::vector<fs::path> files = {kGoldens / "zip.pth", kGoldens / "legacy.pth", kGoldens / "arrays.npz"};
#ifdef LINEAMENT_HDF5
  for (const char* name : {"weights.h5", "model.h5", "keras3.weights.h5"}) files.push_back(kGoldens / name);
#endif
  return files;
}

}  // namespace

TEST_CASE("a file cut at every hundredth of its length is refused in one line, whatever its format") {
  const TemporaryFolder folder;
  for (const fs::path& path : good_files()) {
    const std::string whole = test::read_text(path);
    CAPTURE(path.filename().string());
    REQUIRE(complaint(path) == "");
    for (size_t percent = 0; percent < 100; ++percent) {
      const std::string text = complaint_about(folder / "cut", whole.substr(0, whole.size() * percent / 100));
      CAPTURE(percent);
      CAPTURE(text);
      CHECK(is_one_line(text, folder / "cut"));
    }
    CHECK(complaint_about(folder / "cut", whole.substr(0, whole.size() - 1)) != "");
  }
}

TEST_CASE("no change of a byte does worse than an InputError") {
  const TemporaryFolder folder;
  for (const fs::path& path : good_files()) {
    const std::string whole = test::read_text(path);
    const size_t step = whole.size() > 10'000 ? 499 : 3;  // each look into an .h5 takes a process
    for (size_t i = 0; i < whole.size(); i += step)
      for (const char byte : {'\0', '\xff', static_cast<char>(whole[i] ^ 16)}) {
        std::string bytes = whole;
        bytes[i] = byte;
        const std::string text = complaint_about(folder / "changed", bytes);
        CAPTURE(path.filename().string());
        CAPTURE(i);
        CAPTURE(text);
        CHECK((text.empty() || is_one_line(text, folder / "changed")));
      }
  }
}

TEST_CASE("a header of 2^60 bytes and tensors that overlap are refused, told by content and not by name") {
  const TemporaryFolder folder;
  using namespace std::string_literals;
  CHECK(contains(complaint_about(folder / "a.h5", "\0\0\0\0\0\0\0\x10{}"s),
                 "its header would have 1152921504606846976 bytes"));
  const std::string header =
      R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"F16","shape":[2],"data_offsets":[2,6]}})";
  const std::string length = {static_cast<char>(header.size()), 0, 0, 0, 0, 0, 0, 0};
  CHECK(contains(complaint_about(folder / "a.pth", length + header + "123456"),
                 "tensor b begins at byte 2 of the data, the one before it ends at 4"));
}

TEST_CASE("a pickle that calls os.system is refused by that name and nothing runs") {
  const TemporaryFolder folder;
  const fs::path trace = folder / "was_here";
  for (const char* module : {"os", "posix", "subprocess", "builtins"}) {
    const std::string call =
        std::string("c") + module + "\nsystem\n(" + text_in_pickle("touch " + trace.string()) + "tR.";
    CHECK(complaint_about(folder / "a.pth", legacy(call)) ==
          fmt::format("{}: its pickle asks for {}.system, which no state dict needs: refused (in PyTorch, "
                      "save model.state_dict())",
                      (folder / "a.pth").string(), module));
    write_zip(folder / "b.pth", {{"archive/data.pkl", "\x80\x02" + call}, {"archive/version", "3\n"}});
    CHECK(contains(complaint(folder / "b.pth"), fmt::format("asks for {}.system", module)));
  }
  CHECK_FALSE(fs::exists(trace));
}

TEST_CASE("pickles that are none of a state dict are refused, each for its reason") {
  struct Row {
    std::string pickle, reason;
  };
  using namespace std::string_literals;
  std::string deep, grown = "]q\0"s;
  for (int i = 0; i < 100'000; ++i) deep += "]";
  for (int i = 0; i < 64; ++i) grown += "(h\0h\0h\0h\0h\0h\0h\0h\0e"s;
  const Row rows[] = {
      {".", "empty stack"},
      {"R.", "empty stack"},
      {"(((((0.", "empty stack"},
      {"N.", "no dict of tensors"},
      {"].", "no dict of tensors"},
      {"I1\n.", "opcode 0x49"},
      {"\x82\x01.", "opcode 0x82"},
      {"P1\n.", "opcode 0x50"},
      {"o.", "opcode 0x6f"},
      {"\x81.", "opcode 0x81"},
      {"h\x05.", "recalls a value that it never had"},
      {"X\xff\xff\xff\xff", "text of 4294967295 bytes"},
      {"\x8d\xff\xff\xff\xff\xff\xff\xff\x7f", "text of 9223372036854775807 bytes"},
      {"c" + std::string(70'000, 'x'), "line without an end"},
      {"ctorch.nn.modules.linear\nLinear\n.", "asks for torch.nn.modules.linear.Linear"},
      {"}K\x01K\x02s", "no dict of tensors"},  // without its end it runs into the next one
      {"K\x01K\x02K\x03s.", "no dict"},
      {"NNa.", "no list"},
      {"(NtQ.", "no storage"},
      {"K\x01)R.", "calls what is no function"},
      {"ctorch._utils\n_rebuild_tensor_v2\n)R.", "with 0 arguments"},
      {"Nb", "empty stack"},
      {"]Nb.", "sets the state"},
      {one_tensor("K\x07", "K\x01\x85", "K\x01\x85"), "reaches beyond its storage of 6 numbers"},
      {one_tensor("K\0"s, "K\x03K\x03\x86", "K\x03K\x01\x86"), "reaches beyond its storage of 6 numbers"},
      {one_tensor("K\0"s, "J\xff\xff\xff\xff\x85", "K\x01\x85"), "sizes are no sizes"},
      {one_tensor("K\0"s, "\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85", "K\0\x85"s), "beyond any memory"},
      {one_tensor("K\0"s, "K\x02K\x02\x86", "K\x01\x85"), "other strides than axes"},
      {one_tensor("K\0"s, "(K\x01K\x01K\x01K\x01K\x01t", "(K\x01K\x01K\x01K\x01K\x01t"), "5 axes"},
      {one_tensor("K\0"s, "K\x06\x85", "K\x01\x85"), "its storage is not there"},
      {deep + ".", "no dict of tensors"},
  };
  const TemporaryFolder folder;
  for (const Row& row : rows) {
    const std::string text = complaint_about(folder / "bad", legacy(row.pickle));
    CAPTURE(row.pickle.substr(0, 60));
    CAPTURE(text);
    CHECK(is_one_line(text, folder / "bad"));
    CHECK(contains(text, row.reason));
  }
  CHECK(complaint_about(folder / "bad", legacy(grown + ".")) != "");  // a list in itself, again and again
}

TEST_CASE("zips: a bomb, a storage that is not there or of another size, arrays that say what they are not") {
  const TemporaryFolder folder;
  const fs::path path = folder / "a";
  const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (25000000,), }\n";
  write_zip(path, {{"a.npy", npy(header, 100'000'000)}});
  CHECK(fs::file_size(path) < 200'000);
  CHECK(contains(complaint(path), "would unpack to"));
  write_zip(path, {{"x/data.pkl", std::string(100'000'000, '(')}});
  CHECK(contains(complaint(path), "would unpack to"));

  using namespace std::string_literals;
  const std::string good = "\x80\x02" + one_tensor("K\0"s, "K\x06\x85", "K\x01\x85");
  write_zip(path, {{"x/data.pkl", good}, {"x/data/0", std::string(24, '\0')}});
  CHECK(complaint(path) == "");
  const std::string billion =
      "\x80\x02" + one_tensor("K\0"s, "J\0\0\0\x40\x85"s, "K\0\x85"s);  // one number, again and again
  write_zip(path, {{"x/data.pkl", billion}, {"x/data/0", std::string(24, '\0')}});
  CHECK(contains(complaint(path), "no weights are packed so"));
  write_zip(path, {{"x/data.pkl", good}});
  CHECK(contains(complaint(path), "tensor a: its storage data/0 is not there"));
  write_zip(path, {{"x/data.pkl", good}, {"x/data/0", std::string(20, '\0')}});
  CHECK(contains(complaint(path), "its storage data/0 has 20 bytes, expected 6 numbers of 4"));
  write_zip(path, {{"x/data.pkl", good}, {"x/data/0", std::string(24, '\0')}, {"x/byteorder", "big"}});
  CHECK(contains(complaint(path), "big-endian"));
  write_zip(path, {{"readme.txt", "hello"}});
  CHECK(contains(complaint(path), "neither PyTorch's"));
  write_zip(path, {{"model.weights.h5", "hello"}, {"config.json", "{}"}});
  CHECK(contains(complaint(path), "is a .keras archive"));

  const std::string headers[] = {
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }\n",
      "{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }\n",
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }\n",
      "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }\n",
      "{'descr': '<f4', 'fortran_order': __import__('os'), 'shape': (2,), }\n",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }\n",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, }\n",
      "{'descr': '<f4', 'fortran_order': False}\n",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999, 999999999999999), }\n",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 1, 1, 1), }\n",
      "",
  };
  for (const std::string& text : headers) {
    write_zip(path, {{"a.npy", npy(text, 8)}});
    CAPTURE(text);
    CHECK(is_one_line(complaint(path), path));
  }
  write_zip(path, {{"a.npy", "no array at all"}});
  CHECK(contains(complaint(path), "is no .npy"));
}

TEST_CASE("what is no file of weights is refused with the formats that are") {
  const TemporaryFolder folder;
  CHECK(contains(complaint_about(folder / "a", "hello, this is a letter"), "none of the formats read"));
  CHECK(contains(complaint_about(folder / "a", ""), "none of the formats read"));
  CHECK(contains(complaint_about(folder / "a", "\x89HD"), "cut short after 3 bytes"));
  CHECK(contains(complaint(folder / "none"), "cannot read: No such file"));
  CHECK(contains(complaint(folder.path), "is a folder"));
  CHECK(contains(complaint("/dev/zero"), "is not a regular file"));
}
