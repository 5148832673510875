// Tensors to a file and back, Python's files, and files that lie about themselves.
#include "weights/safetensors.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/random.h"
#include "tests/support.h"

using namespace lineament;
using test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

std::vector<float> numbers(size_t count, uint64_t stream) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = random_uniform(stream, i) - 0.5f;
  return values;
}

const std::vector<TensorName> kTensors = {{"conv/kernel", {3, 3, 1, 7}},
                                          {"scalar", {}},
                                          {"empty", {5, 0}},
                                          {"dense/kernel", {11, 13}},
                                          {"dense/bias", {13}}};

void write_example(const fs::path& path) {
  SafetensorsWriter file(path, kTensors, {{"model", "cnn"}, {"text", "\"quoted\"\n\u00e9"}});
  for (size_t i = 0; i < kTensors.size(); ++i) file.write(numbers(kTensors[i].shape.elements(), i));
  file.commit();
}

/// The text of the InputError that opening (and reading) a file of these bytes gives;
/// empty if it is a good file.
std::string complaint(const fs::path& path, const std::string& bytes) {
  fs::remove(path);  // some file systems flush a file that is written over
  test::write_text(path, bytes);
  try {
    const SafetensorsReader file(path);
    for (const TensorEntry& entry : file.entries())
      if (entry.dtype == "F32") file.read(entry.name);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

std::string with_length(const std::string& header, const std::string& data = "") {
  std::string bytes(8, '\0');
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(header.size() >> (8 * i));
  return bytes + header + data;
}

/// Runs `body` in a process of its own and returns its wait status.
int in_child(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("tensors of every rank, a scalar and an empty one come back to the bit") {
  const TemporaryFolder folder;
  write_example(folder / "a.safetensors");
  const SafetensorsReader file(folder / "a.safetensors");
  CHECK(file.metadata() == Metadata{{"model", "cnn"}, {"text", "\"quoted\"\n\u00e9"}});
  CHECK(file.entries().size() == kTensors.size());
  for (size_t i = 0; i < kTensors.size(); ++i) {
    const TensorEntry* entry = file.find(kTensors[i].name);
    REQUIRE(entry);
    CHECK(entry->shape == kTensors[i].shape);
    CHECK(file.read(kTensors[i].name) == numbers(kTensors[i].shape.elements(), i));
  }
  CHECK(file.find("other") == nullptr);
  CHECK_THROWS_WITH_AS(file.read("other"), doctest::Contains("a.safetensors: holds no tensor other"),
                       InputError);
}

TEST_CASE("the data begin at a multiple of 8 bytes, the header is padded with spaces") {
  const TemporaryFolder folder;
  for (const char* name : {"a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh"}) {
    SafetensorsWriter file(folder / "a", {{name, {1}}});
    file.write(std::vector<float>{1});
    file.commit();
    const std::string bytes = test::read_text(folder / "a");
    CHECK(bytes.size() % 8 == 4);
    CHECK((bytes[bytes.size() - 5] == ' ' || bytes[bytes.size() - 5] == '}'));
  }
}

TEST_CASE("a file with no tensors is a file") {
  const TemporaryFolder folder;
  SafetensorsWriter(folder / "a", {}).commit();
  CHECK(SafetensorsReader(folder / "a").entries().empty());
}

TEST_CASE("a file that Python wrote is read, its half floats are refused by name") {
  // safetensors.numpy.save({"b": arange(6) [2,3], "a": 0.5, "half":
  // zeros(3, float16)}, metadata={"who": "py"})
  const std::string header =
      R"({"__metadata__":{"who":"py"},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
      R"("b":{"dtype":"F32","shape":[2,3],"data_offsets":[4,28]},"half":{"dtype":"BF16","shape":[3],"data_offsets":[28,34]}}     )";
  const float data[] = {0.5f, 0, 1, 2, 3, 4, 5};
  const TemporaryFolder folder;
  test::write_text(folder / "py",
                   with_length(header, std::string(reinterpret_cast<const char*>(data), sizeof data) +
                                           std::string(6, '\0')));
  const SafetensorsReader file(folder / "py");
  CHECK(file.metadata().at("who") == "py");
  CHECK(file.read("a") == std::vector<float>{0.5f});
  CHECK(file.read("b") == std::vector<float>{0, 1, 2, 3, 4, 5});
  CHECK(file.find("b")->shape == Shape{2, 3});
  CHECK_THROWS_WITH_AS(file.read("half"), doctest::Contains("py: tensor half is BF16, only F32 and F16 are read"),
                       InputError);
}

TEST_CASE("a file cut short anywhere is refused in one line") {
  const TemporaryFolder folder;
  write_example(folder / "whole");
  const std::string whole = test::read_text(folder / "whole");
  REQUIRE(complaint(folder / "cut", whole) == "");
  for (int percent = 0; percent < 100; ++percent) {
    const std::string text = complaint(folder / "cut", whole.substr(0, whole.size() * percent / 100));
    CAPTURE(percent);
    CHECK(text.find("cut: cut short") != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
  }
  for (size_t length = 0; length < 64; ++length)
    CHECK(complaint(folder / "cut", whole.substr(0, length)) != "");
  CHECK(
      complaint(folder / "cut", whole.substr(0, whole.size() - 1)) ==
      fmt::format("{}: cut short: tensor dense/bias ends at byte {}, the file has {}; copy or write it again",
                  (folder / "cut").string(), whole.size(), whole.size() - 1));
  CHECK(complaint(folder / "cut", whole + "x").find("1 bytes follow its last tensor") != std::string::npos);
}

TEST_CASE("hostile headers are refused, each for its reason") {
  struct Row {
    std::string header, data, reason;
  };
  const std::string four(4, '\0'), eight(8, '\0');
  const auto tensor = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return R"({"a":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}";
  };
  const Row rows[] = {
      {"", "", "does not begin with '{'"},
      {"[1]", "", "does not begin with '{'"},
      {"{", "", "no JSON at byte"},
      {"{\"a\":}", "", "no JSON at byte"},
      {"{} x", "", "no JSON at byte"},
      {"{\"\xff\":1}", "", "no JSON at byte"},
      {R"({"a":1e999})", "", "its header"},
      {R"({"a":3})", "", "tensor a: expected dtype, shape and data_offsets"},
      {R"({"a":{}})", "", "tensor a: expected dtype, shape and data_offsets"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}})", four, "expected dtype"},
      {tensor(R"("F33")", "[1]", "[0,4]"), four, "dtype \"F33\""},
      {tensor("32", "[1]", "[0,4]"), four, "dtype 32"},
      {tensor("\"F32\"", "1", "[0,4]"), four, "not a list of sizes"},
      {tensor("\"F32\"", "[-1]", "[0,4]"), four, "not a list of sizes"},
      {tensor("\"F32\"", "[1.0]", "[0,4]"), four, "not a list of sizes"},
      {tensor("\"F32\"", "[\"1\"]", "[0,4]"), four, "not a list of sizes"},
      {tensor("\"F32\"", "[1,1,1,1,1]", "[0,4]"), four, "5 axes"},
      {tensor("\"F32\"", "[4294967296,4294967296]", "[0,0]"), "", "beyond any memory"},
      {tensor("\"F32\"", "[9223372036854775807,2]", "[0,4]"), four, "beyond any memory"},
      {tensor("\"F32\"", "[18446744073709551615]", "[0,4]"), four, "beyond any memory"},
      {tensor("\"F32\"", "[1]", "[4,0]"), four, "takes 4 bytes"},
      {tensor("\"F32\"", "[2]", "[0,4]"), four, "takes 8 bytes"},
      {tensor("\"F32\"", "[1]", "[18446744073709551612,18446744073709551616]"), four, "data_offsets"},
      {tensor("\"F32\"", "[1]", "[18446744073709551608,18446744073709551612]"), four, "begins at byte"},
      {tensor("\"F32\"", "[1]", "[0]"), four, "not [begin, end]"},
      {tensor("\"F32\"", "[1]", "[-4,0]"), four, "not [begin, end]"},
      {tensor("\"F32\"", "[1]", "[4,8]"), eight,
       "tensor a begins at byte 4 of the data, the one before it ends at 0"},
      {tensor("\"F32\"", "[1]", "[0,4]"), eight, "4 bytes follow"},
      {tensor("\"F32\"", "[1000000]", "[0,4000000]"), four, "cut short: tensor a ends at byte"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
       four, "tensor b begins at byte 0 of the data, the one before it ends at 4"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       eight, "\"a\" comes twice"},
      {R"({"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}})", four,
       "\"shape\" comes twice"},
      {R"({"__metadata__":[]})", "", "__metadata__ is not a map"},
      {R"({"__metadata__":{"a":1}})", "", "__metadata__ \"a\" is not a text"},
      {R"({"a":)" + std::string(100'000, '['), "", "nested too deeply"},
      {std::string(R"({"a)") + "\\u0007\\n" + R"(":3})", "", "tensor a??: expected"},
  };
  const TemporaryFolder folder;
  for (const Row& row : rows) {
    const std::string text = complaint(folder / "bad", with_length(row.header, row.data));
    CAPTURE(row.header.substr(0, 200));
    CAPTURE(text);
    CHECK(text.starts_with((folder / "bad").string() + ": "));
    CHECK(text.find(row.reason) != std::string::npos);
    CHECK(text.size() < 400);
  }
}

TEST_CASE("a header longer than the file, or than any header, is refused without being read") {
  const TemporaryFolder folder;
  CHECK(complaint(folder / "bad", std::string(8, '\xff'))
            .find("its header would have 18446744073709551615 bytes") != std::string::npos);
  CHECK(complaint(folder / "bad", std::string("\x10\0\0\0\0\0\0\0{}", 10))
            .find("cut short: its header ends at byte 24") != std::string::npos);
}

TEST_CASE("no change of any one byte of the header does worse than an InputError") {
  const TemporaryFolder folder;
  write_example(folder / "whole");
  const std::string whole = test::read_text(folder / "whole");
  const size_t header = whole.size() - (63 + 1 + 143 + 13) * sizeof(float);
  size_t refused = 0;
  for (size_t i = 0; i < header; ++i)
    for (const char byte : {'\0', '0', '9', '"', '{', ']', ' ', '\xff'}) {
      std::string bytes = whole;
      bytes[i] = byte;
      refused += complaint(folder / "changed", bytes) != "";
    }
  CHECK(refused > header * 4);
}

TEST_CASE("what is not a file is refused") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(SafetensorsReader(folder / "none"),
                       doctest::Contains("none: cannot read: No such file"), InputError);
  CHECK_THROWS_WITH_AS(SafetensorsReader{folder.path}, doctest::Contains("is not a regular file"),
                       InputError);
  CHECK_THROWS_AS(SafetensorsReader("/dev/zero"), InputError);
}

TEST_CASE("a writer that stops before its last tensor leaves what was there") {
  const TemporaryFolder folder;
  write_example(folder / "a");
  const std::string before = test::read_text(folder / "a");
  {
    SafetensorsWriter file(folder / "a", kTensors);
    file.write(numbers(63, 9));
    CHECK_THROWS_AS(file.write(numbers(2, 9)), std::logic_error);  // the scalar takes one
  }
  {
    SafetensorsWriter file(folder / "a", kTensors);
    CHECK_THROWS_AS(file.commit(), std::logic_error);
  }
  CHECK(test::read_text(folder / "a") == before);
  CHECK(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) == 1);
  CHECK_THROWS_AS(SafetensorsWriter(folder / "a", {{"x", {1}}, {"x", {2}}}), std::logic_error);
}

TEST_CASE("a writer killed in the middle leaves what was there") {
  const TemporaryFolder folder;
  write_example(folder / "a");
  const std::string before = test::read_text(folder / "a");
  const int status = in_child([&] {
    SafetensorsWriter file(folder / "a", {{"x", {1000, 1000}}, {"y", {1}}});
    file.write(std::vector<float>(1'000'000, 1.0f));
    raise(SIGKILL);
  });
  CHECK(WIFSIGNALED(status));
  CHECK(test::read_text(folder / "a") == before);
}

TEST_CASE("a full disk is an InputError and leaves what was there") {
  const TemporaryFolder folder;
  write_example(folder / "a");
  const std::string before = test::read_text(folder / "a");
  const int status = in_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {100'000, 100'000};
    setrlimit(RLIMIT_FSIZE, &limit);
    try {
      SafetensorsWriter file(folder / "a", {{"x", {1000, 1000}}});
      file.write(std::vector<float>(1'000'000, 1.0f));
      file.commit();
    } catch (const InputError& error) {
      _exit(std::string(error.what()).find("a: cannot write: ") != std::string::npos ? 42 : 1);
    }
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
  CHECK(test::read_text(folder / "a") == before);
  CHECK(std::distance(fs::directory_iterator(folder.path), fs::directory_iterator()) == 1);
}
